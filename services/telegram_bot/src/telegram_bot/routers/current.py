"""/current: the conversations one is in, and which of them plain words go to."""

from datetime import datetime

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from contracts.demands import DemandLine
from contracts.kinds import MembershipKind, Role
from contracts.users import Me
from telegram_bot import keyboards
from telegram_bot.callbacks import Verb
from telegram_bot.intake.steps import Steps
from telegram_bot.memberships import holds
from telegram_bot.routers.next import one_line
from telegram_bot.routers.pause import helping_in
from telegram_bot.routers.relay.where import meant, waits
from telegram_bot.turn import Turn
from telegram_bot.when import is_open, moment, zone_of


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="current")
    made.message.register(_current, Command("current"))
    return made


async def _current(message: Message, turn: Turn, steps: Steps) -> None:
    del message
    me = await turn.me()
    lines = [availability(turn, me), ""] if holds(me, MembershipKind.PROVIDER) else []
    until = rests_until(me)
    dated = ((moment(until, zone_of(me.user)), until),) if until else ()
    if not me.demands:
        board = keyboards.beginning(turn.say, helps=bool(lines))
        await turn.send("\n".join([*lines, turn.say("current-none")]), board, dated=dated)
        return
    chosen = None if waits(turn) else await meant(turn, steps, me.demands)
    found = next((one for one in me.demands if one.id == chosen), None)
    if found is not None and len(me.demands) == 1:
        await turn.send("\n".join([*lines, turn.say("current-one", which=shown(turn, found))]), dated=dated)
        return
    unsure = "current-ask" if len(me.demands) > 1 else "current-ask-one"
    lines.append(turn.say("current-chosen", which=shown(turn, found)) if found else turn.say(unsure))
    others = [one for one in me.demands if one.id != chosen]
    board = keyboards.demands(Verb.WRITE, others, lambda one: shown(turn, one))
    await turn.send("\n".join(lines), board, dated=dated)


def shown(turn: Turn, one: DemandLine) -> str:
    """A conversation, and what one is in it."""
    keys = {Role.PROVIDER: "current-line-helping", Role.REQUESTER: "current-line-asking"}
    return turn.say(keys.get(one.role or Role.MODERATOR, "current-line-watching"), which=one_line(one))


def availability(turn: Turn, me: Me) -> str:
    """Whether somebody is free, helping, or on a break until when."""
    if until := rests_until(me):
        if is_open(until):
            return turn.say("availability", state="open", count=0, until="")
        return turn.say("availability", state="paused", count=0, until=moment(until, zone_of(me.user)))
    held = sum(one.role is Role.PROVIDER for one in me.demands)
    return turn.say("availability", state="helping" if held else "free", count=held, until="")


def rests_until(me: Me) -> datetime | None:
    """The end of a break from all they help with; None for somebody who is free anywhere."""
    ends = [one.paused_until for one in helping_in(me)]
    return min((end for end in ends if end is not None), default=None) if all(ends) else None
