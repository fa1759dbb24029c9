"""Every time somebody asks by has its zone, and is one that the ledger can hold; anything else is refused by name."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec.inspect as look
import pytest

from contracts import wire
from contracts.failures import InvalidRequest
from contracts.operations import OPERATIONS, Operation

SAMPLES = Path(__file__).with_name("samples")


def times_in(shape: Any, *path: str) -> Iterator[tuple[tuple[str, ...], look.DateTimeType]]:
    """Every time in a shape, however deep, and where it is."""
    if isinstance(shape, look.DateTimeType):
        yield path, shape
    elif isinstance(shape, look.StructType):
        for field in shape.fields:
            yield from times_in(field.type, *path, field.encode_name)
    else:
        inner = [getattr(shape, name, None) for name in ("item_type", "key_type", "value_type")]
        for each in (*getattr(shape, "types", ()), *getattr(shape, "item_types", ()), *inner):
            if each is not None:
                yield from times_in(each, *path, "")


FOUND = [
    (row, path, kind) for row in OPERATIONS if row.is_built for path, kind in times_in(look.type_info(row.request))
]
FIELDS = [pytest.param(row, path[0], id=f"{row.name}-{path[0]}") for row, path, _ in FOUND]


def asked(row: Operation[Any, Any], **fields: object) -> Any:
    """The request of the sample with these fields, as it is after the wire."""
    request = json.loads((SAMPLES / f"{row.name}.json").read_text())["request"] | fields
    return wire.decode_request(row, json.dumps(request).encode())


def test_times_are_fields_of_the_request_itself_where_the_wire_looks_at_them():
    assert {"audit.search", "deliveries.search", "memberships.update", "users.restrict"} <= {
        row.name for row, *_ in FOUND
    }
    assert [path for _, path, _ in FOUND if len([name for name in path if name]) != 1] == []
    assert [(row.name, path) for row, path, kind in FOUND if kind.tz is not True] == []


@pytest.mark.parametrize(("row", "field"), FIELDS)
def test_a_time_has_its_zone(row: Operation[Any, Any], field: str):
    for right in ("2026-03-04T05:06:07Z", "2026-03-04T05:06:07.25+02:00"):
        assert getattr(asked(row, **{field: right}), field).tzinfo is not None
    for naive in ("2026-03-04T05:06:07", "2026-03-04T05:06:07.25", "2026-03-04", 1772600767, ""):
        with pytest.raises(InvalidRequest, match=field):
            asked(row, **{field: naive})


@pytest.mark.parametrize(("row", "field"), FIELDS)
def test_a_time_is_one_that_everybody_can_count_to(row: Operation[Any, Any], field: str):
    for right in ("1970-01-01T00:00:00Z", "8999-12-31T23:59:59Z"):
        assert getattr(asked(row, **{field: right}), field) is not None
    for far in (
        "0001-01-01T00:00:00+14:00", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999999-12:00",
    ):  # fmt: skip
        with pytest.raises(InvalidRequest, match=field):
            asked(row, **{field: far})
