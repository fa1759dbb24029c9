"""The words of a request: messages in any number, and Send; nothing leaves the chat before it."""

from typing import Any

from aiogram import Router
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from contracts.demands import Created, CreateDemand
from contracts.failures import Failure, Forbidden, NotFound
from contracts.operations.demands import DEMANDS_CREATE, PARTICIPANTS_SHARE_CONTACT
from contracts.participants import ShareContact
from contracts.shapes import DemandId
from telegram_bot import keyboards, shown
from telegram_bot.callbacks import Press, Verb
from telegram_bot.emergency import KEY, Emergency
from telegram_bot.form import MOST, Draft, Form, draft_of, drop, keep, split, way_out
from telegram_bot.intake.steps import Steps
from telegram_bot.routers.choices import recent, used_now
from telegram_bot.routers.draft import ask_words, show, summary
from telegram_bot.routers.filters import pressing, says_something
from telegram_bot.routers.new import ask_place, ask_resource
from telegram_bot.routers.phone import ask_phone, needs_phone
from telegram_bot.routers.refusals import TRIED_AGAIN, refused
from telegram_bot.routers.relay import joined, relayed_reply, remember_description, written
from telegram_bot.routers.relay.asking import let_go
from telegram_bot.routers.relay.keeping import is_part, rewritten
from telegram_bot.routers.relay.saying import refused as cannot_travel
from telegram_bot.turn import Turn


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="sending")
    made.message.register(_said, StateFilter(Form.description), says_something)
    made.message.register(_taken_back, StateFilter(Form.description), Command("takeback"), _answers_draft)
    made.edited_message.register(_rewritten, StateFilter(Form.description), _is_of_draft)
    made.callback_query.register(_send, pressing(Verb.SEND))
    made.callback_query.register(_change, pressing(Verb.CHANGE))
    return made


async def _is_of_draft(message: Message, turn: Turn) -> bool:
    return any(is_part(one, message.message_id) for one in draft_of(turn).messages)


async def _answers_draft(message: Message, turn: Turn) -> bool:
    return message.reply_to_message is not None and await _is_of_draft(message.reply_to_message, turn)


async def _taken_back(message: Message, turn: Turn, state: FSMContext, emergency: Emergency) -> None:
    """What is taken back before it was sent is not sent."""
    if message.reply_to_message is None:
        return
    draft, unwanted = draft_of(turn), message.reply_to_message.message_id
    draft.messages = [one for one in draft.messages if not is_part(one, unwanted)]
    before, draft.card = draft.card, 0
    keep(turn, draft)
    await turn.answer("take-back-unsent")
    if before:
        await shown.remove(turn.bot, turn.chat, before)
    await ask_words(turn, state, emergency)


async def _said(message: Message, turn: Turn, state: FSMContext, emergency: Emergency) -> None:
    """Add to the draft whatever may travel; an album is one message, and shown when it is whole."""
    if await relayed_reply(message, turn):
        return
    draft = draft_of(turn)
    kept = None if await cannot_travel(message, turn) else written(message)
    is_added = kept is not None and add(draft, kept)
    if kept is not None and not is_added:
        await turn.answer("draft-full", count=MOST)
        return
    keep(turn, draft)
    ends_album = message.media_group_id is not None and bool(draft.messages)
    if turn.more_of_album or not (is_added or ends_album):
        return
    if draft.scenario:
        await show(turn, draft)
    else:
        # A form from before this bot knew drafts: where it is for has to be asked again, the words are kept.
        await ask_place(turn, state, emergency)


def add(draft: Draft, kept: dict[str, Any]) -> bool:
    """Put one more message into a draft; False when it is full."""
    if draft.messages and "album" in kept and draft.messages[-1].get("album") == kept["album"]:
        draft.messages[-1] = joined(draft.messages[-1], kept)
        return True
    if len(draft.messages) >= MOST:
        return False
    draft.messages.append(kept)
    return True


async def _rewritten(message: Message, turn: Turn) -> None:
    """What was corrected before it was sent is sent as corrected."""
    draft = draft_of(turn)
    if rewritten(draft.messages, message):
        await show(turn, draft)


