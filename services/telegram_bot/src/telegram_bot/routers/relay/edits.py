"""What somebody changes after they wrote it changes for the others too; what has not gone out goes out changed."""

from typing import Any

from aiogram import Router
from aiogram.types import Message

from contracts.kinds import EntryKind
from telegram_bot.routers.relay.apart import is_note
from telegram_bot.routers.relay.asking import ask_or_pass_on, reconsider
from telegram_bot.routers.relay.describing import description_with
from telegram_bot.routers.relay.keeping import remember_early, rewritten_anywhere, with_words
from telegram_bot.routers.relay.recent import album_with, is_another_file
from telegram_bot.routers.relay.refusing import refusal
from telegram_bot.routers.relay.where import locate_by_id
from telegram_bot.routers.relay.written import parts, written
from telegram_bot.turn import Turn


def router() -> Router:
    """The handler of edits."""
    made = Router(name="relay.edits")

    @made.edited_message()
    async def edited(message: Message, turn: Turn) -> None:
        if message.location is not None:
            return  # a live place moves; it was passed on once
        description = description_with(turn, message.message_id)
        if kept := rewritten_anywhere(turn, message):
            whole = description or album_with(turn, message.message_id)
            if whole is not None:
                whole["parts"] = parts(kept)
            await reconsider(turn, message.message_id)
            return
        if description is not None:
            await reword(turn, message, description, {"describes": True})
            return
        located = await locate_by_id(turn, message.message_id, again=False)
        if located.demand is None or located.message is None:
            if is_note(turn, message) and await turn.is_staff():
                await turn.answer("note-edit-stays")
            remember_early(turn, message)
            return
        if located.kind is EntryKind.NOTE:
            await turn.answer("note-edit-stays")
            return
        line = {"demand": str(located.demand), "edits": str(located.message)}
        await reword(turn, message, album_with(turn, message.message_id), line)

    return made


async def reword(turn: Turn, message: Message, whole: dict[str, Any] | None, line: dict[str, Any]) -> None:
    """Give a line the words of an edited message, among those of the `whole` it is one part of."""
    kept = written(message)
    if kept is None:
        await turn.answer(refusal(message) or "cannot-pass-on")
        return
    if is_another_file(turn, kept):
        await turn.answer("file-stays")
    if whole is not None:
        kept = with_words(whole, kept)
        whole["parts"] = kept["parts"]
    words = {key: kept[key] for key in ("message", "demand", "text", "styles", "parts", "mentions") if key in kept}
    await ask_or_pass_on(turn, words | line)
