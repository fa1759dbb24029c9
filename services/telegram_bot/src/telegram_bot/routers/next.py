"""/next: the request that waits longest for this person, and handing back what they hold."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from contracts.demands import DeclineDemand, DemandLine, NextDemand, NotAProvider, NothingWaiting, Paused, Taken
from contracts.failures import AtCapacity
from contracts.kinds import Role
from contracts.operations.demands import DEMANDS_DECLINE, DEMANDS_NEXT
from contracts.shapes import DemandId
from telegram_bot import keyboards
from telegram_bot.callbacks import Press, Verb
from telegram_bot.routers.filters import number_in, pressing
from telegram_bot.routers.refusals import refused
from telegram_bot.turn import Turn


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="next")

    @made.message(Command("next"))
    async def next_typed(message: Message, turn: Turn) -> None:
        del message
        await take_next(turn)

    @made.callback_query(pressing(Verb.NEXT))
    async def next_pressed(query: CallbackQuery, press: Press, turn: Turn) -> None:
        del query, press
        await take_next(turn)

    @made.callback_query(pressing(Verb.INSTEAD))
    async def instead_pressed(query: CallbackQuery, press: Press, turn: Turn) -> None:
        del query
        await take_next(turn, instead_of=DemandId(press.id))

    @made.message(Command("decline"))
    async def decline_typed(message: Message, command: CommandObject, turn: Turn) -> None:
        del message
        held = await held_by(turn)
        number = number_in(command.args)
        meant = [one for one in held if one.number == number] if number else held
        if not held or (number and not meant):
            await turn.answer("nothing-held" if not held else "number-not-held", number=number)
        elif len(meant) == 1:
            await decline(turn, meant[0].id)
        else:
            board = keyboards.demands(Verb.DECLINE, meant, one_line)
            await turn.answer("decline-which", keyboard=board)

    @made.callback_query(pressing(Verb.DECLINE))
    async def decline_pressed(query: CallbackQuery, press: Press, turn: Turn) -> None:
        del query
        await decline(turn, DemandId(press.id))

    return made


async def take_next(turn: Turn, *, instead_of: DemandId | None = None) -> None:
    """Take the next request; what was taken is shown by the delivery that follows, with all that was written."""
    try:
        outcome = await turn.call(DEMANDS_NEXT, NextDemand(instead_of=instead_of))
    except AtCapacity as full:
        held = [one for one in await held_by(turn) if one.number in full.held]
        board = keyboards.demands(Verb.INSTEAD, held, lambda one: turn.say("button-instead", number=one.number))
        await turn.send(refused(turn, full), board if held else None)
        return
    match outcome:
        case Taken():
            # The one they talk about from now on; plain words go there.
            turn.step.data["demand"] = str(outcome.id)
        case NothingWaiting():
            await turn.answer("nothing-waiting" if instead_of is None else "nothing-waiting-kept")
        case NotAProvider():
            await turn.answer("not-a-provider")
        case Paused(until=None):
            await turn.answer("paused")
        case Paused():
            await turn.answer("paused-until", until=f"{outcome.until:%d.%m %H:%M} UTC")


async def decline(turn: Turn, demand: DemandId) -> None:
    """Hand a request back, and offer the next one."""
    declined = await turn.call(DEMANDS_DECLINE, DeclineDemand(demand=demand))
    if turn.step.data.get("demand") == str(demand):
        del turn.step.data["demand"]
    again = keyboards.rows([keyboards.button(turn.say("button-next"), Verb.NEXT)])
    await turn.answer("declined", keyboard=again, number=declined.number)


async def held_by(turn: Turn) -> list[DemandLine]:
    """The requests this person helps with now."""
    return [one for one in (await turn.me()).demands if one.role is Role.PROVIDER]


def one_line(one: DemandLine) -> str:
    """A request on a button."""
    return f"№{one.number} · {one.place} · {one.resource}"
