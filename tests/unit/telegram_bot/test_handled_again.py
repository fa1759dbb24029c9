"""An update that is handled again after something came of it: under the same key goes the same request.

Meanwhile the api knows more than the first time: the line is in the ledger, a version is the next one, an hour is later. A
request made of that anew would be refused under its key, and what was told to nobody would never be told.
"""

import copy
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from contracts.deliveries import Located
from contracts.demands import Demand
from contracts.failures import VersionConflict
from contracts.memberships import Membership
from contracts.participants import Participant
from contracts.users import Me, User
from telegram_bot import clocks
from telegram_bot.callbacks import Verb, pack
from telegram_bot.routers import pause
from telegram_bot.routers.staff import steering
from telegram_bot.staff_keyboards import PAUSES
from telegram_bot.words import LOCALES, Words
from unit.telegram_bot.talk import BOT, CHAT, GROUP, NOW, Talk, sample

LINE = "01920000-f0c0-7eec-8377-bb88cb704dd7"
EARLIER = "01920000-f0c0-7eec-8377-bb88cb704dd8"
TOPIC = {"message_thread_id": 9, "is_topic_message": True}


class Clock:
    """The clock of a module, which stands until it is put on."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def now(self, zone: Any = None) -> datetime:
        return self.at.astimezone(zone)

    def fromisoformat(self, text: str) -> datetime:
        return datetime.fromisoformat(text)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    for module in (steering, pause):
        monkeypatch.setattr(module, "datetime", made)
    return made


def as_before(talk: Talk, step: dict[str, Any]) -> None:
    """The process died before it wrote anything down: the first update comes once more, and finds the chat's step as it was."""
    talk.repeat_from(1)
    talk.step.data = copy.deepcopy(step)


def located(talk: Talk, **changes: Any) -> None:
    found: dict[str, Any] = {"demand": talk.demands[0], "message": None, "is_own": False, "is_over": False}
    talk.answers("deliveries.locate", sample("deliveries.locate", Located, **found | changes))


