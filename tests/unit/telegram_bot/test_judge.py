"""What an error of an attempt to send means: the line between surely not sent, sent for nothing, and not known."""

import socket
from datetime import UTC, datetime
from uuid import uuid4

import aiohttp
import pytest
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import SendMessage

from contracts.deliveries import Delivery
from contracts.kinds import DeliveryKind, EntryKind, SendOutcome
from contracts.shapes import DeliveryId, DestinationId
from telegram_bot.deliver.judge import doubt, judged

METHOD = SendMessage(chat_id=1, text="secret words")
KEY = aiohttp.client_reqrep.ConnectionKey("host", 443, True, True, None, None, None)


def delivery(attempt: int = 1) -> Delivery:
    return Delivery(
        id=DeliveryId(uuid4()), destination=DestinationId(uuid4()), address="1", locale="en", kind=DeliveryKind.SEND,
        entry=EntryKind.MESSAGE, notice=None, data={}, demand=None, author_role=None, alias=None, text="x", entities=[],
        reply_to=None, repeat=False, reference="ABCD", attempt=attempt, owed_at=datetime.now(UTC), traceparent="",
    )  # fmt: skip


def network(cause: BaseException) -> TelegramNetworkError:
    error = TelegramNetworkError(method=METHOD, message=str(cause))
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (TelegramRetryAfter(METHOD, "Too Many Requests", 7), SendOutcome.LATER),
        (TelegramMigrateToChat(METHOD, "upgraded", -100123), SendOutcome.LATER),
        (TelegramForbiddenError(METHOD, "Forbidden: bot was blocked by the user"), SendOutcome.UNREACHABLE),
        (TelegramForbiddenError(METHOD, "Forbidden: user is deactivated"), SendOutcome.UNREACHABLE),
        (
            TelegramForbiddenError(METHOD, "Forbidden: bot can't initiate conversation with a user"),
            SendOutcome.UNREACHABLE,
        ),
        (TelegramBadRequest(METHOD, "Bad Request: chat not found"), SendOutcome.UNREACHABLE),
        (TelegramBadRequest(METHOD, "Bad Request: message is too long"), SendOutcome.REFUSED),
        (TelegramBadRequest(METHOD, "Bad Request: message thread not found"), SendOutcome.REFUSED),
        (TelegramEntityTooLarge(METHOD, "Request Entity Too Large"), SendOutcome.REFUSED),
        (TelegramUnauthorizedError(METHOD, "Unauthorized"), SendOutcome.LATER),
        (TelegramServerError(METHOD, "Bad Gateway"), SendOutcome.UNKNOWN),
        (ClientDecodeError("not JSON", ValueError(), "<html>"), SendOutcome.UNKNOWN),
        (network(aiohttp.ClientConnectorError(KEY, OSError(111, "refused"))), SendOutcome.LATER),
        (network(aiohttp.ClientConnectorDNSError(KEY, socket.gaierror(-2, "no such name"))), SendOutcome.LATER),
        (network(aiohttp.ConnectionTimeoutError("connecting")), SendOutcome.LATER),
        (network(TimeoutError()), SendOutcome.UNKNOWN),
        (network(aiohttp.ServerDisconnectedError()), SendOutcome.UNKNOWN),
        (network(aiohttp.ClientOSError(104, "reset by peer")), SendOutcome.UNKNOWN),
        (RuntimeError("a fault of ours"), SendOutcome.UNKNOWN),
    ],
)
def test_what_became_of_it(error: Exception, outcome: SendOutcome) -> None:
    result = judged(delivery(), error)
    assert result.outcome is outcome
    assert "secret" not in result.reason
    assert len(result.reason) < 40


def test_telegram_says_how_long_to_wait_and_where_a_group_went() -> None:
    assert judged(delivery(), TelegramRetryAfter(METHOD, "", 7)).retry_after == 7
    assert judged(delivery(), TelegramRetryAfter(METHOD, "", 10**9)).retry_after == 86_400
    assert judged(delivery(), TelegramMigrateToChat(METHOD, "", -100123)).migrated_to == "-100123"


def test_every_doubt_waits_longer_and_none_keeps_a_chat_waiting_for_more_than_a_minute() -> None:
    waits = [doubt(attempt) for attempt in range(1, 8)]
    assert waits == sorted(waits)
    assert waits[0] == 1
    assert waits[-1] == max(waits) == 60
    assert judged(delivery(3), TelegramServerError(METHOD, "")).retry_after == doubt(3)


def test_a_topic_that_is_gone_is_not_its_group() -> None:
    assert (
        judged(delivery(), TelegramBadRequest(METHOD, "Bad Request: message thread not found")).reason == "topic_gone"
    )
    assert judged(delivery(), TelegramBadRequest(METHOD, "Bad Request: TOPIC_CLOSED")).reason == "topic_gone"
