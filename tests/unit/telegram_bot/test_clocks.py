"""Quiet hours by any clock of the world's, and breaks for whoever has something to rest from."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import msgspec
import pytest
from aiogram.methods import EditMessageText

from contracts.kinds import MembershipKind, MembershipState, Role
from telegram_bot.callbacks import Verb, pack
from telegram_bot.clocks import FAR, NEAR, ZONES, board, city
from unit.telegram_bot.talk import Talk


def carried(text: str, verb: Verb, talk: Talk) -> str:
    """What a button of the last board carries, whose text ends so."""
    [found] = [data for shown, data in talk.buttons.items() if shown.endswith(text) and data.startswith(verb)]
    return found


async def test_quiet_hours_are_by_the_clock_of_a_city() -> None:
    talk = Talk(demands=[])
    talk.step.data["quiet"] = [22 * 60, 8 * 60]
    me = talk.api.replies["users.me"](None)
    talk.answers("users.update_me", me.user)
    await talk.presses(data=pack(Verb.ZONE, ZONES.index("America/New_York")), on=700)
    assert talk.calls("users.update_me")[0].time_zone == "America/New_York"
    assert "by the clock of New York." in talk.said[-1]


async def test_whose_clock_is_not_among_the_first_finds_it_among_the_others() -> None:
    talk = Talk(demands=["4F7K"])
    me = talk.api.replies["users.me"](None)
    user = msgspec.structs.replace(me.user, time_zone=None)
    helper = msgspec.structs.replace(me.memberships[0], kind=MembershipKind.PROVIDER, state=MembershipState.LIVE)
    talk.answers("users.me", msgspec.structs.replace(me, user=user, memberships=[helper]))
    talk.answers("users.update_me", user)
    await talk.hears({"text": "/pause 22-8"})
    asked = talk.last
    await talk.presses(data=carried("Another time…", Verb.ZONE, talk), on=asked)
    changed = [one for one in talk.telegram.requests if isinstance(one, EditMessageText)][-1]
    shown = {one.text: one.callback_data for row in changed.reply_markup.inline_keyboard for one in row}  # type: ignore[union-attr]
    [kolkata] = [data for text, data in shown.items() if text.endswith("Kolkata")]
    await talk.presses(data=kolkata, on=asked)
    assert (talk.calls("users.update_me")[0].time_zone, talk.calls("users.update_me")[0].quiet_from) == (
        "Asia/Kolkata", 22 * 60,
    )  # fmt: skip
    await talk.presses(data=kolkata, on=asked)
    assert len(talk.calls("users.update_me")) == 1


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
