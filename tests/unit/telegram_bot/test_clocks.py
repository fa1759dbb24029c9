"""Quiet hours by any clock of the world's, and breaks for whoever has something to rest from."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import msgspec
import pytest

from contracts.kinds import MembershipKind, MembershipState, Role
from telegram_bot.callbacks import Verb, pack
from telegram_bot.clocks import FAR, NEAR, ZONES, board, city
from unit.telegram_bot.talk import Talk


def carried(text: str, verb: Verb, talk: Talk) -> str:
    """What a button of the last board carries, whose text ends so."""
    [found] = [data for shown, data in talk.buttons.items() if shown.endswith(text) and data.startswith(verb)]
    return found


async def test_whoever_may_hold_nothing_is_not_told_that_they_hold_something(held: list[str]) -> None:
    talk = Talk(demands=[])
    talk.answers("demands.take", AtCapacity(held=held))
    talk.answers("demands.next", AtCapacity(held=held))
    await talk.presses(data=pack(Verb.TAKE, DEMAND, 3), on=700)
    await talk.presses(data=pack(Verb.NEXT), on=701)
    for said in (alerts(talk)[-1], talk.said[-1]):
        assert ("№8BEY" in said) == bool(held)
        assert ("a coordinator can change that" in said) == (not held)
        assert ("You are helping" in said) == bool(held)


async def test_a_helper_who_has_helped_is_shown_how_to_say_so() -> None:
    talk = Talk(demands=["4F7K"])
    talk.answers("demands.close", Forbidden())
    await talk.presses(data=pack(Verb.CLOSE_FULFILLED, DEMAND, 3), on=700)
    assert "/decline" not in talk.said[-1]
    assert "/done" in talk.said[-1]
    assert talk.buttons == {"Help has arrived": pack(Verb.DONE, DEMAND, 3)}


@pytest.mark.parametrize("month", [1, 7])
def test_whoever_lives_from_lisbon_to_kamchatka_or_in_america_finds_their_clock(month: int) -> None:
    assert set(ZONES) <= available_timezones()
    now = datetime(2026, month, 10, 12, tzinfo=UTC)
    away = {now.astimezone(ZoneInfo(zone)).utcoffset() for zone in ZONES}
    summer = month == 7
    wanted = [*range(13), 3.5, 4.5, 5.5, *(hour + summer for hour in (-9, -8, -7, -6, -5, -4))]
    assert {timedelta(hours=hour) for hour in wanted} <= away
    shown = [
        one for far in (False, True)
        for row in board(lambda key, **_: key, now, far=far).inline_keyboard for one in row
    ]  # fmt: skip
    assert [one.text.partition(" · ")[2] for one in shown if " · " in one.text] == [city(zone) for zone in NEAR + FAR]


@pytest.mark.parametrize("by", ["/pause 3", "/pause", Verb.PAUSE, Verb.PAUSE_FOR])
async def test_who_only_took_over_is_promised_no_break_they_would_not_have(by: str) -> None:
    talk = Talk(demands=["4F7K"])
    me = talk.api.replies["users.me"](None)
    held = msgspec.structs.replace(me.demands[0], role=Role.PROVIDER)
    moderates = msgspec.structs.replace(me.memberships[0], kind=MembershipKind.MODERATOR, state=MembershipState.LIVE)
    talk.answers("users.me", msgspec.structs.replace(me, demands=[held], memberships=[moderates]))
    if isinstance(by, Verb):
        await talk.presses(data=pack(by, "hour" if by is Verb.PAUSE_FOR else ""), on=700)
    else:
        await talk.hears({"text": by})
    assert [said.partition(":")[0] for said in talk.said] == ["You need no break"]
