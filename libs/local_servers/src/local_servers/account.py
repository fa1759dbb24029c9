"""Which account the servers run under, and whether it can reach a place.

PostgreSQL refuses to run as root, and nothing here needs root's rights: root hands its servers to an ordinary account.
"""

import os
import pwd
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from local_servers.failures import ServerFailed

# In this order: a system PostgreSQL's own account, then those that almost every system has.
CANDIDATES = ("postgres", "nobody", "daemon", "www-data")


@dataclass(frozen=True)
class Account:
    """An account of this machine; None wherever one is optional means: the one we run as."""

    name: str
    uid: int
    gid: int


def account_for(folder: Path) -> Account | None:
    """The account that servers with state in this folder run under; None unless we are root.

    Data that are there keep their owner, whatever accounts have come since; and a folder that belongs to an ordinary
    user (root through sudo, or a container's mount) is served by that user.
    Raises ServerFailed when we are root and the machine has no other account.
    """
    if os.geteuid() != 0:
        return None
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    by_uid = {entry.pw_uid: entry for entry in pwd.getpwall() if entry.pw_uid != 0}
    by_name = {entry.pw_name: entry for entry in by_uid.values()}
    data = folder / "data" / "postgres"
    owners = [path.stat().st_uid for path in (data, nearest) if path.exists()]
    wanted = [*(by_uid.get(uid) for uid in owners), *(by_name.get(name) for name in CANDIDATES), *by_uid.values()]
    for entry in wanted:
        if entry is not None:
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise ServerFailed(
        "postgres",
        "PostgreSQL refuses to run as root, and this machine has no other account",
        "",
        "Create one (useradd --system servers, on Alpine adduser -S servers) or start as an ordinary user.",
    )


def reaches(account: Account | None, path: Path, rights: str = "x") -> bool:
    """Whether the account has these rights (r, w, x) on an existing path, through every folder above it.

    Asked of the kernel as that account, since mode bits alone know nothing of access lists and mounts.
    """
    if account is None:
        return all(os.access(path, {"r": os.R_OK, "w": os.W_OK, "x": os.X_OK}[right]) for right in rights)
    tests = " && ".join(f'test -{right} "$1"' for right in rights)
    asked = subprocess.run(  # noqa: S603 - a fixed command, the path is an argument
        ["/bin/sh", "-c", tests, "sh", path],
        check=False, cwd="/", user=account.uid, group=account.gid, extra_groups=[], env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    return asked.returncode == 0


def own(account: Account | None, folder: Path) -> None:
    """Make a folder that only the account can open, in a folder that is ours."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if account:
        os.chown(folder, account.uid, account.gid, follow_symlinks=False)


def give(path: Path, text: str, account: Account | None) -> None:
    """Write a file that only the account can read, whole or not at all.

    Never through a link: the folder is the account's, and we may be root.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made anew, 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            if account:
                os.fchown(file.fileno(), account.uid, account.gid)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
        folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(folder)  # else a machine that loses power may forget that the file is there
        finally:
            os.close(folder)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def hand_over(state: Path, account: Account | None) -> None:
    """Give what root wrote into an ordinary user's state folder to that user, who may start the servers next time."""
    if account is None or state.stat().st_uid != account.uid:
        return
    for path in (state / "data", *state.iterdir(), *(state / "seeds").iterdir(), *(state / "logs").iterdir()):
        os.chown(path, account.uid, account.gid, follow_symlinks=False)
