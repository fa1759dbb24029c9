"""Subjects, headers and the codec: how a row of the table looks on the broker."""

import hashlib
import re
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

import msgspec

from contracts.failures import Failure, InvalidRequest, TooLarge, from_body, to_body
from contracts.kinds import Caller
from contracts.operations import Operation

A = TypeVar("A")

VERSION = "v1"
ACTOR = "Actor"
IDEMPOTENCY_KEY = "Idempotency-Key"
DEADLINE = "Api-Deadline"
TRACEPARENT = "traceparent"
# The two headers by which any tool that speaks the NATS service protocol (ADR-32) sees a failure.
ERROR = "Nats-Service-Error"
ERROR_CODE = "Nats-Service-Error-Code"

# Larger than any request of ours, far below the broker's own limit of 1 MB.
REQUEST_LIMIT = 256 * 1024
KEY_LIMIT = 200
# Levels of objects and lists, far more than any of ours; a reply wraps a request's payload in more of them.
NESTING_LIMIT = 32
TOO_DEEP = "nested too deeply"
# Objects and lists, counted with the brackets inside texts, of which the longest has 8192 characters. A body of nothing
# else made the decoder and the garbage collector busy for 300 ms (measured), and the whole api with them.
BRACKETS_LIMIT = 16_384

# What every clock, the ledger and its JSON can count to, by any zone.
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)

SUBJECT = re.compile(r"api\.v1\.(telegram|web|operator)\.([a-z_]+\.[a-z_]+)")

_encoder = msgspec.json.Encoder()


def subject_of(operation: Operation[Any, Any], caller: Caller) -> str:
    """Where a caller asks for an operation."""
    return f"api.{VERSION}.{caller}.{operation.name}"


def session_actor(token: str) -> str:
    """The `Actor` header of whoever holds a session's token; the token itself never crosses the broker."""
    return f"session:{hashlib.sha256(token.encode()).hexdigest()}"


def encode(value: object) -> bytes:
    """JSON of any struct of the wire."""
    return _encoder.encode(value)


_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


def _decoder(shape: Any) -> msgspec.json.Decoder[Any]:  # noqa: ANN401 - a type form has no type of its own at run time
    found = _decoders.get(shape)
    if found is None:
        found = _decoders[shape] = msgspec.json.Decoder(shape)
    return found


def decode_request(operation: Operation[Any, Any], body: bytes) -> Any:  # noqa: ANN401 - the row says what it is
    """The request in `body`.

    Raises `TooLarge` above `REQUEST_LIMIT` bytes and `InvalidRequest` for everything the row does not describe, for
    more structure than the limits above allow, for the character NUL, which no text column can hold, and for a time out
    of `EARLIEST` to `LATEST`.
    """
    if len(body) > REQUEST_LIMIT:
        raise TooLarge(limit=REQUEST_LIMIT)
    brackets = body.count(b"{") + body.count(b"[")
    if brackets > BRACKETS_LIMIT:
        raise InvalidRequest(problem="too many objects and lists")
    try:
        request = _decoder(operation.request).decode(body)
        flaw = _flaw(request) if brackets > NESTING_LIMIT or b"\\u0000" in body else None
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(problem=_problem(operation, error)) from None
    if flaw:
        raise InvalidRequest(problem=flaw)
    for name in _moments_of(operation.request):
        moment = getattr(request, name)
        if isinstance(moment, datetime) and not EARLIEST <= moment < LATEST:
            raise InvalidRequest(problem=f"{name} is out of reach")
    return request


def decode_reply(operation: Operation[Any, A], body: bytes) -> A:
    """The reply in `body`; raises `ValueError` or `RecursionError` when it is none."""
    reply: A = _decoder(operation.reply).decode(body)
    return reply


def encode_failure(failure: Failure) -> tuple[bytes, dict[str, str]]:
    """The body and headers of a refusal."""
    return _encoder.encode(to_body(failure)), {ERROR_CODE: str(failure.status), ERROR: type(failure).__name__}


def decode_failure(body: bytes) -> Failure:
    """The refusal in `body`, as the exception it was on the other side."""
    try:
        return from_body(msgspec.json.decode(body, type=dict[str, Any]))
    except (ValueError, RecursionError):
        return from_body({"type": "undecodable"})


# The decoder's sentences that repeat what was sent (all of them, as of msgspec 0.22), and where a sentence names a place.
_REPEATING = ("Object contains unknown field", "Invalid enum value", "Invalid value")
_PLACE = re.compile(r" - at `(\$(?:\.\w+|\[\d+\]|\[\.\.\.\])*)`\Z")


def _problem(operation: Operation[Any, Any], error: Exception) -> str:
    """What is wrong and where, without a word of what was sent."""
    if isinstance(error, RecursionError):
        return TOO_DEEP
    if not isinstance(error, msgspec.DecodeError):
        return "the bytes are no UTF-8"
    text = str(error)
    for sentence in _REPEATING:
        if text.startswith(sentence):
            return sentence + _place(operation, text)
    return text[:300]


def _place(operation: Operation[Any, Any], text: str) -> str:
    """The place a sentence ends with, if every word of it is the contract's: what was sent may look like a place."""
    found = _PLACE.search(text)
    if found is None:
        return ""
    place = re.sub(r"\[\d+\]", "[...]", found[1])
    ours = _field_names(operation)
    return f" - at `{place}`" if all(word in ours for word in re.findall(r"\w+", place)) else ""


@cache
def _field_names(operation: Operation[Any, Any]) -> frozenset[str]:
    _, components = msgspec.json.schema_components((operation.request,))
    return frozenset(name for schema in components.values() for name in schema.get("properties", ()))


_moments: dict[Any, tuple[str, ...]] = {}


def _moments_of(shape: Any) -> tuple[str, ...]:  # noqa: ANN401 - a type form has no type of its own at run time
    """The fields of a request that may hold a time."""
    found = _moments.get(shape)
    if found is None:
        fields = getattr(msgspec.inspect.type_info(shape), "fields", ())
        found = _moments[shape] = tuple(field.name for field in fields if _is_moment(field.type))
    return found


def _is_moment(kind: msgspec.inspect.Type) -> bool:
    members = kind.types if isinstance(kind, msgspec.inspect.UnionType) else (kind,)
    return any(isinstance(each, msgspec.inspect.DateTimeType) for each in members)


def _flaw(request: object) -> str | None:
    """What is wrong with a request although its types are right."""
    level = [msgspec.to_builtins(request)]
    for _ in range(NESTING_LIMIT + 1):
        below: list[Any] = []
        for value in level:
            if isinstance(value, str):
                if "\x00" in value:
                    return "a text holds the character NUL"
            elif isinstance(value, dict):
                below += value
                below += value.values()
            elif isinstance(value, list):
                below += value
        if not below:
            return None
        level = below
    return TOO_DEEP
