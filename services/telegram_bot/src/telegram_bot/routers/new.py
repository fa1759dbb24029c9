"""/new: where, and what; the words follow in draft.py."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from aiogram import Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from contracts.demands import SearchDemands
from contracts.failures import NotFound
from contracts.kinds import Role
from contracts.operations.demands import DEMANDS_SEARCH
from contracts.operations.scenarios import SCENARIOS_GET, SCENARIOS_SEARCH
from contracts.scenarios import GetScenario, Scenario, SearchScenarios
from contracts.shapes import ScenarioId
from telegram_bot import keyboards
from telegram_bot.callbacks import Press, Verb, pack_id, unpack_id
from telegram_bot.emergency import Emergency
from telegram_bot.form import Form, draft_of, fill_in, keep
from telegram_bot.routers.draft import ask_words
from telegram_bot.routers.filters import pressing, says_something, says_words
from telegram_bot.routers.phone import ask_phone, needs_phone
from telegram_bot.routers.relay import relayed_reply
from telegram_bot.turn import Turn

SHOWN: Final = 6
"""Places, and kinds of help, to choose from at once."""

RECENT: Final = 6
"""Kinds of help remembered as used, the newest."""


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
    await turn.answer("form-waits")


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
    keep(turn, draft)
    await ask_place(turn, state, emergency)


async def ask_place(
    turn: Turn, state: FSMContext, emergency: Emergency, *, typed: str = "", offered: bool = False
) -> None:
    """Ask where, last used places first; a single place needs no asking. `offered`: the person did not ask for it."""
    page = await turn.call(SCENARIOS_SEARCH, SearchScenarios(query=typed, limit=100))
    found = list(first_of_each((one.id, one.place) for one in page.items))
    if not found and typed:
        page = await turn.call(SCENARIOS_SEARCH, SearchScenarios(limit=100))
        found = list(first_of_each((one.id, one.place) for one in page.items))
        await turn.answer("place-unknown", keyboard=keyboards.places(turn.say, found[:SHOWN]))
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
    board = keyboards.places(turn.say, found[:SHOWN], search=more and await can_search(turn))
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
    board = keyboards.resources(turn.say, found[:SHOWN], search=more and await can_search(turn))
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


async def recent(turn: Turn) -> list[dict[str, Any]]:
    """What the person asked for before, the latest first: place, resource and id of each scenario."""
    known: list[dict[str, Any]] | None = turn.step.data.get("recent")
    if known is None:
        page = await turn.call(DEMANDS_SEARCH, SearchDemands(mine=True, is_active=None, limit=100))
        asked = [one for one in page.items if one.role is Role.REQUESTER]
        known = []
        for one in sorted(asked, key=lambda one: one.submitted_at):
            known = used_now(known, pack_id(one.scenario), one.place, one.resource)
        turn.step.data["recent"] = known
    return known


def used_now(known: list[dict[str, Any]], scenario: str, place: str, resource: str) -> list[dict[str, Any]]:
    """The scenarios used before with one more, the latest first."""
    others = [one for one in known if one["id"] != scenario]
    return [{"id": scenario, "place": place, "resource": resource}, *others][:RECENT]


def first_of_each(found: Iterable[tuple[UUID, str]]) -> Iterable[tuple[UUID, str]]:
    """One id for each name, in the order the names came."""
    by_name: dict[str, UUID] = {}
    for about, name in found:
        by_name.setdefault(name, about)
    return ((about, name) for name, about in by_name.items())


def last_used_first(
    found: list[tuple[UUID, str]], used: list[tuple[UUID, str]], *, closed: bool
) -> Iterable[tuple[UUID, str]]:
    """What was found, with what was used before at its head; where `closed`, only what was found."""
    names = {name for _, name in found}
    return first_of_each([*((about, name) for about, name in used if not closed or name in names), *found])


async def can_search(turn: Turn) -> bool:
    """Whether people can look among all scenarios by the bot's name; its owner decides that at BotFather."""
    return bool((await turn.bot.me()).supports_inline_queries)
