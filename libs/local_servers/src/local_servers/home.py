"""Where the servers' data lie: in the state folder or, where their account cannot come, elsewhere; and whose they are."""

import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from local_servers.account import Account, give, own, reaches
from local_servers.failures import ServerFailed
from local_servers.state import State, locked

# /var/lib first for what must last: systems sweep out of /var/tmp what was not touched for 30 days (tmpfiles.d), which
# is right for what tests leave behind when they are killed.
ELSEWHERE = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108 - names there are drawn at random and checked by owner
CALLED = "local-servers-"

NOTE = "data-is-in"
BACK_NOTE = "data-of"


def data_home(held: State, account: Account | None, *, durable: bool = True) -> Path:
    """Where the servers keep their data: in the state folder, or, where the account cannot come, in /var/lib.

    Such a place has a name of its own and is named in the file `data-is-in` of the state; it stays the same whatever
    becomes of the rights above it, and moves with the state. The file `data-of` there names the state, so that a copy of
    it never touches the data of the one it was copied from. Raises ServerFailed for such a copy, when the place is gone
    or belongs to somebody else, and when there is none to be had.
    """
    known = _noted(held)
    if known is not None:
        if not known.exists():
            raise ServerFailed(
                "state",
                f"the data of {held.folder} lay in {known}, which is gone",
                "",
                f"Bring {known} back, or move {held.folder} away to begin anew (without its data).",
            )
        return _claimed(_stand(known, account), held)
    inside = held.folder / "data"
    if account is None or _lives(account, inside):
        return _stand(inside, account)
    for root in ELSEWHERE if durable else reversed(ELSEWHERE):
        if root.is_dir() and os.access(root, os.W_OK) and reaches(account, root):
            home = _claimed(_stand(root / f"{CALLED}{secrets.token_hex(8)}", account), held)
            give(held.folder / NOTE, f"{home}\n", None)
            return home
    raise ServerFailed(
        "state",
        f"the account {account.name} can reach neither {held.folder} nor any of {', '.join(map(str, ELSEWHERE))}",
        "",
        f"Open the folders above {held.folder} for {account.name} (chmod o+x), or start as an ordinary user.",
    )


def kept_home(held: State, account: Account | None) -> Path | None:
    """Where data of this state are, None when there are none. Raises ServerFailed when they are another state's."""
    known = _noted(held)
    if known is not None:
        return _claimed(_stand(known, account), held) if known.exists() else None
    inside = held.folder / "data"
    return _stand(inside, account) if inside.exists() else None


def left_over() -> Iterator[tuple[Path, Path]]:
    """Places elsewhere whose state is gone or has its data in another place, each with that state.

    Nobody claims them now; a state that was moved does so when its servers are started.
    """
    for root in ELSEWHERE:
        for home in sorted(root.glob(f"{CALLED}*")):
            try:
                mine = home.lstat().st_uid == os.geteuid()
                state = _owner(home) if mine else None
            except OSError:
                continue
            if state is not None and not _names(state, home):
                yield home, state


def _noted(held: State) -> Path | None:
    """The place elsewhere that the state names."""
    note = held.folder / NOTE
    if not note.exists():
        return None
    named = Path(note.read_text(encoding="utf-8").rstrip("\n"))
    if not named.is_absolute():
        fix = (
            f"Write into it which {CALLED}… of {' or '.join(map(str, ELSEWHERE))} has {held.folder} in its {BACK_NOTE}."
        )
        raise ServerFailed("state", f"{note} is damaged: it names no folder", "", fix)
    return named


def _claimed(home: Path, held: State) -> Path:
    """The place, held for this state alone and marked as its own."""
    held.data_lock = os.open(home / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    state = _owner(home)
    # A copy of the state brings the note along. Moved, it is the only one that names the place.
    copied = state is not None and _names(state, home) and not (held.folder / NOTE).samefile(state / NOTE)
    if copied or not locked(held.data_lock, fcntl.LOCK_EX):
        raise ServerFailed(
            "state",
            f"{held.folder} is a copy of {state or 'another'}, whose data are in {home} and were not copied",
            "",
            f"Use {state or 'that one'}; or delete {held.folder} to begin anew there, which leaves those data alone.",
        )
    if state != held.folder:
        give(home / BACK_NOTE, f"{held.folder}\n", None)
    return home


def _owner(home: Path) -> Path | None:
    """The state whose data a place says it has."""
    try:
        return Path((home / BACK_NOTE).read_text(encoding="utf-8").rstrip("\n"))
    except FileNotFoundError:
        return None


def _names(state: Path, home: Path) -> bool:
    """Whether a state has its data in a place, as it says itself."""
    try:
        return (state / NOTE).read_text(encoding="utf-8").rstrip("\n") == str(home)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _stand(home: Path, account: Account | None) -> Path:
    """Make or check the folder that holds the servers' folders; the account only passes through it."""
    home.mkdir(mode=0o700, exist_ok=True)
    found = home.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), account.uid if account else -1}:
        raise ServerFailed(
            "state",
            f"{home} belongs to somebody else (uid {found.st_uid})",
            "",
            f"Move {home} away, or start as its owner.",
        )
    home.chmod(0o711 if account else 0o700)
    return home


def _lives(account: Account, inside: Path) -> bool:
    """Whether the account can have a folder of its own in there; some mounts give nothing away, and answer so late."""
    inside.mkdir(mode=0o711, exist_ok=True)
    inside.chmod(0o711)
    trial = inside / ".trial"
    try:
        own(account, trial)
        return reaches(account, trial, "rwx")
    except OSError:
        return False
    finally:
        trial.rmdir()
        if not any(inside.iterdir()):
            inside.rmdir()
