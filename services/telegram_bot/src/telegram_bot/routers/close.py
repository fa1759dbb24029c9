"""/close: the end of a request, after a question."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from contracts.demands import CloseDemand, GetDemand
from contracts.failures import Forbidden
from contracts.kinds import Role
from contracts.operations.demands import DEMANDS_CLOSE, DEMANDS_GET
from contracts.shapes import DemandId
from telegram_bot import keyboards
from telegram_bot.callbacks import Press, Verb
from telegram_bot.routers.filters import number_in, pressing
from telegram_bot.routers.next import one_line
from telegram_bot.turn import Turn


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="close")

    @made.message(Command("close"))
    async def close_typed(message: Message, command: CommandObject, turn: Turn) -> None:
        del message
        mine = (await turn.me()).demands
        number = number_in(command.args)
        meant = [one for one in mine if one.number == number] if number else mine
        if not meant:
            await turn.answer("number-not-mine" if number else "nothing-open", number=number)
        elif len(meant) == 1:
            await ask(turn, meant[0].id, meant[0].number, meant[0].role)
        else:
            await turn.answer("close-which", keyboard=keyboards.demands(Verb.CLOSE, meant, one_line))

    @made.callback_query(pressing(Verb.CLOSE))
    async def close_pressed(query: CallbackQuery, press: Press, turn: Turn) -> None:
        del query
        found = await turn.call(DEMANDS_GET, GetDemand(demand=DemandId(press.id)))
        await ask(turn, found.id, found.number, found.role)

    @made.callback_query(pressing(Verb.CLOSE_FULFILLED, Verb.CLOSE_CANCELLED))
    async def confirmed(query: CallbackQuery, press: Press, turn: Turn) -> None:
        del query
        await close(turn, DemandId(press.id), cancelled=press.verb is Verb.CLOSE_CANCELLED)

    @made.callback_query(pressing(Verb.KEEP))
    async def kept(query: CallbackQuery, press: Press, turn: Turn) -> None:
        del query, press
        await turn.answer("kept-open")

    return made


async def ask(turn: Turn, demand: DemandId, number: str, role: Role | None) -> None:
    """Ask whether it is really over."""
    is_requester = role is Role.REQUESTER
    board = keyboards.closing(turn.say, demand, is_requester=is_requester)
    await turn.answer("close-sure-requester" if is_requester else "close-sure", keyboard=board, number=number)


async def close(turn: Turn, demand: DemandId, *, cancelled: bool) -> None:
    """End it; the others in it are told by the api."""
    try:
        closed = await turn.call(
            DEMANDS_CLOSE, CloseDemand(demand=demand, reason="cancelled" if cancelled else "fulfilled")
        )
    except Forbidden:
        await turn.answer("close-not-yours")
        return
    if turn.step.data.get("demand") == str(demand):
        del turn.step.data["demand"]
    await turn.answer("closed-by-you", number=closed.number)
