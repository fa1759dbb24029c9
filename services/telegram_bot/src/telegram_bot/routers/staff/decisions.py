"""What moderators do from a card: join, take over, hand on, pause the helper, reset, close, say how urgent it is."""

from typing import Final, Literal

from aiogram import Router
from aiogram.types import CallbackQuery

from contracts.demand_life import AssignDemand
from contracts.demands import Demand
from contracts.failures import AlreadyExists, NotSignedIn
from contracts.operations.demands import (
    DEMANDS_ASSIGN,
    PARTICIPANTS_ADD,
)
from contracts.participants import AddParticipant
from telegram_bot.callbacks import Press, Verb
from telegram_bot.group_turn import GroupTurn
from telegram_bot.routers.filters import pressing
from telegram_bot.routers.hand import offer
from telegram_bot.routers.staff.card import put_back, unchanged

Reason = Literal["fulfilled", "cancelled", "moderated", "duplicate"]
IN_PRIVATE: Final = (Verb.CARD_JOIN, Verb.TAKE_OVER, Verb.HAND)
"""What goes on in the private chat: whom the bot cannot write to there has to open it first."""


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="decisions")

    @made.callback_query(pressing(*IN_PRIVATE))
    async def goes_on_in_private(query: CallbackQuery, press: Press, turn: GroupTurn) -> None:
        del query
        demand = await unchanged(turn, press)
        if demand is None:
            return
        if not await turn.can_write_to_person():
            raise NotSignedIn
        match press.verb:
            case Verb.CARD_JOIN:
                await join(turn, demand)
            case Verb.TAKE_OVER:
                await take_over(turn, demand)
            case _:
                await offer(turn, demand, turn.person.id)
                await turn.alert(turn.say("hand-in-private", number=demand.number))
                await put_back(turn, demand)

    return made


async def join(turn: GroupTurn, demand: Demand) -> None:
    """Step in; what was written so far comes in private."""
    try:
        await turn.call(PARTICIPANTS_ADD, AddParticipant(demand=demand.id))
    except AlreadyExists:
        await turn.alert(turn.say("joined-already"))
    else:
        await turn.alert(turn.say("joined-in-private", number=demand.number))
    await put_back(turn, demand)


async def take_over(turn: GroupTurn, demand: Demand) -> None:
    """Hold it from now on, whoever held it before."""
    try:
        await turn.call(DEMANDS_ASSIGN, AssignDemand(demand=demand.id, version=demand.version))
    except AlreadyExists:
        await turn.alert(turn.say("held-already"))
        await put_back(turn, demand)
    else:
        await turn.alert(turn.say("take-yours-now", number=demand.number))
