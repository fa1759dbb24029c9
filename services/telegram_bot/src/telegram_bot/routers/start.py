"""/start, /cancel: who we are, and the way out of a form."""

from aiogram import Router
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message, ReplyKeyboardRemove

from contracts.failures import NotFound
from contracts.kinds import MembershipKind
from contracts.operations.scenarios import SCENARIOS_GET
from contracts.operations.users import USERS_BOOTSTRAP_ADMIN
from contracts.scenarios import GetScenario
from contracts.shapes import ScenarioId
from contracts.users import BootstrapAdmin
from telegram_bot import keyboards
from telegram_bot.callbacks import Press, Verb, unpack_id
from telegram_bot.emergency import Emergency
from telegram_bot.form import Form, draft_of, drop, step_back, way_out
from telegram_bot.memberships import holds
from telegram_bot.routers.draft import ask_words
from telegram_bot.routers.filters import pressing
from telegram_bot.routers.helping import OFFER, Offer
from telegram_bot.routers.new import ask_place, ask_resource, choose
from telegram_bot.turn import Turn

ADMIN = "admin_"
SCENARIO = "s_"
"""What a link to the bot may carry: a token that makes an admin, or the scenario somebody chose elsewhere."""

OFFERS = frozenset({Offer.place.state, Offer.resource.state})
ASIDE = OFFERS | {Form.report.state, Form.feedback.state}
"""Questions beside the form; leaving one of them leaves the form as it is."""


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="start")
    made.message.register(_start_with_word, CommandStart(deep_link=True))
    made.message.register(_start, CommandStart())
    made.message.register(_cancel, Command("cancel"))
    made.callback_query.register(_cancel_pressed, pressing(Verb.CANCEL))
    return made


async def _start_with_word(
    message: Message, command: CommandObject, turn: Turn, state: FSMContext, emergency: Emergency
) -> None:
    word = command.args or ""
    if word.startswith(ADMIN) and len(word) > len(ADMIN):
        await turn.call(USERS_BOOTSTRAP_ADMIN, BootstrapAdmin(token=word.removeprefix(ADMIN)))
        await turn.answer("admin-now")
    elif word.startswith(SCENARIO):
        await chosen_elsewhere(turn, state, emergency, word.removeprefix(SCENARIO))
    else:
        await _start(message, turn, state, emergency)


async def _start(message: Message, turn: Turn, state: FSMContext, emergency: Emergency) -> None:
    """Greet; who neither helps nor asks yet is asked at once where they need help, so that it takes four actions."""
    del message
    await greet(turn, emergency)
    me = await turn.me()
    if "form" in turn.step.data:
        await ask_again(turn, state, emergency)
    elif not me.demands and not me.memberships and not me.user.is_admin:
        await ask_place(turn, state, emergency, offered=True)


async def _cancel(message: Message, turn: Turn, state: FSMContext) -> None:
    del message
    await leave_form(turn, state)


async def _cancel_pressed(query: CallbackQuery, press: Press, turn: Turn, state: FSMContext) -> None:
    """Leave what the button stands under; what is asked or written by now instead is not touched."""
    now = await state.get_state()
    if is_of_form(turn, query, press, now):
        await drop_form(turn, state)
    elif is_of_question(turn, query, press, now):
        await leave_question(turn, state)
    else:
        await turn.answer_press("press-used")


async def greet(turn: Turn, emergency: Emergency) -> None:
    """Say what this is, whom to call when a life is in danger, what is kept, and in which languages."""
    me = await turn.me()
    if me.is_new or "locale" not in turn.step.data:
        turn.speak(me.user.locale)
    board = keyboards.beginning(turn.say, helps=holds(me, MembershipKind.PROVIDER))
    board.inline_keyboard.extend(keyboards.languages().inline_keyboard)
    await turn.answer("start", keyboard=board, emergency=emergency.number(turn.locale))


async def chosen_elsewhere(turn: Turn, state: FSMContext, emergency: Emergency, word: str) -> None:
    """Go on with the scenario a link names; who comes by it for the first time is greeted before."""
    if (await turn.me()).is_new:
        await greet(turn, emergency)
    try:
        scenario = await turn.call(SCENARIOS_GET, GetScenario(id=ScenarioId(unpack_id(word))))
    except (ValueError, NotFound):
        scenario = None
    if scenario is None or scenario.retired:
        await turn.answer("choice-gone")
        await ask_place(turn, state, emergency)
        return
    await choose(turn, state, emergency, scenario)


async def ask_again(turn: Turn, state: FSMContext, emergency: Emergency) -> None:
    """Put the form's present question once more, as after another language was chosen."""
    now = await state.get_state()
    draft = draft_of(turn)
    if now == Form.description.state:
        await ask_words(turn, state, emergency)
    elif now == Form.resource.state:
        await ask_resource(turn, state, emergency, draft.place, change=True)
    elif now == Form.place.state:
        await ask_place(turn, state, emergency)


async def leave_form(turn: Turn, state: FSMContext) -> None:
    """Drop a half-filled form and kept words, and say what there was; a question in between is dropped alone."""
    if not await leave_question(turn, state):
        await drop_form(turn, state)


async def leave_question(turn: Turn, state: FSMContext) -> bool:
    """Leave a question beside the form, and go back to that; False when none is asked."""
    now = await state.get_state()
    if now not in ASIDE and not is_phone_aside(turn, now):
        return False
    turn.step.data.pop("phone_for", None)
    await step_back(turn, state)
    await turn.answer("not-done", keyboard=ReplyKeyboardRemove() if now == Form.phone.state else None)
    return True


async def drop_form(turn: Turn, state: FSMContext) -> None:
    """Drop a half-filled form and kept words, and say what there was; a question beside the form is still asked."""
    now = await state.get_state()
    keys_gone = None
    draft = drop(turn)
    had = now is not None or draft is not None or "held" in turn.step.data
    if now not in ASIDE and not is_phone_aside(turn, now):
        keys_gone = ReplyKeyboardRemove() if now == Form.phone.state else None
        turn.step.data.pop("phone_for", None)
        await state.set_state(None)
    turn.step.data.pop("held", None)
    for shown in filter(None, (draft.card, draft.asked) if draft is not None else ()):
        await turn.strip_buttons(shown)
    await turn.answer("cancelled" if had else "nothing-to-cancel", keyboard=keys_gone)


def is_phone_aside(turn: Turn, now: str | None) -> bool:
    """Whether a phone is asked for that no request needs."""
    return now == Form.phone.state and turn.step.data.get("phone_for", [""])[0] != "form"


def is_of_form(turn: Turn, query: CallbackQuery, press: Press, now: str | None) -> bool:
    """Whether a Cancel stands under a question of the form that is being filled in now."""
    draft = draft_of(turn)
    if query.message is not None and query.message.message_id in {draft.card, draft.asked} - {0}:
        return True
    is_open = "form" in turn.step.data or now in {Form.place.state, Form.resource.state}
    return is_open and press.about == way_out(turn)


def is_of_question(turn: Turn, query: CallbackQuery, press: Press, now: str | None) -> bool:
    """Whether a Cancel stands under the question that is asked beside the form now."""
    if press.about == OFFER:
        return now in OFFERS
    asked = turn.step.data.get("aside", {}).get("asked", 0)
    return now in ASIDE - OFFERS and query.message is not None and query.message.message_id == asked
