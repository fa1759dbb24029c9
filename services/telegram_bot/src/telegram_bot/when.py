"""Moments as people read them: by the clock of whoever reads, and with its name where that is not their own."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from contracts.users import User

OPEN: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""The end of a break that lasts until its owner ends it."""

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


def moment(at: datetime, zone: ZoneInfo | None) -> str:
    """A moment by the reader's clock; by the world's, and saying so, where theirs is not known."""
    return f"{at.astimezone(zone):%d.%m %H:%M}" if zone else f"{at.astimezone(UTC):%d.%m %H:%M} UTC"


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
