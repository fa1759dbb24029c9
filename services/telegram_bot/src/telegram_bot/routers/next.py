"""/next: the request that waits longest for this person."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from contracts.demands import DemandLine, NextDemand, NotAProvider, NothingWaiting, Paused, Taken
from contracts.failures import AtCapacity
from contracts.kinds import Role
from contracts.operations.demands import DEMANDS_NEXT
from contracts.shapes import DemandId
from telegram_bot import keyboards
from telegram_bot.callbacks import Press, Verb
from telegram_bot.routers.filters import pressing
from telegram_bot.routers.refusals import refused
from telegram_bot.turn import Turn
from telegram_bot.when import is_open, moment, zone_of


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
            pause = keyboards.rows([keyboards.button(turn.say("button-pause"), Verb.PAUSE)])
            await turn.answer("nothing-waiting" if instead_of is None else "nothing-waiting-kept", keyboard=pause)
        case NotAProvider():
            offer = keyboards.rows([keyboards.button(turn.say("button-offer-help"), Verb.OFFER_HELP)])
            await turn.answer("not-a-provider", keyboard=offer)
        case Paused():
            await tell_pause(turn, outcome)


async def tell_pause(turn: Turn, paused: Paused) -> None:
    """Say until when there is a break, with the way out of it."""
    resume = keyboards.rows([keyboards.button(turn.say("button-resume"), Verb.RESUME)])
    if paused.until is None or is_open(paused.until):
        await turn.answer("paused", keyboard=resume)
    else:
        until = moment(paused.until, zone_of((await turn.me()).user))
        await turn.answer("paused-until", keyboard=resume, until=until, dated=((until, paused.until),))


async def held_by(turn: Turn) -> list[DemandLine]:
    """The requests this person helps with now."""
    return [one for one in (await turn.me()).demands if one.role is Role.PROVIDER]


def one_line(one: DemandLine) -> str:
    """A request on a button."""
    return f"№{one.number} · {one.place} · {one.resource}"
