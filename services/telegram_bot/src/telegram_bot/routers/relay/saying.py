"""Whatever people say that is no command: to the others in its conversation, or kept until we know which one that is."""

from typing import Any, Final

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from contracts.demands import DemandLine
from contracts.failures import Failure
from contracts.kinds import MembershipKind
from contracts.shapes import DemandId
from telegram_bot import keyboards
from telegram_bot.callbacks import Press, Verb
from telegram_bot.intake.steps import Steps
from telegram_bot.memberships import holds
from telegram_bot.routers.filters import pressing, says_something
from telegram_bot.routers.next import one_line
from telegram_bot.routers.refusals import TRIED_AGAIN
from telegram_bot.routers.refusals import refused as refused_by_api
from telegram_bot.routers.relay import asking, edits, reactions, take_back
from telegram_bot.routers.relay.asking import ask_or_pass_on
from telegram_bot.routers.relay.recent import where_it_went
from telegram_bot.routers.relay.refusing import refusal
from telegram_bot.routers.relay.where import answered, meant
from telegram_bot.routers.relay.written import joined, written
from telegram_bot.turn import Turn

KEPT: Final = 20
"""Messages kept while we wait to hear which conversation they are for."""


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="relay")
    made.include_routers(take_back.router(), asking.router(), edits.router(), reactions.router())

    @made.message(says_something)
    async def said(message: Message, turn: Turn, steps: Steps) -> None:
        if await refused(message, turn):
            if not turn.more_of_album:
                await send_begun_album(turn, steps)
            return
        to = await answered(message, turn)
        if turn.step.state is not None and not to:
            await answer_once_an_album(message, turn, "form-waits")
            return
        if kept := gathered(message, turn, to):
            await find_its_way(turn, steps, kept)

    @made.callback_query(pressing(Verb.WRITE))
    async def chosen(query: CallbackQuery, press: Press, turn: Turn, steps: Steps) -> None:
        del query
        demand = DemandId(press.id)
        found = next((one for one in (await turn.me()).demands if one.id == demand), None)
        if found is None:
            await turn.answer("not-in-it-any-more")
            return
        turn.step.data["demand"] = str(demand)
        # Choosing is the newest thing said about it: an older word from another conversation no longer raises a doubt.
        await steps.hear(turn.chat, str(demand))
        had = bool(turn.step.data.get("held"))
        sent = await send_held(turn, demand)
        if sent or not had:
            await turn.answer("writing-to-sent" if had else "writing-to", number=found.number, count=sent)

    return made


async def relayed_reply(message: Message, turn: Turn) -> bool:
    """Whether a message was a reply to a line of a conversation; then it went there, whatever form is open."""
    to = await answered(message, turn)
    if not to:
        return False
    if await refused(message, turn):
        kept = None if turn.more_of_album else turn.step.data.pop("album", None)
    else:
        kept = gathered(message, turn, to)
    if kept is not None:
        await ask_or_pass_on(turn, {**kept, **to})
    return True


async def refused(message: Message, turn: Turn) -> bool:
    """Whether a message cannot be passed on; then its writer is told, of an album once."""
    key = refusal(message)
    if key is None:
        return False
    await answer_once_an_album(message, turn, key)
    return True


async def answer_once_an_album(message: Message, turn: Turn, key: str) -> None:
    """Answer a message, and of an album only the first."""
    album = message.media_group_id
    if album is None or turn.step.data.get("album_told") != album:
        await turn.answer(key)
    if album is not None:
        turn.step.data["album_told"] = album


def gathered(message: Message, turn: Turn, to: dict[str, str]) -> dict[str, Any] | None:
    """What is to be passed on now: the message with where `to`, or its whole album; None while more of that follows."""
    kept = written(message)
    if kept is None or "album" not in kept:
        return kept and kept | to
    begun: dict[str, Any] | None = turn.step.data.pop("album", None)
    kept = joined(begun, kept) if begun else kept | (to or where_it_went(turn, kept["album"]))
    if turn.more_of_album:
        turn.step.data["album"] = kept
        return None
    return kept


async def find_its_way(turn: Turn, steps: Steps, kept: dict[str, Any]) -> None:
    """Pass a kept message on where it belongs; where that is not known, ask and keep it."""
    if "demand" in kept:
        await ask_or_pass_on(turn, kept)
        return
    me = await turn.me()
    if not me.demands:
        board = keyboards.beginning(turn.say, helps=holds(me, MembershipKind.PROVIDER))
        await turn.answer("nobody-to-tell", keyboard=board)
        return
    demand = await meant(turn, steps, me.demands)
    if demand is None:
        await hold(turn, kept, me.demands)
    else:
        await ask_or_pass_on(turn, {**kept, "demand": str(demand)})


async def send_begun_album(turn: Turn, steps: Steps) -> None:
    """Send what has come of an album whose last message cannot go with it."""
    begun: dict[str, Any] | None = turn.step.data.pop("album", None)
    if begun is not None:
        await find_its_way(turn, steps, begun)


async def send_held(turn: Turn, demand: DemandId) -> int:
    """Send what was kept to this conversation; how many went out. What cannot go now is asked about again."""
    held: list[dict[str, Any]] = turn.step.data.get("held", [])
    sent = 0
    try:
        while held:
            sent += await ask_or_pass_on(turn, {**held[0], "demand": str(demand)})
            held.pop(0)
    except TRIED_AGAIN:
        raise
    except Failure as refusal:
        await turn.send(refused_by_api(turn, refusal))
        active = (await turn.me()).demands
        await turn.answer("write-to-which", keyboard=keyboards.demands(Verb.WRITE, active, one_line))
    else:
        turn.step.data.pop("held", None)
    return sent


async def hold(turn: Turn, kept: dict[str, Any], active: list[DemandLine]) -> None:
    """Keep a message and ask which conversation it is for."""
    held: list[dict[str, Any]] = turn.step.data.setdefault("held", [])
    of_album = next((at for at, one in enumerate(held) if "album" in one and one["album"] == kept.get("album")), None)
    if of_album is not None:
        held[of_album] = joined(held[of_album], kept)
    elif len(held) >= KEPT:
        await turn.answer("choose-first")
    else:
        held.append(kept)
        if len(held) == 1:
            await turn.answer("write-to-which", keyboard=keyboards.demands(Verb.WRITE, active, one_line))