def asked_twice_alike(talk: Talk, operation: str) -> Any:
    """The request that was made twice, under one key."""
    first, again = talk.calls(operation)
    assert msgspec.to_builtins(first) == msgspec.to_builtins(again)
    keys = talk.api.keys
    assert keys[: len(keys) // 2] == keys[len(keys) // 2 :]
    return first


async def test_what_answers_a_line_goes_out_as_the_same_answer() -> None:
    talk = Talk(demands=["4F7K", "9QXR"])
    ours = {"message_id": 500, "date": NOW - 60, "chat": CHAT, "from": BOT, "text": "Helper · 7KQ2M · №4F7K\nI come"}
    for line in (None, LINE):
        as_before(talk, {})
        located(talk, message=line)
        await talk.hears({"message_id": 7, "text": "thank you", "reply_to_message": ours})
    assert asked_twice_alike(talk, "messages.send").reply_to is None


async def test_what_a_moderator_says_in_a_topic_does_not_answer_itself() -> None:
    talk = Talk(demands=["4F7K"], chat=GROUP)
    for found in ({}, {"message": LINE, "is_own": True}):
        as_before(talk, {})
        located(talk, **found)
        await talk.hears(TOPIC | {"message_id": 7, "text": "I am calling you"})
    assert asked_twice_alike(talk, "messages.send").reply_to is None


async def test_even_when_nothing_is_remembered_of_the_first_time_a_line_does_not_answer_itself() -> None:
    talk = Talk(demands=["4F7K"], chat=GROUP)
    located(talk, message=LINE, is_own=True)
    await talk.hears(TOPIC | {"text": "I am calling you"})
    opened = {"message_id": 9, "date": NOW - 60, "chat": GROUP, "from": BOT, "text": "№4F7K"} | TOPIC
    await talk.hears(TOPIC | {"text": "Are you there?", "reply_to_message": opened})
    assert [one.reply_to for one in talk.calls("messages.send")] == [None, None]


async def test_what_a_moderator_answers_in_a_topic_answers_the_same_line() -> None:
    talk = Talk(demands=["4F7K"], chat=GROUP)
    another = {"message_id": 500, "date": NOW - 60, "chat": GROUP, "from": BOT, "text": "I wait"} | TOPIC
    for line in (EARLIER, LINE):
        as_before(talk, {})
        located(talk, message=line)
        await talk.hears(TOPIC | {"message_id": 7, "text": "I am calling you", "reply_to_message": another})
    assert asked_twice_alike(talk, "messages.send").reply_to == UUID(EARLIER)


async def test_a_request_is_described_anew_once() -> None:
    talk = Talk(demands=["4F7K"])
    part = {"message": 7, "text": "insulin", "styles": []}
    step = {"described": [{"message": 7, "demand": talk.demands[0], "parts": [part]}]}
    found = sample("demands.get", Demand, version=3)
    for version in (3, 4):
        as_before(talk, step)
        talk.answers("demands.get", msgspec.structs.replace(found, version=version))
        talk.answers("demands.update", found)
        edited = {"message_id": 7, "edit_date": NOW, "text": "insulin and bread"}
        await talk.hears(edited, kind="edited_message")
    assert asked_twice_alike(talk, "demands.update").version == 3


async def test_a_request_that_others_change_in_the_same_instant_is_described_by_its_next_version() -> None:
    talk = Talk(demands=["4F7K"])
    part = {"message": 7, "text": "insulin", "styles": []}
    talk.step.data["described"] = [{"message": 7, "demand": talk.demands[0], "parts": [part]}]
    found = sample("demands.get", Demand, version=3)
    versions = iter((3, 4))
    talk.answers("demands.get", lambda _: msgspec.structs.replace(found, version=next(versions)))
    talk.answers("demands.update", lambda asked: VersionConflict(version=4) if asked.version == 3 else found)
    await talk.hears({"message_id": 7, "edit_date": NOW, "text": "insulin and bread"}, kind="edited_message")
    assert [one.version for one in talk.calls("demands.update")] == [3, 4]


async def test_a_helper_is_given_the_same_break(clock: Clock) -> None:
    talk = Talk(demands=["4F7K"], chat=GROUP)
    demand = sample(
        "demands.get", Demand, id=talk.demands[0], status="held", version=3, closed_at=None, role="moderator"
    )
    talk.answers("demands.get", demand)
    talk.answers("participants.get", sample("participants.get", Participant, role="provider", left_at=None))
    talk.answers("memberships.update", sample("memberships.update", Membership))
    me = sample("users.me", Me)
    admin = msgspec.to_builtins(me.user) | {"locale": "en", "is_admin": True}
    talk.answers("users.me", sample("users.me", Me, user=admin))
    begun = clock.at
    for _ in range(2):
        as_before(talk, {})
        await talk.presses(data=pack(Verb.BREAK_DAY, UUID(talk.demands[0]), 3), on=5)
        clock.at += timedelta(seconds=20)
    until = asked_twice_alike(talk, "memberships.update").paused_until
    assert abs(until - begun - timedelta(days=1)) < timedelta(seconds=1)


def helping(talk: Talk, **changes: Any) -> None:
    """The person is a helper, and what the api says of them is this."""
    me = sample("users.me", Me)
    one = msgspec.to_builtins(me.memberships[0]) | {"state": "live", "kind": "provider", "paused_until": None}
    user = msgspec.to_builtins(me.user) | {"locale": "en", "time_zone": changes.pop("time_zone", None)}
    talk.answers("users.me", sample("users.me", Me, demands=[], memberships=[one | changes], user=user))
    talk.answers("memberships.update", sample("memberships.update", Membership))
    talk.answers("users.update_me", sample("users.update_me", User))


async def test_a_break_one_takes_has_the_same_end_and_says_it(clock: Clock) -> None:
    talk = Talk(demands=[])
    for _ in range(2):
        as_before(talk, {})
        helping(talk)
        await talk.hears({"message_id": 7, "text": "/pause 3"})
        clock.at += timedelta(minutes=2)
    asked_twice_alike(talk, "memberships.update")
    first, again = talk.said
    assert again.startswith(first), "the same moment, and that it may have been said before"


async def test_the_end_of_a_break_is_told_though_it_has_ended_before() -> None:
    talk = Talk(demands=[])
    for until in (datetime.now(UTC) + timedelta(hours=1), None):
        as_before(talk, {})
        helping(talk, paused_until=until)
        await talk.hears({"message_id": 7, "text": "/resume"})
    asked_twice_alike(talk, "memberships.update")
    first, again = talk.said
    assert again.startswith(first)


async def test_quiet_hours_are_set_by_the_same_clock_though_it_is_known_by_now() -> None:
    talk = Talk(demands=[])
    for zone in (None, clocks.ZONES[0]):
        helping(talk, time_zone=zone)
        as_before(talk, {"quiet": [1320, 480]})
        await talk.presses(data=pack(Verb.ZONE, 0), on=5)
    asked = asked_twice_alike(talk, "users.update_me")
    assert (asked.time_zone, asked.quiet_from, asked.quiet_to) == (clocks.ZONES[0], 1320, 480)


@pytest.mark.parametrize("locale", LOCALES)
def test_how_long_a_helpers_break_is_nobody_has_to_count(locale: str) -> None:
    told = {Words().say(locale, "helper-on-a-break", alias="7KQ2M", hours=hours) for hours in PAUSES.values()}
    assert len(told) == len(PAUSES)
    for one in told:
        assert "7KQ2M" in one
        assert "UTC" not in one
        assert not any(hour in one.replace("7KQ2M", "") for hour in "0123456789"), "each length has words of its own"
