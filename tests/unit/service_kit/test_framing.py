"""The short way of headers says exactly what nats-py's long one says, or leaves it to that."""

from hypothesis import given
from hypothesis import strategies as st
from nats.aio.client import Client

from service_kit import framing

line = st.text(st.characters(min_codepoint=0, max_codepoint=0x17F), max_size=12).map(lambda one: one.encode())
likely = st.sampled_from(
    [b"Actor: telegram:7", b"a:b", b" a : b ", b"a b: c", b"no colon", b"x:\ty", b"Api-Deadline: 1", b""]
)
tricky = st.text(max_size=8) | st.text("ab. \r\n\t", max_size=8)
blocks = st.lists(line | likely, max_size=5).map(lambda lines: b"NATS/1.0\r\n" + b"\r\n".join(lines) + b"\r\n\r\n")


async def _heard(_: Exception) -> None:
    """What nats-py does with an error of its own is not asked here."""


def _long_way(block: bytes) -> dict[str, str] | None:
    client = Client()
    client._error_cb = _heard
    reading = client._process_headers(block)
    try:
        reading.send(None)  # it waits for nothing
    except StopIteration as end:
        return end.value
    raise AssertionError("nats-py waited")


@given(blocks | st.binary(min_size=12, max_size=40).map(lambda rest: b"NATS/1.0" + rest))
def test_a_block_is_read_as_nats_py_reads_it(block: bytes):
    found = framing.read(block)
    if found is not None:
        assert found == (_long_way(block) or {})


@given(st.dictionaries(st.text(max_size=6) | st.sampled_from(["Actor", "traceparent", "a-b", "", "a:b"]), tricky))
def test_what_is_written_is_what_was_meant(headers: dict[str, str]):
    block = framing.written(headers)
    if block is not None:
        assert block.count("\n") == len(headers) + 2
        assert _long_way(block.encode()) == ({name: value.strip() for name, value in headers.items()} or None)


def test_our_own_headers_go_the_short_way():
    headers = {"traceparent": "00-" + "a" * 32 + "-" + "b" * 16 + "-01", "Actor": "telegram:7", "Api-Deadline": "1"}
    block = framing.written(headers)
    assert block is not None
    assert framing.read(block.encode()) == headers


@given(tricky)
def test_a_plain_subject_cannot_end_its_command(subject: str):
    if framing.is_plain(subject):
        assert len(f"PUB {subject} 0\r\n".split()) == 3


def test_a_status_is_left_to_nats_py():
    assert framing.read(b"NATS/1.0 503\r\n\r\n") is None
