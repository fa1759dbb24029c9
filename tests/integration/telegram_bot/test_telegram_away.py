"""Answers while Telegram is away, says no for a while, or tells a chat to wait: the update waits for it, and is not put aside."""

from typing import Any

import pytest
from aiogram.types import Message

from integration.telegram_bot.conftest import WayIn, update
from integration.telegram_bot.working import is_empty, working
from telegram_bot.intake import attempts
from telegram_bot.turn import Turn
from world import until


@pytest.mark.parametrize(
    ("fault", "repeats"),
    [
        ({"kind": "answer", "code": 502}, True),  # it may have arrived all the same, so the answer says so
        ({"kind": "drop_before"}, True),
        ({"kind": "answer", "code": 429, "retry_after": 61}, False),
    ],
)
async def test_an_answer_telegram_does_not_take_is_given_later(
    way_in: WayIn,
    monkeypatch: pytest.MonkeyPatch,
    fault: dict[str, Any],
    repeats: bool,  # noqa: FBT001 - a parameter
) -> None:
    monkeypatch.setattr(attempts, "PAUSES", (0.01,))
    monkeypatch.setattr(attempts, "LONGEST_PAUSE", 0.01)
    seen: list[str | None] = []

    @way_in.dispatcher.message()
    async def answer(message: Message, turn: Turn) -> None:
        await turn.send("Done.")
        seen.append(message.text)

    olga = await way_in.simulator.person("Olga")
    await olga.start()
    await way_in.simulator.fault(method="sendMessage", times=attempts.TRIES + 3, **fault)
    async with working(way_in):
        await way_in.intake.hand_over([update(1, olga.id, "one"), update(2, olga.id, "two")])
        await until(lambda: is_empty(way_in), within=30)
    assert seen == ["one", "two"]
    assert await way_in.stored("PARKED") == 0
    first, second = (await olga.look()).texts[1:]
    assert ("may be a repeat" in first) is repeats
    assert second == "Done."


async def test_what_telegram_will_never_take_ends_after_a_while(way_in: WayIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "PAUSES", (0.01,))
    monkeypatch.setattr(attempts, "PATIENCE", 0.1)
    seen: list[str | None] = []

    @way_in.dispatcher.message()
    async def answer(message: Message, turn: Turn) -> None:
        if message.text == "poison":
            await turn.send("Done.")
        seen.append(message.text)

    olga = await way_in.simulator.person("Olga")
    await olga.start()
    await way_in.simulator.fault("answer", method="sendMessage", times=0, code=500)
    async with working(way_in):
        await way_in.intake.hand_over([update(1, olga.id, "poison"), update(2, olga.id, "fine")])
        await until(lambda: seen == ["fine"], within=30)
        await until(lambda: is_empty(way_in))
    assert await way_in.stored("PARKED") == 1
