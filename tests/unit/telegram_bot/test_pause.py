"""How long a break lasts: what people type, and the clocks they mean."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from aiogram.types import Chat, Message, MessageEntity

from telegram_bot.routers.alerts import suggested
from telegram_bot.routers.pause import lengths, quiet_in, until_in
from telegram_bot.when import moment, tomorrow
from telegram_bot.words import Words

TBILISI = ZoneInfo("Asia/Tbilisi")  # four hours ahead all year
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "ends"),
    [
        ("3", datetime(2026, 3, 10, 15, 0, tzinfo=UTC)),
        ("на 12 часов", datetime(2026, 3, 11, 0, 0, tzinfo=UTC)),
        ("30 min", datetime(2026, 3, 10, 12, 30, tzinfo=UTC)),
        ("45 минут", datetime(2026, 3, 10, 12, 45, tzinfo=UTC)),
        ("20 хв", datetime(2026, 3, 10, 12, 20, tzinfo=UTC)),
        ("2h", datetime(2026, 3, 10, 14, 0, tzinfo=UTC)),
        ("на 2 години", datetime(2026, 3, 10, 14, 0, tzinfo=UTC)),
        ("3, please", datetime(2026, 3, 10, 15, 0, tzinfo=UTC)),
        ("720", datetime(2026, 4, 9, 12, 0, tzinfo=UTC)),
        ("18:30", datetime(2026, 3, 10, 14, 30, tzinfo=UTC)),
        ("до 16:00", datetime(2026, 3, 11, 12, 0, tzinfo=UTC)),  # it is 16:00 there now, so tomorrow
        ("9:05", datetime(2026, 3, 11, 5, 5, tzinfo=UTC)),
    ],
)
def test_a_break_is_named_by_hours_or_by_the_clock_of_whoever_takes_it(typed: str, ends: datetime) -> None:
    assert until_in(typed, NOW, TBILISI, lengths(Words())) == ends


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "a while",
        "0",
        "721",
        "999",
        "25:00 ",
        "18:75",
        "12:5",
        "3 days",
        "2 дня",
        "1 год",
        "1,5 часа",
        "1.5",
        "25-8",
    ],
)
def test_what_names_no_length_is_asked_about(typed: str) -> None:
    assert until_in(typed, NOW, TBILISI, lengths(Words())) is None


@pytest.mark.parametrize(
    ("typed", "quiet"),
    [
        ("22-8", (1320, 480)), ("22:30 – 7:15", (1350, 435)), ("0-0", (0, 0)), ("24-6", (0, 360)), ("3", None),
        ("18:30", None), ("25-8", None), ("22:75-8", None),
    ],
)  # fmt: skip
def test_quiet_hours_have_two_ends(typed: str, quiet: tuple[int, int] | None) -> None:
    assert quiet_in(typed) == quiet


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        (datetime(2026, 3, 10, 12, 0, tzinfo=UTC), datetime(2026, 3, 11, 4, 0, tzinfo=UTC)),
        (datetime(2026, 3, 10, 21, 0, tzinfo=UTC), datetime(2026, 3, 11, 4, 0, tzinfo=UTC)),  # 1 at night: this morning
        (datetime(2026, 3, 11, 1, 0, tzinfo=UTC), datetime(2026, 3, 12, 4, 0, tzinfo=UTC)),  # 5: not in three hours
    ],
)
def test_tomorrow_is_a_morning_after_a_nights_rest(now: datetime, ends: datetime) -> None:
    assert tomorrow(now, TBILISI) == ends


def test_a_moment_is_shown_by_the_readers_clock_or_says_whose_it_is() -> None:
    assert moment(NOW, TBILISI) == "10.03 16:00"
    assert moment(NOW, None) == "10.03 12:00 UTC"


def test_the_line_that_is_sent_is_the_one_that_was_shown() -> None:
    text = "💉 You could begin:\nВітаю! 💉 Як ви?"
    line = MessageEntity(type="code", offset=20, length=16)
    shown = Message(message_id=1, date=NOW, chat=Chat(id=1, type="private"), text=text, entities=[line])
    assert suggested(shown) == "Вітаю! 💉 Як ви?"
    assert suggested(shown.model_copy(update={"entities": None})) == ""
    assert suggested(None) == ""