async def _send(  # noqa: PLR0917 - what aiogram hands over
    query: CallbackQuery, press: Press, turn: Turn, state: FSMContext, emergency: Emergency, steps: Steps
) -> None:
    del press
    draft = draft_of(turn)
    if not is_card(query, draft) or not draft.messages or not draft.scenario:
        await turn.answer_press("press-used")
        return
    if await needs_phone(turn, draft):
        await ask_phone(turn, state, "form")
        return
    description, rest = split(draft.messages)
    asked = CreateDemand(scenario=draft.scenario_id, description=description or turn.say("draft-wordless"))
    try:
        created = await turn.call(DEMANDS_CREATE, asked)
    except TRIED_AGAIN:
        raise
    except NotFound:
        # Retired while it was being described: the words are kept, the person chooses again.
        await turn.answer("scenario-gone")
        draft.scenario = draft.place = ""
        draft.card = 0
        keep(turn, draft)
        await ask_place(turn, state, emergency)
        return
    except Failure as refusal:
        if isinstance(refusal, Forbidden):
            await turn.answer("create-restricted", emergency=emergency.number(turn.locale, {KEY: draft.emergency}))
        else:
            await turn.send(refused(turn, refusal))
        await show(turn, draft)
        return
    if draft.phone_required:
        # The question said who will see it: answering was sharing.
        await _share_phone(turn, created.id)
    remember_description(turn, created.id, draft.messages[: len(draft.messages) - len(rest)])
    await _pass_on(turn, rest, created.id)
    await _end(turn, state, draft, created)
    # What they write next is more about it.
    turn.step.data["demand"] = str(created.id)
    await steps.hear(turn.chat, str(created.id))


async def _pass_on(turn: Turn, rest: list[dict[str, Any]], demand: DemandId) -> None:
    """Send what follows the description; that nobody reads it yet is no news to somebody who has just asked."""
    told: list[str] = turn.step.data.get("told", [])
    turn.step.data["told"] = [*told, str(demand)]
    for one in rest:
        # The request is made: what is refused now waits for another yes, and Send is not pressed a second time for it.
        await let_go(turn, {**one, "demand": str(demand)})
    turn.step.data["told"] = told


async def _share_phone(turn: Turn, demand: DemandId) -> None:
    try:
        await turn.call(PARTICIPANTS_SHARE_CONTACT, ShareContact(demand=demand))
    except TRIED_AGAIN:
        raise
    except Failure as refusal:
        await turn.send(refused(turn, refusal))


async def _end(turn: Turn, state: FSMContext, draft: Draft, created: Created) -> None:
    # That it came in is said by the notice the api owes, which arrives in order with all that follows.
    drop(turn)
    await state.set_state(None)
    known = await recent(turn)
    turn.step.data["recent"] = used_now(known, draft.scenario, draft.place, draft.resource)
    if created.similar is not None:
        number = created.similar.number
        show_it = keyboards.button(turn.say("button-show", number=number), Verb.SHOW, created.similar.id)
        await turn.answer("similar-open", keyboard=keyboards.rows([show_it]), number=number)


async def _change(query: CallbackQuery, press: Press, turn: Turn, state: FSMContext, emergency: Emergency) -> None:
    draft = draft_of(turn)
    if not is_card(query, draft):
        await turn.answer_press("press-used")
        return
    match press.about:
        case "place":
            await ask_place(turn, state, emergency)
        case "resource":
            await ask_resource(turn, state, emergency, draft.place, change=True)
        case "words":
            draft.messages, before, draft.card = [], draft.card, 0
            keep(turn, draft)
            await shown.remove(turn.bot, turn.chat, before)
            await ask_words(turn, state, emergency)
        case "back":
            await turn.edit(await summary(turn, draft), keyboards.draft(turn.say, way_out(turn)))
        case _:
            await turn.edit(await summary(turn, draft), keyboards.changes(turn.say))


def is_card(query: CallbackQuery, draft: Draft) -> bool:
    """Whether a press is on the card that shows this very draft."""
    return query.message is not None and query.message.message_id == draft.card
