"""How a group shows a scenario: mirrored or not, for whom to take from, or no longer."""

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardMarkup

from contracts.chats import BindChat, ListChats, StaffChat, UnbindChat
from contracts.failures import Forbidden
from contracts.operations.scenarios import CHATS_BIND, CHATS_LIST, CHATS_UNBIND, SCENARIOS_GET
from contracts.scenarios import GetScenario
from contracts.shapes import ScenarioId
from telegram_bot.callbacks import Press, Verb
from telegram_bot.group_turn import GroupTurn
from telegram_bot.routers.filters import pressing
from telegram_bot.staff_keyboards import settings


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="settings")

    @made.callback_query(pressing(Verb.BOUND))
    async def bound_pressed(query: CallbackQuery, press: Press, turn: GroupTurn) -> None:
        del query
        asked = ListChats(scenario=ScenarioId(press.id), address=str(turn.chat))
        found = (await turn.call(CHATS_LIST, asked)).items
        if found:
            await show_settings(turn, found[0])
        else:
            await turn.alert(turn.say("press-unknown"))

    @made.callback_query(pressing(Verb.TOPICS_ON, Verb.TOPICS_OFF))
    async def topics(query: CallbackQuery, press: Press, turn: GroupTurn) -> None:
        is_on = press.verb is Verb.TOPICS_ON
        if is_on and query.message is not None and not query.message.chat.is_forum:
            await turn.alert(turn.say("group-no-forum"))
            return
        request = BindChat(scenario=ScenarioId(press.id), address=str(turn.chat), topics=is_on)
        try:
            chat = await turn.call(CHATS_BIND, request)
        except Forbidden:
            await turn.alert(turn.say("admins-only"))
            return
        await show_settings(turn, chat)

    @made.callback_query(pressing(Verb.GRANTS_ON, Verb.GRANTS_OFF))
    async def grants(query: CallbackQuery, press: Press, turn: GroupTurn) -> None:
        del query
        is_on = press.verb is Verb.GRANTS_ON
        request = BindChat(scenario=ScenarioId(press.id), address=str(turn.chat), group_grants_membership=is_on)
        await show_settings(turn, await turn.call(CHATS_BIND, request))

    @made.callback_query(pressing(Verb.UNBIND))
    async def unbind(query: CallbackQuery, press: Press, turn: GroupTurn) -> None:
        del query
        scenario = ScenarioId(press.id)
        await turn.call(CHATS_UNBIND, UnbindChat(scenario=scenario, address=str(turn.chat)))
        gone = await turn.call(SCENARIOS_GET, GetScenario(id=scenario))
        await change_pressed(turn, turn.tell("group-unbound", place=gone.place, resource=gone.resource), None)

    return made


async def show_settings(turn: GroupTurn, chat: StaffChat) -> None:
    """A binding with its settings, in place of the message whose button was pressed."""
    text = turn.tell(
        "group-bound",
        place=chat.place,
        resource=chat.resource,
        topics="on" if chat.topics else "off",
        grants="on" if chat.group_grants_membership else "off",
    )
    await change_pressed(turn, text, settings(turn.tell, chat))


async def change_pressed(turn: GroupTurn, text: str, buttons: InlineKeyboardMarkup | None) -> None:
    """Change the message whose button was pressed; where that cannot be, say it anew."""
    if turn.pressed is None or not await turn.change(turn.pressed, text, buttons):
        await turn.post(text, buttons)
