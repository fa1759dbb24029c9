"""What a row of the outbox becomes on the broker, and what is wrong with one that JetStream will never take."""

import re
from datetime import datetime
from typing import NamedTuple

import nats.errors
import nats.js.errors

# What this publisher may say and JetStream may keep; anything else would never be answered.
SUBJECT = re.compile(r"(evt|notify)\.v1(\.[A-Za-z0-9_-]+)+")
HEADERS_BYTES = 1024


class Row(NamedTuple):
    """A row of the outbox."""

    id: int
    msg_id: str
    subject: str
    body: str
    traceparent: str
    created_at: datetime


def fault_of(row: Row, max_payload: int) -> BaseException | None:
    """Why a row cannot even be sent; None for one that can."""
    if not SUBJECT.fullmatch(row.subject):
        return nats.errors.BadSubjectError()
    return nats.errors.MaxPayloadError() if len(row.body.encode()) + HEADERS_BYTES > max_payload else None


def letter(row: Row) -> tuple[bytes, dict[str, str] | None]:
    """Body and headers; a fact bears its id, a signal that comes twice is one signal anyway."""
    headers = {"traceparent": row.traceparent} if row.traceparent else {}
    if not row.subject.startswith("notify."):
        headers["Nats-Msg-Id"] = row.msg_id
    return row.body.encode(), headers or None


def is_for_good(why: BaseException) -> bool:
    """Whether it is the row that is wrong, and not JetStream's state: it will be refused for ever."""
    if isinstance(why, nats.js.errors.BadRequestError):
        return True
    return isinstance(why, nats.errors.BadSubjectError | nats.errors.MaxPayloadError)


def reason_of(why: BaseException) -> str:
    """A word for the operator, without a word of the content."""
    code = getattr(why, "err_code", None)
    return type(why).__name__ + (f" {code}" if code else "")
