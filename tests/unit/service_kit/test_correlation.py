import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_kit.correlation import Trace, child, correlated, correlation_id, current, new_trace, parse, traceparent

CARRIED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_header_survives_the_round_trip():
    assert parse(CARRIED) == Trace("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "01")
    assert str(parse(CARRIED)) == CARRIED


@pytest.mark.parametrize(
    "header",
    [
        "",
        CARRIED + "\n",
        " " + CARRIED,
        CARRIED.upper(),
        CARRIED[:-1],
        CARRIED + "-more",
        "01" + CARRIED[2:],
        "ff" + CARRIED[2:],
        "00-" + "0" * 32 + "-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-" + "0" * 16 + "-01",
        CARRIED.replace("0af7", "٠af7"),
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
    ],
)
def test_anything_else_is_refused(header: str):
    assert parse(header) is None


@given(st.text(max_size=80))
def test_no_text_makes_the_parser_raise(text: str):
    found = parse(text)
    assert found is None or str(found) == text


def test_new_traces_differ_and_are_valid():
    traces = [new_trace() for _ in range(100)]
    assert len({trace.trace_id for trace in traces}) == 100
    assert all(parse(str(trace)) == trace for trace in traces)


def test_a_child_stays_in_the_chain_at_another_place():
    parent = new_trace()
    assert child(parent).trace_id == parent.trace_id
    assert child(parent).span_id != parent.span_id


async def test_a_block_and_the_tasks_it_starts_share_the_callers_id_and_leave_nothing_behind():
    async def inside() -> str | None:
        return correlation_id()

    with correlated(CARRIED) as trace:
        assert correlation_id() == "0af7651916cd43dd8448eb211c80319c"
        assert traceparent() == str(trace)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(inside())
        assert task.result() == trace.trace_id
        with correlated(None) as other:
            assert other.trace_id != trace.trace_id
        assert correlation_id() == trace.trace_id
    assert current.get() is None
    assert parse(traceparent()) is not None


def test_an_invalid_header_starts_a_new_chain():
    with correlated("nonsense") as trace:
        assert parse(str(trace)) == trace
        assert correlation_id() == trace.trace_id
