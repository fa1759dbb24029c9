"""The form of a request without a chat: what becomes of drafts, phones and numbers to call."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegram_bot import keyboards, shown
from telegram_bot.emergency import Emergency
from telegram_bot.form import LONGEST, Draft, is_plain, split
from telegram_bot.routers.choices import RECENT, last_used_first, used_now
from telegram_bot.routers.phone import international
from telegram_bot.routers.sending import MOST, add
from telegram_bot.words import LOCALES, Words


def said(text: str, **more: Any) -> dict[str, Any]:
    return {"message": 1, "text": text, "styles": [], **more}


PHOTO = {"files": [{"kind": "photo"}]}


def test_the_description_is_what_was_said_before_the_first_file() -> None:
    draft = [said("bread"), said("and milk"), said("look", **PHOTO), said("thank you")]
    assert split(draft) == ("bread\n\nand milk", draft[2:])
    assert split([said("", **PHOTO), said("bread")]) == ("", [said("", **PHOTO), said("bread")])
    assert split([]) == ("", [])


@given(st.lists(st.integers(0, LONGEST), max_size=6), st.integers(0, 6))
def test_nothing_of_a_draft_is_lost_or_moved_and_the_description_fits(lengths: list[int], at: int) -> None:
    draft = [said(f"{number}" + "x" * (length // 2)) for number, length in enumerate(lengths)]
    draft[at:at] = [said("under it", **PHOTO)]
    description, rest = split(draft)
    assert len(description) <= LONGEST
    head = draft[: len(draft) - len(rest)]
    assert description == "\n\n".join(one["text"] for one in head)
    assert [*head, *rest] == draft
    assert all(is_plain(one) for one in head)


def test_an_album_is_one_message_of_a_draft_and_a_full_draft_takes_no_more() -> None:
    draft = Draft()
    for number in range(3):
        assert add(draft, said("", message_id=number, album="a", **PHOTO))
    assert [len(one["files"]) for one in draft.messages] == [3]
    while add(draft, said("more")):
        pass
    assert len(draft.messages) == MOST
    assert add(draft, said("x")) is False


@pytest.mark.parametrize(
    ("typed", "region", "number"),
    [
        ("8 (999) 123-45-67", "RU", "+79991234567"),
        ("+995 555 12 34 56", "RU", "+995555123456"),
        ("050 123 45 67", "UA", "+380501234567"),
        ("79991234567", "RU", "+79991234567"),
        ("12", "RU", None),
        ("call me", "RU", None),
        ("", "RU", None),
        ("+", "RU", None),
        ("9" * 40, "RU", None),
    ],
)
def test_phones_as_people_write_them(typed: str, region: str, number: str | None) -> None:
    assert international(typed, region) == number


@given(st.text(max_size=60))
def test_no_text_breaks_reading_a_phone(typed: str) -> None:
    number = international(typed, "RU")
    assert number is None or number.startswith("+")


@pytest.mark.parametrize(
    ("locale", "payload", "number"),
    [
        ("en", {}, "112"),
        ("uk", {}, "103"),
        ("ru", {}, "101"),
        ("uk", {"emergency_number": "+995 032"}, "+995 032"),
        ("uk", {"emergency_number": "call <b>me</b>"}, "103"),
        ("uk", {"emergency_number": 911}, "103"),
        ("uk", {"emergency_number": ""}, "103"),
    ],
)
def test_whom_to_call(locale: str, payload: dict[str, Any], number: str) -> None:
    assert Emergency("112", "uk=103,ru=101").number(locale, payload) == number


def test_what_was_used_last_comes_first_once() -> None:
    ids = [UUID(int=number) for number in range(4)]
    found = [(ids[0], "A"), (ids[1], "B"), (ids[2], "C")]
    used = [(ids[3], "C"), (ids[3], "gone")]
    assert list(last_used_first(found, used, closed=True)) == [(ids[3], "C"), (ids[0], "A"), (ids[1], "B")]
    assert [name for _, name in last_used_first(found, used, closed=False)] == ["C", "gone", "A", "B"]
    known: list[dict[str, Any]] = []
    for number in [*range(9), 3]:
        known = used_now(known, str(number), "P", "R")
    assert [one["id"] for one in known] == ["3", "8", "7", "6", "5", "4"]
    assert len(known) == RECENT


def test_answers_are_remembered_as_long_as_they_can_be_taken_out(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000_000.0]
    monkeypatch.setattr(shown.time, "time", lambda: now[0])
    data: dict[str, Any] = {}
    shown.note(data, 1)
    now[0] += shown.REMOVABLE - 10
    shown.note(data, 2)
    now[0] += 20
    shown.note(data, 3)
    assert shown.take(data) == [2, 3]
    assert shown.take(data) == []
    for number in range(shown.MOST + 5):
        shown.note(data, number)
    assert len(shown.take(data)) == shown.MOST


@pytest.mark.parametrize("locale", LOCALES)
def test_every_board_fits_into_telegram(locale: str) -> None:
    words = Words()

    def say(key: str, /, **values: Any) -> str:
        return words.say(locale, key, **values)

    longest = UUID(int=(1 << 128) - 1)
    boards = [
        keyboards.draft(say, "form2147483647"), keyboards.changes(say), keyboards.phone(say, is_known=True),
        keyboards.after_the_end(say, longest, 2**31 - 1, was_helped=True),
        keyboards.closing(say, longest, 2**31 - 1, is_requester=True),
        keyboards.places(say, [(longest, "x" * 200)], search=True),
    ]  # fmt: skip
    for board in boards:
        for row in board.inline_keyboard:
            assert row
            for one in row:
                assert len((one.callback_data or "").encode()) <= 64
                assert 0 < len(one.text) <= keyboards.SHOWN
