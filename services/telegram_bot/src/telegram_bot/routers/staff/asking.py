"""Before something goes out from a topic that says who somebody is: whoever wrote it is asked there, and nobody else may answer."""

from typing import Any, Final
from uuid import UUID

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from contracts.shapes import DemandId, MessageId
from telegram_bot.callbacks import Press, Verb
from telegram_bot.group_turn import GroupTurn
from telegram_bot.routers.filters import pressing
from telegram_bot.routers.relay import revealed
from telegram_bot.routers.relay.asking import question
from telegram_bot.routers.relay.keeping import is_part, rewritten
from telegram_bot.routers.staff.mirror import located_in
from telegram_bot.routers.staff.passing import change_line, pass_on
from telegram_bot.routers.staff.settings import change_pressed

WAITING: Final = 20
"""Messages of a group that may wait for their writers' yes."""


def router() -> Router:
    """The two buttons."""
    made = Router(name="staff.asking")

    @made.callback_query(pressing(Verb.SEND_ANYWAY, Verb.DO_NOT_SEND))
    async def answered(query: CallbackQuery, press: Press, turn: GroupTurn) -> None:
        del query
        kept = next((one for one in waiting(turn) if str(one["message"]) == press.about), None)
        if kept is None:
            await change_pressed(turn, turn.say("asked-gone"), None)
            return
        if kept["by"] != turn.person.id:
            await turn.alert(turn.say("topic-asked-another"))
            return
        turn.thread = kept["thread"]
        said = await sent(turn, kept) if press.verb is Verb.SEND_ANYWAY else "asked-not-sent"
        forget(turn, kept["message"])
        await change_pressed(turn, turn.say(said), None)

    return made


async def ask(
    turn: GroupTurn, kept: dict[str, Any], reasons: list[str], demand: DemandId, reply_to: MessageId | None = None
) -> None:
    """Keep a message until its writer has pressed one of two buttons; one that knows which line it `edits` changes that."""
    if len(waiting(turn)) >= WAITING:
        await turn.post(turn.say("decide-first"), reply_to=kept["message"])
        return
    text, board = question(turn, kept, reasons)
    asked = await turn.post(text, board, reply_to=kept["message"])
    known = {"demand": str(demand), "by": turn.person.id, "thread": turn.thread}
    known["question"] = asked.message_id if asked is not None else 0
    turn.step.data.setdefault("asked_here", []).append(kept | known | ({"reply_to": str(reply_to)} if reply_to else {}))


async def reconsider(turn: GroupTurn, message: Message) -> bool:
    """Put new words into what waits of a message, whether anything did; what reveals nothing any more goes out."""
    kept = rewritten(waiting(turn), message)
    if kept is None:
        return False
    if reasons := revealed(kept, turn.region):
        await turn.change(kept["question"], *question(turn, kept, reasons))
        return True
    said = turn.say(await sent(turn, kept))
    forget(turn, kept["message"])
    if not await turn.change(kept["question"], said, None):
        await turn.post(said, reply_to=kept["message"])
    return True


async def sent(turn: GroupTurn, kept: dict[str, Any]) -> str:
    """Pass on what waited, unless the topic leads nowhere by now; the name of the sentence that says what came of it."""
    located = await located_in(turn, kept["message"])
    if located.demand is None or str(located.demand) != kept["demand"]:
        return "topic-over"
    if "edits" in kept:
        went = await change_line(turn, kept, located.demand, MessageId(UUID(kept["edits"])))
    else:
        answered = MessageId(UUID(kept["reply_to"])) if "reply_to" in kept else None
        went = await pass_on(turn, kept, located.demand, answered)
    return "asked-sent" if went else "asked-not-sent"


def waiting(turn: GroupTurn) -> list[dict[str, Any]]:
    """What waits in this group."""
    found: list[dict[str, Any]] = turn.step.data.get("asked_here", [])
    return found


def forget(turn: GroupTurn, message_id: int) -> bool:
    """Keep a message no longer; whether it was kept and has never gone out."""
    gone = [one for one in waiting(turn) if is_part(one, message_id)]
    turn.step.data["asked_here"] = [one for one in waiting(turn) if one not in gone]
    if not turn.step.data["asked_here"]:
        del turn.step.data["asked_here"]
    return any("edits" not in one for one in gone)
