"""Whatever bytes arrive: a typed refusal in a short sentence that repeats none of them, and soon."""

import gc
import json
import time
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contracts import wire
from contracts.failures import InvalidRequest, TooLarge
from contracts.operations import OPERATIONS, Operation
from contracts.operations.demands import DEMANDS_CLOSE, DEMANDS_CREATE, DEMANDS_TAKE
from contracts.operations.messages import DELIVERIES_SETTLE, MESSAGES_SEARCH, MESSAGES_SEND
from contracts.operations.scenarios import MEMBERSHIPS_ASSIGN, SCENARIOS_SEARCH
from contracts.operations.system import SYSTEM_ANSWER
from contracts.operations.users import USERS_ENTER, USERS_UPDATE_ME

BUILT = [operation for operation in OPERATIONS if operation.is_built]
ID = "01920000-dffc-7177-8fd0-bbfd67490676"
CANARY = "Canary79991234567"
SOON = 0.05  # seconds; the whole api waits while one request is read
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def refusal_of(operation: Operation[Any, Any], body: bytes | dict[str, Any]) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as refusal:
        wire.decode_request(operation, body if isinstance(body, bytes) else json.dumps(body).encode())
    return refusal.value


def understood_or_refused(operation: Operation[Any, Any], body: bytes) -> None:
    try:
        request = wire.decode_request(operation, body)
    except InvalidRequest as refusal:
        problem = refusal.problem
    except TooLarge:
        problem = "x"
        assert len(body) > wire.REQUEST_LIMIT
    else:
        problem = "x"
        assert type(request) is operation.request
    assert 0 < len(problem) <= 300


def nested(levels: int, opening: bytes = b'{"a":', closing: bytes = b"}") -> bytes:
    inner = opening * levels + b"1" + closing * levels
    return b'{"scenario":"%s","description":"x","payload":{"p":%s}}' % (ID.encode(), inner)


def quickest(operation: Operation[Any, Any], body: bytes) -> float:
    """Seconds of CPU for the quickest of three: other processes' work is not ours."""
    taken = []
    gc.collect()
    gc.freeze()  # nor is what the tests before this one left behind; to thaw it would leave that to the tests after it
    for _ in range(3):
        started = time.process_time()
        understood_or_refused(operation, body)
        taken.append(time.process_time() - started)
    return min(taken)


@settings(max_examples=300, deadline=None, database=None)
@given(st.sampled_from(BUILT), st.binary(max_size=400))
@example(DEMANDS_CREATE, b"\xff")
@example(DEMANDS_CREATE, b"\x00")
@example(USERS_ENTER, b'{"display_name":"\xff"}')
@example(USERS_ENTER, b'{"display_name":"\\ud800"}')
@example(USERS_ENTER, b'{"display_name":"\\udc00\\ud800 "}')
@example(USERS_ENTER, b'{"display_name":"\\ud800\xff"}')
@example(USERS_ENTER, b'{"display_name":"\xed\xa0\x80"}')
@example(USERS_ENTER, b'{"\xff":1}')
@example(USERS_ENTER, b'\xef\xbb\xbf{"display_name":"x"}')
@example(USERS_ENTER, b'{"display_name":1e999}')
def test_any_bytes_are_understood_or_refused(operation: Operation[Any, Any], body: bytes):
    understood_or_refused(operation, body)


@settings(max_examples=300, deadline=None, database=None)
@given(st.data())
def test_any_json_in_any_field_is_understood_or_refused(data: st.DataObject):
    operation = data.draw(st.sampled_from(BUILT))
    names = st.sampled_from([*operation.request.__struct_fields__, "other"])
    sent = data.draw(st.dictionaries(names, values | st.just(ID)))
    understood_or_refused(operation, json.dumps(sent).encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        (DEMANDS_CREATE, {"scenario": ID, "description": "a\0b"}),
        (DEMANDS_CREATE, {"scenario": ID, "description": "x", "payload": {"a\0": 1}}),
        (DEMANDS_CREATE, {"scenario": ID, "description": "x", "payload": {"a": [{"b": ["\0"]}]}}),
        (MESSAGES_SEND, {"demand": ID, "text": "x", "origin": {"address": "1\0", "channel_message_id": "2"}}),
    ],
)
def test_the_character_nul_is_refused_wherever_it_hides(operation: Operation[Any, Any], body: dict[str, Any]):
    assert refusal_of(operation, body) == InvalidRequest(problem="a text holds the character NUL")


