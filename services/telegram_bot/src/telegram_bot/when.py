"""Moments as people read them: by the clock of whoever reads, and with its name where that is not their own."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aiogram.types import MessageEntity

from contracts.users import User
from telegram_bot.utf16 import units

OPEN: Final = datetime(8999, 1, 1, tzinfo=UTC)
"""The end of a break that lasts until its owner ends it: as late as the api takes a time."""

MORNING: Final = 8
"""The hour at which tomorrow begins for somebody who rests until then."""

REST: Final = timedelta(hours=6)
"""The least that `tomorrow` is away."""


def zone_of(user: User) -> ZoneInfo | None:
    """The time zone somebody named, if this machine knows it."""
    try:
        return ZoneInfo(user.time_zone) if user.time_zone else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def is_open(until: datetime) -> bool:
    """Whether a break lasts until its owner ends it."""
    return until >= OPEN


def moment(at: datetime, zone: ZoneInfo | None = None) -> str:
    """A moment by the reader's clock; by the world's, and saying so, where theirs is not known."""
    return f"{at.astimezone(zone):%d.%m %H:%M}" if zone else f"{at.astimezone(UTC):%d.%m %H:%M} UTC"


SHOWN: Final = "dt"
"""A short date and a short time; Bot API 9.5, date-time entity formatting."""

Dated = tuple[str, datetime]
"""A moment as it stands in a text, and when it is."""


def by_their_clock(text: str, dated: Iterable[Dated]) -> list[MessageEntity]:
    """What makes Telegram show the moments in a text by the clock of whoever reads; older programs show the text itself."""
    found = [(text.find(shown), shown, at) for shown, at in dated]
    return [
        MessageEntity(
            type="date_time",
            offset=units(text[:start]),
            length=units(shown),
            unix_time=int(at.timestamp()),
            date_time_format=SHOWN,
        )
        for start, shown, at in found
        if start >= 0
    ]


def tomorrow(now: datetime, zone: ZoneInfo | None) -> datetime:
    """The next morning that is far enough away to rest until then; in whole minutes, in UTC."""
    return next_time(now + REST, MORNING, 0, zone)


def next_time(now: datetime, hour: int, minute: int, zone: ZoneInfo | None) -> datetime:
    """The next moment at which the reader's clock shows this time, in UTC."""
    local = now.astimezone(zone or UTC)
    found = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if found <= local:
        found += timedelta(days=1)
    return found.astimezone(UTC)


def clock(minute: int) -> str:
    """A minute of the day as a clock shows it."""
    return f"{minute // 60:02}:{minute % 60:02}"
