"""Which message of an album is its last: the intake looks at what waits behind it, and stays with what it decided."""

import msgspec
import pytest
from aiogram.types import Message

from integration.telegram_bot.conftest import WayIn, update
from integration.telegram_bot.working import is_empty, working
from telegram_bot.intake import albums
from telegram_bot.turn import Turn
from world import until


def picture(number: int, album: str, chat: int = 7) -> bytes:
    """A message of an album as Telegram sends it."""
    sent = msgspec.json.decode(update(number, chat))
    sent["message"] |= {"media_group_id": album}
    return msgspec.json.encode(sent)


async def test_every_message_of_an_album_but_the_last_knows_that_more_follows(way_in: WayIn) -> None:
    seen: list[tuple[int, bool]] = []

    @way_in.dispatcher.message()
    async def note(message: Message, turn: Turn) -> None:
        seen.append((message.message_id, turn.more_of_album))

    updates = [picture(1, "a"), picture(2, "a"), update(3, 7), picture(4, "b"), picture(5, "c"), picture(6, "c")]
    async with working(way_in):
        await way_in.intake.hand_over(updates)
        await way_in.intake.hand_over(updates)
        await until(lambda: is_empty(way_in))
    assert seen == [(1, True), (2, False), (3, False), (4, False), (5, True), (6, False)]


async def test_a_message_waits_for_the_next_one_of_its_album(way_in: WayIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(albums, "COMPANY_WITHIN", 20.0)
    seen: list[tuple[int, bool]] = []

    @way_in.dispatcher.message()
    async def note(message: Message, turn: Turn) -> None:
        seen.append((message.message_id, turn.more_of_album))

    async with working(way_in) as worker:
        await way_in.intake.hand_over([picture(1, "a")])
        await until(lambda: bool(worker._lanes))
        await way_in.intake.hand_over([picture(2, "a")])
        await until(lambda: seen == [(1, True)])
        # Whoever writes on does not wait for an album of theirs that is whole.
        await way_in.intake.hand_over([update(3, 7)])
        await until(lambda: seen == [(1, True), (2, False), (3, False)])


async def test_an_album_that_ended_once_ends_there_again_whatever_came_since(way_in: WayIn) -> None:
    seen: list[tuple[int, bool]] = []

    @way_in.dispatcher.message()
    async def die_once(message: Message, turn: Turn) -> None:
        seen.append((message.message_id, turn.more_of_album))
        if len(seen) == 2:
            # As if the process died after it sent the album and before it could say so; meanwhile another picture came.
            await way_in.intake.hand_over([picture(3, "a")])
            raise OSError

    async with working(way_in):
        await way_in.intake.hand_over([picture(1, "a"), picture(2, "a")])
        await until(lambda: len(seen) == 4)
        await until(lambda: is_empty(way_in))
    assert seen == [(1, True), (2, False), (2, False), (3, False)]
