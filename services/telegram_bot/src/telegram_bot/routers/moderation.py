"""/join and /leave: a moderator steps into a request and out of it."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from contracts.demands import SearchDemands
from contracts.failures import AlreadyExists
from contracts.kinds import Role
from contracts.operations.demands import DEMANDS_SEARCH, PARTICIPANTS_ADD, PARTICIPANTS_REMOVE
from contracts.participants import AddParticipant, RemoveParticipant
from contracts.shapes import DemandId
from telegram_bot import keyboards
from telegram_bot.callbacks import Press, Verb
from telegram_bot.routers.demands import PAGE, in_list
from telegram_bot.routers.filters import number_in, pressing
from telegram_bot.routers.next import one_line
from telegram_bot.turn import Turn


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="moderation")

    @made.message(Command("join"))
    async def join_typed(message: Message, command: CommandObject, turn: Turn) -> None:
        del message
        if not await turn.is_staff():
            await turn.answer("staff-only")
            return
        number = number_in(command.args)
        found = (await turn.call(DEMANDS_SEARCH, SearchDemands(query=number, limit=PAGE if not number else 100))).items
        meant = [one for one in found if one.number == number] if number else [one for one in found if one.role is None]
        if not meant:
            await turn.answer("number-unknown" if number else "nothing-to-join", number=number)
        elif number:
            await join(turn, meant[0].id)
        else:
            board = keyboards.demands(Verb.JOIN, meant, lambda one: in_list(turn, one))
            await turn.answer("join-which", keyboard=board)

    @made.callback_query(pressing(Verb.JOIN))
    async def join_pressed(query: CallbackQuery, press: Press, turn: Turn) -> None:
        del query
        await join(turn, DemandId(press.id))

    @made.message(Command("leave"))
    async def leave_typed(message: Message, command: CommandObject, turn: Turn) -> None:
        del message
        joined = [one for one in (await turn.me()).demands if one.role is Role.MODERATOR]
        number = number_in(command.args)
        meant = [one for one in joined if one.number == number] if number else joined
        if not meant:
            await turn.answer("not-joined", number=number)
        elif len(meant) == 1:
            await leave(turn, meant[0].id)
        else:
            await turn.answer("leave-which", keyboard=keyboards.demands(Verb.LEAVE, meant, one_line))

    @made.callback_query(pressing(Verb.LEAVE))
    async def leave_pressed(query: CallbackQuery, press: Press, turn: Turn) -> None:
        del query
        await leave(turn, DemandId(press.id))

    return made


async def join(turn: Turn, demand: DemandId) -> None:
    """Step in; the api shows the moderator what was written so far, and tells the others that a coordinator joined."""
    try:
        await turn.call(PARTICIPANTS_ADD, AddParticipant(demand=demand))
    except AlreadyExists:
        await turn.answer("joined-already")
        return
    turn.step.data["demand"] = str(demand)


async def leave(turn: Turn, demand: DemandId) -> None:
    """Step out."""
    await turn.call(PARTICIPANTS_REMOVE, RemoveParticipant(demand=demand))
    if turn.step.data.get("demand") == str(demand):
        del turn.step.data["demand"]
    await turn.answer("left")
