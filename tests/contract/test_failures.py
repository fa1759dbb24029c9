import json
from dataclasses import fields
from typing import Any

import pytest

from contracts import wire
from contracts.account_failures import CannotLink, WeakPassword
from contracts.failures import ALWAYS, FAMILY, AtCapacity, Busy, Failure, Internal, NotFound, from_body, to_body
from contracts.kinds import DemandStatus, LinkObstacle, PasswordFlaw
from contracts.operations import OPERATIONS

DATA: dict[str, Any] = {
    "problem": "a text holds the character NUL",
    "held": ["4F7K"],
    "version": 3,
    "status_now": DemandStatus.HELD,
    "limit": 5,
    "retry_after": 1.5,
    "incident": "8d1f00aa43bc",
}

OF_ITS_OWN: dict[type[Failure], dict[str, Any]] = {
    WeakPassword: {"why": PasswordFlaw.TOO_COMMON},
    CannotLink: {"why": LinkObstacle.SAME_DEMAND},
}


@pytest.mark.parametrize("kind", FAMILY.values())
def test_a_failure_arrives_as_the_exception_it_was(kind: type[Failure]):
    sent = kind(**{field.name: (OF_ITS_OWN.get(kind) or DATA)[field.name] for field in fields(kind)})
    body, headers = wire.encode_failure(sent)
    arrived = wire.decode_failure(body)
    assert type(arrived) is kind
    assert arrived == sent
    assert arrived.args == ()
    assert headers == {wire.ERROR_CODE: str(kind.status), wire.ERROR: kind.__name__}
    assert json.loads(body) == {"type": kind.__name__, **to_body(sent)}
    with pytest.raises(kind):
        raise arrived


def test_every_failure_there_is_belongs_to_the_family():
    assert set(Failure.__subclasses__()) == set(FAMILY.values())
    assert set(ALWAYS) < set(FAMILY.values())
    for operation in OPERATIONS:
        assert not set(operation.failures) & set(ALWAYS), f"{operation.name} names what any call may meet"


def test_a_failure_of_a_newer_version_is_told_by_its_name():
    assert from_body({"type": "TooLoud", "decibels": 90}) == Internal(incident="unknown failure TooLoud")


def test_fields_of_a_newer_version_are_ignored():
    assert from_body({"type": "NotFound", "why": "x"}) == NotFound()
    assert from_body({"type": "AtCapacity", "held": ["4F7K"], "until": 1}) == AtCapacity(held=["4F7K"])


@pytest.mark.parametrize("data", [{}, {"retry_after": "soon"}, {"retry_after": None}])
def test_a_failure_whose_data_cannot_be_believed_is_internal(data: dict[str, Any]):
    assert from_body({"type": "Busy", **data}) == Internal(incident="incomplete failure Busy")
    assert from_body({"type": "Busy", "retry_after": 1}) == Busy(retry_after=1.0)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'{"type":', b"\xff", b"[" * 100_000, b'{"type":{}}'])
def test_bytes_that_are_no_failure_are_internal(body: bytes):
    assert isinstance(wire.decode_failure(body), Internal)