def test_a_backslash_before_u0000_is_no_nul():
    sent = {"scenario": ID, "description": "\\u0000", "payload": {"a": "\\u0000"}}
    assert wire.decode_request(DEMANDS_CREATE, json.dumps(sent).encode()).description == "\\u0000"


def test_nesting_ends_at_the_limit():
    # The request and its payload are two of the levels.
    deepest = wire.NESTING_LIMIT - 2
    request = wire.decode_request(DEMANDS_CREATE, nested(deepest))
    assert msgspec.json.decode(wire.encode(request))
    for levels in (deepest + 1, 100, 500, 900, 5_000):
        assert refusal_of(DEMANDS_CREATE, nested(levels)) == InvalidRequest(problem="nested too deeply")
        assert refusal_of(DEMANDS_CREATE, nested(levels, b"[", b"]")) == InvalidRequest(problem="nested too deeply")


def test_lists_without_end_are_refused_before_they_are_built():
    refused = InvalidRequest(problem="too many objects and lists")
    assert refusal_of(DEMANDS_CREATE, nested(wire.BRACKETS_LIMIT)) == refused
    assert refusal_of(DEMANDS_CREATE, nested(1, b"[" + b"[]," * wire.BRACKETS_LIMIT, b"]")) == refused
    longest = {"demand": ID, "text": "[" * 8192, "entities": [{"type": "bold", "offset": 0, "length": 1}] * 100}
    assert len(wire.decode_request(MESSAGES_SEND, json.dumps(longest).encode()).text) == 8192


def test_ten_megabytes_are_too_large():
    for body in (b"x" * 10_000_000, b"[" * 10_000_000, b'{"display_name":"%s"}' % (b"x" * 10_000_000)):
        with pytest.raises(TooLarge) as refusal:
            wire.decode_request(USERS_ENTER, body)
        assert refusal.value == TooLarge(limit=wire.REQUEST_LIMIT)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * wire.REQUEST_LIMIT,
        b'{"scenario":' * 20_000,
        nested(40_000),
        nested(1, b"[" + b"[]," * 80_000, b"]"),
        nested(1, b"[" + b"[]," * (wire.BRACKETS_LIMIT - 4), b"]"),
        nested(1, b"[" + b'{"a":"\\u0000",' * 10_000, b"]"),
        nested(1, b'["' + b"\\u0041" * 40_000 + b'",', b"]"),
        nested(1, b"[" + b"1" * 200_000 + b",", b"]"),
        b'{"%s":1}' % (b"a" * 260_000),
        b'{"scenario":"%s"}' % (b"`" * 260_000),
        b'{"urgency":"%s"}' % (b" - at `$" * 30_000),
        b"1" * wire.REQUEST_LIMIT,
        b" " * wire.REQUEST_LIMIT,
        b"x" * 10_000_000,
    ],
    ids=range(14),
)
def test_the_worst_body_is_refused_soon(body: bytes):
    assert quickest(DEMANDS_CREATE, body) < SOON


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        (DEMANDS_CREATE, {CANARY: 1}),
        (DEMANDS_CREATE, {f"x` - at `$.{CANARY}": 1}),
        (DEMANDS_CREATE, {f"x` - at `$[{CANARY[6:]}]": 1}),
        (DEMANDS_CREATE, {f"x` {CANARY} `y": 1}),
        (DEMANDS_CREATE, {f"x\n{CANARY}": 1}),
        (DEMANDS_CREATE, {"scenario": CANARY}),
        (DEMANDS_CREATE, {"scenario": ID, "description": "x", "urgency": CANARY}),
        (DEMANDS_CREATE, {"scenario": ID, "description": "x", "urgency": f"'{CANARY}"}),
        (DEMANDS_CREATE, {"scenario": ID, "description": "x", "urgency": f"\"'` - at `$.{CANARY}"}),
        (DEMANDS_CREATE, {"scenario": ID, "description": "x", "urgency": int(CANARY[6:])}),
        (DEMANDS_CREATE, {"scenario": ID, "description": "x", "payload": CANARY}),
        (DEMANDS_CREATE, {"scenario": ID, "description": CANARY * 1000}),
        (DEMANDS_CREATE, nested(1).replace(b"1}}", b"1" * 5000 + b"}}").replace(b'"p"', b'"%s"' % CANARY.encode())),
        (DEMANDS_CLOSE, {"demand": ID, "reason": CANARY}),
        (MEMBERSHIPS_ASSIGN, {"user": ID, "scenario": ID, "kind": CANARY}),
        (MEMBERSHIPS_ASSIGN, {"user": ID, "scenario": ID, "kind": "provider", "routing_factor": CANARY}),
        (MEMBERSHIPS_ASSIGN, {"user": ID, "scenario": ID, "kind": "provider", "routing_factor": -int(CANARY[6:])}),
        (USERS_ENTER, {"display_name": "x", "locale": CANARY}),
        (USERS_UPDATE_ME, {"phone": CANARY}),
        (USERS_UPDATE_ME, {"phone": f"+{CANARY[6:]}\n"}),
        (USERS_UPDATE_ME, {"phone": f"+{CANARY[6:]}"[::-1]}),
        (MESSAGES_SEND, {"demand": ID, "text": "x", "entities": [{CANARY: 1}]}),
        (MESSAGES_SEND, {"demand": ID, "text": "x", "entities": [{"type": CANARY, "offset": 0, "length": 1}]}),
        (MESSAGES_SEND, {"demand": ID, "text": "x", "entities": CANARY}),
        (MESSAGES_SEARCH, {"demand": ID, "order": f"{CANARY}'"}),
        (MESSAGES_SEARCH, {"demand": ID, "limit": int(CANARY[6:])}),
        (DELIVERIES_SETTLE, {"results": [{"delivery": ID, "outcome": CANARY}]}),
        (SYSTEM_ANSWER, {"operation": CANARY, "key": "x"}),
        (SCENARIOS_SEARCH, CANARY.encode()),
        (SCENARIOS_SEARCH, f'"{CANARY}'.encode()),
        (SCENARIOS_SEARCH, f'"{CANARY}"'.encode()),
        (SCENARIOS_SEARCH, f'{{"query":{CANARY}}}'.encode()),
        (SCENARIOS_SEARCH, b'{"query":"' + CANARY.encode() + b'\xff"}'),
        (SCENARIOS_SEARCH, b'{"' + CANARY.encode() + b'\xff":1}'),
        (SCENARIOS_SEARCH, f'{{"query":"{CANARY}\\q"}}'.encode()),
    ],
)
def test_a_refusal_repeats_nothing_of_what_was_sent(operation: Operation[Any, Any], body: bytes | dict[str, Any]):
    problem = refusal_of(operation, body).problem
    for part in (CANARY, CANARY[:6], CANARY[6:], CANARY[6:][::-1]):
        assert part not in problem


