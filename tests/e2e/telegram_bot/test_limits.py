"""Telegram's own limits, switched on: a full group, a chat that is told to wait and one that has moved hold up nobody else."""

import pytest

from e2e.telegram_bot.front import behind, front
from e2e.telegram_bot.town import BotInside, Town
from ports import free_port
from telegram_simulator import Person
from world import World, until

# A notice that belongs to no demand, owed to a group as if it were somebody's own chat.
OWED = """
    WITH place AS (INSERT INTO destinations (channel, address) VALUES ('telegram', $1)
        ON CONFLICT (channel, address) DO UPDATE SET address = excluded.address RETURNING id),
      owed AS (INSERT INTO deliveries (destination_id, recipient_id, notice)
        SELECT id, (SELECT min(u.id::text)::uuid FROM users u), 'banned' FROM place, generate_series(1, $2))
    INSERT INTO outbox (subject, body, traceparent)
    SELECT 'notify.v1.telegram.' || id, jsonb_build_object('destination', id), '' FROM place
"""
UNSENT = """
    SELECT count(*) FROM deliveries d JOIN destinations t ON t.id = d.destination_id
    WHERE t.address = $1 AND d.status IN ('pending', 'sending')
"""


async def staff(town: Town, kind: str = "supergroup") -> tuple[Person, int]:
    """A moderator and a group of theirs with the bot in it."""
    boss = await town.simulator.person("Marta", language_code="en")
    return boss, await town.simulator.group("Staff", [boss], type=kind, bots=[await _name(town)])


async def _name(town: Town) -> str:
    return str((await town.simulator.status())["bots"][0]["username"])


async def talking(town: Town) -> tuple[Person, Person]:
    scenario = await town.world.scenario("Vake", "Food")
    asks, helps = await town.person("Olga"), await town.person("Nino", provider=scenario)
    await town.asks(asks, scenario, "bread")
    await helps.say("/next")
    await helps.wait_for("You are helping now")
    return asks, helps


async def told_off(town: Town) -> int:
    """How often Telegram said that it is too much."""
    return len([entry for entry in await town.simulator.journal() if entry.code == 429])


async def test_a_group_that_is_full_keeps_nobody_waiting_and_two_bots_share_its_minute(quiet_town: Town) -> None:
    world, (_, group) = quiet_town.world, await staff(quiet_town)
    await quiet_town.simulator.limits(on=True)
    one, two = free_port(), free_port()
    async with (
        front(one, two) as proxy,
        BotInside(quiet_town, SENDS_PER_SECOND="30", **behind(proxy, one)),
        BotInside(quiet_town, SENDS_PER_SECOND="30", **behind(proxy, two)),
    ):
        asks, helps = await talking(quiet_town)
        await world.ledger.execute(OWED, str(group), 11)
        await until(lambda: _at_most(world, group, 7), within=30)
        for number in range(5):
            await asks.say(f"line {number}")
        await helps.wait_for("line 4", seconds=30)
        # The last of the group's comes twenty-four seconds after its first five; the talk did not wait for that.
        assert not await _at_most(world, group, 0)
        await until(lambda: _at_most(world, group, 0), within=60)
    lines = [text.split("\n")[1] for text in (await helps.look()).texts if text.startswith("Needs help")]
    assert lines == [f"line {number}" for number in range(5)]
    assert await told_off(quiet_town) == 0
    # Five at once, then one each four seconds, of both bots together: twenty in any minute.
    went = [entry.at for entry in await quiet_town.simulator.journal(method="sendMessage", chat=group)]
    assert min(later - first for first, later in zip(went, went[5:], strict=False)) > 3


async def _at_most(world: World, group: int, count: int) -> bool:
    return int(await world.ledger.fetchval(UNSENT, str(group))) <= count


async def test_a_group_that_has_moved_is_found_again(town: Town, world: World) -> None:
    await town.person("Olga")
    boss, group = await staff(town, "group")
    await world.ledger.execute(OWED, str(group), 1)
    await boss.wait_for("You cannot use", chat=group)
    moved = await town.simulator.migrate_group(group)
    await world.ledger.execute(OWED, str(group), 2)
    for _ in range(2):
        await boss.wait_for("You cannot use", chat=moved)
    assert await world.ledger.fetchval("SELECT count(*) FROM destinations WHERE address = $1", str(moved)) == 1
    assert await world.ledger.fetchval("SELECT count(*) FROM destinations WHERE address = $1", str(group)) == 0


async def test_a_deleted_account_is_told_to_the_author_without_saying_why(town: Town) -> None:
    asks, helps = await talking(town)
    await helps.deactivate()
    await asks.say("are you there?")
    told = await asks.wait_for("does not get messages")
    assert "delet" not in told.text.lower()


# The first message of a delivery, or one in the middle of what takes several.
@pytest.mark.parametrize(("words", "every"), [("hello", 1), ("long " * 818 + "hello", 2)], ids=["first", "second"])
async def test_an_answer_keeps_to_what_a_delivery_was_told(quiet_town: Town, words: str, every: int) -> None:
    async with BotInside(quiet_town, SENDS_PER_SECOND="30"):
        asks, helps = await talking(quiet_town)
        await quiet_town.simulator.fault(
            "answer", method="sendMessage", chat_id=helps.id, code=429, retry_after=2, every=every
        )
        await asks.say(words)
        await until(lambda: _told_off(quiet_town), within=30)
        await helps.say("/help")
        await helps.wait_for("hello", seconds=30)
        calls = await quiet_town.simulator.journal(method="sendMessage", chat=helps.id)
        refused = next(entry for entry in calls if entry.code == 429)
        assert all(entry.at - refused.at > 1.9 for entry in calls if entry.number > refused.number)


async def _told_off(town: Town) -> bool:
    return await told_off(town) > 0
