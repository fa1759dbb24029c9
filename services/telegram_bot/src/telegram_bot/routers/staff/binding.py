"""/chatid, /bind: which scenarios a group shows, and how."""

from typing import Final

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from contracts.chats import BindChat, ListChats
from contracts.kinds import MembershipKind, MembershipState
from contracts.operations.scenarios import CHATS_BIND, CHATS_LIST, SCENARIOS_GET, SCENARIOS_SEARCH
from contracts.scenarios import GetScenario, Scenario, SearchScenarios
from contracts.shapes import ScenarioId
from telegram_bot.callbacks import Press, Verb
from telegram_bot.group_turn import GroupTurn
from telegram_bot.routers.filters import pressing
from telegram_bot.routers.staff.settings import change_pressed, show_settings
from telegram_bot.staff_keyboards import binding

OFFERED: Final = 20
"""Scenarios offered as buttons."""


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="binding")

    @made.message(Command("chatid"))
    async def chat_id(message: Message, turn: GroupTurn) -> None:
        del message
        await turn.post(turn.tell("chat-id", chat=str(turn.chat)))

    @made.message(Command("bind"))
    async def bind_typed(message: Message, turn: GroupTurn) -> None:
        del message
        turn.step.data.setdefault("locale", turn.locale)
        buttons = await board(turn)
        await turn.post(turn.tell("group-bind-which") if buttons else turn.say("staff-only"), buttons)

    @made.callback_query(pressing(Verb.BINDINGS))
    async def bindings(query: CallbackQuery, press: Press, turn: GroupTurn) -> None:
        del query, press
        buttons = await board(turn)
        if buttons is None:
            await turn.alert(turn.say("staff-only"))
        else:
            await change_pressed(turn, turn.tell("group-bind-which"), buttons)

    @made.callback_query(pressing(Verb.BIND))
    async def bind_pressed(query: CallbackQuery, press: Press, turn: GroupTurn) -> None:
        title = query.message.chat.title if query.message else None
        locale = (await turn.me()).user.locale
        request = BindChat(
            scenario=ScenarioId(press.id), address=str(turn.chat), title=(title or str(turn.chat))[:128], locale=locale
        )
        chat = await turn.call(CHATS_BIND, request)
        turn.step.data["locale"] = locale
        await show_settings(turn, chat)

    return made


async def board(turn: GroupTurn) -> InlineKeyboardMarkup | None:
    """The scenarios a person looks after, those shown here first; None for who looks after none."""
    found = await looked_after(turn)
    if not found:
        return None
    bound = (await turn.call(CHATS_LIST, ListChats(address=str(turn.chat), limit=OFFERED))).items
    return binding(found, bound)


async def looked_after(turn: GroupTurn) -> list[Scenario]:
    """The scenarios a person moderates, or for an admin those there are; at most `OFFERED`."""
    me = await turn.me()
    if me.user.is_admin:
        return (await turn.call(SCENARIOS_SEARCH, SearchScenarios(limit=OFFERED))).items
    moderated = [
        one.scenario
        for one in me.memberships
        if one.kind is MembershipKind.MODERATOR and one.state is MembershipState.LIVE
    ]
    return [await turn.call(SCENARIOS_GET, GetScenario(id=scenario)) for scenario in moderated[:OFFERED]]
