"""Buttons under messages; what is on their backs is in callbacks.py."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Protocol
from uuid import UUID

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from contracts.demands import DemandLine
from contracts.scenarios import Scenario
from telegram_bot.callbacks import Verb, pack
from telegram_bot.words import LOCALES

SHOWN: int = 60
"""Characters of a button's text: phones cut what is longer."""


LANGUAGES: Final = {"en": "English", "ru": "Русский", "uk": "Українська"}
"""Each language in its own name."""


class Say(Protocol):
    """A sentence by its name, in the language of whoever reads the buttons."""

    def __call__(self, key: str, /, **values: Any) -> str:  # noqa: ANN401 - numbers and texts of any sentence
        """Return the sentence."""
        ...


def button(text: str, verb: Verb, about: UUID | str | int = "", version: int | None = None) -> InlineKeyboardButton:
    """One button; `version` is that of the demand it is about, where acting on an older one would be wrong."""
    shown = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    return InlineKeyboardButton(text=shown, callback_data=pack(verb, about, version))


def choice(text: str, verb: Verb, about: UUID, user: UUID) -> InlineKeyboardButton:
    """A button about somebody and a scenario, or a demand."""
    return InlineKeyboardButton(text=text, callback_data=pack(verb, about, user))


def rows(*buttons: Sequence[InlineKeyboardButton]) -> InlineKeyboardMarkup:
    """Buttons row by row."""
    return InlineKeyboardMarkup(inline_keyboard=[list(row) for row in buttons if row])


def beginning(say: Say, *, helps: bool) -> InlineKeyboardMarkup:
    """What one can do here: ask, or take the next request if one helps."""
    ask = button(say("button-new"), Verb.NEW)
    return rows([ask], [button(say("button-next"), Verb.NEXT)]) if helps else rows([ask])


def cancel(say: Say) -> InlineKeyboardMarkup:
    """The way out of a form."""
    return rows([button(say("button-cancel"), Verb.CANCEL)])


def places(say: Say, found: Iterable[Scenario]) -> InlineKeyboardMarkup:
    """A place a row; each stands for the first scenario there."""
    return rows(
        *([button(one.place, Verb.PLACE, one.id)] for one in found), [button(say("button-cancel"), Verb.CANCEL)]
    )


def resources(say: Say, found: Iterable[Scenario]) -> InlineKeyboardMarkup:
    """A kind of help a row."""
    return rows(
        *([button(one.resource, Verb.RESOURCE, one.id)] for one in found), [button(say("button-cancel"), Verb.CANCEL)]
    )


def languages() -> InlineKeyboardMarkup:
    """A language a button, each in its own name."""
    return rows([button(LANGUAGES[locale], Verb.LANGUAGE, locale) for locale in LOCALES])


def demands(verb: Verb, found: Iterable[DemandLine], title: Callable[[DemandLine], str]) -> InlineKeyboardMarkup:
    """A demand a row; a press does `verb` with it."""
    return rows(*([button(title(one), verb, one.id)] for one in found))


def closing(say: Say, demand: UUID, *, is_requester: bool) -> InlineKeyboardMarkup:
    """Is it over? Who asked says whether help came, others only that it is over."""
    yes = [button(say("button-close-yes"), Verb.CLOSE_FULFILLED, demand)]
    cancelled = [button(say("button-close-cancelled"), Verb.CLOSE_CANCELLED, demand)] if is_requester else []
    return rows(yes, cancelled, [button(say("button-keep"), Verb.KEEP)])
