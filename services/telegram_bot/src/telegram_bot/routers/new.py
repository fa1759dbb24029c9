"""/new: where, what, and in one's own words; then the request is on its way."""

from collections.abc import Iterable
from typing import Final

from aiogram import Router
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from contracts.demands import CreateDemand
from contracts.failures import NotFound
from contracts.operations.demands import DEMANDS_CREATE
from contracts.operations.scenarios import SCENARIOS_GET, SCENARIOS_SEARCH
from contracts.scenarios import GetScenario, Scenario, SearchScenarios
from contracts.shapes import ScenarioId
from telegram_bot import keyboards
from telegram_bot.callbacks import Press, Verb, pack_id, unpack_id
from telegram_bot.routers.filters import pressing, says_words
from telegram_bot.routers.relay import relayed_reply
from telegram_bot.turn import Turn

PLACES_SHOWN: Final = 6
RESOURCES_SHOWN: Final = 20


class Form(StatesGroup):
    """What the person is asked now."""

    place = State()
    resource = State()
    description = State()


def router() -> Router:
    """The steps of the form."""
    made = Router(name="new")
    made.message.register(_begin, Command("new"))
    made.callback_query.register(_begin_pressed, pressing(Verb.NEW))
    made.message.register(_place_typed, StateFilter(Form.place), says_words)
    made.callback_query.register(_place_chosen, pressing(Verb.PLACE))
    made.message.register(_resource_typed, StateFilter(Form.resource), says_words)
    made.callback_query.register(_resource_chosen, pressing(Verb.RESOURCE))
    made.message.register(_described, StateFilter(Form.description), says_words)
    return made


async def _begin(message: Message, turn: Turn, state: FSMContext) -> None:
    del message
    await ask_place(turn, state)


async def _begin_pressed(query: CallbackQuery, press: Press, turn: Turn, state: FSMContext) -> None:
    del query, press
    await ask_place(turn, state)


async def _place_typed(message: Message, turn: Turn, state: FSMContext) -> None:
    if await relayed_reply(message, turn):
        return
    await ask_place(turn, state, typed=(message.text or "")[:256])


async def _place_chosen(query: CallbackQuery, press: Press, turn: Turn, state: FSMContext) -> None:
    del query
    chosen = await turn.call(SCENARIOS_GET, GetScenario(id=ScenarioId(press.id)))
    await ask_resource(turn, state, chosen.place)


async def _resource_typed(message: Message, turn: Turn, state: FSMContext) -> None:
    if await relayed_reply(message, turn):
        return
    await ask_resource(turn, state, str(turn.step.data.get("place", "")), typed=(message.text or "")[:256])


async def _resource_chosen(query: CallbackQuery, press: Press, turn: Turn, state: FSMContext) -> None:
    del query
    await ask_description(turn, state, await turn.call(SCENARIOS_GET, GetScenario(id=ScenarioId(press.id))))


async def _described(message: Message, turn: Turn, state: FSMContext) -> None:
    if await relayed_reply(message, turn):
        return
    scenario = ScenarioId(unpack_id(str(turn.step.data["scenario"])))
    try:
        await turn.call(DEMANDS_CREATE, CreateDemand(scenario=scenario, description=message.text or ""))
    except NotFound:
        # Retired while it was being described: the words stay in the chat, the person chooses again.
        await turn.answer("scenario-gone")
        await ask_place(turn, state)
        return
    # Said no more: the api owes the requester `received`, which arrives in order with all that follows.
    if asked := turn.step.data.pop("form_message", None):
        await turn.strip_buttons(int(asked))
    await state.set_state(None)
    for key in ("scenario", "place"):
        turn.step.data.pop(key, None)


async def ask_place(turn: Turn, state: FSMContext, *, typed: str = "") -> None:
    """Ask where; a single place needs no asking."""
    found = first_of_each_place((await turn.call(SCENARIOS_SEARCH, SearchScenarios(query=typed, limit=100))).items)
    if not found and typed:
        everywhere = (await turn.call(SCENARIOS_SEARCH, SearchScenarios(limit=100))).items
        shown = first_of_each_place(everywhere)[:PLACES_SHOWN]
        await turn.answer("place-unknown", keyboard=keyboards.places(turn.say, shown))
        return
    if not found:
        await state.set_state(None)
        await turn.answer("no-help-yet")
        return
    await state.set_state(Form.place)
    if len(found) == 1 and not typed:
        await ask_resource(turn, state, found[0].place)
        return
    more = len(found) > PLACES_SHOWN
    key = "place-which-or-type" if more else "place-which"
    await turn.answer(key, keyboard=keyboards.places(turn.say, found[:PLACES_SHOWN]))


async def ask_resource(turn: Turn, state: FSMContext, place: str, *, typed: str = "") -> None:
    """Ask what is needed in a place; a single kind of help needs no asking."""
    if not place:
        await ask_place(turn, state)
        return
    found = (await turn.call(SCENARIOS_SEARCH, SearchScenarios(query=typed, place=place, limit=100))).items
    if typed and not found:
        found = (await turn.call(SCENARIOS_SEARCH, SearchScenarios(place=place, limit=100))).items
    if not found:
        await ask_place(turn, state)
        return
    if len(found) == 1:
        await ask_description(turn, state, found[0])
        return
    turn.step.data["place"] = place
    await state.set_state(Form.resource)
    await turn.answer("resource-which", keyboard=keyboards.resources(turn.say, found[:RESOURCES_SHOWN]), place=place)


async def ask_description(turn: Turn, state: FSMContext, scenario: Scenario) -> None:
    """Ask for the person's own words."""
    turn.step.data["scenario"] = pack_id(scenario.id)
    await state.set_state(Form.description)
    asked = await turn.answer(
        "describe", keyboard=keyboards.cancel(turn.say), place=scenario.place, resource=scenario.resource
    )
    if asked is not None:
        turn.step.data["form_message"] = asked.message_id


def first_of_each_place(found: Iterable[Scenario]) -> list[Scenario]:
    """One scenario a place, in the order the places came."""
    by_place: dict[str, Scenario] = {}
    for scenario in found:
        by_place.setdefault(scenario.place, scenario)
    return list(by_place.values())
