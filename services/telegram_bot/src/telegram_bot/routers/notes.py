"""/note and /whisper: what moderators write for each other, or for the helper alone."""

from uuid import UUID

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from contracts.kinds import Audience, Role
from contracts.shapes import DemandId
from telegram_bot.intake.steps import Steps
from telegram_bot.routers.filters import number_in
from telegram_bot.routers.relay import locate
from telegram_bot.routers.relay.apart import answers_apart
from telegram_bot.routers.relay.noting import note_down, noted
from telegram_bot.routers.relay.where import meant
from telegram_bot.turn import Turn

__all__ = ("AUDIENCES", "about", "noted", "router")

AUDIENCES = {"note": Audience.MODERATORS, "whisper": Audience.PROVIDER}


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="notes")

    @made.message(Command(*AUDIENCES))
    async def note_typed(message: Message, command: CommandObject, turn: Turn, steps: Steps) -> None:
        audience = AUDIENCES[command.command]
        demand, words = await about(message, (command.args or "").strip(), turn, steps)
        if demand is None:
            await turn.answer("note-which" if await turn.is_staff() else "staff-only", command=command.command)
        elif not words:
            await turn.answer("note-empty", command=command.command)
        else:
            await note_down(turn, demand, words, audience, message.message_id)

    return made


async def about(message: Message, words: str, turn: Turn, steps: Steps) -> tuple[DemandId | None, str]:
    """The request a note is about, and the note: the one answered, the one named, or the one plain words would be for.

    What was heard from a request in which they are no coordinator raises no doubt: no note can be about that.
    """
    if message.reply_to_message is not None:
        if known := answers_apart(turn, message.reply_to_message).get("demand"):
            return DemandId(UUID(known)), words
        located = await locate(turn, message.reply_to_message, message.date)
        if located.demand is not None:
            return located.demand, words
    mine = (await turn.me()).demands
    joined = [one for one in mine if one.role is Role.MODERATOR]
    first, _, rest = words.partition(" ")
    number = number_in(first)
    for one in joined:
        if one.number == number:
            return one.id, rest.strip()
    others = [one.id for one in mine if one.role is not Role.MODERATOR] if len(joined) == 1 else []
    return await meant(turn, steps, joined, "note", others), words
