"""Whatever people say that is no command: to the others in its conversation, or kept until we know which one that is."""

from typing import Any
from uuid import UUID

from aiogram import Router
from aiogram.types import Message

from contracts.kinds import Audience, MembershipKind
from contracts.shapes import DemandId
from telegram_bot import keyboards
from telegram_bot.intake.steps import Steps
from telegram_bot.memberships import holds
from telegram_bot.routers.filters import says_something
from telegram_bot.routers.relay import asking, choosing, edits, reactions, take_back
from telegram_bot.routers.relay.asking import ask_or_pass_on
from telegram_bot.routers.relay.holding import hold, settle
from telegram_bot.routers.relay.noting import note_down
from telegram_bot.routers.relay.recent import where_it_went
from telegram_bot.routers.relay.refusing import refusal
from telegram_bot.routers.relay.where import answered, meant, waits
from telegram_bot.routers.relay.written import joined, written
from telegram_bot.turn import Turn


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="relay")
    made.include_routers(take_back.router(), asking.router(), choosing.router(), edits.router(), reactions.router())

    @made.message(says_something)
    async def said(message: Message, turn: Turn, steps: Steps) -> None:
        if await refused(message, turn):
            if not turn.more_of_album:
                await send_begun_album(turn, steps)
            return
        to = await belongs(message, turn)
        if is_apart(to):
            await answer_note(message, turn, to)
            return
        if turn.step.state is not None and "demand" not in to:
            await answer_once_an_album(message, turn, "form-waits")
            return
        if kept := gathered(message, turn, to):
            await find_its_way(turn, steps, kept)

    return made


async def belongs(message: Message, turn: Turn) -> dict[str, str]:
    """What `answered` found when the update was first handled: once it is sent, the ledger may know more."""
    if message.reply_to_message is None:
        return {}
    return await turn.once("answers", await answered(message, turn))


async def relayed_reply(message: Message, turn: Turn) -> bool:
    """Whether a message was a reply to a line of a conversation; then it went there, whatever form is open."""
    to = await belongs(message, turn)
    if is_apart(to):
        await answer_note(message, turn, to)
        return True
    if "demand" not in to:
        return False
    if await refused(message, turn):
        kept = None if turn.more_of_album else turn.step.data.pop("album", None)
    else:
        kept = gathered(message, turn, to)
    if kept is not None:
        await answer_line(turn, {**kept, **to})
    return True


def is_apart(to: dict[str, str]) -> bool:
    """Whether an answer is to something that is not for everybody in a conversation."""
    return "note" in to or "apart" in to


async def answer_note(message: Message, turn: Turn, to: dict[str, str]) -> None:
    """Keep the answer to a note among coordinators, or say that it cannot go where that came from."""
    if "apart" in to:
        await answer_once_an_album(message, turn, to["apart"])
    elif to["note"] == Audience.PROVIDER:
        await answer_once_an_album(message, turn, "whisper-not-answered")
    elif not message.text:
        await answer_once_an_album(message, turn, "note-only-words")
    elif "demand" not in to:
        await turn.answer("note-which" if await turn.is_staff() else "staff-only", command="note")
    else:
        await note_down(turn, DemandId(UUID(to["demand"])), message.text, Audience.MODERATORS, message.message_id)


async def answer_line(turn: Turn, kept: dict[str, Any]) -> None:
    """Pass on what answers a line; the same words, kept until they are for somebody, are settled by that."""
    sent = await ask_or_pass_on(turn, kept)
    if sent or kept["message"] in [one["message"] for one in turn.step.data.get("asked", [])]:
        await settle(turn, kept)


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
        await answer_line(turn, kept)
        return
    me = await turn.me()
    if not me.demands:
        board = keyboards.beginning(turn.say, helps=holds(me, MembershipKind.PROVIDER))
        await turn.answer("nobody-to-tell", keyboard=board)
        return
    demand = None if waits(turn) or "unsure" in kept else await meant(turn, steps, me.demands)
    if demand is None:
        await hold(turn, steps, kept, me.demands)
    else:
        await ask_or_pass_on(turn, {**kept, "demand": str(demand)})


async def send_begun_album(turn: Turn, steps: Steps) -> None:
    """Send what has come of an album whose last message cannot go with it."""
    begun: dict[str, Any] | None = turn.step.data.pop("album", None)
    if begun is not None:
        await find_its_way(turn, steps, begun)
