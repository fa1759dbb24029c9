"""One demand from the call for help to the end, through the real api."""

import pytest

from contracts.demands import (
    Closed,
    CloseDemand,
    DeclineDemand,
    NextDemand,
    NothingWaiting,
    SearchDemands,
    TakeDemand,
    Taken,
)
from contracts.failures import AlreadyClosed, AlreadyDeclined, AtCapacity, NotFound
from contracts.kinds import DemandStatus
from contracts.messages import SearchMessages, SendMessage
from contracts.operations.demands import DEMANDS_CLOSE, DEMANDS_DECLINE, DEMANDS_NEXT, DEMANDS_SEARCH, DEMANDS_TAKE
from contracts.operations.messages import MESSAGES_SEARCH, MESSAGES_SEND
from world import World


async def test_from_a_call_for_help_to_a_closed_demand(world: World) -> None:
    scenario = await world.scenario()
    olga = await world.person("Olga", locale="uk")
    first, second = await world.member(scenario), await world.member(scenario)

    demand = await world.demand(olga, scenario, "Нужен инсулин 💉 a<b>&")
    assert demand.status is DemandStatus.WAITING
    early = await olga.call(MESSAGES_SEND, SendMessage(demand=demand.id, text="Есть кто-нибудь?"))
    assert early.recipients == 0

    taken = await first.call(DEMANDS_NEXT, NextDemand())
    assert isinstance(taken, Taken)
    assert (taken.id, taken.description) == (demand.id, "Нужен инсулин 💉 a<b>&")
    with pytest.raises(AtCapacity) as refusal:
        await first.call(DEMANDS_NEXT, NextDemand())
    assert refusal.value.held == [demand.number]
    assert await second.call(DEMANDS_NEXT, NextDemand()) == NothingWaiting()

    answer = await first.call(MESSAGES_SEND, SendMessage(demand=demand.id, text="Иду", reply_to=early.id))
    assert answer.recipients == 1
    declined = await first.call(DEMANDS_DECLINE, DeclineDemand(demand=demand.id))
    assert declined.was_held
    with pytest.raises(AlreadyDeclined):
        await first.call(DEMANDS_TAKE, TakeDemand(demand=demand.id))
    with pytest.raises(NotFound):
        await first.call(MESSAGES_SEARCH, SearchMessages(demand=demand.id))

    again = await second.call(DEMANDS_NEXT, NextDemand())
    assert isinstance(again, Taken)
    assert again.id == demand.id
    page = await second.call(MESSAGES_SEARCH, SearchMessages(demand=demand.id))
    assert [line.seq for line in page.items] == list(range(1, len(page.items) + 1))
    assert [line.text for line in page.items if line.kind == "message"] == ["Есть кто-нибудь?", "Иду"]

    assert await olga.call(DEMANDS_CLOSE, CloseDemand(demand=demand.id)) == Closed(
        id=demand.id,
        number=demand.number,
        reason="fulfilled",  # type: ignore[arg-type]
    )
    with pytest.raises(AlreadyClosed):
        await second.call(MESSAGES_SEND, SendMessage(demand=demand.id, text="late"))
    assert (await olga.call(DEMANDS_SEARCH, SearchDemands(mine=True))).items == []
