"""Reactions: each reader sees them on their own copy, one of each person."""

import pytest

from contracts.failures import InvalidRequest
from contracts.kinds import DeliveryKind
from contracts.messages import (
    Origin,
    ReactToMessage,
)
from contracts.operations.demands import PARTICIPANTS_ADD
from contracts.operations.messages import (
    MESSAGES_REACT,
)
from contracts.participants import AddParticipant
from integration.api.messages.saying import read, say
from integration.api.town import begin, receive, seated
from world import World


async def test_a_reaction_is_shown_on_each_readers_own_copy_and_the_last_one_counts(world: World) -> None:
    at = await seated(world)
    await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    origin = Origin(address=str(at.requester.telegram_id), channel_message_id="55")
    message = await say(at, at.requester, "Thanks", origin=origin)
    for person in (at.requester, at.provider, at.moderator):
        await receive(person)
    for emoji in ("👍", "🙏"):
        done = await at.provider.call(MESSAGES_REACT, ReactToMessage(demand=at.demand, message=message, emoji=emoji))
        assert (done.emoji, done.recipients) == (emoji, 2)
    [seen] = await receive(at.requester)
    assert (seen.kind, seen.emoji) == (DeliveryKind.REACT, "🙏")
    assert [target.channel_message_id for target in seen.targets] == ["55"], "on what they wrote themselves"
    [copy] = await receive(at.moderator)
    assert copy.targets[0].channel_message_id.startswith("m-")
    assert await begin(at.provider) is None, "not to who reacted"
    [line] = await read(at, at.provider)
    assert [(one.emoji, one.is_mine, one.role) for one in line.reactions] == [("🙏", True, "provider")]
    await at.moderator.call(MESSAGES_REACT, ReactToMessage(demand=at.demand, message=message, emoji="👍"))
    assert [(await receive(person))[0].emoji for person in (at.requester, at.provider)] == ["👍", "👍"], "the latest"
    await at.moderator.call(MESSAGES_REACT, ReactToMessage(demand=at.demand, message=message))
    assert [(await receive(person))[0].emoji for person in (at.requester, at.provider)] == ["🙏", None], (
        "never one's own"
    )
    await at.provider.call(MESSAGES_REACT, ReactToMessage(demand=at.demand, message=message))
    [gone] = await receive(at.requester)
    assert (gone.kind, gone.emoji) == (DeliveryKind.REACT, None)
    assert (await read(at, at.moderator))[0].reactions == []


@pytest.mark.parametrize("emoji", ["call me", "+995", "a", "1", " ", "👍\n", ""])
async def test_a_reaction_is_a_sign_and_no_message(world: World, emoji: str) -> None:
    at = await seated(world)
    message = await say(at, at.requester, "x")
    with pytest.raises(InvalidRequest):
        await at.provider.call(MESSAGES_REACT, ReactToMessage(demand=at.demand, message=message, emoji=emoji))
