"""Whether an update that could not be handled is tried again, and when."""

import time
from typing import Final

import nats.errors
import redis.exceptions
import structlog
from aiogram.exceptions import TelegramNetworkError, TelegramRetryAfter, TelegramServerError
from pydantic import ValidationError

from contracts.failures import Busy, DeadlineExceeded

log = structlog.get_logger(__name__)

TRIES: Final = 4
"""Attempts at an update whose handler fails for a reason of ours."""

PAUSES: Final = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between attempts, the last one again and again."""

LONGEST_PAUSE: Final = 60.0
"""Seconds between attempts when Telegram asks for more."""

PATIENCE: Final = 600.0
"""Seconds of 5xx from Telegram an update waits for: a bad time of Telegram's passes, what the update brings about does not."""

AWAY: Final = (
    Busy, DeadlineExceeded, redis.exceptions.RedisError, nats.errors.Error, OSError, TelegramNetworkError,
    TelegramRetryAfter,
)  # fmt: skip
"""What passes by itself: the update is kept and tried for as long as it takes."""


class Attempts:
    """The attempts at one update."""

    def __init__(self, update_id: int) -> None:
        self.tries = 0
        self._update_id = update_id
        self._faults = 0
        self._begun = time.monotonic()

    def ended_by(self, error: Exception) -> str | None:
        """Why the update is to be put aside after this; None when another attempt may do better."""
        self.tries += 1
        reason = type(error).__name__
        if isinstance(error, ValidationError):
            return "undecodable"
        if isinstance(error, (*AWAY, TelegramServerError)):
            # The person's words are kept and their order too; nothing else is owed to them but another attempt.
            log.warning("update.waits", update_id=self._update_id, reason=reason, tries=self.tries)
            is_over = isinstance(error, TelegramServerError) and time.monotonic() - self._begun > PATIENCE
            return reason if is_over else None
        log.error("update.failed", update_id=self._update_id, tries=self.tries, exc_info=error)
        self._faults += 1
        return reason if self._faults >= TRIES else None

    def pause(self, error: Exception) -> float:
        """Seconds until the next attempt."""
        told = float(error.retry_after) if isinstance(error, TelegramRetryAfter) else 0.0
        return max(min(told, LONGEST_PAUSE), PAUSES[min(self.tries, len(PAUSES)) - 1])
