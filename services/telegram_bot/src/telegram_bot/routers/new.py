"""/new: where, and what; the words follow in draft.py."""

from typing import Final
from uuid import UUID

from aiogram import Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from contracts.failures import NotFound
from contracts.operations.scenarios import SCENARIOS_GET, SCENARIOS_SEARCH
from contracts.scenarios import GetScenario, Scenario, SearchScenarios
from contracts.shapes import ScenarioId
from telegram_bot import keyboards
from telegram_bot.callbacks import Press, Verb, unpack_id
from telegram_bot.emergency import Emergency
from telegram_bot.form import Form, draft_of, fill_in, keep, way_out
from telegram_bot.routers.choices import can_search, first_of_each, last_used_first, recent
from telegram_bot.routers.draft import ask_words
from telegram_bot.routers.filters import pressing, says_something, says_words
from telegram_bot.routers.phone import ask_phone, needs_phone
from telegram_bot.routers.relay import relayed_reply
from telegram_bot.routers.relay.saying import answer_once_an_album
from telegram_bot.turn import Turn

SHOWN: Final = 6
"""Places, and kinds of help, to choose from at once."""

LONGEST: Final = 128
"""Characters of the name of a place, or of a kind of help."""


def router() -> Router:
    """The steps of the form before its words."""
    made = Router(name="new")
    made.message.register(_begin, Command("new"))
    made.callback_query.register(_begin_pressed, pressing(Verb.NEW))
    made.message.register(_place_typed, StateFilter(Form.place), says_words)
    made.callback_query.register(_place_chosen, pressing(Verb.PLACE))
    made.message.register(_resource_typed, StateFilter(Form.resource), says_words)
    made.callback_query.register(_resource_chosen, pressing(Verb.RESOURCE))
    made.message.register(_shown, StateFilter(Form.place, Form.resource), says_something)
    return made


async def _begin(message: Message, turn: Turn, state: FSMContext, emergency: Emergency) -> None:
    del message
    await begin(turn, state, emergency)


async def _begin_pressed(
    query: CallbackQuery, press: Press, turn: Turn, state: FSMContext, emergency: Emergency
) -> None:
    del query, press
    await begin(turn, state, emergency)


async def _place_typed(message: Message, turn: Turn, state: FSMContext, emergency: Emergency) -> None:
    if await relayed_reply(message, turn):
        return
    await _skip_what_was_only_offered(turn, state)
    await ask_place(turn, state, emergency, typed=(message.text or "")[:256])


async def _skip_what_was_only_offered(turn: Turn, state: FSMContext) -> None:
    """Let words pass where /start asked by itself, and whoever it was has become somebody's helper or has asked since."""
    if "form" in turn.step.data:
        return
    me = await turn.me()
    if me.demands or me.memberships:
        await state.set_state(None)
        raise SkipHandler


async def _shown(message: Message, turn: Turn, state: FSMContext) -> None:
    """A file, a place or the like where a name is expected."""
    if await relayed_reply(message, turn):
        return
    await _skip_what_was_only_offered(turn, state)
    await answer_once_an_album(message, turn, "form-waits")


async def _place_chosen(
    query: CallbackQuery, press: Press, turn: Turn, state: FSMContext, emergency: Emergency
) -> None:
    del query
    chosen = await found_by(turn, press)
    if chosen is None:
        await ask_place(turn, state, emergency)
        return
    await ask_resource(turn, state, emergency, chosen.place)


async def _resource_typed(message: Message, turn: Turn, state: FSMContext, emergency: Emergency) -> None:
    if await relayed_reply(message, turn):
        return
    await _skip_what_was_only_offered(turn, state)
    place = draft_of(turn).place or str(turn.step.data.get("offered", ""))
    await ask_resource(turn, state, emergency, place, typed=(message.text or "")[:256])


async def _resource_chosen(
    query: CallbackQuery, press: Press, turn: Turn, state: FSMContext, emergency: Emergency
) -> None:
    del query
    chosen = await found_by(turn, press)
    if chosen is None:
        await ask_place(turn, state, emergency)
        return
    await choose(turn, state, emergency, chosen)


async def found_by(turn: Turn, press: Press) -> Scenario | None:
    """The scenario a button stands for; says so and returns None when it is there no more."""
    try:
        chosen = await turn.call(SCENARIOS_GET, GetScenario(id=ScenarioId(press.id)))
    except NotFound:
        chosen = None
    if chosen is None or chosen.retired:
        await turn.answer("choice-gone")
        return None
    return chosen


