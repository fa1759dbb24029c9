"""Golden samples: what crosses the wire, letter for letter. A change here is a change for every deployed service."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contracts import wire
from contracts.asyncapi import members_of
from contracts.events import EVENTS, Event
from contracts.failures import InvalidRequest
from contracts.kinds import Notice
from contracts.notices import DATA
from contracts.operations import OPERATIONS, Operation

SAMPLES = Path(__file__).with_name("samples")
BUILT = [operation for operation in OPERATIONS if operation.is_built]


def sample_of(operation: Operation[Any, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / f"{operation.name}.json").read_text())
    return found


def test_every_built_operation_event_and_notice_has_a_sample_and_nothing_else_has():
    assert {path.stem for path in SAMPLES.glob("*.json")} == {operation.name for operation in BUILT}
    assert {path.stem for path in (SAMPLES / "events").glob("*.json")} == {event.name for event in EVENTS}
    assert {path.stem for path in (SAMPLES / "notices").glob("*.json")} == set(Notice) == set(DATA)


@pytest.mark.parametrize("operation", BUILT, ids=lambda operation: operation.name)
def test_a_request_comes_out_as_it_went_in(operation: Operation[Any, Any]):
    sample = sample_of(operation)["request"]
    request = wire.decode_request(operation, json.dumps(sample).encode())
    assert type(request) is operation.request
    assert json.loads(wire.encode(request)) == sample
    assert set(sample) == set(operation.request.__struct_fields__), "a sample shows every field"


@pytest.mark.parametrize("operation", BUILT, ids=lambda operation: operation.name)
def test_every_reply_comes_out_as_it_went_in(operation: Operation[Any, Any]):
    replies = sample_of(operation)["replies"]
    assert list(replies) == [member.__name__ for member in members_of(operation.reply)]
    for name, sample in replies.items():
        reply = wire.decode_reply(operation, json.dumps(sample).encode())
        assert type(reply).__name__ == name
        assert json.loads(wire.encode(reply)) == sample


@pytest.mark.parametrize("operation", BUILT, ids=lambda operation: operation.name)
def test_an_unknown_field_is_refused_in_a_request_and_ignored_in_a_reply(operation: Operation[Any, Any]):
    sample = sample_of(operation)
    with pytest.raises(InvalidRequest) as refusal:
        wire.decode_request(operation, json.dumps({**sample["request"], "canary": 1}).encode())
    assert refusal.value == InvalidRequest(problem="Object contains unknown field")
    for reply in sample["replies"].values():
        newer = wire.decode_reply(operation, json.dumps({**reply, "canary": 1}).encode())
        assert newer == wire.decode_reply(operation, json.dumps(reply).encode())


@pytest.mark.parametrize("operation", BUILT, ids=lambda operation: operation.name)
def test_a_request_that_lacks_what_it_needs_is_refused_by_name(operation: Operation[Any, Any]):
    sample = sample_of(operation)["request"]
    for field in msgspec.structs.fields(operation.request):
        if field.required:
            lacking = {name: value for name, value in sample.items() if name != field.encode_name}
            with pytest.raises(InvalidRequest, match=f"missing required field `{field.encode_name}`"):
                wire.decode_request(operation, json.dumps(lacking).encode())


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_an_event_comes_out_as_it_went_in(event: Event):
    sample = json.loads((SAMPLES / "events" / f"{event.name}.json").read_text())
    fact = msgspec.json.decode(json.dumps(sample), type=event.payload)
    assert json.loads(wire.encode(fact)) == sample
    assert msgspec.json.decode(json.dumps({**sample, "canary": 1}), type=event.payload) == fact


@pytest.mark.parametrize("notice", Notice)
def test_what_a_notice_carries_comes_out_as_it_went_in(notice: Notice):
    sample = json.loads((SAMPLES / "notices" / f"{notice}.json").read_text())
    data = msgspec.json.decode(json.dumps(sample), type=DATA[notice])
    assert json.loads(wire.encode(data)) == sample
    assert set(sample) == set(DATA[notice].__struct_fields__)
