"""The secrets of a stack of containers: each service finds its own, and only those, in a folder of its own.

What was made once lies in the folder `keys`; everything else is derived from it, so `keys` is what to back up. Whoever
wants another token or certificate puts it there. Safe to repeat, and for two at once.
"""

import base64
import fcntl
import os
import secrets
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from contracts.permissions import nats_users
from local_servers.account import Account, give, own
from local_servers.nats_server import render
from local_servers.state import seed_file
from mutual_aid import certificate
from mutual_aid.stack.secrets import KEY_BYTES
from mutual_aid.trouble import Trouble

DATABASE = "mutual_aid"
STORE = "store"
"""The folder beside its secrets in which a service keeps its data, and the only one it can write to."""

# Whom the files belong to; the images and compose files say the same. PostgreSQL's image reads its own as root.
OWNERS: Mapping[str, int] = {
    "postgres": 0,
    "nginx": 101,
    "api": 10001,
    "migrate": 10001,
    "bot": 10002,
    "operator": 10004,
    "nats": 10006,
    "redis": 10007,
    "backup": 10008,
}
STORES = ("nats", "redis", "backup")
NATS_PORT, NATS_MONITORING_PORT = 4222, 8222
REDIS_SETTINGS = """\
port 6379
bind * -::*
protected-mode no
requirepass {password}
dir /redis/store
save ""
appendonly yes
appendfsync everysec
maxmemory 128mb
maxmemory-policy noeviction
maxclients 500
"""


@dataclass(frozen=True)
class Outside:
    """What comes from outside: keys somebody has already ("" for none), and the public host of the webhook, if any."""

    totp_keys: str = ""
    erased_digest_key: str = ""
    host: str = ""


@dataclass(frozen=True)
class _Keys:
    """What was made once. `words` are the single words by name, `seeds` the file with each NATS user's seed."""

    words: Mapping[str, str]
    seeds: Mapping[str, Path]

    @property
    def postgres_url(self) -> str:
        return f"postgresql://postgres:{self.words['postgres_password']}@postgres:5432/{DATABASE}"

    @property
    def redis_url(self) -> str:
        return f"redis://:{self.words['redis_password']}@redis:6379/0"

    def seed(self, user: str) -> str:
        return self.seeds[user].read_text(encoding="ascii").strip()


def hand_out(folder: Path, services: tuple[str, ...], outside: Outside) -> list[str]:
    """Make what is missing and put into each service's folder what it needs; returns the files that are new or changed.

    As root each file becomes its service's, readable by nobody else. Raises Trouble for a service nobody knows, for a
    token or certificate that is missing or unusable, and for a folder that cannot be written.
    """
    if unknown := sorted(set(services) - set(OWNERS)):
        raise Trouble("secrets", f"there is no service {', '.join(unknown)}", f"There are {', '.join(OWNERS)}.")
    try:
        with _alone(folder / "keys") as kept:
            files = _files(_keys(kept, outside))
            return [
                f"{service}/{name}"
                for service in services or tuple(OWNERS)
                for name in _give(folder / service, files[service], service)
            ]
    except OSError as error:
        fix = "Run this as root, as the compose files do, on a folder that can be written."
        raise Trouble("secrets", f"{error.filename or folder}: {error.strerror}", fix) from error


