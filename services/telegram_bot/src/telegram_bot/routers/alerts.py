"""The buttons of an alert, and of what follows a yes: take it, not for me, and the first line that breaks the ice."""

from typing import Final

from aiogram import Router
from aiogram.exceptions import TelegramAPIError
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from contracts.demands import DeclineDemand, TakeDemand
from contracts.failures import AlreadyClosed, AlreadyDeclined, AlreadyTaken, AtCapacity, Forbidden, NotFound
from contracts.messages import SendMessage
from contracts.operations.demands import DEMANDS_DECLINE, DEMANDS_TAKE
from contracts.operations.messages import MESSAGES_SEND
from contracts.shapes import DemandId
from telegram_bot.callbacks import Press, Verb, parse
from telegram_bot.intake.steps import Steps
from telegram_bot.routers.filters import pressing
from telegram_bot.routers.next import held_by
from telegram_bot.turn import Turn

SAID: Final = 30
"""Requests remembered as begun with our line."""


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="alerts")
    made.callback_query.register(_take, pressing(Verb.TAKE))
    made.callback_query.register(_not_for_me, pressing(Verb.NOT_FOR_ME))
    made.callback_query.register(_first_line, pressing(Verb.FIRST_LINE))
    return made


async def _take(query: CallbackQuery, press: Press, turn: Turn) -> None:
    """Take the demand of an alert; what it holds comes by the delivery that follows. Too late is said honestly."""
    del query
    demand = DemandId(press.id)
    try:
        await turn.call(DEMANDS_TAKE, TakeDemand(demand=demand))
    except AtCapacity as full:
        # Nothing came of it, so the same button may be pressed again once there is a hand free.
        turn.keeps_buttons = True
        held = ", ".join(f"№{number}" for number in full.held)
        await turn.answer_press("take-full", alert=True, held=held, count=len(full.held))
    except AlreadyTaken:
        is_theirs = any(one.id == demand for one in await held_by(turn))
        await turn.answer_press("take-yours" if is_theirs else "take-taken", alert=not is_theirs)
    except AlreadyClosed:
        await turn.answer_press("take-closed", alert=True)
    except (AlreadyDeclined, NotFound, Forbidden):
        await turn.answer_press("take-over", alert=True)
    else:
        turn.step.data["demand"] = str(demand)


async def _not_for_me(query: CallbackQuery, press: Press, turn: Turn) -> None:
    """Say no to the demand of an alert for good; one that is theirs meanwhile is handed back by its own button only."""
    del query
    demand = DemandId(press.id)
    if any(one.id == demand for one in await held_by(turn)):
        await turn.answer_press("take-yours")
        return
    try:
        declined = await turn.call(DEMANDS_DECLINE, DeclineDemand(demand=demand))
    except AlreadyClosed:
        await turn.answer_press("take-closed", alert=True)
    except (NotFound, Forbidden):
        await turn.answer_press("take-over", alert=True)
    else:
        await turn.edit(turn.say("not-for-me-noted", number=declined.number), None)


async def _first_line(query: CallbackQuery, press: Press, turn: Turn, steps: Steps) -> None:
    """Send the suggested line as the volunteer's own words, once for each request."""
    demand = DemandId(press.id)
    said: list[str] = turn.step.data.get("first_lines", [])
    if str(demand) in said:
        await turn.answer_press("press-used")
        return
    held = next((one for one in await held_by(turn) if one.id == demand), None)
    if held is None:
        await turn.answer_press("no-longer-held", alert=True)
        return
    shown = query.message if isinstance(query.message, Message) else None
    line = suggested(shown) or turn.say("first-line")
    try:
        await turn.call(MESSAGES_SEND, SendMessage(demand=demand, text=line))
    except (NotFound, Forbidden, AlreadyClosed):
        await turn.answer("first-line-late", number=held.number)
        return
    turn.step.data["first_lines"] = [*said, str(demand)][-SAID:]
    turn.step.data["demand"] = str(demand)
    await steps.hear(turn.chat, str(demand))
    if shown is not None:
        await _take_off(turn, shown)
    await turn.answer("first-line-sent", number=held.number)


def suggested(message: Message | None) -> str:
    """The line a message of ours suggests, as it was shown: in the language of whoever reads it."""
    if message is None or not message.text:
        return ""
    lines = [entity for entity in message.entities or () if entity.type == "code"]
    return lines[-1].extract_from(message.text) if lines else ""


async def _take_off(turn: Turn, message: Message) -> None:
    """The button of the line goes, the others stay."""
    rows = message.reply_markup.inline_keyboard if message.reply_markup else []
    left = [
        [one for one in row if (found := parse(one.callback_data)) is None or found.verb is not Verb.FIRST_LINE]
        for row in rows
    ]
    board = InlineKeyboardMarkup(inline_keyboard=[row for row in left if row])
    try:
        await turn.bot.edit_message_reply_markup(chat_id=turn.chat, message_id=message.message_id, reply_markup=board)
    except TelegramAPIError:
        return  # an old message keeps its button, and the button does nothing twice