async def begin(turn: Turn, state: FSMContext, emergency: Emergency) -> None:
    """Begin a request; words that were written for one and not sent yet are kept for it."""
    draft = draft_of(turn)
    draft.scenario = draft.place = draft.resource = draft.emergency = ""
    draft.begun = 0
    keep(turn, draft)
    await ask_place(turn, state, emergency)


async def ask_place(
    turn: Turn, state: FSMContext, emergency: Emergency, *, typed: str = "", offered: bool = False
) -> None:
    """Ask where, last used places first; a single place needs no asking. `offered`: the person did not ask for it."""
    if typed and (named := await turn.call(SCENARIOS_SEARCH, SearchScenarios(place=typed[:LONGEST]))).items:
        await ask_resource(turn, state, emergency, named.items[0].place)
        return
    page = await turn.call(SCENARIOS_SEARCH, SearchScenarios(query=typed, limit=100))
    found = list(first_of_each((one.id, one.place) for one in page.items))
    if not found and typed:
        page = await turn.call(SCENARIOS_SEARCH, SearchScenarios(limit=100))
        found = list(first_of_each((one.id, one.place) for one in page.items))
        await turn.answer("place-unknown", keyboard=keyboards.places(turn.say, found[:SHOWN], way_out(turn)))
        return
    if not found:
        if not offered:
            await state.set_state(None)
            await turn.answer("no-help-yet")
        return
    await state.set_state(Form.place)
    if len(found) == 1 and not typed and not page.more:
        await ask_resource(turn, state, emergency, found[0][1], offered=offered)
        return
    if not typed:
        used = [(unpack_id(one["id"]), one["place"]) for one in await recent(turn)]
        found = list(last_used_first(found, used, closed=not page.more))
    more = len(found) > SHOWN or page.more
    board = keyboards.places(turn.say, found[:SHOWN], way_out(turn), search=more and await can_search(turn))
    await turn.answer("place-which-or-type" if more else "place-which", keyboard=board)


async def ask_resource(
    turn: Turn,
    state: FSMContext,
    emergency: Emergency,
    place: str,
    *,
    typed: str = "",
    offered: bool = False,
    change: bool = False,
) -> None:
    """Ask what is needed in a place, last used first; a single kind of help needs no asking.

    `offered`: the person did not ask for the form; `change`: they want another kind of help than the one they chose.
    """
    if not place:
        await ask_place(turn, state, emergency)
        return
    named = SearchScenarios(place=place, resource=typed[:LONGEST])
    if typed and (only := await turn.call(SCENARIOS_SEARCH, named)).items:
        await choose(turn, state, emergency, only.items[0])
        return
    page = await turn.call(SCENARIOS_SEARCH, SearchScenarios(query=typed, place=place, limit=100))
    unknown = bool(typed) and not page.items
    if unknown:
        page = await turn.call(SCENARIOS_SEARCH, SearchScenarios(place=place, limit=100))
    if not page.items:
        await ask_place(turn, state, emergency)
        return
    if len(page.items) == 1 and not (unknown or offered or change):
        await choose(turn, state, emergency, page.items[0])
        return
    if offered:
        turn.step.data["offered"] = place
    else:
        draft = draft_of(turn)
        draft.place, draft.scenario = place, ""
        keep(turn, draft)
    await state.set_state(Form.resource)
    found: list[tuple[UUID, str]] = [(one.id, one.resource) for one in page.items]
    used = [(unpack_id(one["id"]), one["resource"]) for one in await recent(turn) if one["place"] == place]
    found = list(last_used_first(found, [] if typed else used, closed=not page.more))
    more = len(found) > SHOWN
    board = keyboards.resources(turn.say, found[:SHOWN], way_out(turn), search=more and await can_search(turn))
    key = "resource-unknown" if unknown else "resource-which-or-type" if more else "resource-which"
    await turn.answer(key, keyboard=board, place=place)


async def choose(turn: Turn, state: FSMContext, emergency: Emergency, scenario: Scenario) -> None:
    """Take a scenario for the request, and ask for what is still missing."""
    draft = draft_of(turn)
    fill_in(draft, scenario)
    keep(turn, draft)
    if await needs_phone(turn, draft):
        await ask_phone(turn, state, "form")
        return
    await ask_words(turn, state, emergency)
