"""What is read off an update before anybody understands it."""

import msgspec
import pytest

from telegram_bot.intake.heads import Head, head_of, number_of, partition_of


def chat_of(**event: object) -> int:
    return head_of(msgspec.json.encode({"update_id": 5, **event})).chat


def test_the_chat_an_update_belongs_to() -> None:
    assert chat_of(message={"chat": {"id": 7}, "from": {"id": 8}}) == 7
    assert chat_of(edited_message={"chat": {"id": -100}}) == -100
    assert chat_of(callback_query={"from": {"id": 8}, "message": {"chat": {"id": 9}}}) == 9
    assert chat_of(callback_query={"from": {"id": 8}}) == 8
    assert chat_of(my_chat_member={"chat": {"id": 2**52 - 1}}) == 2**52 - 1
    assert chat_of(poll={"id": "x"}) == 0


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b'{"update_id":"5"}', b'{"update_id":5,"message":{"chat":{"id":"x"}}}']
)
def test_what_is_no_update_is_refused(raw: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        head_of(raw)


def test_what_is_no_update_may_still_say_its_number() -> None:
    assert number_of(b'{"update_id":5,"message":{"chat":{"id":"x"}}}') == 5
    assert [number_of(raw) for raw in (b"", b"[]", b"{}", b'{"update_id":"5"}', b'{"update_id":5')] == [None] * 5


def test_a_chat_stays_in_its_partition_in_every_process() -> None:
    assert [partition_of(chat) for chat in (1, -1001234567890, 2**52)] == [7, 5, 6]
    assert isinstance(head_of(b'{"update_id":1}'), Head)
    assert len({partition_of(chat) for chat in range(100)}) == 8
