"""Passwords: argon2id in a few threads, so that a flood of guesses costs neither the memory nor everybody's time."""

import asyncio
import contextlib
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from contracts.account_failures import WeakPassword
from contracts.failures import Busy
from contracts.kinds import PasswordFlaw
from service_kit.metrics import counter

T = TypeVar("T")

SHORTEST, LONGEST = 12, 256
FEWEST_DIFFERENT = 3
COME_BACK_SECONDS = 0.5
CHECKS = counter("password_checks", "Passwords compared with a hash, the made-up one for nobody included", "known")

# What people choose first when a dozen characters are asked for, without case, blanks and signs.
WORST = frozenset({
    "password", "passwort", "passw0rd", "password1", "password12", "password123", "password1234", "password12345",
    "passwordpassword", "mypassword", "mypassword123", "changeme", "changemenow", "changeme123", "letmein", "letmeinplease",
    "letmein12345", "welcome", "welcome12345", "iloveyou", "iloveyou1234", "administrator", "administrator1", "admin",
    "adminadmin", "adminadminadmin", "admin1234567", "qwerty", "qwertyuiop", "qwertyuiop12", "qwertyuiop123",
    "qwerty123456", "qwertyqwerty", "1q2w3e4r5t6y", "1qaz2wsx3edc", "q1w2e3r4t5y6", "zxcvbnm", "asdfghjkl", "asdfghjklzxcvbnm",
    "qwertyuiopasdfghjkl", "abcdefghijkl", "abcdefghijklm", "abc123abc123", "123456", "1234567890", "12345678910",
    "123456789012", "0123456789", "012345678901", "1234567890123", "987654321", "9876543210", "123123123123",
    "111111111111", "000000000000", "112233445566", "121212121212", "monkey", "dragon", "football", "baseball", "superman",
    "sunshine", "princess", "trustno1trustno1", "mutualaid", "mutualaid123", "helphelphelp", "пароль", "парольпароль",
    "пароль123456", "йцукенгшщзхъ", "йцукен123456", "йцукенйцукен", "фывапролджэ", "яческмить", "привет", "приветпривет",
    "здравствуйте", "слава украине", "славаукраине", "славаукраїні", "героямслава", "паляниця",
})  # fmt: skip


def normalised(password: str) -> str:
    """The same password whatever keyboard composed its letters: Unicode NFC."""
    return unicodedata.normalize("NFC", password)


def ensure_strong(password: str, login: str) -> None:
    """Go on with a password that may be chosen; `WeakPassword` says why another may not."""
    password = normalised(password)
    if len(password) < SHORTEST:
        raise WeakPassword(why=PasswordFlaw.TOO_SHORT)
    if len(password) > LONGEST:
        raise WeakPassword(why=PasswordFlaw.TOO_LONG)
    bare = _bare(password)
    common = bare != "" and (bare in _WORST or bare == _bare(login))
    if common or len(set(password)) < FEWEST_DIFFERENT:
        raise WeakPassword(why=PasswordFlaw.TOO_COMMON)


def _bare(text: str) -> str:
    """Letters and digits alone, in one case, and what repeats only once: it is as easy to guess."""
    kept = "".join(letter for letter in unicodedata.normalize("NFC", text.casefold()) if letter.isalnum())
    return kept[: (kept + kept).find(kept, 1)] if kept else kept


_WORST = frozenset(_bare(each) for each in WORST)


class Passwords:
    """Hashes and compares, `at_once` at a time; `waiting` more may queue, the rest are told `Busy`."""

    def __init__(self, *, memory_kib: int, passes: int, at_once: int, waiting: int) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1, type=Type.ID)
        self._room = at_once + waiting
        self._taken = 0
        self._counting = threading.Lock()
        self._threads = ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="argon2")
        # Compared with where there is nothing to compare with, so that nobody and somebody take as long.
        self._nobodys = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """What is kept of a password: argon2id with a salt of its own."""
        return await self._run(lambda: self._hasher.hash(normalised(password)))

    async def matches(self, kept: str | None, password: str) -> bool:
        """Whether a password is the kept one; with None it takes as long and is not."""
        CHECKS(known="no" if kept is None else "yes")
        against = self._nobodys if kept is None else kept
        return await self._run(lambda: self._verify(against, normalised(password))) and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether a hash was made with weaker settings than those of today."""
        return self._hasher.check_needs_rehash(kept)

    def close(self) -> None:
        """Begin no more work."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        with self._counting:
            if self._taken >= self._room:
                raise Busy(retry_after=COME_BACK_SECONDS)
            self._taken += 1
        try:
            started = self._threads.submit(work)
        except RuntimeError:  # closing
            self._free(None)
            raise Busy(retry_after=COME_BACK_SECONDS) from None
        # A caller who goes away gives up a place in the queue; what a thread has begun it finishes.
        started.add_done_callback(self._free)
        with contextlib.suppress(asyncio.InvalidStateError):
            return await asyncio.wrap_future(started)
        raise Busy(retry_after=COME_BACK_SECONDS)

    def _free(self, _: Future[T] | None) -> None:
        with self._counting:
            self._taken -= 1
