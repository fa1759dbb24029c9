"""What no file of the repository may hold, and links that lead somewhere."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

# Written in pieces, so that this file does not find itself.
NOT_HERE = {
    "a path of one machine": r"(?<![\w.~])/(?:ro"
    r"ot|wo"
    r"rk|ho"
    r"me/\w+|Us"
    r"ers/\w+|tm"
    r"p/br"
    r"ief)/[\w.]",
    "a package registry": r"(?:py"
    r"pi\.org|pythonho"
    r"sted\.org|npm"
    r"js\.(?:org|com)|proxy\.go"
    r"lang\.org)",
    "a bot token": r"\b[1-9]\d{7,9}:AA[\w-]{33}\b",
    "an nkey seed": r"\bS[UAONC][A-Z2-7]{56}\b",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE" + r" KEY-----",
    "an access key": r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|xox[bp]-[\w-]{20,})\b",
}
PLANTED = {
    "a path of one machine": ("see /ro" + "ot/notes", "/wo" + "rk/main", "'/ho" + "me/olga/x'"),
    "a package registry": ("https://py" + "pi.org/simple", "files.pythonho" + "sted.org"),
    "a bot token": ("7000000001:AA" + "x" * 33,),
    "an nkey seed": ("SU" + "A" * 56,),
    "a private key": ("-----BEGIN OPENSSH PRIVATE" + " KEY-----",),
    "an access key": ("AKIA" + "A" * 16, "ghp" + "_" + "a" * 36),
}
# Made up, to show that logs do not repeat one.
MADE_UP = {"a bot token": {"tests/unit/service_kit/test_redaction.py"}}


def texts() -> dict[str, str]:
    """Every text file git tracks or would, by its path."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    names = listed.stdout.decode().split("\0")
    if listed.returncode:  # an archive without its history
        names = [path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*")]
        names = [name for name in names if not re.search(r"(^|/)(\.venv|\.local|\.git|\.\w+_cache|__pycache__)/", name)]
    found = {}
    for name in names:
        path = ROOT / name
        if name and path.is_file() and b"\0" not in (content := path.read_bytes()):
            found[name] = content.decode()
    return found


@pytest.fixture(scope="module")
def everything() -> dict[str, str]:
    return texts()


@pytest.mark.parametrize("what", NOT_HERE)
def test_no_file_holds(what: str, everything: dict[str, str]):
    assert len(everything) > 100
    found = {name for name, text in everything.items() if re.search(NOT_HERE[what], text)}
    assert found == MADE_UP.get(what, set())


@pytest.mark.parametrize("what", NOT_HERE)
def test_the_search_finds(what: str):
    for text in PLANTED[what]:
        assert re.search(NOT_HERE[what], text), text


def test_every_link_between_documents_leads_somewhere(everything: dict[str, str]):
    link = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)[^)]*\)")
    links = [(name, to) for name, text in everything.items() if name.endswith(".md") for to in link.findall(text)]
    assert links
    assert [(name, to) for name, to in links if not ((ROOT / name).parent / to).exists()] == []
