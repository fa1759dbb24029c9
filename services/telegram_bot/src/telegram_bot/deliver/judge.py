"""What an error of an attempt to send says: whether it arrived, and what is to follow."""

from typing import Final

import structlog
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)

from contracts.deliveries import Delivery, Result
from contracts.kinds import SendOutcome
from telegram_bot.deliver.renaming import NotFetched
from telegram_bot.requests import is_unsent

log = structlog.get_logger(__name__)

AGAIN: Final = 5.0
"""Seconds until a delivery that surely did not arrive is tried again."""

OURS_TO_FIX: Final = 60.0
"""Seconds until another attempt when the token is refused: no person's fault, and nothing to hurry for."""

FETCHED_OFTEN: Final = 12
"""Attempts at a file that cannot be fetched, after which its author is told: what comes after it must not wait for ever."""

FIRST_DOUBT: Final = 1.0
LONGEST_DOUBT: Final = 60.0
"""Seconds; nothing else reaches the chat meanwhile."""

LONGEST: Final = 86_400.0

TOO_MANY: Final = "too_many_requests"

GONE: Final = (
    "chat not found",
    "user is deactivated",
    "peer_id_invalid",
    "bot was kicked",
    "group chat was deactivated",
)
"""What a 400 says, in lower case, when there is nobody to write to any more."""

TOPIC_GONE: Final = ("message thread not found", "topic_deleted", "topic_closed")
"""What a 400 says, in lower case, when a topic is no more or takes nothing any more: its group is still there."""

VOICE_KEPT_OUT: Final = ("voice_messages_forbidden", "user restricted receiving of v")
"""What a 400 says, in lower case, when somebody lets nobody send them voices: a setting of theirs, also for round videos."""

TOKEN_REFUSED: Final = (TelegramUnauthorizedError, TelegramNotFound, TelegramConflictError)


def judged(delivery: Delivery, error: Exception) -> Result:
    """The account of an attempt that ended in `error`."""
    if isinstance(error, TelegramRetryAfter):
        wait = min(float(error.retry_after), LONGEST)
        return Result(
            delivery=delivery.id,
            attempt=delivery.attempt,
            outcome=SendOutcome.LATER,
            reason=TOO_MANY,
            retry_after=wait,
        )
    if isinstance(error, TelegramMigrateToChat):
        moved = str(error.migrate_to_chat_id)
        return Result(
            delivery=delivery.id,
            attempt=delivery.attempt,
            outcome=SendOutcome.LATER,
            reason="migrated",
            migrated_to=moved,
        )
    if isinstance(error, NotFetched):
        again = delivery.attempt < FETCHED_OFTEN
        return Result(
            delivery=delivery.id,
            attempt=delivery.attempt,
            outcome=SendOutcome.LATER if again else SendOutcome.REFUSED,
            reason="file_not_fetched",
            retry_after=AGAIN if again else 0.0,
        )
    if isinstance(error, TOKEN_REFUSED):
        log.critical("token.refused", reason=type(error).__name__)
        return Result(
            delivery=delivery.id,
            attempt=delivery.attempt,
            outcome=SendOutcome.LATER,
            reason="token_refused",
            retry_after=OURS_TO_FIX,
        )
    if is_unsent(error):
        return Result(
            delivery=delivery.id,
            attempt=delivery.attempt,
            outcome=SendOutcome.LATER,
            reason="not_connected",
            retry_after=AGAIN,
        )
    outcome, reason = _final(error)
    wait = doubt(delivery.attempt) if outcome is SendOutcome.UNKNOWN else 0.0
    return Result(delivery=delivery.id, attempt=delivery.attempt, outcome=outcome, reason=reason, retry_after=wait)


def keeps_out_voices(error: TelegramBadRequest) -> bool:
    """Whether somebody's settings keep out a voice or a round video, and nothing else."""
    return any(sign in error.message.lower() for sign in VOICE_KEPT_OUT)


def doubt(attempt: int) -> float:
    """Seconds until something that may have arrived is sent once more, longer after each attempt that told nothing.

    The ledger puts a delivery aside after a few doubts: without growing waits a bad minute of Telegram's would use them up.
    """
    return min(FIRST_DOUBT * 5.0 ** (attempt - 1), LONGEST_DOUBT)


def _final(error: Exception) -> tuple[SendOutcome, str]:
    match error:
        case TelegramForbiddenError():
            return SendOutcome.UNREACHABLE, "forbidden"
        case TelegramBadRequest() if any(sign in error.message.lower() for sign in GONE):
            return SendOutcome.UNREACHABLE, "chat_gone"
        case TelegramBadRequest() | TelegramEntityTooLarge():
            is_topic = any(sign in error.message.lower() for sign in TOPIC_GONE)
            return SendOutcome.REFUSED, "topic_gone" if is_topic else "bad_request"
        case TelegramNetworkError():
            return SendOutcome.UNKNOWN, "connection_lost"
        case TelegramServerError() | ClientDecodeError():
            return SendOutcome.UNKNOWN, "server_error"
        case _:
            log.error("send.unexpected", exc_info=error)
            return SendOutcome.UNKNOWN, "unexpected"
