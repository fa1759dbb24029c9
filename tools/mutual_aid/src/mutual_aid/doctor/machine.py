"""The machine: Python, the state folder, room on the disk, ports."""

import os
import platform
import re
import shutil
import sys
from pathlib import Path

from local_servers.home import left_over
from local_servers.state import free
from mutual_aid.doctor.finding import Finding, of_trouble, unknown, well, wrong
from mutual_aid.place import Place, make
from mutual_aid.settings import OperatorSettings
from mutual_aid.stack.life import ROOM
from mutual_aid.stack.ports import FIRST_PAGE_PORT, taken
from mutual_aid.stack.record import Record
from mutual_aid.trouble import Trouble

ROOT = Path("/")  # a container's lies on the disk where the engine keeps its volumes, the ledger's among them
OLDEST = (3, 11)
SECRET = re.compile(
    r"^\s*(export\s+)?(BOT_TOKEN|WEBHOOK_SECRET|TOTP_KEYS|ERASED_DIGEST_KEY|POSTGRES_URL|REDIS_URL)\s*=\s*\S",
    re.MULTILINE,
)
FILES = 1024  # open files a process of ours may need: connections, and PostgreSQL's own


def python() -> Finding:
    """The interpreter."""
    if sys.version_info < OLDEST:
        return wrong(
            "Python", platform.python_version(), "Install Python 3.11 or newer and run `rm -rf .venv && make up`."
        )
    return well("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")


def state(folder: Path) -> tuple[Finding, Place | None]:
    """The state folder, and the place in it when it can be used."""
    try:
        place = make(folder)
    except Trouble as trouble:
        return of_trouble("state folder", trouble), None
    return well("state folder", f"{place.folder} can be written"), place


def disk(folder: Path) -> Finding:
    """Room where the state folder, or another one, lies or would lie."""
    nearest = next(one for one in (folder.resolve(), *folder.resolve().parents) if one.exists())
    left = shutil.disk_usage(nearest).free
    says = f"{left / 2**30:.1f} GiB free"
    if left < ROOM:
        return wrong("disk", says, f"Free some disk space: {ROOM // 2**20} MiB are the least.")
    return well("disk", says)


def page_port(settings: OperatorSettings, running: Record | None) -> Finding:
    """The simulator's port."""
    if not settings.uses_simulator:
        return well("port", "real Telegram, no page of a simulator")
    if running is not None and running.page:
        return well("port", f"the simulator's page is at {running.page}/")
    wanted = settings.simulator_port
    if wanted is None:
        return well("port", f"{FIRST_PAGE_PORT} or the next free one")
    return well("port", f"{wanted} is free") if free(wanted) else of_trouble("port", taken(wanted))


def open_files() -> Finding:
    """The limit of open files."""
    try:
        limit = os.sysconf("SC_OPEN_MAX")
    except (ValueError, OSError):
        return unknown("open files", "the system does not tell")
    if 0 < limit < FILES:
        return wrong("open files", f"{limit} at most", f"Raise the limit: ulimit -n {FILES * 4}.")
    return well("open files", f"{limit} at most")


def told(file: Path = Path(".env")) -> list[Finding]:
    """Whether others of this machine can read the secrets of `.env`."""
    try:
        if not file.stat().st_mode & 0o077 or not SECRET.search(file.read_text(encoding="utf-8")):
            return []
    except (OSError, UnicodeDecodeError):
        return []
    return [wrong(file.name, "other accounts of this machine can read the secrets in it", f"chmod 600 {file.name}")]


def deserted() -> list[Finding]:
    """Data elsewhere whose state folder is gone: a ledger nobody would ever look for."""
    fix = "A clone that was moved takes its own back at its next `make up`; delete what nobody misses."
    return [
        unknown("left behind", f"{home} holds the data of {state}, which is gone or has others", fix)
        for home, state in left_over()
    ]
