"""Passwords: hashed as the settings say, one queue for all, and never compared without work."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from api.passwords import WORST, Passwords, ensure_strong
from contracts.account_failures import WeakPassword
from contracts.failures import Busy
from contracts.kinds import PasswordFlaw

STRONG = "корабль на пятом этаже"


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    made = Passwords(memory_kib=8192, passes=1, at_once=1, waiting=2)
    yield made
    made.close()


async def test_a_hash_says_how_it_was_made_and_is_another_each_time(passwords: Passwords) -> None:
    one, two = await passwords.hash(STRONG), await passwords.hash(STRONG)
    assert one.startswith("$argon2id$v=19$m=8192,t=1,p=1$")
    assert one != two
    assert await passwords.matches(one, STRONG)
    assert not await passwords.matches(one, STRONG + " ")
    assert not await passwords.matches(None, "nobody has this password")
    assert not await passwords.matches("not a hash", STRONG)


async def test_letters_composed_otherwise_are_the_same_password(passwords: Passwords) -> None:
    kept = await passwords.hash("йод йод йод йод")
    assert await passwords.matches(kept, "и\u0306од " * 3 + "и\u0306од")


async def test_a_hash_of_weaker_settings_is_known_as_such(passwords: Passwords) -> None:
    better = Passwords(memory_kib=8192, passes=2, at_once=1, waiting=1)
    kept = await passwords.hash(STRONG)
    assert (passwords.is_outdated(kept), better.is_outdated(kept)) == (False, True)
    assert await better.matches(kept, STRONG)
    better.close()


async def test_beyond_the_queue_all_are_told_to_come_back_and_who_leaves_makes_room(passwords: Passwords) -> None:
    go, begun = threading.Event(), threading.Event()

    def held() -> str:
        begun.set()
        go.wait(10)
        return "done"

    async with asyncio.TaskGroup() as group:
        first = group.create_task(passwords._run(held))
        assert await asyncio.to_thread(begun.wait, 10)
        waiting = [group.create_task(passwords._run(lambda: "later")) for _ in range(2)]
        await asyncio.sleep(0)  # let them take their places
        with pytest.raises(Busy):
            await passwords.hash(STRONG)
        waiting[0].cancel()
        await asyncio.wait([waiting[0]])
        replacing = group.create_task(passwords._run(lambda: "in the place of another"))
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await passwords.hash(STRONG)
        go.set()
    assert [each.result() for each in (first, waiting[1], replacing)] == ["done", "later", "in the place of another"]
    assert passwords._taken == 0


async def test_a_closed_queue_takes_nobody() -> None:
    passwords = Passwords(memory_kib=8192, passes=1, at_once=1, waiting=0)
    passwords.close()
    with pytest.raises(Busy):
        await passwords.hash(STRONG)
    assert passwords._taken == 0


@pytest.mark.parametrize(
    "password",
    [
        STRONG,
        "x7!kQ2#mP9$w",
        "aaaabbbbcccc",
        " двенадцать ",
        "🌻🌻🌻🌻🌻🌻🌻🌻🌻🌻🌻ab",
        "correct horse battery staple",
        "ab1" * 85,
    ],
)
def test_what_is_long_and_rare_enough_may_be_chosen(password: str) -> None:
    ensure_strong(password, "olga")


@pytest.mark.parametrize(
    "password", [*sorted(WORST), "P-a-s-s-w-o-r-d-1-2-3", "qwerty 123456 qwerty 123456", "Olga_Olga_Olga"]
)
def test_the_worst_ones_may_not_in_any_spelling(password: str) -> None:
    for spelled in (password, password.upper(), f"{password}!", f"{password} {password}"):
        with pytest.raises(WeakPassword):
            ensure_strong(spelled, "olga-olga-olga")


@pytest.mark.parametrize(
    ("length", "why"), [(11, PasswordFlaw.TOO_SHORT), (12, None), (256, None), (257, PasswordFlaw.TOO_LONG)]
)
def test_length_is_counted_in_letters(length: int, why: PasswordFlaw | None) -> None:
    composed = "йуоеъю" * 60
    for spelled in (composed[:length], _apart(composed[:length])):
        if why is None:
            ensure_strong(spelled, "olga")
        else:
            with pytest.raises(WeakPassword) as refusal:
                ensure_strong(spelled, "olga")
            assert refusal.value.why is why


def _apart(text: str) -> str:
    return text.replace("й", "и\u0306")