@contextmanager
def _alone(kept: Path) -> Iterator[Path]:
    """The folder with what was made once, for one at a time."""
    kept.mkdir(parents=True, mode=0o700, exist_ok=True)
    lock = os.open(kept / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield kept
    finally:
        os.close(lock)


def _keys(kept: Path, outside: Outside) -> _Keys:
    made: dict[str, tuple[str, Callable[[], str]]] = {
        "postgres_password": ("", _password),
        "redis_password": ("", _password),
        "webhook_secret": ("", _password),
        "erased_digest_key": (outside.erased_digest_key, _password),
        "totp_keys": (outside.totp_keys, lambda: base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()),
    }
    words = {name: given or _kept(kept / name, make) for name, (given, make) in made.items()}
    if outside.host:
        words |= {"bot_token": _token(kept / "bot_token")} | certificate.pair(kept, outside.host)
    return _Keys(words, {user.name: seed_file(kept, user.name) for user in nats_users()})


def _password() -> str:
    return secrets.token_urlsafe(32)


def _kept(path: Path, make: Callable[[], str]) -> str:
    if not path.exists():
        give(path, f"{make()}\n", None)
    return path.read_text(encoding="utf-8").strip()


def _token(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise Trouble("secrets", f"there is no {path}", "Put the token BotFather gave into that file.") from None


def _files(keys: _Keys) -> dict[str, dict[str, str]]:
    """What lies in each service's folder, by name."""
    words = keys.words
    ledger, sessions = {"postgres_url": keys.postgres_url}, {"redis_url": keys.redis_url}
    return {
        "postgres": _only(words, "postgres_password"),
        "nats": {"nats.conf": _broker(keys)},
        "redis": {"redis.conf": REDIS_SETTINGS.format(password=words["redis_password"])},
        "migrate": {**ledger, "nats_migrate_seed": keys.seed("migrate")},
        "api": {
            **ledger,
            **sessions,
            "nats_seed": keys.seed("api"),
            "nats_publisher_seed": keys.seed("publisher"),
            **_only(words, "totp_keys", "erased_digest_key"),
        },
        "bot": {
            **sessions,
            "nats_seed": keys.seed("telegram"),
            **_only(words, "bot_token", "webhook_secret", "webhook_certificate"),
        },
        "operator": {
            **ledger,
            **sessions,
            **{f"seeds/{user}.nk": keys.seed(user) for user in keys.seeds},
            **_only(words, "bot_token", "certificate.pem"),
        },
        "nginx": _only(words, "certificate.pem", "key.pem"),
        "backup": _only(words, "postgres_password"),
    }


def _broker(keys: _Keys) -> str:
    """The broker's users and all each may do, on a network of our own."""
    wide = "0.0.0.0"  # noqa: S104 - inside its container
    return render(
        nats_users(),
        keys.seeds,
        NATS_PORT,
        store=f"/nats/{STORE}",
        durable=True,
        host=wide,
        monitoring=NATS_MONITORING_PORT,
    )


def _only(words: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: words[name] for name in names if name in words}


def _give(folder: Path, files: Mapping[str, str], service: str) -> list[str]:
    """Write what is new or changed; returns its names."""
    uid = OWNERS[service]
    account = Account(service, uid, uid) if os.geteuid() == 0 else None
    folder.mkdir(mode=0o755, exist_ok=True)
    if service in STORES:
        own(account, folder / STORE)
        _take_in(account, folder / STORE)
    changed = []
    for name, text in files.items():
        path = folder / name
        if path.parent != folder:
            own(account, path.parent)
        if not _is(path, text, account):
            give(path, text, account)
            changed.append(name)
    return changed


def _take_in(account: Account | None, store: Path) -> None:
    """Give the account the backups somebody copied there from another machine: they came as root's, or a stranger's."""
    if account is None:
        return
    for path in store.glob("*.dump"):
        with suppress(FileNotFoundError):  # the oldest goes when a new one is made
            found = path.lstat()
            if stat.S_ISREG(found.st_mode) and (found.st_uid, found.st_mode & 0o777) != (account.uid, 0o600):
                handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
                try:
                    os.fchown(handle, account.uid, account.gid)
                    os.fchmod(handle, 0o600)
                finally:
                    os.close(handle)


def _is(path: Path, text: str, account: Account | None) -> bool:
    """Whether the file says this already and belongs to whom it should."""
    try:
        return path.read_text(encoding="utf-8") == text and (account is None or path.stat().st_uid == account.uid)
    except (FileNotFoundError, PermissionError, UnicodeDecodeError):
        return False
