"""Offering one's help: where, with what, and then a coordinator says yes or not now."""

from typing import Final
from uuid import UUID

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from contracts.failures import AlreadyExists, Forbidden, NotFound
from contracts.memberships import ApplyMembership, ApproveMembership, RejectMembership
from contracts.operations.scenarios import (
    MEMBERSHIPS_APPLY,
    MEMBERSHIPS_APPROVE,
    MEMBERSHIPS_REJECT,
    SCENARIOS_GET,
    SCENARIOS_SEARCH,
)
from contracts.scenarios import GetScenario, Scenario, SearchScenarios
from contracts.shapes import ScenarioId, UserId
from telegram_bot import keyboards
from telegram_bot.callbacks import Press, Verb
from telegram_bot.form import draft_of, drop, step_back
from telegram_bot.routers.choices import first_of_each
from telegram_bot.routers.filters import pressing, says_words
from telegram_bot.routers.relay import relayed_reply
from telegram_bot.turn import Turn

OFFER: Final = "offer"
"""What the Cancel of these questions carries."""

PLACES: Final = 6
RESOURCES: Final = 20


class Offer(StatesGroup):
    """What whoever wants to help is asked now."""

    place = State()
    resource = State()


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="helping")
    made.callback_query.register(_begin, pressing(Verb.OFFER_HELP))
    made.message.register(_place_typed, StateFilter(Offer.place), says_words)
    made.message.register(_resource_typed, StateFilter(Offer.resource), says_words)
    made.callback_query.register(_place_chosen, pressing(Verb.OFFER_PLACE))
    made.callback_query.register(_scenario_chosen, pressing(Verb.OFFER_SCENARIO))
    made.callback_query.register(_let_in, pressing(Verb.LET_IN))
    made.callback_query.register(_turn_down, pressing(Verb.TURN_DOWN))
    return made


async def _begin(query: CallbackQuery, press: Press, turn: Turn, state: FSMContext) -> None:
    del query, press
    await ask_place(turn, state)


async def _place_typed(message: Message, turn: Turn, state: FSMContext) -> None:
    if await relayed_reply(message, turn):
        return
    await ask_place(turn, state, typed=(message.text or "")[:256])


async def _resource_typed(message: Message, turn: Turn, state: FSMContext) -> None:
    if await relayed_reply(message, turn):
        return
    await ask_resource(turn, state, str(turn.step.data.get("offer", "")), typed=(message.text or "")[:256])


async def _place_chosen(query: CallbackQuery, press: Press, turn: Turn, state: FSMContext) -> None:
    del query
    chosen = await turn.call(SCENARIOS_GET, GetScenario(id=ScenarioId(press.id)))
    await ask_resource(turn, state, chosen.place)


async def _scenario_chosen(query: CallbackQuery, press: Press, turn: Turn, state: FSMContext) -> None:
    del query
    chosen = await turn.call(SCENARIOS_GET, GetScenario(id=ScenarioId(press.id)))
    await apply(turn, state, chosen)


async def ask_place(turn: Turn, state: FSMContext, *, typed: str = "") -> None:
    """Ask where somebody could help; a single place needs no asking."""
    found = await _places(turn, typed)
    key = "offer-which-place-or-type" if len(found) > PLACES else "offer-which-place"
    if not found and typed:
        found, key = await _places(turn), "offer-nothing-found"
    if not found:
        await back_to_form(turn, state)
        await turn.answer("offer-none")
        return
    await state.set_state(Offer.place)
    if len(found) == 1:
        await ask_resource(turn, state, found[0][1])
        return
    await turn.answer(key, keyboard=_choices(turn, Verb.OFFER_PLACE, found[:PLACES]))


async def ask_resource(turn: Turn, state: FSMContext, place: str, *, typed: str = "") -> None:
    """Ask with what somebody could help in a place."""
    found = (await turn.call(SCENARIOS_SEARCH, SearchScenarios(query=typed, place=place, limit=100))).items
    if typed and not found:
        found = (await turn.call(SCENARIOS_SEARCH, SearchScenarios(place=place, limit=100))).items
    if not place or not found:
        await ask_place(turn, state)
        return
    turn.step.data["offer"] = place
    await state.set_state(Offer.resource)
    board = _choices(turn, Verb.OFFER_SCENARIO, [(one.id, one.resource) for one in found[:RESOURCES]])
    await turn.answer("offer-which-resource", keyboard=board, place=place)


async def apply(turn: Turn, state: FSMContext, scenario: Scenario) -> None:
    """Note the wish to help; whoever decides is asked by the api."""
    await back_to_form(turn, state)
    try:
        await turn.call(MEMBERSHIPS_APPLY, ApplyMembership(scenario=scenario.id))
        key = "offer-noted"
    except AlreadyExists:
        key = "offer-known"
    except NotFound:
        await turn.answer("scenario-gone")
        return
    more = keyboards.rows([keyboards.button(turn.say("button-offer-more"), Verb.OFFER_HELP)])
    await turn.answer(key, keyboard=more, place=scenario.place, resource=scenario.resource)


async def back_to_form(turn: Turn, state: FSMContext) -> None:
    """The offer is made; a request somebody has begun to write goes on, one they were merely asked about does not."""
    turn.step.data.pop("offer", None)
    draft = draft_of(turn)
    if not (draft.place or draft.scenario or draft.messages):
        drop(turn)
    await step_back(turn, state)


async def _places(turn: Turn, typed: str = "") -> list[tuple[UUID, str]]:
    found = (await turn.call(SCENARIOS_SEARCH, SearchScenarios(query=typed, limit=100))).items
    return list(first_of_each((one.id, one.place) for one in found))


def _choices(turn: Turn, verb: Verb, found: list[tuple[UUID, str]]) -> InlineKeyboardMarkup:
    cancel = [keyboards.button(turn.say("button-cancel"), Verb.CANCEL, OFFER)]
    return keyboards.rows(*([keyboards.button(text, verb, about)] for about, text in found), cancel)


async def _let_in(query: CallbackQuery, press: Press, turn: Turn) -> None:
    del query
    request = ApproveMembership(scenario=ScenarioId(press.id), user=UserId(press.other_id))
    try:
        await turn.call(MEMBERSHIPS_APPROVE, request)
    except (NotFound, Forbidden) as refusal:
        await _undecided(turn, refusal)
    else:
        await turn.answer_press("let-in-done")


async def _turn_down(query: CallbackQuery, press: Press, turn: Turn) -> None:
    del query
    request = RejectMembership(scenario=ScenarioId(press.id), user=UserId(press.other_id))
    try:
        await turn.call(MEMBERSHIPS_REJECT, request)
    except (NotFound, Forbidden) as refusal:
        await _undecided(turn, refusal)
    else:
        await turn.answer_press("turned-down")


async def _undecided(turn: Turn, refusal: NotFound | Forbidden) -> None:
    """Somebody else was quicker, or this is no longer theirs to decide."""
    await turn.answer_press("decided-already" if isinstance(refusal, NotFound) else "staff-only", alert=True)
