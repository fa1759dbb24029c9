"""Kept before confirmed, handled in order, once, and put aside when it cannot be."""

import asyncio
from collections import defaultdict

import pytest
from aiogram.types import Message

from integration.telegram_bot.conftest import WayIn, update
from integration.telegram_bot.working import is_empty, working
from telegram_bot.intake import consume, order
from telegram_bot.intake.consume import Worker
from telegram_bot.intake.heads import partition_of
from telegram_bot.intake.lane import LANE_BOUND
from telegram_bot.intake.publish import HandOffFailed
from telegram_bot.turn import Turn
from world import until


async def test_an_update_is_kept_once_however_often_it_comes(way_in: WayIn) -> None:
    assert await way_in.intake.hand_over([update(1, 7), update(2, 7)]) == 2
    assert await way_in.intake.hand_over([update(1, 7), update(2, 7), update(3, 8)]) == 3
    assert await way_in.stored("INTAKE") == 3
    await way_in.steps.commit(9, 7, None)
    assert await way_in.intake.hand_over([update(9, 7)]) == 9
    assert await way_in.stored("INTAKE") == 3


async def test_what_is_no_update_is_put_aside_and_stops_nobody(way_in: WayIn) -> None:
    assert await way_in.intake.hand_over([b'{"nothing": true}', update(5, 7), b'{"update_id": "x"}']) == 5
    assert await way_in.stored("INTAKE") == 1
    assert await way_in.stored("PARKED") == 2


async def test_what_is_no_update_but_has_an_id_is_confirmed_at_the_end_of_a_batch_too(way_in: WayIn) -> None:
    unreadable = b'{"update_id": 6, "message": {"date": "x"}}'
    assert await way_in.intake.hand_over([update(5, 7), unreadable]) == 6
    assert await way_in.intake.hand_over([b'{"update_id": 8, "message": 1}', unreadable]) == 8
    assert await way_in.intake.hand_over([b'{"nothing": true}']) is None
    assert await way_in.stored("INTAKE") == 1
    assert await way_in.stored("PARKED") == 4


async def test_what_cannot_be_kept_is_not_confirmed(way_in: WayIn) -> None:
    await way_in.broker.kill("nats")
    try:
        with pytest.raises(HandOffFailed):
            await way_in.intake.hand_over([update(1, 7)])
    finally:
        await way_in.broker.restart("nats")
    await until(lambda: way_in.connection.is_connected)
    assert await way_in.intake.hand_over([update(1, 7)]) == 1


async def test_every_chat_is_handled_in_order_and_no_chat_waits_for_another(way_in: WayIn) -> None:
    seen: dict[int, list[int]] = defaultdict(list)
    slow = asyncio.Event()

    @way_in.dispatcher.message()
    async def note(message: Message) -> None:
        if message.chat.id == 1:
            await slow.wait()
        await asyncio.sleep(0.001 * (message.message_id % 3))
        seen[message.chat.id].append(message.message_id)

    expected = {chat: list(range(chat * 1000, chat * 1000 + 20)) for chat in range(1, 11)}
    updates = [update(numbers[at], chat) for at in range(20) for chat, numbers in expected.items()]
    async with working(way_in):
        await way_in.intake.hand_over(updates)
        await until(lambda: sum(map(len, seen.values())) == 180)
        assert 1 not in seen
        slow.set()
        await until(lambda: sum(map(len, seen.values())) == 200)
        await until(lambda: is_empty(way_in))
    assert seen == expected


async def test_more_than_a_lane_takes_comes_in_order_all_the_same(
    way_in: WayIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consume, "ABOVE_BOUND_AGAIN", 1.0)
    seen: list[int] = []
    slow = asyncio.Event()

    @way_in.dispatcher.message()
    async def note(message: Message) -> None:
        await slow.wait()
        seen.append(message.message_id)

    written = list(range(1, LANE_BOUND + 31))
    async with working(way_in) as worker:
        await way_in.intake.hand_over([update(number, 7) for number in written[:-10]])
        await until(lambda: 7 in worker._lanes and len(worker._lanes[7].held) == LANE_BOUND)
        slow.set()
        await until(lambda: len(seen) >= LANE_BOUND)
        # These find room at once, while those before them that found none wait to be offered again.
        await way_in.intake.hand_over([update(number, 7) for number in written[-10:]])
        await until(lambda: len(seen) == len(written), within=30)
        await until(lambda: is_empty(way_in))
    assert seen == written


async def test_a_later_update_waits_for_an_earlier_one_that_is_still_on_its_way(
    way_in: WayIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order, "ON_ITS_WAY", 10.0)
    seen: list[int] = []

    @way_in.dispatcher.message()
    async def note(message: Message) -> None:
        seen.append(message.message_id)

    # As after a crash: the broker knows both, and offers the second one first.
    await way_in.steps.expect([(1, 7, update(1, 7)), (2, 7, update(2, 7))])
    stream, subject = way_in.connection.jetstream(), f"intake.v1.telegram.{partition_of(7)}"
    await stream.publish(subject, update(2, 7))
    async with working(way_in):
        await way_in.intake.hand_over([update(3, 8)])
        await until(lambda: seen == [3])
        await stream.publish(subject, update(1, 7))
        await until(lambda: seen == [3, 1, 2])


