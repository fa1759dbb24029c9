"""How much one may ask for: a page of 1 to 100 from the first 10,000, of messages 1 to 1,000; anything else is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from contracts import wire
from contracts.failures import InvalidRequest
from contracts.operations import OPERATIONS, Operation

SAMPLES = Path(__file__).with_name("samples")
LONG_PAGES = {"messages.search": 1000}
PAGED = [row for row in OPERATIONS if row.is_built and "limit" in row.request.__struct_fields__]


def asked(row: Operation[Any, Any], **fields: object) -> Any:
    """The request of the sample with these fields, as it is after the wire."""
    request = json.loads((SAMPLES / f"{row.name}.json").read_text())["request"] | fields
    return wire.decode_request(row, json.dumps(request).encode())


def test_lists_are_paged():
    lists = {row.name for row in OPERATIONS if row.is_built and row.name.endswith(".search")}
    assert lists <= {row.name for row in PAGED}
    assert len(PAGED) > len(lists)


@pytest.mark.parametrize("row", PAGED, ids=lambda row: row.name)
def test_a_page_is_neither_empty_nor_endless(row: Operation[Any, Any]):
    most = LONG_PAGES.get(row.name, 100)
    assert [asked(row, limit=limit).limit for limit in (1, most)] == [1, most]
    for limit in (0, -1, most + 1, 10**20, None, "1", 1.5):
        with pytest.raises(InvalidRequest):
            asked(row, limit=limit)


@pytest.mark.parametrize("row", [row for row in PAGED if row.name not in LONG_PAGES], ids=lambda row: row.name)
def test_a_page_begins_within_the_first_ten_thousand(row: Operation[Any, Any]):
    assert [asked(row, offset=offset).offset for offset in (0, 10_000)] == [0, 10_000]
    for offset in (-1, 10_001, 10**20, None, "0"):
        with pytest.raises(InvalidRequest):
            asked(row, offset=offset)
