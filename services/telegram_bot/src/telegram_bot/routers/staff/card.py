"""The buttons of a card: more of them, the way back, and the choices behind some."""

from typing import Final

from aiogram import Router
from aiogram.types import CallbackQuery

from contracts.demands import Demand, GetDemand
from contracts.failures import Forbidden, NotFound
from contracts.kinds import DemandStatus, MembershipKind, MembershipState
from contracts.operations.demands import DEMANDS_GET
from contracts.shapes import DemandId
from telegram_bot.callbacks import Press, Verb
from telegram_bot.group_turn import GroupTurn
from telegram_bot.routers.filters import pressing
from telegram_bot.staff_keyboards import CLOSING, PAUSES, URGENCIES, choosing, more, under_card

CHOICES: Final = {
    Verb.CARD_CLOSE: tuple(CLOSING),
    Verb.CARD_URGENCY: tuple(URGENCIES),
    Verb.PAUSE_HELPER: tuple(PAUSES),
}


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="card")

    @made.callback_query(pressing(Verb.CARD_MORE))
    async def more_pressed(query: CallbackQuery, press: Press, turn: GroupTurn) -> None:
        del query
        demand = await looked_after(turn, press)
        if demand is not None:
            await turn.show(more(turn.tell, demand.id, demand.status, demand.version))

    @made.callback_query(pressing(Verb.CARD_BACK))
    async def back_pressed(query: CallbackQuery, press: Press, turn: GroupTurn) -> None:
        del query
        demand = await looked_after(turn, press)
        if demand is not None:
            await turn.show(under_card(turn.tell, demand.id, demand.status, demand.version))

    @made.callback_query(pressing(Verb.CARD_CLOSE, Verb.CARD_URGENCY, Verb.PAUSE_HELPER))
    async def choice_pressed(query: CallbackQuery, press: Press, turn: GroupTurn) -> None:
        del query
        demand = await unchanged(turn, press)
        if demand is not None:
            await turn.show(choosing(turn.tell, CHOICES[press.verb], demand.id, demand.version))

    return made


async def looked_after(turn: GroupTurn, press: Press) -> Demand | None:
    """The demand of a button, for its staff; everybody else is told, alone, that it is not theirs. None then."""
    try:
        demand = await turn.call(DEMANDS_GET, GetDemand(demand=DemandId(press.id)))
    except (NotFound, Forbidden):
        await turn.alert(turn.say("staff-only"))
        return None
    me = await turn.me()
    moderates = any(
        one.scenario == demand.scenario and one.kind is MembershipKind.MODERATOR and one.state is MembershipState.LIVE
        for one in me.memberships
    )
    if not (me.user.is_admin or moderates):
        await turn.alert(turn.say("staff-only"))
        return None
    return demand


async def unchanged(turn: GroupTurn, press: Press) -> Demand | None:
    """The same, as long as the demand is what the button was made for; otherwise its present buttons are put there."""
    demand = await looked_after(turn, press)
    if demand is None:
        return None
    if demand.status is DemandStatus.CLOSED:
        await turn.alert(turn.say("group-card-is-over"))
        await turn.show(None)
        return None
    if demand.version != press.version:
        await turn.alert(turn.say("group-card-has-changed"))
        await turn.show(more(turn.tell, demand.id, demand.status, demand.version))
        return None
    return demand


async def put_back(turn: GroupTurn, demand: Demand) -> None:
    """The first buttons again, where what was done does not show on the card by itself."""
    await turn.show(under_card(turn.tell, demand.id, demand.status, demand.version))