async def test_an_earlier_update_that_does_not_come_is_taken_from_its_second_copy_and_once(way_in: WayIn) -> None:
    seen: list[int] = []

    @way_in.dispatcher.message()
    async def note(message: Message) -> None:
        seen.append(message.message_id)

    await way_in.steps.expect([(1, 7, update(1, 7)), (2, 7, update(2, 7))])
    stream, subject = way_in.connection.jetstream(), f"intake.v1.telegram.{partition_of(7)}"
    await stream.publish(subject, update(2, 7))
    async with working(way_in):
        await until(lambda: seen == [1, 2])
        await stream.publish(subject, update(1, 7))
        await until(lambda: is_empty(way_in))
    assert seen == [1, 2]


async def test_a_handler_that_fails_is_tried_again_from_the_same_step(way_in: WayIn) -> None:
    begun: list[object] = []

    @way_in.dispatcher.message()
    async def stumble(message: Message, turn: Turn) -> None:
        del message
        begun.append(turn.step.data.get("count", 0))
        turn.step.data["count"] = 1
        if len(begun) < 3:
            raise RuntimeError("a fault of ours")

    async with working(way_in):
        await way_in.intake.hand_over([update(1, 7)])
        await until(lambda: is_empty(way_in))
    assert begun == [0, 0, 0]
    assert (await way_in.steps.read(7)).data == {"count": 1}
    assert await way_in.stored("PARKED") == 0


async def test_what_fails_every_time_is_put_aside_and_the_person_is_told(way_in: WayIn) -> None:
    seen: list[str | None] = []

    @way_in.dispatcher.message()
    async def fail(message: Message, turn: Turn) -> None:
        if message.text == "poison":
            turn.step.data["half"] = "done"
            raise RuntimeError("a fault of ours")
        seen.append(message.text)

    olga = await way_in.simulator.person("Olga")
    await olga.start()
    async with working(way_in):
        await way_in.intake.hand_over([update(1, olga.id, "poison"), update(2, olga.id, "fine")])
        await olga.wait_for("something went wrong on our side")
        await until(lambda: seen == ["fine"])
    assert await way_in.stored("PARKED") == 1
    assert (await way_in.steps.read(olga.id)).data == {}


async def test_what_aiogram_cannot_read_is_put_aside_at_once(way_in: WayIn) -> None:
    async with working(way_in):
        await way_in.intake.hand_over([b'{"update_id": 1, "callback_query": {"id": "1", "from": {"id": 7}}}'])
        await until(lambda: is_empty(way_in))
    assert await way_in.stored("PARKED") == 1


async def test_what_was_handled_before_is_passed_over(way_in: WayIn) -> None:
    seen: list[int] = []

    @way_in.dispatcher.message()
    async def note(message: Message) -> None:
        seen.append(message.message_id)

    await way_in.intake.hand_over([update(1, 7), update(2, 7)])
    # As after a crash between the step and the acknowledgement.
    await way_in.steps.commit(1, 7, None)
    async with working(way_in):
        await until(lambda: is_empty(way_in))
    assert seen == [2]


async def test_a_stop_gives_back_what_was_not_begun(way_in: WayIn) -> None:
    begun, go = asyncio.Event(), asyncio.Event()
    seen: list[int] = []

    @way_in.dispatcher.message()
    async def wait(message: Message) -> None:
        begun.set()
        await go.wait()
        seen.append(message.message_id)

    await way_in.intake.hand_over([update(number, 7) for number in range(1, 6)])
    first = Worker(way_in.connection, way_in.intake, way_in.steps, way_in.handling())
    async with asyncio.TaskGroup() as group:
        taking = group.create_task(first.take())
        await begun.wait()
        await until(lambda: sum(len(lane.held) for lane in first._lanes.values()) == 5)
        taking.cancel()
        stopping = group.create_task(first.drain(within=5))
        await asyncio.sleep(0)
        go.set()
        await stopping
    assert seen == [1]
    async with working(way_in):
        await until(lambda: seen == [1, 2, 3, 4, 5])


async def test_an_answer_that_may_have_gone_out_before_says_so(way_in: WayIn) -> None:
    tries = 0

    @way_in.dispatcher.message()
    async def stumble(message: Message, turn: Turn) -> None:
        nonlocal tries
        del message
        tries += 1
        await turn.send("Done.")
        await turn.send("Done.")
        if tries == 1:
            # As a kill between the answer and the step.
            raise RuntimeError("a fault of ours")
        await turn.send("And more.")

    olga = await way_in.simulator.person("Olga")
    await olga.start()
    async with working(way_in):
        await way_in.intake.hand_over([update(0x10ABC, olga.id), update(0x10ABD, olga.id)])
        await until(lambda: is_empty(way_in))
    repeat = "Done.\n\nmay be a repeat · 0ABC"
    assert (await olga.look()).texts[1:] == [
        "Done.", "Done.", repeat, repeat, "And more.", "Done.", "Done.", "And more.",
    ]  # fmt: skip
