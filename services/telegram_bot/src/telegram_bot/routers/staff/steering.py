"""What moderators decide about a request from its card: how urgent it is, its end, a second chance, the helper's break."""

from datetime import UTC, datetime, timedelta
from typing import Literal, cast

from aiogram import Router
from aiogram.types import CallbackQuery

from contracts.demand_life import SetUrgency
from contracts.demands import CloseDemand, Demand
from contracts.kinds import Role, Urgency
from contracts.memberships import UpdateMembership
from contracts.operations.demands import (
    DEMANDS_CLOSE,
    DEMANDS_SET_URGENCY,
    PARTICIPANTS_LIST,
    PARTICIPANTS_RESET_DECLINED,
)
from contracts.operations.scenarios import MEMBERSHIPS_UPDATE
from contracts.participants import ListParticipants, ResetDeclined
from telegram_bot.callbacks import Press, Verb
from telegram_bot.group_turn import GroupTurn
from telegram_bot.routers.filters import pressing
from telegram_bot.routers.staff.card import put_back, unchanged
from telegram_bot.staff_keyboards import CLOSING, PAUSES, URGENCIES

Reason = Literal["fulfilled", "cancelled", "moderated", "duplicate"]


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="steering")

    @made.callback_query(pressing(*PAUSES))
    async def pause_pressed(query: CallbackQuery, press: Press, turn: GroupTurn) -> None:
        del query
        demand = await unchanged(turn, press)
        if demand is not None:
            await pause(turn, demand, PAUSES[press.verb])

    @made.callback_query(pressing(Verb.RESET))
    async def reset_pressed(query: CallbackQuery, press: Press, turn: GroupTurn) -> None:
        del query
        demand = await unchanged(turn, press)
        if demand is not None:
            reset = await turn.call(PARTICIPANTS_RESET_DECLINED, ResetDeclined(demand=demand.id))
            await turn.alert(turn.say("declined-reset", number=demand.number, count=reset.count))
            await put_back(turn, demand)

    @made.callback_query(pressing(*CLOSING))
    async def close_pressed(query: CallbackQuery, press: Press, turn: GroupTurn) -> None:
        del query
        demand = await unchanged(turn, press)
        if demand is not None:
            reason = cast("Reason", CLOSING[press.verb])
            closed = await turn.call(DEMANDS_CLOSE, CloseDemand(demand=demand.id, reason=reason))
            await turn.alert(turn.say("closed-by-you", number=closed.number))

    @made.callback_query(pressing(*URGENCIES))
    async def urgency_pressed(query: CallbackQuery, press: Press, turn: GroupTurn) -> None:
        del query
        demand = await unchanged(turn, press)
        if demand is None:
            return
        wanted = Urgency(URGENCIES[press.verb])
        await turn.call(DEMANDS_SET_URGENCY, SetUrgency(demand=demand.id, urgency=wanted))
        if demand.urgency == wanted:
            await put_back(turn, demand)  # the card says so already and does not change

    return made


async def pause(turn: GroupTurn, demand: Demand, hours: int) -> None:
    """Give the helper who holds it a break: they keep it, and get nothing new."""
    everybody = await turn.call(PARTICIPANTS_LIST, ListParticipants(demand=demand.id))
    helper = next((one for one in everybody.items if one.role is Role.PROVIDER and one.left_at is None), None)
    if helper is None or helper.user is None:
        await turn.alert(turn.say("group-card-has-changed"))
        return
    until = await turn.once("until", (datetime.now(UTC) + timedelta(hours=hours)).isoformat())
    paused = UpdateMembership(scenario=demand.scenario, user=helper.user, paused_until=datetime.fromisoformat(until))
    await turn.call(MEMBERSHIPS_UPDATE, paused)
    await turn.alert(turn.say("helper-on-a-break", alias=helper.alias, hours=hours))
    await put_back(turn, demand)
