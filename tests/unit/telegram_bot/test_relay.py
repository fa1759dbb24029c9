"""What of a person's message may travel on."""

import json
from pathlib import Path
from typing import get_args
from uuid import uuid4

import msgspec
import pytest
from aiogram.types import MessageEntity

from contracts.demands import DemandLine
from contracts.messages import Style, WrittenEntity
from telegram_bot.routers.filters import number_in
from telegram_bot.routers.relay import named
from telegram_bot.routers.relay.styles import STYLES, may_pass, plain

SAMPLE = Path(__file__).resolve().parents[2] / "contract" / "samples" / "users.me.json"


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


def demand(number: str) -> DemandLine:
    sample = json.loads(SAMPLE.read_text())["replies"]["Me"]["demands"][0]
    return msgspec.convert({**sample, "number": number, "id": str(uuid4())}, DemandLine)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Needs help · JZKUB · №4F7K\nSee №9E76", "4F7K"),
        ("Helper №9E76 · №4F7K\nwho chose a number for a name", None),
        ("Нужна помощь · JZKUB · №4F7K · возможно, повтор · A1B2\nда", "4F7K"),
        ("Needs help · JZKUB · №0000\na closed one", None),
        ("You have several conversations. Who is this for?", None),
        ("", None),
    ],
)
def test_what_the_first_line_of_ours_names_is_where_an_answer_goes(text: str, number: str | None) -> None:
    active = [demand("4F7K"), demand("9E76")]
    assert named(text, active) == next((one.id for one in active if one.number == number), None)


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
