"""What a moderator changes or takes back in a topic changes, and goes, for the people in the conversation too."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from contracts.deliveries import Located
from contracts.failures import Failure, Forbidden, NotFound
from contracts.kinds import EntryKind
from contracts.messages import TakeBackMessage
from contracts.operations.messages import MESSAGES_TAKE_BACK
from contracts.shapes import DemandId, MessageId
from telegram_bot.group_turn import GroupTurn
from telegram_bot.routers.relay import revealed, written
from telegram_bot.routers.relay.apart import is_note
from telegram_bot.routers.relay.take_back import came_of
from telegram_bot.routers.staff.asking import ask, forget, reconsider
from telegram_bot.routers.staff.mirror import OVER, is_mirror, located_in, tell_nowhere, tell_once
from telegram_bot.routers.staff.passing import change_line
from telegram_bot.routers.staff.telling import tell_why


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="corrections")

    @made.message(Command("takeback"), is_mirror)
    async def take_back(message: Message, turn: GroupTurn, located: Located) -> None:
        said = message.reply_to_message
        if located.demand is None:
            await tell_nowhere(turn, message, located)
            return
        if said is not None and forget(turn, said.message_id):
            key = "take-back-unsent"
        elif said is None or located.message is None:
            key = "note-stays" if said is not None and is_note(turn, said) else "take-back-how"
        else:
            key = await taken_back(turn, message, said, located.demand, located.message)
        if key:
            await turn.post(turn.say(key), reply_to=message.message_id)

    @made.edited_message(is_of_mirror)
    async def edited(message: Message, turn: GroupTurn, located: Located) -> None:
        if located.demand is None:
            await tell_once(turn, message, OVER)
        elif await reconsider(turn, message):
            pass  # it waits, or waited, for its writer's yes
        elif located.message is not None and located.kind is not EntryKind.NOTE:
            await reword(turn, message, located.demand, located.message)
        else:
            is_noted = located.kind is EntryKind.NOTE or is_note(turn, message)
            key = "note-edit-stays" if is_noted else "topic-never-sent"
            await turn.post(turn.say(key), reply_to=message.message_id)

    return made


async def is_of_mirror(message: Message, turn: GroupTurn) -> bool | dict[str, Located]:
    """A filter for what is changed in a topic that mirrors a conversation, or did; the handler gets `located`, its own line."""
    # A place that moves was never passed on from here.
    if turn.thread is None or not message.is_topic_message or message.location is not None:
        return False
    located = await located_in(turn, message.message_id)
    return {"located": located} if located.demand is not None or located.is_over else False


async def taken_back(turn: GroupTurn, message: Message, said: Message, demand: DemandId, line: MessageId) -> str:
    """Take a line back; the name of the sentence that says what came of it, empty when that was said."""
    try:
        gone = await turn.call(MESSAGES_TAKE_BACK, TakeBackMessage(demand=demand, message=line))
    except (NotFound, Forbidden):
        # Whoever may read it all and did not write it, and whoever may not, hear the same.
        return "take-back-not-yours"
    except Failure as refused:
        await tell_why(turn, refused, message.message_id)
        return ""
    return came_of(gone, said, message.date)


async def reword(turn: GroupTurn, message: Message, demand: DemandId, line: MessageId) -> None:
    """Give a line its new words, after asking about what they reveal; say so where the others still read the old ones."""
    kept = written(message)
    if kept is None or "mentions" in kept:
        await turn.post(turn.say("topic-edit-stays"), reply_to=message.message_id)
        return
    words = {key: kept[key] for key in ("message", "text", "styles")}
    if reasons := revealed(words, turn.region):
        await ask(turn, words | {"edits": str(line)}, reasons, demand)
    else:
        await change_line(turn, words, demand, line)
