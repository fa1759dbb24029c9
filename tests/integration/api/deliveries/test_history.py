"""What was written before somebody came, and what was written while they were away: owed to them once."""

import pytest

from contracts.demand_life import ReleaseDemand
from contracts.demands import TakeDemand
from contracts.messages import SendMessage
from contracts.operations import BY_NAME
from contracts.operations.demands import DEMANDS_RELEASE, DEMANDS_TAKE
from contracts.operations.messages import MESSAGES_SEND
from contracts.participants import ResetDeclined
from integration.api.town import Seated, receive, seated, words
from world import Person, World

SAID = ("one", "two", "three", "four")


async def say(at: Seated, text: str) -> None:
    await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text=text))


async def heard(person: Person) -> list[str]:
    """What somebody's chat is given now of all that was said, in order."""
    return [text for text in words(await receive(person)) if text in SAID]


@pytest.mark.parametrize("looks_meanwhile", [False, True])
async def test_who_comes_back_hears_what_they_missed_and_nothing_twice(world: World, *, looks_meanwhile: bool) -> None:
    at = await seated(world)
    await say(at, "one")
    assert await heard(at.provider) == ["one"]
    await say(at, "two")
    await at.requester.call(DEMANDS_RELEASE, ReleaseDemand(demand=at.demand))
    await say(at, "three")
    if looks_meanwhile:
        assert await heard(at.provider) == [], "what was owed to the seat is nobody's once it is empty"
    await at.moderator.call(BY_NAME["participants.reset_declined"], ResetDeclined(demand=at.demand))
    await at.provider.call(DEMANDS_TAKE, TakeDemand(demand=at.demand))
    await say(at, "four")
    assert await heard(at.provider) == ["two", "three", "four"]
    assert await heard(at.provider) == []
    once = """
        SELECT bool_and(of.sent = 1) FROM (SELECT count(*) FILTER (WHERE v.status = 'sent') AS sent FROM messages m
          JOIN deliveries v ON v.message_id = m.id AND v.recipient_id = $2
          WHERE m.demand_id = $1 AND m.kind = 'message' GROUP BY m.id) of
    """
    assert await world.ledger.fetchval(once, at.demand, at.provider.user)


async def test_who_comes_after_somebody_else_hears_all_of_it_in_order(world: World) -> None:
    at = await seated(world)
    await say(at, "one")
    await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="two"))
    await at.requester.call(DEMANDS_RELEASE, ReleaseDemand(demand=at.demand))
    await say(at, "three")
    other = await world.member(at.scenario)
    await other.call(DEMANDS_TAKE, TakeDemand(demand=at.demand))
    assert await heard(other) == ["one", "two", "three"]
    assert await heard(at.provider) == [], "who left hears nothing more"
