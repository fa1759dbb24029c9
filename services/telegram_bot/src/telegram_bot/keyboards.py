"""Buttons under messages; what is on their backs is in callbacks.py."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Protocol
from uuid import UUID

from aiogram.types import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from contracts.demands import DemandLine
from telegram_bot.callbacks import Verb, pack
from telegram_bot.words import LOCALES

SHOWN: int = 60
"""Characters of a button's text: phones cut what is longer."""


LANGUAGES: Final = {"en": "English", "ru": "Русский", "uk": "Українська"}
"""Each language in its own name."""


Board = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove
"""Buttons under a message, keys in place of the keyboard, or those keys gone."""


class Say(Protocol):
    """A sentence by its name, in the language of whoever reads the buttons."""

    def __call__(self, key: str, /, **values: Any) -> str:  # noqa: ANN401 - numbers and texts of any sentence
        """Return the sentence."""
        ...


def button(text: str, verb: Verb, about: UUID | str | int = "", version: int | None = None) -> InlineKeyboardButton:
    """One button; `version` is that of the demand it is about, where acting on an older one would be wrong."""
    shown = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    return InlineKeyboardButton(text=shown, callback_data=pack(verb, about, version))


def choice(text: str, verb: Verb, about: UUID, user: UUID, version: int | None = None) -> InlineKeyboardButton:
    """A button about somebody and a scenario, or a demand as it was at this version."""
    return InlineKeyboardButton(text=text, callback_data=pack(verb, about, user, version))


def rows(*buttons: Sequence[InlineKeyboardButton]) -> InlineKeyboardMarkup:
    """Buttons row by row."""
    return InlineKeyboardMarkup(inline_keyboard=[list(row) for row in buttons if row])


def beginning(say: Say, *, helps: bool) -> InlineKeyboardMarkup:
    """What one can do here: ask, and take the next request if one helps, or offer to."""
    help_on = button(say("button-next"), Verb.NEXT) if helps else button(say("button-offer-help"), Verb.OFFER_HELP)
    return rows([button(say("button-new"), Verb.NEW)], [help_on])


def cancel(say: Say, question: str = "") -> InlineKeyboardMarkup:
    """The way out of a question: of the form it names, or of one beside the form."""
    return rows([button(say("button-cancel"), Verb.CANCEL, question)])


def places(
    say: Say, found: Iterable[tuple[UUID, str]], question: str = "", *, search: bool = False
) -> InlineKeyboardMarkup:
    """A place a row, by a scenario there; `search` offers to look among all."""
    return rows(*([button(place, Verb.PLACE, about)] for about, place in found), _end(say, question, search=search))


def resources(
    say: Say, found: Iterable[tuple[UUID, str]], question: str = "", *, search: bool = False
) -> InlineKeyboardMarkup:
    """A kind of help a row, by its scenario; `search` offers to look among all."""
    return rows(*([button(name, Verb.RESOURCE, about)] for about, name in found), _end(say, question, search=search))


def _end(say: Say, question: str, *, search: bool) -> list[InlineKeyboardButton]:
    found = InlineKeyboardButton(text=say("button-search"), switch_inline_query_current_chat="")
    return [*[found] * search, button(say("button-cancel"), Verb.CANCEL, question)]


def draft(say: Say, question: str = "") -> InlineKeyboardMarkup:
    """Under a request that is not sent yet."""
    return rows(
        [button(say("button-send"), Verb.SEND)],
        [button(say("button-change"), Verb.CHANGE), button(say("button-cancel"), Verb.CANCEL, question)],
    )


CHANGES: Final = ("place", "resource", "words", "back")
"""What of a draft can be changed by a button, and the way back."""


def changes(say: Say) -> InlineKeyboardMarkup:
    """What of a request that is not sent yet is to be different."""
    return rows(*([button(say(f"button-change-{what}"), Verb.CHANGE, what)] for what in CHANGES))


def sure(say: Say, yes: str, verb: Verb, about: UUID | str = "", version: int | None = None) -> InlineKeyboardMarkup:
    """A question asked once before something that others feel."""
    return rows([button(say(yes), verb, about, version)], [button(say("button-no"), Verb.KEEP, "no")])


def after_the_end(say: Say, demand: UUID, version: int, *, was_helped: bool) -> InlineKeyboardMarkup:
    """What is left to say of a request that is over: whether it helped, and that it is not over at all."""
    verdict = [
        button(say("button-helped"), Verb.HELPED, demand, version),
        button(say("button-not-helped"), Verb.NOT_HELPED, demand, version),
    ]
    return rows(verdict if was_helped else [], [button(say("button-reopen"), Verb.REOPEN, demand, version)])


def phone(say: Say, *, is_known: bool) -> InlineKeyboardMarkup:
    """What to do about one's own phone."""
    change = [button(say("button-phone-change" if is_known else "button-phone-add"), Verb.PHONE, "change")]
    return rows(change, [button(say("button-phone-delete"), Verb.PHONE, "delete")] if is_known else [])


def share_phone(say: Say) -> ReplyKeyboardMarkup:
    """Keys in place of the keyboard: Telegram hands over a person's own number by one of these only."""
    share = KeyboardButton(text=say("button-phone-mine"), request_contact=True)
    # A command, because a key only types its text, in the language it had when it was shown.
    keys = [[share], [KeyboardButton(text=f"/cancel — {say('button-cancel')}")]]
    return ReplyKeyboardMarkup(keyboard=keys, resize_keyboard=True, one_time_keyboard=True)


def languages() -> InlineKeyboardMarkup:
    """A language a button, each in its own name."""
    return rows([button(LANGUAGES[locale], Verb.LANGUAGE, locale) for locale in LOCALES])


def demands(verb: Verb, found: Iterable[DemandLine], title: Callable[[DemandLine], str]) -> InlineKeyboardMarkup:
    """A demand a row; a press does `verb` with it."""
    return rows(*([button(title(one), verb, one.id)] for one in found))


def closing(say: Say, demand: UUID, version: int, *, is_requester: bool) -> InlineKeyboardMarkup:
    """Is it over? Who asked says whether help came, others only that it is over."""
    yes = [button(say("button-close-yes"), Verb.CLOSE_FULFILLED, demand, version)]
    cancelled = [button(say("button-close-cancelled"), Verb.CLOSE_CANCELLED, demand, version)] if is_requester else []
    return rows(yes, cancelled, [button(say("button-keep"), Verb.KEEP)])
