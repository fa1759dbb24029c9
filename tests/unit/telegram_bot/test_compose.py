"""What deliveries look like in a chat."""

from typing import Any
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.attachments import Contact, SentAttachment
from contracts.deliveries import Delivery, DemandTag
from contracts.kinds import EntryKind, Notice, Role
from contracts.messages import Entity
from contracts.shapes import DemandId
from telegram_bot.deliver.compose import CannotBeShown, compose
from telegram_bot.utf16 import LIMIT, units
from telegram_bot.words import LOCALES, Words
from unit.telegram_bot.test_judge import delivery

WORDS = Words()


def changed(one: Delivery, **more: object) -> Delivery:
    made: Delivery = msgspec.structs.replace(one, **more)  # type: ignore[type-var]  # checkers see no struct in it
    return made


def tag(role: Role = Role.PROVIDER, *, is_active: bool = True) -> DemandTag:
    return DemandTag(
        id=DemandId(uuid4()), number="4F7K", place="Vake", resource="Food", version=1, is_active=is_active,
        viewer_role=role,
    )  # fmt: skip


def message(text: str, **more: object) -> Delivery:
    return changed(delivery(), text=text, demand=tag(), author_role=Role.REQUESTER, alias="7KQ2M", **more)


def notice(kind: Notice, data: dict[str, Any], **more: object) -> Delivery:
    return changed(delivery(), entry=EntryKind.NOTICE, notice=kind, data=data, **{"demand": tag(), **more})


def test_words_come_under_a_heading_that_says_whose_they_are() -> None:
    [part] = compose(WORDS, message("hello <b>there</b>"))
    assert part.text == "Needs help · 7KQ2M · №4F7K\nhello <b>there</b>"
    assert part.entities == (Entity(type="bold", offset=0, length=26),)


def test_styles_move_with_the_words_by_utf16_units() -> None:
    link = Entity(type="text_link", offset=3, length=4, url="https://example.org")
    [part] = compose(WORDS, message("💉 here", entities=[link], locale="ru"))
    heading = units(part.text.split("\n")[0]) + 1
    assert part.entities[1] == Entity(type="text_link", offset=heading + 3, length=4, url="https://example.org")


@pytest.mark.parametrize("text", ["я" * LIMIT, "💉" * (LIMIT // 2), "x" * (LIMIT - 5)])
def test_what_fills_a_message_alone_follows_its_heading_untorn(text: str) -> None:
    heading, words = compose(WORDS, message(text))
    assert heading.text == "Needs help · 7KQ2M · №4F7K"
    assert words.text == text


@given(text=st.text(alphabet="aя💉 \n", min_size=1, max_size=9000))
def test_no_text_is_too_long_and_none_is_changed(text: str) -> None:
    parts = compose(WORDS, message(text))
    assert all(units(part.text) <= LIMIT for part in parts)
    assert "".join(part.text for part in parts).partition("№4F7K")[2].removeprefix("\n") in {
        text,
        text.removeprefix("\n"),
    }


@pytest.mark.parametrize("locale", LOCALES)
def test_a_repeat_says_so_with_its_reference(locale: str) -> None:
    [part] = compose(WORDS, message("once", repeat=True, reference="A1B2", locale=locale))
    assert part.text.split("\n")[0].endswith("A1B2")
    [plain] = compose(WORDS, message("once", reference="A1B2", locale=locale))
    assert "A1B2" not in plain.text


def test_taking_shows_the_words_and_offers_the_way_back() -> None:
    took = notice(Notice.YOU_TOOK_IT, {"title": "Insulin", "description": "for two <people>"})
    [part] = compose(WORDS, took)
    assert part.text.startswith("You are helping now: №4F7K · Vake · Food\n\nInsulin\n\nfor two <people>\n\n")
    assert part.keyboard is not None
    assert [[one.text for one in row] for row in part.keyboard.inline_keyboard] == [
        ["💬 Send this line"], ["Help has arrived", "Hand back"]
    ]  # fmt: skip
    long = compose(WORDS, changed(took, data={"title": "", "description": "я" * 8192}))
    assert [part.keyboard is not None for part in long] == [False] * (len(long) - 1) + [True]
    assert "".join(part.text for part in long[1:-1]) == "я" * 8192


def test_after_the_end_there_is_no_way_back_but_a_way_on() -> None:
    took = notice(Notice.YOU_TOOK_IT, {"title": "", "description": "x"}, demand=tag(is_active=False))
    assert compose(WORDS, took)[-1].keyboard is None
    [over] = compose(WORDS, notice(Notice.CLOSED, {"reason": "fulfilled", "by": None}, demand=tag(is_active=False)))
    assert over.keyboard is not None


@pytest.mark.parametrize("data", [{}, {"title": 1, "description": "x"}])
def test_what_this_version_does_not_know_is_not_guessed(data: dict[str, Any]) -> None:
    with pytest.raises(CannotBeShown):
        compose(WORDS, notice(Notice.YOU_TOOK_IT, data))


def photo(**more: object) -> SentAttachment:
    return SentAttachment(**{"kind": "photo", "channel": "telegram", "file_id": "p", **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(("is_own", "told"), [(True, "Phone of whoever writes"), (False, "Somebody else's phone")])
def test_a_card_is_told_in_words_with_whose_it_is(*, is_own: bool, told: str) -> None:
    [part] = compose(WORDS, message("", contact=Contact(phone="+79123456789", is_own=is_own)))
    assert part.text == f"Needs help · 7KQ2M · №4F7K\n{told}: +79123456789"


def test_files_of_another_channel_are_told_of_honestly() -> None:
    web = [photo(channel="web", file_id="w"), photo(), photo(channel="web")]
    [part] = compose(WORDS, message("look", attachments=web))
    assert [file.file_id for file in part.files] == ["p"]
    assert part.text.startswith("Needs help · 7KQ2M · №4F7K\nlook\n\n2 files were sent on the website.")


def test_a_kind_of_file_this_version_does_not_know_is_refused() -> None:
    with pytest.raises(CannotBeShown):
        compose(WORDS, message("look", attachments=[photo(kind="hologram")]))
