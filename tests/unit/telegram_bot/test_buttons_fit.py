"""Buttons are as short as a phone shows them: what is longer is cut in the middle of a word."""

import ast
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from aiogram.types import InlineKeyboardMarkup

import telegram_bot
from contracts.kinds import DemandStatus, Notice, Role
from contracts.shapes import DemandId
from telegram_bot import keyboards, staff_keyboards
from telegram_bot.callbacks import Verb
from telegram_bot.keyboards import Say
from telegram_bot.pinned import card_board
from telegram_bot.words import LOCALES, Words
from unit.telegram_bot.test_compose import tag
from unit.telegram_bot.test_notices import sample, shown
from unit.telegram_bot.test_words import messages

ALONE = 24
"""Characters of a button that has its row to itself, on a phone of 360 points."""

BESIDE = 16
"""Characters of a button that shares its row with another one."""

SOURCES = Path(telegram_bot.__file__).parent
WORDS = Words()
DEMAND = DemandId(UUID("01920000-dffc-7177-8fd0-000000000001"))
TYPICAL = {"number": "4F7K"}


def sentences() -> list[str]:
    """The names of all that stands on a button."""
    return [key for key in messages("en") if key.startswith("button-")]


def beside(source: str) -> Iterator[str]:
    """The sentences that stand on one row with another, wherever a row is written as one list."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.List):
            named = [key for key in map(_named, node.elts) if key]
            if len(named) > 1:
                yield from named


def _named(button: ast.expr) -> str:
    if isinstance(button, ast.List):
        return ""
    said = (one.value for one in ast.walk(button) if isinstance(one, ast.Constant) and isinstance(one.value, str))
    return next((key for key in said if key.startswith("button-")), "")


def boards(locale: str) -> Iterator[InlineKeyboardMarkup | None]:
    """Boards as they are built, for the rows that are put together bit by bit."""

    def say(key: str, /, **values: object) -> str:
        return WORDS.say(locale, key, **values)

    for kind in Notice:
        for role in (*Role, None):
            for part in shown(kind, sample(kind), locale, role):
                yield part.keyboard
    yield from _staffs(say)
    yield from _requesters(say)


def _staffs(say: Say) -> Iterator[InlineKeyboardMarkup | None]:
    for status in DemandStatus:
        yield staff_keyboards.under_card(say, DEMAND, status, 7)
        yield staff_keyboards.more(say, DEMAND, status, 7)
    for verbs in (staff_keyboards.CLOSING, staff_keyboards.URGENCIES, staff_keyboards.PAUSES):
        yield staff_keyboards.choosing(say, list(verbs), DEMAND, 7)


def _requesters(say: Say) -> Iterator[InlineKeyboardMarkup | None]:
    for status in DemandStatus:
        yield card_board(say, tag_of(status))
    for so in (False, True):
        yield keyboards.beginning(say, helps=so)
        yield keyboards.after_the_end(say, DEMAND, 7, was_helped=so)
        yield keyboards.phone(say, is_known=so)
        yield keyboards.closing(say, DEMAND, 7, is_requester=so)
    yield keyboards.draft(say)
    yield keyboards.changes(say)
    yield keyboards.sure(say, "button-someone-else", Verb.RELEASE)
    yield keyboards.places(say, [], search=True)
    yield keyboards.languages()


def tag_of(status: DemandStatus) -> object:
    made = tag(Role.REQUESTER)
    return type(made)(
        id=DEMAND, number="4F7K", place="Vake", resource="Food", version=7, is_active=True, viewer_role=Role.REQUESTER,
        status=status,
    )  # fmt: skip


def too_long(locale: str, most: int, texts: dict[str, str]) -> list[str]:
    """What does not fit: which sentence of which language, and by how much."""
    return [f"{locale} {key}: {text!r} has {len(text)} of {most}" for key, text in texts.items() if len(text) > most]


@pytest.mark.parametrize("locale", LOCALES)
def test_every_button_fits_its_row(locale: str) -> None:
    said = {key: WORDS.say(locale, key, **TYPICAL) for key in sentences()}
    assert len(said) > 60
    assert not too_long(locale, ALONE, said)


@pytest.mark.parametrize("locale", LOCALES)
def test_two_buttons_of_a_row_fit_beside_each_other(locale: str) -> None:
    pairs = {key for path in SOURCES.rglob("*.py") for key in beside(path.read_text("utf-8"))}
    assert {"button-done", "button-decline", "button-share-contact", "button-report-dismissed", "button-reset"} <= pairs
    assert not too_long(locale, BESIDE, {key: WORDS.say(locale, key, **TYPICAL) for key in sorted(pairs)})


@pytest.mark.parametrize("locale", LOCALES)
def test_every_board_fits_as_it_is_built(locale: str) -> None:
    keys = {WORDS.say(locale, key, **TYPICAL): key for key in sentences()}
    rows = [[one.text for one in row] for board in boards(locale) if board for row in board.inline_keyboard]
    assert max(map(len, rows)) > 1
    for row in rows:
        most = ALONE if len(row) == 1 else BESIDE
        assert not too_long(locale, most, {keys.get(text, "?"): text for text in row})
