"""The buttons of a request's card: somebody else, my contact, something is wrong, hide what was said."""

import time
from typing import Any, Final

from aiogram import Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State
from aiogram.types import CallbackQuery, Message

from contracts.demand_life import FeedbackDemand, ReleaseDemand
from contracts.failures import AlreadyClosed, AlreadyExists, VersionConflict, WrongStatus
from contracts.kinds import DemandStatus
from contracts.operations.demands import (
    DEMANDS_FEEDBACK,
    DEMANDS_RELEASE,
    DEMANDS_REPORT,
)
from contracts.operations.users import USERS_HIDE_HISTORY
from contracts.own_data import HideHistory
from contracts.reports import ReportDemand
from contracts.shapes import DemandId
from telegram_bot import keyboards, shown
from telegram_bot.callbacks import Press, Verb, pack_id, unpack_id
from telegram_bot.form import Form, step_back
from telegram_bot.intake.steps import Steps
from telegram_bot.routers.close import changed_meanwhile, refreshed
from telegram_bot.routers.filters import pressing, says_words
from telegram_bot.routers.phone import ask_phone, share
from telegram_bot.routers.relay import relayed_reply, written
from telegram_bot.routers.relay.apart import COORDINATORS, set_apart
from telegram_bot.routers.relay.asking import ask_or_pass_on
from telegram_bot.turn import Turn

HOUR: Final = 3600
"""Seconds for which words after a question are taken for its answer; later they may well be for somebody else."""

TAKEN: Final = "aside.taken"

AT_ONCE: Final = 100
"""Messages Telegram takes out of a chat by one request."""


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="asked")
    made.callback_query.register(_release, pressing(Verb.RELEASE))
    made.callback_query.register(_release_sure, pressing(Verb.RELEASE_SURE))
    made.callback_query.register(_share, pressing(Verb.SHARE))
    made.callback_query.register(_share_sure, pressing(Verb.SHARE_SURE))
    made.callback_query.register(_hide, pressing(Verb.HIDE))
    made.callback_query.register(_hide_sure, pressing(Verb.HIDE_SURE))
    made.callback_query.register(_report, pressing(Verb.REPORT))
    made.callback_query.register(_helped, pressing(Verb.HELPED, Verb.NOT_HELPED))
    made.message.register(_reported, StateFilter(Form.report), says_words)
    made.message.register(_thanked, StateFilter(Form.feedback), says_words)
    return made


async def _release(query: CallbackQuery, press: Press, turn: Turn, steps: Steps) -> None:
    del query
    found = await refreshed(turn, steps, DemandId(press.id))
    if found.status is DemandStatus.CLOSED:
        raise AlreadyClosed
    if found.status is not DemandStatus.HELD:
        await turn.answer("nobody-helps-yet", number=found.number)
        return
    board = keyboards.sure(turn.say, "button-someone-else", Verb.RELEASE_SURE, found.id, found.version)
    await turn.answer("release-sure", keyboard=board, number=found.number)


async def _release_sure(query: CallbackQuery, press: Press, turn: Turn, steps: Steps) -> None:
    del query
    demand = DemandId(press.id)
    try:
        released = await turn.call(DEMANDS_RELEASE, ReleaseDemand(demand=demand, version=press.version))
    except (VersionConflict, WrongStatus):
        await changed_meanwhile(turn, steps, demand)
        return
    await refreshed(turn, steps, demand)
    await turn.answer("released-by-you", number=released.number)


async def _share(query: CallbackQuery, press: Press, turn: Turn, state: FSMContext, steps: Steps) -> None:
    del query
    found = await refreshed(turn, steps, DemandId(press.id))
    if found.status is DemandStatus.CLOSED:
        raise AlreadyClosed
    phone = (await turn.me()).user.phone
    if phone is None:
        await ask_phone(turn, state, "share", f"{pack_id(found.id)}:{found.version}")
        return
    board = keyboards.sure(turn.say, "button-share-sure", Verb.SHARE_SURE, found.id, found.version)
    await turn.answer("share-sure", keyboard=board, number=found.number, phone=phone)


async def _share_sure(query: CallbackQuery, press: Press, turn: Turn, steps: Steps) -> None:
    del query
    await share(turn, steps, DemandId(press.id), press.version)


async def _report(query: CallbackQuery, press: Press, turn: Turn, state: FSMContext) -> None:
    del query
    asked = await turn.answer("report-ask", keyboard=keyboards.cancel(turn.say))
    set_apart(turn, "report-ask", DemandId(press.id), asked)
    await _listen(turn, state, Form.report, press, asked)


