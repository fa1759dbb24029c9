"""What of a person's message may travel on."""

from typing import get_args

import pytest
from aiogram.types import MessageEntity

from contracts.messages import Style, WrittenEntity
from telegram_bot.routers.filters import number_in
from telegram_bot.routers.relay import STYLES, may_pass, plain


def test_the_styles_are_those_of_the_contract() -> None:
    assert frozenset(get_args(Style)) == STYLES


@pytest.mark.parametrize(
    "kind",
    ["mention", "text_mention", "hashtag", "url", "email", "phone_number", "bot_command", "custom_emoji", "cashtag"],
)
def test_what_names_somebody_loses_its_styling(kind: str) -> None:
    assert not may_pass(MessageEntity(type=kind, offset=0, length=3))


@pytest.mark.parametrize(
    ("url", "passes"),
    [
        ("https://example.org/a", True),
        ("http://example.org", True),
        ("tg://user?id=123456789", False),
        ("tel:+995555123456", False),
        ("javascript:alert(1)", False),
        (None, False),
    ],
)
def test_behind_a_word_only_web_addresses_may_hide(url: str | None, *, passes: bool) -> None:
    assert may_pass(MessageEntity(type="text_link", offset=0, length=3, url=url)) is passes


def test_a_stretch_becomes_what_the_contract_takes() -> None:
    code = MessageEntity(type="pre", offset=2, length=5, language="python")
    assert WrittenEntity(**plain(code)) == WrittenEntity(type="pre", offset=2, length=5, language="python")
    bold = MessageEntity(type="bold", offset=0, length=1)
    assert plain(bold) == {"type": "bold", "offset": 0, "length": 1}


@pytest.mark.parametrize(
    ("typed", "number"),
    [("4F7K", "4F7K"), ("№4f7k", "4F7K"), (" # 4f7k ", "4F7K"), ("", ""), (None, ""), ("two words", ""), ("'; --", "")],
)
def test_a_number_as_people_type_it(typed: str | None, number: str) -> None:
    assert number_in(typed) == number
