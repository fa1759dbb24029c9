"""/close, and whatever else ends a request or says how it ended: each asked once."""

from typing import Final, Literal

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from contracts.demand_life import ConfirmDemand, ReopenDemand
from contracts.demands import CloseDemand, Demand, GetDemand
from contracts.failures import AlreadyClosed, Forbidden, VersionConflict
from contracts.kinds import CloseReason, Role
from contracts.operations.demands import DEMANDS_CLOSE, DEMANDS_CONFIRM, DEMANDS_GET, DEMANDS_REOPEN
from contracts.shapes import DemandId
from telegram_bot import keyboards
from telegram_bot.callbacks import Press, Verb
from telegram_bot.intake.steps import Steps
from telegram_bot.pinned import show_card
from telegram_bot.routers.filters import number_in, pressing
from telegram_bot.routers.next import one_line
from telegram_bot.turn import Turn

ANSWERS: Final[dict[Verb, Literal["received", "not_yet", "still_needed"]]] = {
    Verb.ARRIVED: "received",
    Verb.NOT_YET: "not_yet",
    Verb.STILL_NEEDED: "still_needed",
}


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="close")
    made.message.register(_close_typed, Command("close"))
    made.callback_query.register(_close_pressed, pressing(Verb.CLOSE))
    made.callback_query.register(_sure, pressing(Verb.CLOSE_FULFILLED, Verb.CLOSE_CANCELLED, Verb.NO_LONGER))
    made.callback_query.register(_kept, pressing(Verb.KEEP))
    made.callback_query.register(_confirmed, pressing(*ANSWERS))
    made.callback_query.register(_reopen, pressing(Verb.REOPEN))
    return made


async def _close_typed(message: Message, command: CommandObject, turn: Turn) -> None:
    del message
    mine = (await turn.me()).demands
    number = number_in(command.args)
    meant = [one for one in mine if one.number == number] if number else mine
    if not meant:
        await turn.answer("number-not-mine" if number else "nothing-open", number=number)
    elif len(meant) == 1:
        await ask(turn, meant[0].id, meant[0].number, meant[0].role, meant[0].version)
    else:
        await turn.answer("close-which", keyboard=keyboards.demands(Verb.CLOSE, meant, one_line))


async def _close_pressed(query: CallbackQuery, press: Press, turn: Turn) -> None:
    del query
    found = await turn.call(DEMANDS_GET, GetDemand(demand=DemandId(press.id)))
    if found.closed_at is not None:
        raise AlreadyClosed
    await ask(turn, found.id, found.number, found.role, found.version)


async def ask(turn: Turn, demand: DemandId, number: str, role: Role | None, version: int) -> None:
    """Ask whether it is really over."""
    is_requester = role is Role.REQUESTER
    board = keyboards.closing(turn.say, demand, version, is_requester=is_requester)
    await turn.answer("close-sure-requester" if is_requester else "close-sure", keyboard=board, number=number)


async def _sure(query: CallbackQuery, press: Press, turn: Turn, steps: Steps) -> None:
    del query
    demand = DemandId(press.id)
    reason: Literal["cancelled", "fulfilled"] = "fulfilled" if press.verb is Verb.CLOSE_FULFILLED else "cancelled"
    try:
        await turn.call(DEMANDS_CLOSE, CloseDemand(demand=demand, reason=reason, version=press.version))
    except Forbidden:
        # Who helped says so, and whoever asked is asked: handing it back would bring a second helper for nothing.
        done = keyboards.button(turn.say("button-done"), Verb.DONE, demand, press.version)
        await turn.answer("close-not-yours", keyboard=keyboards.rows([done]))
    except VersionConflict:
        await changed_meanwhile(turn, steps, demand)
    else:
        await over(turn, steps, demand)


async def _kept(query: CallbackQuery, press: Press, turn: Turn) -> None:
    del query
    await turn.answer("kept-open" if not press.about else "not-done")


async def _confirmed(query: CallbackQuery, press: Press, turn: Turn, steps: Steps) -> None:
    """What the requester answers when they are asked whether help came, or is still needed."""
    del query
    demand = DemandId(press.id)
    request = ConfirmDemand(demand=demand, answer=ANSWERS[press.verb], version=press.version)
    try:
        confirmed = await turn.call(DEMANDS_CONFIRM, request)
    except VersionConflict:
        await changed_meanwhile(turn, steps, demand)
        return
    if press.verb is Verb.ARRIVED:
        await over(turn, steps, demand)
    else:
        key = "not-yet-told" if press.verb is Verb.NOT_YET else "still-needed-kept"
        await turn.answer(key, number=confirmed.number)


async def over(turn: Turn, steps: Steps, demand: DemandId) -> None:
    """Say that a request is over, to whoever ended it; the others are told by the api."""
    if turn.step.data.get("demand") == str(demand):
        del turn.step.data["demand"]
    found = await refreshed(turn, steps, demand)
    board = None
    if found.role is Role.REQUESTER:
        helped = found.close_reason is CloseReason.FULFILLED and found.first_held_at is not None
        board = keyboards.after_the_end(turn.say, demand, found.version, was_helped=helped)
    await turn.answer("closed-by-you", keyboard=board, number=found.number)


async def _reopen(query: CallbackQuery, press: Press, turn: Turn, steps: Steps) -> None:
    del query
    demand = DemandId(press.id)
    try:
        reopened = await turn.call(DEMANDS_REOPEN, ReopenDemand(demand=demand, version=press.version))
    except VersionConflict:
        await changed_meanwhile(turn, steps, demand)
    except AlreadyClosed:
        await turn.answer("reopen-too-late")
    except Forbidden:
        await turn.answer("reopen-not-possible")
    else:
        await refreshed(turn, steps, demand, anew=True)
        await turn.answer("reopened-by-you", number=reopened.number, ahead=reopened.ahead)


async def changed_meanwhile(turn: Turn, steps: Steps, demand: DemandId) -> None:
    """Say how a request stands now, to somebody who pressed a button made before."""
    found = await refreshed(turn, steps, demand)
    await turn.answer("changed-meanwhile", number=found.number, state=turn.say(f"status-{found.status}"))


async def refreshed(turn: Turn, steps: Steps, demand: DemandId, *, anew: bool = False) -> Demand:
    """A request as it is now, and its card with it."""
    found = await turn.call(DEMANDS_GET, GetDemand(demand=demand))
    if found.role is Role.REQUESTER:
        await show_card(turn.bot, steps, turn.say, turn.chat, found, anew=anew)
    return found
