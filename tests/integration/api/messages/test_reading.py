"""Reading a conversation: each line once, both ways, and only by those who sit in it or watch over it."""

from uuid import uuid4

import pytest

from contracts.demands import CloseDemand, GetDemand
from contracts.failures import AlreadyClosed, NotFound
from contracts.kinds import Order, Role
from contracts.messages import Message, SearchMessages, SendMessage
from contracts.operations.demands import DEMANDS_CLOSE, DEMANDS_GET
from contracts.operations.messages import MESSAGES_SEARCH, MESSAGES_SEND
from integration.api.town import seated
from world import OPERATOR, World


@pytest.mark.parametrize("order", list(Order))
async def test_pages_give_every_line_once_also_at_equal_times(world: World, order: Order) -> None:
    at = await seated(world)
    for number in range(12):
        person = at.requester if number % 2 else at.provider
        await person.call(MESSAGES_SEND, SendMessage(demand=at.demand, text=f"{number}"))
    await world.ledger.execute("UPDATE messages SET created_at = now()")
    seen: list[Message] = []
    more = True
    while more:
        cursor = {} if not seen else {"after" if order is Order.OLDEST_FIRST else "before": seen[-1].id}
        request = SearchMessages(demand=at.demand, order=order, limit=5, **cursor)  # type: ignore[arg-type]
        page = await at.requester.call(MESSAGES_SEARCH, request)
        seen += page.items
        more = page.more
    lines = [line.seq for line in seen]
    expected = list(range(1, 14))
    assert lines == (expected if order is Order.OLDEST_FIRST else expected[::-1])
    said = {line.text: line for line in seen if line.kind == "message"}
    assert (said["1"].is_mine, said["1"].author_role) == (True, Role.REQUESTER)
    assert (said["0"].is_mine, said["0"].author_role) == (False, Role.PROVIDER)
    assert said["0"].alias not in {None, "Helper"}
    between = SearchMessages(demand=at.demand, after=seen[0].id, before=seen[-1].id, limit=1000)
    if order is Order.OLDEST_FIRST:
        assert len((await at.provider.call(MESSAGES_SEARCH, between)).items) == 11


async def test_a_cursor_of_another_conversation_is_not_found(world: World) -> None:
    at, other = await seated(world), await seated(world)
    foreign = await other.requester.call(MESSAGES_SEND, SendMessage(demand=other.demand, text="x"))
    for cursor in (foreign.id, uuid4()):
        for field in ("after", "before"):
            with pytest.raises(NotFound):
                await at.requester.call(MESSAGES_SEARCH, SearchMessages(demand=at.demand, **{field: cursor}))  # type: ignore[arg-type]
        reply = SendMessage(demand=at.demand, text="x", reply_to=cursor)  # type: ignore[arg-type]
        with pytest.raises(NotFound):
            await at.requester.call(MESSAGES_SEND, reply)


async def test_staff_read_and_after_the_end_those_who_were_there_still_do(world: World) -> None:
    at = await seated(world)
    await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="x"))
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    for person in (at.requester, at.provider):
        with pytest.raises(AlreadyClosed):
            await person.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="late"))
    request = SearchMessages(demand=at.demand)
    pages = [await person.call(MESSAGES_SEARCH, request) for person in (at.requester, at.provider, at.moderator)]
    pages.append(await world.operator.call(MESSAGES_SEARCH, request, actor=OPERATOR))
    assert {tuple(line.notice or line.text for line in page.items) for page in pages} == {
        ("provider_joined", "x", "closed")
    }


async def test_the_first_response_is_the_providers_first_message_and_stays_it(world: World) -> None:
    at = await seated(world)

    async def first() -> object:
        return (await at.requester.call(DEMANDS_GET, GetDemand(demand=at.demand))).first_response_at

    await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="hello?"))
    assert await first() is None, "the requester's own words are no response"
    said = await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="on my way"))
    assert await first() == said.at
    await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="at the door"))
    assert await first() == said.at
