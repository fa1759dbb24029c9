"""What somebody wants out of their chat: once each, and that and nothing else, however often it has to be tried."""

import asyncio

import pytest

from contracts.deliveries import RetryDelivery
from contracts.demands import CloseDemand
from contracts.kinds import DeliveryKind, SendOutcome
from contracts.messages import EditMessage, SendMessage
from contracts.operations.demands import DEMANDS_CLOSE
from contracts.operations.messages import DELIVERIES_RETRY, MESSAGES_EDIT, MESSAGES_SEND
from contracts.operations.users import USERS_ENTER, USERS_HIDE_HISTORY, USERS_SET_REACHABLE
from contracts.own_data import HideHistory
from contracts.users import EnterUser, SetReachable
from integration.api.town import Seated, begin, receive, seated, settle
from world import OPERATOR, World, until

EVERYTHING = HideHistory(everything=True)
MESSAGES = "SELECT channel_message_id FROM delivery_parts p JOIN deliveries d ON d.id = p.delivery_id WHERE d.recipient_id = $1"
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
async def at(world: World) -> Seated:
    """A demand that is over; its provider was shown notices, a message, and that message again when it was edited."""
    here = await seated(world)
    sent = await here.requester.call(MESSAGES_SEND, SendMessage(demand=here.demand, text="one"))
    await receive(here.provider)
    await here.requester.call(MESSAGES_EDIT, EditMessage(demand=here.demand, message=sent.id, text="two"))
    await here.requester.call(DEMANDS_CLOSE, CloseDemand(demand=here.demand))
    await receive(here.provider)
    return here


async def shown(at: Seated) -> list[str]:
    """The messages of the provider's chat that are ours."""
    return [row[0] for row in await at.world.ledger.fetch(MESSAGES, at.provider.user)]


async def taken_out(at: Seated, *, outcome: SendOutcome = SendOutcome.SENT) -> list[list[str]]:
    """What each of the deliveries that the provider's chat is owed now takes out of it."""
    found = []
    while (delivery := await begin(at.provider)) is not None:
        if delivery.kind == DeliveryKind.DELETE:
            found.append([target.channel_message_id for target in delivery.targets])
        assert await settle(at.world, delivery, outcome, reason="bad_request") == 1
    return found


async def test_asked_for_twice_in_one_instant_it_is_owed_once(at: Seated) -> None:
    there = await shown(at)
    async with asyncio.TaskGroup() as group, at.world.ledger.acquire() as other, other.transaction():
        await other.fetchval("SELECT hide_deliveries_v1($1, true, '')", at.provider.user)
        second = group.create_task(at.provider.call(USERS_HIDE_HISTORY, EVERYTHING))
        await until(lambda: at.world.ledger.fetchval(WAITS))
    assert (second.result().count, second.result().too_old) == (0, 0)
    assert sorted(await taken_out(at)) == sorted([one] for one in there)


async def test_a_chat_that_comes_back_loses_what_it_was_to_lose(at: Seated) -> None:
    there = await shown(at)
    assert len(there) > 4
    assert (await at.provider.call(USERS_HIDE_HISTORY, EVERYTHING)).count == len(there)
    for reachable in (False, True):
        request = SetReachable(address=str(at.provider.telegram_id), reachable=reachable)
        await at.world.bot.call(USERS_SET_REACHABLE, request)
    assert sorted(await taken_out(at)) == sorted([one] for one in there)
    await at.provider.call(USERS_ENTER, EnterUser(display_name="Back"))
    assert (await at.provider.call(USERS_HIDE_HISTORY, EVERYTHING)).count == 0
    assert await taken_out(at) == [], "once each"


async def test_what_is_tried_by_hand_takes_out_what_it_was_to_take_out(at: Seated) -> None:
    there = await shown(at)
    await at.provider.call(USERS_HIDE_HISTORY, EVERYTHING)
    await taken_out(at, outcome=SendOutcome.REFUSED)
    for (failed,) in await at.world.ledger.fetch("SELECT id FROM deliveries WHERE kind = 'delete' ORDER BY position"):
        await at.world.operator.call(DELIVERIES_RETRY, RetryDelivery(delivery=failed), actor=OPERATOR)
    assert sorted(await taken_out(at)) == sorted([one] for one in there)
