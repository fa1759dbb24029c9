"""What is said in a topic that mirrors a conversation: a moderator's words go to the people in it, whispers to the helper."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from contracts.deliveries import Located
from contracts.failures import Forbidden, NotFound
from telegram_bot.group_turn import GroupTurn
from telegram_bot.routers.notes import AUDIENCES, noted
from telegram_bot.routers.relay import refusal, revealed, written
from telegram_bot.routers.staff.asking import ask
from telegram_bot.routers.staff.mirror import OVER, is_mirror, tell_once, tell_over
from telegram_bot.routers.staff.passing import answers_another, pass_on


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="topics")

    @made.message(Command(*AUDIENCES), is_mirror)
    async def note_typed(message: Message, command: CommandObject, turn: GroupTurn, located: Located) -> None:
        words = (command.args or "").strip()
        demand = located.demand
        if demand is None:
            await tell_over(turn, message)
            return
        if not words:
            await turn.post(turn.say("note-empty", command=command.command), reply_to=message.message_id)
            return
        try:
            said = await noted(turn, demand, words, AUDIENCES[command.command])
        except (NotFound, Forbidden):
            said = "staff-only"
        await turn.post(turn.say(said), reply_to=message.message_id)

    @made.message(is_said, is_mirror)
    async def said(message: Message, turn: GroupTurn, located: Located) -> None:
        if located.demand is None:
            await tell_once(turn, message, OVER)
            return
        why = refusal(message)
        kept = written(message)
        if kept is None or any(kept.get(name) for name in ("location", "venue", "contact", "mentions", "bears")):
            # What is nobody's words is asked about in private, where it can be shown again.
            await turn.post(turn.say(why or "topic-only-words"), reply_to=message.message_id)
            return
        line = located.message if answers_another(message) else None
        if reasons := revealed(kept, turn.region):
            await ask(turn, kept, reasons, located.demand, line)
            return
        await pass_on(turn, kept, located.demand, line)

    return made


async def is_said(message: Message) -> bool:
    """A filter for what somebody says: no command, and nothing the group says of itself."""
    if (message.text or "").startswith("/"):
        return False
    return any(
        getattr(message, kind)
        for kind in (
            "text", "photo", "video", "video_note", "voice", "audio", "document", "animation", "sticker", "location",
            "venue", "contact", "poll",
        )
    )  # fmt: skip
