"""/phone, and the question for a phone where a request needs one: who will see it is always said before."""

import time
from typing import Any, Final

import phonenumbers
from aiogram import Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import Command, CommandObject, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message, ReplyKeyboardRemove

from contracts.failures import VersionConflict
from contracts.operations.demands import PARTICIPANTS_SHARE_CONTACT
from contracts.operations.users import USERS_UPDATE_ME
from contracts.participants import ShareContact
from contracts.shapes import DemandId
from contracts.users import UpdateMe
from telegram_bot import keyboards
from telegram_bot.callbacks import Press, Verb, unpack_id
from telegram_bot.emergency import Emergency
from telegram_bot.form import Draft, Form, step_back
from telegram_bot.intake.steps import Steps
from telegram_bot.routers.close import changed_meanwhile
from telegram_bot.routers.draft import ask_words
from telegram_bot.routers.filters import pressing, says_a_command
from telegram_bot.routers.relay import relayed_reply
from telegram_bot.turn import Turn

HOUR: Final = 3600
"""Seconds for which a number typed after the question is taken for one's own."""


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="phone")
    made.message.register(_command, Command("phone"))
    made.callback_query.register(_pressed, pressing(Verb.PHONE))
    made.message.register(_contact, StateFilter(Form.phone), _is_contact)
    made.message.register(_typed, StateFilter(Form.phone), _is_no_command)
    return made


async def _is_contact(message: Message) -> bool:
    return message.contact is not None


async def _is_no_command(message: Message) -> bool:
    return not says_a_command(message)


async def _command(message: Message, command: CommandObject, turn: Turn) -> None:
    del message
    if command.args:
        number = international(command.args, turn.region)
        if number is None:
            await turn.answer("phone-not-read")
            return
        await turn.call(USERS_UPDATE_ME, UpdateMe(phone=number))
        await turn.answer("phone-kept", phone=number)
        return
    known = (await turn.me()).user.phone
    board = keyboards.phone(turn.say, is_known=known is not None)
    await turn.answer("phone-known" if known else "phone-unknown", keyboard=board, phone=known or "")


async def _pressed(query: CallbackQuery, press: Press, turn: Turn, state: FSMContext) -> None:
    del query
    if press.about == "change":
        await ask_phone(turn, state, "keep")
    elif press.about == "delete":
        await turn.call(USERS_UPDATE_ME, UpdateMe(phone=None))
        await turn.answer("phone-deleted")


async def needs_phone(turn: Turn, draft: Draft) -> bool:
    """Whether a request cannot be sent before its requester's phone is known."""
    return draft.phone_required and (await turn.me()).user.phone is None


async def ask_phone(turn: Turn, state: FSMContext, purpose: str, about: str = "") -> None:
    """Ask for a phone, by a key that hands over one's own or typed, saying who will see it.

    `purpose`: a request needs it (form), its owner wants it kept (keep), or shared in the demand `about` (share), which is
    its packed id and, after a colon, its version.
    """
    turn.step.data["phone_for"] = [purpose, about, int(time.time())]
    await state.set_state(Form.phone)
    await turn.answer(f"phone-ask-{purpose}", keyboard=keyboards.share_phone(turn.say))


async def _contact(message: Message, turn: Turn, state: FSMContext, steps: Steps, emergency: Emergency) -> None:
    if await relayed_reply(message, turn):
        return
    contact = message.contact
    # A card of somebody else would give away a number that is not theirs to give.
    if contact is None or contact.user_id != turn.person.id:
        await turn.answer("phone-not-yours")
        return
    number = international("+" + contact.phone_number.lstrip("+"), turn.region)
    if number is None:
        await turn.answer("phone-not-understood")
        return
    await _asked(turn, state, steps, emergency, number)


async def _typed(message: Message, turn: Turn, state: FSMContext, steps: Steps, emergency: Emergency) -> None:
    if await relayed_reply(message, turn):
        return
    if is_stale(turn):
        await _ask_again(turn, state)
        return
    number = international(message.text or "", turn.region)
    if number is None:
        await turn.answer("phone-not-understood")
        return
    await _asked(turn, state, steps, emergency, number)


def is_stale(turn: Turn) -> bool:
    """Whether a phone was asked for so long ago that a number typed now may well be somebody else's."""
    kept: list[Any] = turn.step.data.get("phone_for", [])
    return not kept[2:] or int(kept[2]) < time.time() - HOUR


async def _ask_again(turn: Turn, state: FSMContext) -> None:
    """The form asks once more before it keeps a number; of any other question nothing is left, and words are words."""
    purpose = turn.step.data.pop("phone_for", ["keep"])[0]
    if purpose == "form" and "form" in turn.step.data:
        await ask_phone(turn, state, "form")
        return
    await step_back(turn, state)
    raise SkipHandler


async def _asked(turn: Turn, state: FSMContext, steps: Steps, emergency: Emergency, number: str) -> None:
    purpose, about, *_ = turn.step.data.pop("phone_for", None) or ("keep", "")
    await turn.call(USERS_UPDATE_ME, UpdateMe(phone=number))
    turn.forget_me()
    await turn.answer("phone-kept", keyboard=ReplyKeyboardRemove(), phone=number)
    if purpose == "form":
        await ask_words(turn, state, emergency)
        return
    if purpose == "share":
        demand, _, version = about.partition(":")
        await share(turn, steps, DemandId(unpack_id(demand)), int(version))
    await step_back(turn, state)


async def share(turn: Turn, steps: Steps, demand: DemandId, version: int | None) -> None:
    """Show the person's phone to whoever was in their demand at this version, or say how the demand stands now."""
    try:
        await turn.call(PARTICIPANTS_SHARE_CONTACT, ShareContact(demand=demand, version=version))
    except VersionConflict:
        # Somebody else may be there now: a phone is shown to whom its owner had in mind, or not at all.
        await changed_meanwhile(turn, steps, demand)
    else:
        await turn.answer("contact-shared")


def international(typed: str, region: str) -> str | None:
    """A phone number as people write it, in E.164; None for what cannot be one.

    Only its length is judged: the list of numbers in use is never complete, and a frightened person's must not be refused.
    """
    try:
        number = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