async def _reported(message: Message, turn: Turn, state: FSMContext, steps: Steps) -> None:
    aside = await _heard(message, turn, state, steps)
    if aside is None:
        return
    try:
        made = await turn.call(DEMANDS_REPORT, ReportDemand(demand=_demand(aside), reason=message.text or ""))
    except AlreadyExists:
        told = await turn.answer("reported-already")
    else:
        told = await turn.answer("reported", number=made.number)
    set_apart(turn, "report", _demand(aside), aside.get("asked"), message.message_id, told)
    # What comes next may be more of it: it must not go, unasked, to those it is about.
    await steps.hear(turn.chat, COORDINATORS)


async def _helped(query: CallbackQuery, press: Press, turn: Turn, state: FSMContext, steps: Steps) -> None:
    helped = press.verb is Verb.HELPED
    try:
        await turn.call(DEMANDS_FEEDBACK, FeedbackDemand(demand=DemandId(press.id), helped=helped))
    except AlreadyExists:
        await turn.answer_press("press-used")
        return
    if query.message is not None:
        board = keyboards.after_the_end(turn.say, press.id, press.version or 1, was_helped=False)
        await shown.put_buttons(turn.bot, turn.chat, query.message.message_id, board)
    heard = await steps.heard(turn.chat)
    skip = keyboards.rows([keyboards.button(turn.say("button-no-words"), Verb.CANCEL)])
    asked = await turn.answer("feedback-helped" if helped else "feedback-not-helped", keyboard=skip)
    await _listen(turn, state, Form.feedback, press, asked, heard=heard, helped=helped)


async def _thanked(message: Message, turn: Turn, state: FSMContext, steps: Steps) -> None:
    aside = await _heard(message, turn, state, steps)
    kept = None if aside is None else written(message)
    if aside is not None and kept is not None:
        await ask_or_pass_on(turn, kept | {"demand": str(_demand(aside)), "helped": bool(aside.get("helped"))})


async def _hide(query: CallbackQuery, press: Press, turn: Turn) -> None:
    del query, press
    await turn.answer("hide-sure", keyboard=keyboards.sure(turn.say, "button-hide-sure", Verb.HIDE_SURE))


async def _hide_sure(query: CallbackQuery, press: Press, turn: Turn) -> None:
    """Deliveries are taken out by the road they came, in order and with patience; answers here and now."""
    del query, press
    hidden = await turn.call(USERS_HIDE_HISTORY, HideHistory(everything=True))
    answers = shown.take(turn.step.data)
    gone = 0
    for at in range(0, len(answers), AT_ONCE):
        gone += await shown.remove(turn.bot, turn.chat, *answers[at : at + AT_ONCE])
    await turn.answer("hidden", count=hidden.count + gone, old=hidden.too_old + len(answers) - gone)


async def _listen(
    turn: Turn, state: FSMContext, to: State, press: Press, asked: Message | None, **more: object
) -> None:
    """Take the next words for the answer to a question, `asked` about the demand of a button."""
    question = asked.message_id if asked else 0
    turn.step.data["aside"] = {"demand": press.about, "at": int(time.time()), "asked": question, **more}
    await state.set_state(to)


async def _heard(message: Message, turn: Turn, state: FSMContext, steps: Steps) -> dict[str, Any] | None:
    """What was asked, now that words came; None when they went elsewhere. The form goes on where it was.

    What was taken is noted before it is passed on: handled again, it goes the same way.
    """
    if await relayed_reply(message, turn):
        return None
    aside: dict[str, Any] = turn.step.data.pop("aside", {})
    await step_back(turn, state)
    answered = message.reply_to_message.message_id if message.reply_to_message else None
    is_old = aside.get("at", 0) < time.time() - HOUR or await _spoke_since(turn, steps, aside)
    if is_old and answered != aside.get("asked", 0) and not await steps.noted(turn.update_id, TAKEN):
        if "helped" not in aside:
            await steps.hear(turn.chat, COORDINATORS)  # a report that comes late is for nobody else either
        raise SkipHandler
    await steps.answers(turn.update_id, TAKEN)
    return aside


async def _spoke_since(turn: Turn, steps: Steps, aside: dict[str, Any]) -> bool:
    """Whether words may be for another conversation, which has spoken since a question was asked.

    A report is one whoever has: it is for coordinators, and must never reach those it is about.
    """
    heard = await steps.heard(turn.chat)
    return aside.get("heard", heard) != heard and not heard.startswith(str(_demand(aside)))


def _demand(aside: dict[str, Any]) -> DemandId:
    return DemandId(unpack_id(aside["demand"]))
