"""Times in notices: lengths in the units people speak in, moments by the clock of whoever reads."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.kinds import Notice
from telegram_bot.when import by_their_clock
from telegram_bot.words import LOCALES
from unit.telegram_bot.test_notices import sample, shown

DAY_AND_NIGHT = {
    Notice.STILL_WAITING: {"minutes": 1440}, Notice.FIRST_REPLY_LATE: {"minutes": 1440}, Notice.LAPSED: {"minutes": 1440},
    Notice.NUDGED: {"minutes": 1440, "left": 2880}, Notice.STILL_NEEDED: {"hours": 24, "left": 48},
}  # fmt: skip
SAID = {"en": ("24 hours", "2 days"), "ru": ("24 часа", "2 дня"), "uk": ("24 години", "2 дні")}
UNTIL = "2026-03-04T05:06:07Z"


def said(kind: Notice, data: dict[str, Any], locale: str) -> str:
    [part] = [part for part in shown(kind, sample(kind) | data, locale) if part.text]
    return part.text


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", DAY_AND_NIGHT)
@pytest.mark.parametrize("status", ["held", "waiting"])
def test_a_day_is_not_told_in_minutes(kind: Notice, locale: str, status: str) -> None:
    data = DAY_AND_NIGHT[kind] | ({"status": status} if kind is Notice.FIRST_REPLY_LATE else {})
    text = said(kind, data, locale)
    waited, rest = SAID[locale]
    assert waited in text
    assert (rest in text) == ("left" in data)
    assert not re.search(r"1.?440|2.?880", text)


@pytest.mark.parametrize(
    ("locale", "minutes", "told"),
    [
        ("en", 1, "1 minute"), ("en", 59, "59 minutes"), ("en", 60, "1 hour"), ("en", 119, "1 hour"), ("en", 2880, "2 days"),
        ("ru", 1, "за 1 минуту"), ("ru", 22, "за 22 минуты"), ("ru", 60, "за 1 час"), ("ru", 300, "за 5 часов"),
        ("uk", 1, "за 1 хвилину"), ("uk", 22, "за 22 хвилини"), ("uk", 60, "за 1 годину"), ("uk", 300, "за 5 годин"),
    ],
)  # fmt: skip
def test_the_largest_unit_that_says_it_is_taken(locale: str, minutes: int, told: str) -> None:
    assert re.search(rf"{told}\b", said(Notice.LAPSED, {"minutes": minutes}, locale))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", [Notice.MEMBERSHIP_PAUSED, Notice.RESTRICTED])
def test_until_when_is_told_by_the_clock_of_whoever_reads(kind: Notice, locale: str) -> None:
    [part] = shown(kind, sample(kind) | {"until": UNTIL}, locale)
    assert "04.03 05:06 UTC" in part.text
    [moment] = by_their_clock(part.text, part.dated)
    assert moment.type == "date_time"
    assert moment.extract_from(part.text) == "04.03 05:06 UTC"
    assert moment.unix_time == int(datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC).timestamp())


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", [Notice.MEMBERSHIP_PAUSED, Notice.RESTRICTED])
@pytest.mark.parametrize("until", [None, "9000-01-01T00:00:00Z"])
def test_what_has_no_end_names_none(kind: Notice, locale: str, until: str | None) -> None:
    [part] = shown(kind, sample(kind) | {"until": until}, locale)
    assert not re.search(r"UTC|9000|01\.01|open|none", part.text)
    assert part.dated == ()


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("until", [UNTIL, "9000-01-01T00:00:00Z"])
def test_who_is_given_a_break_is_told_how_to_end_it(locale: str, until: str) -> None:
    assert "/resume" in said(Notice.MEMBERSHIP_PAUSED, {"until": until}, locale)
