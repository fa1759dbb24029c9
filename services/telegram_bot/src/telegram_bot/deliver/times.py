"""The times a notice speaks of, as people say them: lengths in the largest unit that says them, moments by one's own clock."""

from datetime import datetime
from typing import Final

from contracts.notices import MembershipPaused, RestrictedUntil
from contracts.shapes import Reply
from contracts.waiting_notices import FirstReplyLate, Lapsed, Nudged, StillNeeded, StillWaiting
from telegram_bot.keyboards import Say
from telegram_bot.when import Dated, is_open, moment

HOUR: Final = 60
"""Minutes."""

DAY: Final = 24
"""Hours."""


def span(say: Say, minutes: int) -> str:
    """A length of time in the largest unit that says it."""
    if minutes < HOUR:
        return say("span-minutes", count=minutes)
    hours = minutes // HOUR
    return say("span-hours", count=hours) if hours < 2 * DAY else say("span-days", count=hours // DAY)


def lengths(say: Say, data: Reply) -> dict[str, str]:
    """How long something has gone on (`waited`), and how long it still may (`rest`), where a notice tells either."""
    match data:
        case StillNeeded():
            return {"waited": span(say, data.hours * HOUR), "rest": span(say, data.left * HOUR)}
        case Nudged():
            return {"waited": span(say, data.minutes), "rest": span(say, data.left)}
        case StillWaiting() | FirstReplyLate() | Lapsed():
            return {"waited": span(say, data.minutes)}
        case _:
            return {}


def until(data: Reply) -> dict[str, str]:
    """Until when something lasts, where a notice tells that: `open` where it lasts until somebody ends it."""
    at = end(data)
    return {} if at is None else {"until": "open" if is_open(at) else moment(at)}


def dated(data: Reply) -> tuple[Dated, ...]:
    """The moments in a notice that each reader sees by their own clock."""
    at = end(data)
    return () if at is None or is_open(at) else ((moment(at), at),)


def end(data: Reply) -> datetime | None:
    """When what a notice tells of ends, if it does and the notice says when."""
    return data.until if isinstance(data, MembershipPaused | RestrictedUntil) else None
