"""Before something goes out that tells others who somebody is: the writer is asked, and what they wrote is kept meanwhile."""

from collections.abc import Mapping
from typing import Any, Final

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardMarkup

from contracts.failures import Failure
from contracts.shapes import DemandId, MessageId
from telegram_bot import keyboards, shown
from telegram_bot.callbacks import Press, Verb
from telegram_bot.routers.filters import pressing
from telegram_bot.routers.refusals import TRIED_AGAIN, refused
from telegram_bot.routers.relay.describing import redescribe
from telegram_bot.routers.relay.keeping import as_edited, is_part
from telegram_bot.routers.relay.recent import remember
from telegram_bot.routers.relay.revealing import revealed
from telegram_bot.routers.relay.sending import relay, relay_edit
from telegram_bot.routers.relay.thanking import thank
from telegram_bot.turn import Turn

WAITING: Final = 20
"""Messages that may wait for their writer's yes."""


def router() -> Router:
    """The two buttons."""
    made = Router(name="relay.asking")

    @made.callback_query(pressing(Verb.SEND_ANYWAY))
    async def send_anyway(query: CallbackQuery, press: Press, turn: Turn) -> None:
        del query
        kept = taken(turn, press.about)
        if kept is None:
            await turn.edit(turn.say("asked-gone"), None)
            return
        if await let_go(turn, kept):
            await turn.edit(turn.say("asked-sent"), None)

    @made.callback_query(pressing(Verb.DO_NOT_SEND))
    async def do_not_send(query: CallbackQuery, press: Press, turn: Turn) -> None:
        del query
        taken(turn, press.about)
        await turn.edit(turn.say("asked-not-sent"), None)

    return made


async def ask_or_pass_on(turn: Turn, kept: dict[str, Any]) -> bool:
    """Send a kept message that knows its conversation, or ask its writer first; whether it went out now.

    One that knows which line it `edits` changes that line instead; one that knows whether it `helped` is feedback.
    """
    kept = as_edited(turn, kept)
    reasons = revealed(kept, turn.region)
    if not reasons:
        return await pass_on(turn, kept)
    if len(turn.step.data.get("asked", [])) >= WAITING:
        await turn.answer("decide-first")
    else:
        await ask(turn, kept, reasons)
    return False


async def ask(turn: Turn, kept: dict[str, Any], reasons: list[str]) -> None:
    """Keep a message until its writer has pressed one of two buttons."""
    turn.step.data.setdefault("asked", []).append(kept)
    text, board = question(turn, kept, reasons)
    asked = await turn.send(text, board, about=kept["message"])
    kept |= {"reasons": reasons, "question": asked.message_id if asked is not None else 0}


def question(turn: Turn, kept: Mapping[str, Any], reasons: list[str]) -> tuple[str, InlineKeyboardMarkup]:
    """What a writer is asked, and the two buttons."""
    board = keyboards.rows(
        [keyboards.button(turn.say("button-send-anyway"), Verb.SEND_ANYWAY, kept["message"])],
        [keyboards.button(turn.say("button-do-not-send"), Verb.DO_NOT_SEND, kept["message"])],
    )
    told = [
        turn.say(f"reveals-{reason}", phone=kept.get("contact", {}).get("phone", ""), name=kept.get("bears", ""))
        for reason in reasons
    ]
    return "\n".join([*told, turn.say("send-anyway")]), board


async def reconsider(turn: Turn, message_id: int) -> None:
    """After what waits for a yes got other words: what reveals nothing any more goes out, of the rest is asked what it is now."""
    asked: list[dict[str, Any]] = turn.step.data.get("asked", [])
    kept = next((one for one in asked if is_part(one, message_id)), None)
    if kept is None:
        return
    reasons = revealed(kept, turn.region)
    shows = kept.get("question", 0)
    if reasons:
        if reasons != kept.get("reasons", reasons):
            kept["reasons"] = reasons
            await shown.edit(turn.bot, turn.chat, shows, *question(turn, kept, reasons))
        return
    taken(turn, str(kept["message"]))
    if await let_go(turn, kept):
        if not await shown.edit(turn.bot, turn.chat, shows, turn.say("asked-sent"), None):
            await turn.answer("asked-sent")
    else:
        await turn.strip_buttons(shows)


async def let_go(turn: Turn, kept: dict[str, Any]) -> bool:
    """Pass on what waited, whether it went out; what is refused is not gone, it waits for another yes."""
    try:
        return await pass_on(turn, kept)
    except TRIED_AGAIN:
        raise
    except Failure as refusal:
        await turn.send(refused(turn, refusal))
        await ask(turn, kept, revealed(kept, turn.region))
    return False


async def pass_on(turn: Turn, kept: dict[str, Any]) -> bool:
    """Send a kept message that knows its conversation; whether it went out."""
    if "describes" in kept:
        return await redescribe(turn, kept)
    if "helped" in kept:
        return await thank(turn, kept)
    if "edits" in kept:
        return await relay_edit(turn, kept)
    answered = MessageId(kept["reply_to"]) if "reply_to" in kept else None
    if not await relay(turn, kept, DemandId(kept["demand"]), answered):
        return False
    remember(turn, kept)
    if "live" in kept:
        await turn.answer("live-once")
    return True


def taken(turn: Turn, message: str) -> dict[str, Any] | None:
    """The message that waits for a yes under this id, which waits no more."""
    asked: list[dict[str, Any]] = turn.step.data.get("asked", [])
    found = next((one for one in asked if str(one["message"]) == message), None)
    left = [one for one in asked if one is not found]
    if left:
        turn.step.data["asked"] = left
    else:
        turn.step.data.pop("asked", None)
    return found
