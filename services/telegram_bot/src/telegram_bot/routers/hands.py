"""/decline and /done: handing a request back, after one question, and saying that its help has arrived."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from contracts.demand_life import AskedAlready, DemandDone
from contracts.demands import DeclineDemand, DemandLine
from contracts.failures import AlreadyClosed, Forbidden, NotFound, WrongStatus
from contracts.operations.demands import DEMANDS_DECLINE, DEMANDS_DONE
from contracts.shapes import DemandId
from telegram_bot import keyboards
from telegram_bot.callbacks import Press, Verb
from telegram_bot.routers.filters import number_in, pressing
from telegram_bot.routers.next import held_by, one_line
from telegram_bot.turn import Turn


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="hands")
    made.message.register(_decline_typed, Command("decline"))
    made.callback_query.register(_decline_pressed, pressing(Verb.DECLINE))
    made.callback_query.register(_sure, pressing(Verb.SURE_DECLINE))
    made.callback_query.register(_hold, pressing(Verb.HOLD))
    made.message.register(_done_typed, Command("done"))
    made.callback_query.register(_done_pressed, pressing(Verb.DONE))
    return made


async def _decline_typed(message: Message, command: CommandObject, turn: Turn) -> None:
    del message
    one = await _meant(turn, command.args, "decline-which", Verb.DECLINE)
    if one is not None:
        await ask_sure(turn, one)


async def _decline_pressed(query: CallbackQuery, press: Press, turn: Turn) -> None:
    del query
    one = await _held(turn, press)
    if one is not None:
        await ask_sure(turn, one)


async def _sure(query: CallbackQuery, press: Press, turn: Turn) -> None:
    del query
    one = await _held(turn, press)
    if one is None:
        return
    if one.version != press.version:
        # The answer was to a question about how it stood before: perhaps it was given back and taken again since.
        await turn.answer_press("pressed-late", alert=True, number=one.number)
        await ask_sure(turn, one)
        return
    await decline(turn, one.id)


async def _hold(query: CallbackQuery, press: Press, turn: Turn) -> None:
    del query
    await turn.answer("kept-held", number=press.about)


async def _done_typed(message: Message, command: CommandObject, turn: Turn) -> None:
    del message
    one = await _meant(turn, command.args, "done-which", Verb.DONE)
    if one is not None:
        await say_done(turn, one)


async def _done_pressed(query: CallbackQuery, press: Press, turn: Turn) -> None:
    del query
    one = await _held(turn, press)
    if one is not None:
        await say_done(turn, one)


async def _meant(turn: Turn, typed: str | None, which: str, verb: Verb) -> DemandLine | None:
    """The held request a command is about; None when there is none, or they were asked which one."""
    held = await held_by(turn)
    number = number_in(typed)
    meant = [one for one in held if one.number == number] if number else held
    if len(meant) == 1:
        return meant[0]
    if meant:
        await turn.answer(which, keyboard=keyboards.demands(verb, meant, one_line))
    else:
        await turn.answer("nothing-held" if not held else "number-not-held", number=number)
    return None


async def _held(turn: Turn, press: Press) -> DemandLine | None:
    """The request of a button, while this person still helps with it; they are told when they do not."""
    found = next((one for one in await held_by(turn) if one.id == press.id), None)
    if found is None:
        await turn.answer_press("no-longer-held", alert=True)
    return found


async def ask_sure(turn: Turn, one: DemandLine) -> None:
    """Ask before a request is handed back."""
    yes = keyboards.button(turn.say("button-sure-decline"), Verb.SURE_DECLINE, one.id, one.version)
    no = keyboards.button(turn.say("button-hold"), Verb.HOLD, one.number)
    await turn.answer("decline-sure", keyboard=keyboards.rows([yes], [no]), number=one.number)


async def decline(turn: Turn, demand: DemandId) -> None:
    """Hand a request back, and offer the next one."""
    declined = await turn.call(DEMANDS_DECLINE, DeclineDemand(demand=demand))
    if turn.step.data.get("demand") == str(demand):
        del turn.step.data["demand"]
    again = keyboards.rows([keyboards.button(turn.say("button-next"), Verb.NEXT)])
    await turn.answer("declined", keyboard=again, number=declined.number)


async def say_done(turn: Turn, one: DemandLine) -> None:
    """Have the requester asked whether the help has arrived."""
    try:
        asked = await turn.call(DEMANDS_DONE, DemandDone(demand=one.id))
    except (NotFound, Forbidden, WrongStatus, AlreadyClosed):
        await turn.answer("decline-not-held", number=one.number)
        return
    if isinstance(asked, AskedAlready):
        await turn.answer("done-asked-already", number=asked.number, minutes=asked.minutes)
    else:
        await turn.answer("done-asked", number=asked.number)
