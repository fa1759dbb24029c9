"""/pause and /resume: a break that ends by itself, at a time or when one says so; and quiet hours."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from contracts.failures import NotFound
from contracts.kinds import MembershipKind, MembershipState
from contracts.memberships import Membership, UpdateMembership
from contracts.operations.scenarios import MEMBERSHIPS_UPDATE
from contracts.operations.users import USERS_UPDATE_ME
from contracts.users import Me, UpdateMe
from telegram_bot import clocks, keyboards
from telegram_bot.callbacks import Press, Verb
from telegram_bot.routers.filters import pressing
from telegram_bot.turn import Turn
from telegram_bot.when import OPEN, clock, is_open, moment, next_time, tomorrow, zone_of
from telegram_bot.words import LOCALES, Words

LONGEST: Final = 720
"""Hours of the longest break one can name; a longer one is ended by hand."""

DAY: Final = 24 * 60

QUIET: Final = re.compile(r"(\d{1,2})(?::(\d\d))?\s*[-–—]\s*(\d{1,2})(?::(\d\d))?")
CLOCK: Final = re.compile(r"(\d{1,2}):(\d\d)")
LENGTH: Final = re.compile(r"(?<![\d:])(?<!\d[.,])(\d{1,3})(?![\d:]|[.,]\d)\s*([^\W\d_]*)")
"""What may stand behind /pause, among whatever words: 22-8 or 22:30-7:15, 18:30, 3 or 3 hours, 30 min."""


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="pause")
    made.message.register(_pause_typed, Command("pause"))
    made.callback_query.register(_pause_pressed, pressing(Verb.PAUSE))
    made.callback_query.register(_pause_for, pressing(Verb.PAUSE_FOR))
    made.message.register(_resume_typed, Command("resume"))
    made.callback_query.register(_resume_pressed, pressing(Verb.RESUME))
    made.callback_query.register(_zone_chosen, pressing(Verb.ZONE))
    return made


async def _pause_typed(message: Message, command: CommandObject, turn: Turn, words: Words) -> None:
    del message
    typed = command.args or ""
    zone = zone_of((await turn.me()).user)
    quiet = quiet_in(typed)
    if quiet is not None:
        await be_quiet(turn, quiet)
        return
    until = until_in(typed, datetime.now(UTC), zone, lengths(words))
    if await has_no_need(turn):
        return
    if until is None:
        await turn.send("\n\n".join((turn.say("pause-for"), turn.say("pause-example"))), choices(turn))
    else:
        await pause(turn, until)


async def _pause_pressed(query: CallbackQuery, press: Press, turn: Turn) -> None:
    del query, press
    if not await has_no_need(turn):
        await turn.answer("pause-for", keyboard=choices(turn))


async def _pause_for(query: CallbackQuery, press: Press, turn: Turn) -> None:
    del query
    now = datetime.now(UTC)
    ends = {
        "hour": now + timedelta(hours=1),
        "tomorrow": tomorrow(now, zone_of((await turn.me()).user)),
        "open": OPEN,
    }
    if press.about in ends:
        await pause(turn, ends[press.about])


async def _resume_typed(message: Message, turn: Turn) -> None:
    del message
    await resume(turn)


async def _resume_pressed(query: CallbackQuery, press: Press, turn: Turn) -> None:
    del query, press
    await resume(turn)


async def _zone_chosen(query: CallbackQuery, press: Press, turn: Turn) -> None:
    del query
    quiet: list[int] | None = turn.step.data.get("quiet")
    if quiet is not None and press.about == clocks.OTHERS:
        turn.keeps_buttons = True
        await turn.edit(turn.say("quiet-zone"), clocks.board(turn.say, datetime.now(UTC), far=True))
        return
    if quiet is None or not press.about.isdecimal() or int(press.about) >= len(clocks.ZONES):
        await turn.answer_press("press-unknown")
        return
    del turn.step.data["quiet"]
    await set_quiet(turn, (quiet[0], quiet[1]), clocks.ZONES[int(press.about)])


def choices(turn: Turn) -> InlineKeyboardMarkup:
    """How long a break may last, by buttons."""
    return keyboards.rows(
        *(
            [keyboards.button(turn.say(f"button-pause-{key}"), Verb.PAUSE_FOR, key)]
            for key in ("hour", "tomorrow", "open")
        )
    )


def lengths(words: Words) -> dict[str, timedelta]:
    """How long one of each is that people name in our languages; of days and weeks the buttons and a clock are better."""
    units = {"length-hours": timedelta(hours=1), "length-minutes": timedelta(minutes=1)}
    return {"": timedelta(hours=1)} | {
        name: unit for key, unit in units.items() for locale in LOCALES for name in words.say(locale, key).split()
    }


def until_in(words: str, now: datetime, zone: ZoneInfo | None, units: Mapping[str, timedelta]) -> datetime | None:
    """Until when somebody wants a break, from what they typed: `18:30`, or so many hours or minutes.

    None when it says neither, or something that could be read otherwise than it was meant.
    """
    if QUIET.search(words):
        return None
    if (at := CLOCK.search(words)) and int(at[1]) < 24 and int(at[2]) < 60:  # noqa: PLR2004 - a clock's
        return next_time(now, int(at[1]), int(at[2]), zone)
    length = LENGTH.search(words)
    if length is None or not 0 < int(length[1]) <= LONGEST or length[2].lower() not in units:
        return None
    return now + int(length[1]) * units[length[2].lower()]


def quiet_in(words: str) -> tuple[int, int] | None:
    """Quiet hours from what somebody typed, in minutes of the day; None when it says none."""
    found = QUIET.search(words)
    if found is None:
        return None
    if max(int(found[2] or 0), int(found[4] or 0)) > 59:  # noqa: PLR2004 - a clock's
        return None
    first, last = int(found[1]) * 60 + int(found[2] or 0), int(found[3]) * 60 + int(found[4] or 0)
    return (first % DAY, last % DAY) if first <= DAY and last <= DAY else None


async def pause(turn: Turn, until: datetime) -> None:
    """Begin nothing new until then; what they hold they keep."""
    if await has_no_need(turn):
        return
    until = datetime.fromisoformat(await turn.once("until", until.isoformat()))
    await _everywhere(turn, until)
    resume_now = keyboards.rows([keyboards.button(turn.say("button-resume"), Verb.RESUME)])
    if is_open(until):
        await turn.answer("paused-open", keyboard=resume_now)
    else:
        shown = moment(until, zone_of((await turn.me()).user))
        await turn.answer("paused-now", keyboard=resume_now, until=shown, dated=((shown, until),))


async def has_no_need(turn: Turn) -> bool:
    """Whether somebody gets no new requests anyway, as who only took one over; they are told so, and promised no break."""
    if helping_in(await turn.me()):
        return False
    await turn.answer("pause-not-needed")
    return True


async def resume(turn: Turn) -> None:
    """End a break; without one, say so."""
    was_paused = await turn.once("was_paused", any(one.paused_until for one in helping_in(await turn.me())))
    if was_paused:
        await _everywhere(turn, None)
    board = keyboards.rows([keyboards.button(turn.say("button-next"), Verb.NEXT)])
    await turn.answer("resumed" if was_paused else "not-paused", keyboard=board)


async def _everywhere(turn: Turn, until: datetime | None) -> None:
    for one in helping_in(await turn.me()):
        try:
            changed = UpdateMembership(scenario=one.scenario, paused_until=until)
            await turn.call(MEMBERSHIPS_UPDATE, changed, wish=f"break:{one.scenario}")
        except NotFound:
            continue  # no longer a helper there


def helping_in(me: Me) -> list[Membership]:
    """Where somebody helps."""
    return [one for one in me.memberships if one.kind is MembershipKind.PROVIDER and one.state is MembershipState.LIVE]


async def be_quiet(turn: Turn, quiet: tuple[int, int]) -> None:
    """Set quiet hours, once it is known by which clock; the same hour twice ends them."""
    if quiet[0] == quiet[1]:
        await turn.call(USERS_UPDATE_ME, UpdateMe(quiet_from=None, quiet_to=None))
        await turn.answer("quiet-ended")
    elif zone := (await turn.me()).user.time_zone:
        await set_quiet(turn, quiet, zone)
    else:
        turn.step.data["quiet"] = list(quiet)
        await turn.answer("quiet-zone", keyboard=clocks.board(turn.say, datetime.now(UTC)))


async def set_quiet(turn: Turn, quiet: tuple[int, int], zone: str) -> None:
    """Write down quiet hours by the clock of a time zone."""
    # Named also where it is known already: whether it is would be another request the second time.
    await turn.call(USERS_UPDATE_ME, UpdateMe(time_zone=zone, quiet_from=quiet[0], quiet_to=quiet[1]))
    await turn.answer("quiet-set", first=clock(quiet[0]), last=clock(quiet[1]), zone=clocks.city(zone))
