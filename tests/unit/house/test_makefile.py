"""What `make` does on a machine where something is in the way; with the real Makefile, uv and Python."""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MAKEFILE = (ROOT / "Makefile").read_text()
VERSION = re.search(r"^UV_VERSION := (\S+)$", MAKEFILE, re.MULTILINE)[1]  # type: ignore[index]
BROKEN = "/proc/nowhere"  # nobody, not even root, makes a folder there
needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")


def wheel(folder: Path, name: str, version: str, files: dict[str, str]) -> Path:
    """A wheel of these files, which needs no index to be installed."""
    about = f"{name}-{version}.dist-info"
    files = files | {
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
        archive.writestr(f"{about}/RECORD", "".join(f"{file},,\n" for file in [*files, f"{about}/RECORD"]))
    return path


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The Makefile with one package to install and one of our own, all of it without a network."""
    (tmp_path / "Makefile").write_text(MAKEFILE)
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    # The real uv, from where the tests themselves were installed with it.
    on = f"import os, sys\nos.execv({sys.executable!r}, [{sys.executable!r}, '-m', 'uv', *sys.argv[1:]])\n"
    wheel(wheels, "uv", VERSION, {"uv/__init__.py": "", "uv/__main__.py": on})
    small = wheel(wheels, "small", "1.0", {"small.py": "word = 'installed'\n"})
    (tmp_path / "requirements").mkdir()
    digest = hashlib.sha256(small.read_bytes()).hexdigest()
    (tmp_path / "requirements" / "run.lock").write_text(f"small==1.0 --hash=sha256:{digest}\n")
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "uv.toml").write_text("no-index = true\nfind-links = ['wheels']\n")
    own = tmp_path / "own"
    own.mkdir()
    (own / "pyproject.toml").write_text(
        "[build-system]\nrequires = []\nbuild-backend = 'build'\nbackend-path = ['.']\n[project]\nname = 'own'\nversion = '1'\n"
    )
    packed = base64.b64encode(wheel(tmp_path, "own", "1", {"own.py": ""}).read_bytes()).decode()
    (own / "build.py").write_text(
        "import base64\n"
        "def build_editable(folder, config=None, metadata=None):\n"
        "    name = 'own-1-py3-none-any.whl'\n"
        f"    open(f'{{folder}}/{{name}}', 'wb').write(base64.b64decode('{packed}'))\n"
        "    return name\n"
    )
    return tmp_path


def make(clone: Path, *words: str, **told: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(clone),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": f"{clone}/wheels",
    }
    return subprocess.run(
        [shutil.which("make") or "make", *words], cwd=clone, env=environment | told, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip


@needs_make
def test_a_broken_off_installation_is_begun_anew_also_where_the_home_folder_is_closed(clone: Path) -> None:
    """Ctrl-C while the very first `make up` makes .venv leaves one without pip."""
    pytest.importorskip("uv")
    pip = Path(pytest.importorskip("pip").__file__).parent
    python = clone / "python"  # makes a .venv in a tenth of the time: pip is copied instead of unpacked
    made = f'"{sys.executable}" -m venv --without-pip "$3" && cp -r "{pip}" "$3"/lib/python*/site-packages/'
    python.write_text(f'#!/bin/sh\ntest "$1 $2" = "-m venv" && {made}\n')
    python.chmod(0o755)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", clone / ".venv"], check=True, timeout=60)
    done = make(clone, "install", "MEMBERS=own", f"PYTHON={python}", HOME=BROKEN)
    assert done.returncode == 0, done.stdout + done.stderr
    there = subprocess.run(
        [clone / ".venv" / "bin" / "python", "-c", "import own, small; print(small.word)"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert there.stdout == "installed\n", there.stderr
    assert (clone / ".venv" / ".cache").is_dir()


@needs_make
def test_a_python_that_can_make_no_virtual_environment_is_passed_over_or_named(clone: Path) -> None:
    tools = clone / "tools"
    tools.mkdir()
    for name in ("sh", "rm", "test", "flock"):
        if found := shutil.which(name):
            (tools / name).symlink_to(found)
    lame = tools / "python3.14"
    lame.write_text(f'#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\nexec "{sys.executable}" "$@"\n')
    lame.chmod(0o755)
    refused = make(clone, ".venv/uv", PATH=str(tools))
    assert refused.returncode != 0
    assert "apt install python3.14-venv" in refused.stdout
    (tools / "python3").symlink_to(sys.executable)
    chosen = make(clone, "--eval=chosen: ; @:; echo $(PYTHON)", "chosen", PATH=str(tools))
    assert chosen.stdout == "python3\n", chosen.stderr


def test_what_people_wrote_is_deleted_by_one_verb_alone() -> None:
    recipes = dict(re.findall(r"^([\w-]+):[^\n]*\n((?:\t[^\n]*\n)+)", MAKEFILE, re.MULTILINE))
    assert "rm -rf .venv" in recipes["clean"]
    deleting = {verb for verb, recipe in recipes.items() if re.search(r"\.local|\berase\b", recipe)}
    assert deleting == {"erase"}
    assert "--yes" not in re.sub(r"\$\(if \$\(YES\),--yes\)", "", recipes["erase"])