@pytest.mark.parametrize(
    ("operation", "body", "problem"),
    [
        (DEMANDS_TAKE, {}, "Object missing required field `demand`"),
        (DEMANDS_TAKE, {"demand": "x"}, "Invalid UUID - at `$.demand`"),
        (DEMANDS_TAKE, {"demand": ID, "canary": 1}, "Object contains unknown field"),
        (DEMANDS_CLOSE, {"demand": ID, "reason": "x"}, "Invalid enum value - at `$.reason`"),
        (
            MESSAGES_SEND,
            {"demand": ID, "text": "x", "entities": [{"type": "mention", "offset": 0, "length": 1}]},
            "Invalid enum value - at `$.entities[...].type`",
        ),
        (
            MESSAGES_SEND,
            {"demand": ID, "text": "x", "entities": [{"canary": 1}]},
            "Object contains unknown field - at `$.entities[...]`",
        ),
        (MESSAGES_SEND, {"demand": ID, "text": "x" * 8193}, "Expected `str` of length <= 8192 - at `$.text`"),
        (MESSAGES_SEND, b"", "Input data was truncated"),
        (MESSAGES_SEND, b'{"text":"\xff"}', "the bytes are no UTF-8"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_where(
    operation: Operation[Any, Any], body: bytes | dict[str, Any], problem: str
):
    assert refusal_of(operation, body).problem == problem


@pytest.mark.parametrize("body", [{"phone": "+12025550123\n"}, {"locale": "en\n"}])
def test_a_line_end_is_no_part_of_a_phone_or_locale(body: dict[str, Any]):
    assert "matching regex" in refusal_of(USERS_UPDATE_ME, body).problem


def test_every_sentence_of_the_decoder_that_repeats_input_is_known():
    """Against the installed msgspec: whichever sentence holds the canary has to be one the wire strips."""
    sent: list[tuple[Any, Any]] = [
        (DEMANDS_CREATE.request, {CANARY: 1}),
        (DEMANDS_CLOSE.request, {"demand": ID, "reason": CANARY}),
        (MEMBERSHIPS_ASSIGN.request, {"user": ID, "scenario": ID, "kind": CANARY}),
    ]
    for shape, value in sent:
        with pytest.raises(msgspec.ValidationError) as refusal:
            msgspec.json.decode(json.dumps(value), type=shape)
        text = str(refusal.value)
        assert CANARY in text
        assert text.startswith(wire._REPEATING)
