"""Hand a request to another helper: chosen in private, where names may be read."""

from typing import Final

import structlog
from aiogram import Router
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import CallbackQuery, InlineKeyboardMarkup

from contracts.demand_life import AssignDemand
from contracts.demands import Demand, GetDemand
from contracts.failures import AlreadyDeclined, AtCapacity, Forbidden, VersionConflict
from contracts.kinds import MembershipKind
from contracts.operations.demands import DEMANDS_ASSIGN, DEMANDS_GET
from contracts.operations.users import USERS_SEARCH
from contracts.people import PersonLine, SearchUsers
from contracts.shapes import DemandId, UserId
from telegram_bot import keyboards
from telegram_bot.callbacks import Press, Verb
from telegram_bot.intake.steps import Steps
from telegram_bot.routers.close import changed_meanwhile
from telegram_bot.routers.filters import pressing
from telegram_bot.turn import Turn

log = structlog.get_logger(__name__)

SHOWN: Final = 12
"""Helpers shown, those who are free first."""


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="hand")

    @made.callback_query(pressing(Verb.HAND_TO))
    async def handed(query: CallbackQuery, press: Press, turn: Turn, steps: Steps) -> None:
        demand = DemandId(press.id)
        try:
            # A list made before it had versions takes nothing from whoever holds the demand now.
            asked = AssignDemand(demand=demand, user=UserId(press.other_id), version=press.version or 1)
            given = await turn.call(DEMANDS_ASSIGN, asked)
        except VersionConflict:
            if query.message is not None:
                await turn.strip_buttons(query.message.message_id)
            await changed_meanwhile(turn, steps, demand)
            return
        except (AtCapacity, AlreadyDeclined, Forbidden):
            await _another(turn, demand, UserId(press.other_id))
            return
        await turn.edit(turn.say("handed-on", number=given.number), None)

    return made


async def offer(turn: Turn, demand: Demand, chat: int) -> None:
    """Show, in this private chat, the helpers a demand could be handed to."""
    board = await _helpers(turn, demand)
    key = "hand-to-whom" if board else "hand-to-nobody"
    text = turn.say(key, number=demand.number, place=demand.place, resource=demand.resource)
    try:
        await turn.bot.send_message(chat, text, parse_mode=None, reply_markup=board)
    except (TelegramBadRequest, TelegramForbiddenError) as refused:
        log.info("answer.unreachable", reason=type(refused).__name__)


async def _another(turn: Turn, demand: DemandId, refused: UserId) -> None:
    """Say that this helper cannot, and no more: why, and what they hold, is between them and the bot."""
    found = await turn.call(DEMANDS_GET, GetDemand(demand=demand))
    board = await _helpers(turn, found, but=refused)
    key = "hand-cannot" if board else "hand-to-nobody"
    await turn.edit(turn.say(key, number=found.number, place=found.place, resource=found.resource), board)


async def _helpers(turn: Turn, demand: Demand, but: UserId | None = None) -> InlineKeyboardMarkup | None:
    """A helper a row, without the one who cannot; None where there is nobody."""
    asked = SearchUsers(
        scenario=demand.scenario, kind=MembershipKind.PROVIDER, banned=False, restricted=False, limit=100
    )
    items = [one for one in (await turn.call(USERS_SEARCH, asked)).items if one.id != but]
    found = sorted(items, key=lambda one: one.held >= one.capacity)[:SHOWN]
    rows = ([keyboards.choice(_named(one), Verb.HAND_TO, demand.id, one.id, demand.version)] for one in found)
    return keyboards.rows(*rows) if found else None


def _named(one: PersonLine) -> str:
    return f"{one.display_name} · {one.held}/{one.capacity}"
