"""What is said in a topic that mirrors a conversation: a moderator's words go to the people in it, whispers to the helper."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from contracts.deliveries import Located
from contracts.failures import Forbidden, NotFound
from contracts.kinds import Audience, EntryKind
from contracts.messages import Origin
from contracts.shapes import DemandId
from telegram_bot.group_turn import GroupTurn
from telegram_bot.routers.notes import AUDIENCES, noted
from telegram_bot.routers.relay import refusal, revealed, written
from telegram_bot.routers.relay.apart import OF_NOTE, answers_apart, set_apart
from telegram_bot.routers.staff.asking import ask
from telegram_bot.routers.staff.mirror import is_mirror, tell_nowhere, tell_once, why_nowhere
from telegram_bot.routers.staff.passing import answers_another, pass_on


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="topics")

    @made.message(Command(*AUDIENCES), is_mirror)
    async def note_typed(message: Message, command: CommandObject, turn: GroupTurn, located: Located) -> None:
        words = (command.args or "").strip()
        demand = located.demand
        if demand is None:
            await tell_nowhere(turn, message, located)
            return
        if not words:
            await turn.post(turn.say("note-empty", command=command.command), reply_to=message.message_id)
            return
        await note_down(turn, message, demand, words, AUDIENCES[command.command])

    @made.message(is_said, is_mirror)
    async def said(message: Message, turn: GroupTurn, located: Located) -> None:
        if located.demand is None:
            await tell_once(turn, message, why_nowhere(located))
            return
        if located.kind is EntryKind.NOTE or answers_a_note(turn, message):
            await answer_note(turn, message, located.demand)
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


def answers_a_note(turn: GroupTurn, message: Message) -> bool:
    """Whether a message answers a note, a whisper or our word of one: what coordinators say about that is for them alone."""
    answered = message.reply_to_message
    return answered is not None and answered.message_id != turn.thread and bool(answers_apart(turn, answered))


async def answer_note(turn: GroupTurn, message: Message, demand: DemandId) -> None:
    """Keep what answers a note among coordinators."""
    if message.text:
        await note_down(turn, message, demand, message.text, Audience.MODERATORS)
    else:
        await turn.post(turn.say("note-only-words"), reply_to=message.message_id)


async def note_down(turn: GroupTurn, message: Message, demand: DemandId, words: str, audience: Audience) -> None:
    """Write what a message notes, and say what came of it; both are known as apart from now on."""
    origin = Origin(address=turn.topic, channel_message_id=str(message.message_id))
    try:
        said = await noted(turn, demand, words, audience, origin)
    except (NotFound, Forbidden):
        said = "staff-only"
    told = await turn.post(turn.say(said), reply_to=message.message_id)
    set_apart(turn, OF_NOTE[audience], demand, message.message_id, told)


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
