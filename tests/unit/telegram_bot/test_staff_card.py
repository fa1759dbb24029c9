"""A card as a staff chat reads it: how things stand, in its language, and never who anybody is."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from contracts.deliveries import Delivery
from contracts.kinds import CloseReason, DemandStatus, Urgency
from telegram_bot.callbacks import Verb, parse
from telegram_bot.deliver.compose import CannotBeShown
from telegram_bot.deliver.staff_card import compose_card
from telegram_bot.when import by_their_clock
from telegram_bot.words import LOCALES, Words

NOW = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
DEMAND = UUID(int=(1 << 128) - 1)


def owed(locale: str = "en", *, repeat: bool = False, **says: object) -> Delivery:
    """A card of a demand that waits, but for what is said otherwise."""
    data = {
        "number": "4F7K", "place": "Vake", "resource": "Food", "status": "waiting", "urgency": "normal", "version": 7,
        "submitted_at": NOW, "waiting_since": NOW, **says,
    }  # fmt: skip
    tag = {
        "id": DEMAND,
        "number": "4F7K",
        "place": "Vake",
        "resource": "Food",
        "version": 7,
        "is_active": True,
        "viewer_role": None,
    }
    return msgspec.convert(
        {
            "id": DEMAND, "destination": DEMAND, "address": "-100", "locale": locale, "kind": "card", "entry": "notice",
            "notice": None, "data": msgspec.to_builtins(data), "demand": {**tag, "id": str(DEMAND)}, "author_role": None,
            "alias": None, "text": "", "entities": [], "reply_to": None, "repeat": repeat, "reference": "A1B2", "attempt": 1,
            "owed_at": NOW, "traceparent": "",
        },
        Delivery, strict=False,
    )  # fmt: skip


@pytest.mark.parametrize("locale", LOCALES)
def test_every_state_reads_differently_in_every_language(locale: str) -> None:
    words = Words()
    texts = [compose_card(words, owed(locale, status=status, provider="7KQ2M")).text for status in ("waiting", "held")]
    texts += [compose_card(words, owed(locale, status="closed", close_reason=reason)).text for reason in CloseReason]
    texts += [compose_card(words, owed(locale, urgency=urgency)).text for urgency in (Urgency.URGENT, Urgency.CRITICAL)]
    texts += [compose_card(words, owed(locale, reports=2)).text, compose_card(words, owed(locale, is_moved=True)).text]
    assert len(set(texts)) == len(texts)
    assert all("4F7K" in text for text in texts)
    assert "7KQ2M" in texts[1]
    assert "21.11 14:05 UTC" in texts[0]


@pytest.mark.parametrize("locale", LOCALES)
def test_everybody_reads_when_it_was_by_their_own_clock(locale: str) -> None:
    card = compose_card(Words(), owed(locale, place="Ваке 👋"))
    [shown] = by_their_clock(card.text, card.dated)
    marked = card.text.encode("utf-16-le")[2 * shown.offset : 2 * (shown.offset + shown.length)].decode("utf-16-le")
    assert (marked, shown.type, shown.unix_time) == ("21.11 14:05 UTC", "date_time", int(NOW.timestamp()))
    closed = compose_card(Words(), owed(locale, status="closed", close_reason="fulfilled"))
    assert by_their_clock(closed.text, closed.dated) == []


@pytest.mark.parametrize("status", [DemandStatus.WAITING, DemandStatus.HELD, DemandStatus.CLOSED])
def test_buttons_are_for_what_can_be_done_now_and_carry_the_version(status: DemandStatus) -> None:
    board = compose_card(Words(), owed(status=status, provider="7KQ2M", close_reason="fulfilled")).keyboard
    assert board is not None
    presses = [parse(button.callback_data) for row in board.inline_keyboard for button in row]
    wanted = {"waiting": [Verb.CARD_TAKE, Verb.CARD_MORE], "held": [Verb.CARD_MORE], "closed": []}[status]
    assert [press and press.verb for press in presses] == wanted
    assert all(press is not None and (press.id, press.version) == (DEMAND, 7) for press in presses)
    assert all(len(str(button.callback_data).encode()) <= 64 for row in board.inline_keyboard for button in row)


def test_only_a_card_that_may_be_there_twice_says_so() -> None:
    assert "A1B2" in compose_card(Words(), owed(repeat=True)).text
    assert "A1B2" not in compose_card(Words(), owed()).text


def test_a_card_of_another_shape_is_refused() -> None:
    with pytest.raises(CannotBeShown):
        compose_card(Words(), owed(status="asleep"))
