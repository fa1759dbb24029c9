"""A demand changes hands in the instant somebody takes it, asks for the next one, or writes in it."""

import asyncio
import random
from typing import Any

import pytest

from chaos.api.crowd import contradictions, outcome, rounds
from contracts.demand_life import AssignDemand, ConfirmDemand, MergeDemand, ReleaseDemand, ReopenDemand
from contracts.demands import CloseDemand, NextDemand, TakeDemand
from contracts.messages import SendMessage
from contracts.operations import BY_NAME
from contracts.scenarios import Scenario
from contracts.shapes import DemandId
from world import Person, World

pytestmark = pytest.mark.chaos

CHANCE = random.Random(5)  # noqa: S311 - the same delays each run
# What anybody may meet here; whatever else comes back is a fault.
EVERYDAY = {
    "Taken", "NothingWaiting", "Sent", "Released", "Assigned", "Closed", "Merged", "Reopened", "Confirmed", "Forbidden",
    "NotFound", "AlreadyTaken", "AlreadyClosed", "AlreadyDeclined", "AlreadyExists", "AtCapacity", "WrongStatus", "Busy",
}  # fmt: skip
SURE = {"release": "Released", "assign": "Assigned", "close": "Closed", "merge": "Merged", "reopen": "Reopened"}
EMPTY = """
    WITH over AS (UPDATE demands SET status = 'closed', provider_id = NULL, closed_at = now(), close_reason = 'fulfilled'
      WHERE status <> 'closed' RETURNING id)
    UPDATE conversations SET open = false WHERE demand_id IN (SELECT id FROM over)
"""
# Messages somebody is owed although they came after the line that says that this person is out.
TOO_MUCH = """
    SELECT v.id FROM deliveries v JOIN messages m ON m.id = v.message_id AND m.kind = 'message'
    WHERE m.demand_id = $1 AND v.recipient_id = $2 AND m.seq > (SELECT max(n.seq) FROM messages n
      WHERE n.demand_id = m.demand_id AND n.notice = $3)
      AND NOT EXISTS (SELECT FROM participants p WHERE p.demand_id = m.demand_id AND p.user_id = $2 AND p.left_at IS NULL)
"""


class Stage:
    """One kind of help and the few people who meet in it, round after round."""

    def __init__(self, world: World, scenario: Scenario, people: list[Person]) -> None:
        self.world, self.scenario = world, scenario
        self.requester, self.provider, self.other, self.third, self.moderator = people

    @classmethod
    async def set_up(cls, world: World) -> "Stage":
        scenario = await world.scenario()
        helpers = [await world.member(scenario) for _ in range(3)]
        return cls(world, scenario, [await world.person(), *helpers, await world.member(scenario, "moderator")])

    async def round(self, what: str) -> tuple[DemandId, list[Any]]:
        """A demand in the state where that can be done to it, and what four people at once come to."""
        demand = (await self.world.demand(self.requester, self.scenario)).id
        twin = (await self.world.demand(self.requester, self.scenario)).id if what == "merge" else demand
        if what in {"release", "assign", "reopen"}:
            await self.does(self.provider, "demands.take", TakeDemand(demand=demand))
        if what == "reopen":
            await self.does(self.requester, "demands.close", CloseDemand(demand=demand))
        action = {
            "release": (self.requester, "demands.release", ReleaseDemand(demand=demand)),
            "assign": (self.moderator, "demands.assign", AssignDemand(demand=demand, user=self.third.user)),
            "close": (self.requester, "demands.confirm", ConfirmDemand(demand=demand, answer="received")),
            "merge": (self.moderator, "demands.merge", MergeDemand(demand=demand, into=twin)),
            "reopen": (self.requester, "demands.reopen", ReopenDemand(demand=demand)),
        }[what]
        # The slower one starts a little earlier, so that either may be first.
        answers = await asyncio.gather(
            *(
                outcome(self.does(*one, after=0 if one is action else CHANCE.uniform(0, 0.04)))
                for one in (
                    action,
                    (self.third, "demands.next", NextDemand()),
                    (self.other, "demands.take", TakeDemand(demand=demand)),
                    (self.provider, "messages.send", SendMessage(demand=demand, text="From the helper")),
                    (self.requester, "messages.send", SendMessage(demand=demand, text="From the requester")),
                )
            )
        )
        return demand, answers

    async def does(self, person: Person, name: str, request: Any, after: float = 0) -> Any:
        await asyncio.sleep(after)
        return await person.call(BY_NAME[name], request)


@pytest.mark.parametrize("what", ["release", "assign", "close", "merge", "reopen"])
async def test_hands_change_while_others_reach_for_it(world: World, what: str) -> None:
    stage = await Stage.set_up(world)
    met: set[str] = set()
    for number in range(rounds(50, 1000)):
        demand, answers = await stage.round(what)
        names = [type(answer).__name__ for answer in answers]
        met.update(names)
        assert met <= EVERYDAY, names
        row = await world.ledger.fetchrow(
            "SELECT status, provider_id, first_held_at FROM demands WHERE id = $1", demand
        )
        took = [
            person.user
            for person, answer in ((stage.third, answers[1]), (stage.other, answers[2]))
            if type(answer).__name__ == "Taken" and answer.id == demand
        ]
        if what == "release":
            assert names[0] == "Released"
            assert row["provider_id"] in ((took or [None])[0], None)
            assert row["provider_id"] != stage.provider.user
            assert await world.ledger.fetch(TOO_MUCH, demand, stage.provider.user, "looking_for_another") == []
        if what == "assign" and names[0] == "Assigned":
            assert (row["provider_id"], took) == (stage.third.user, [])
            assert await world.ledger.fetch(TOO_MUCH, demand, stage.provider.user, "provider_joined") == []
        if what in {"close", "merge"}:
            assert names[0] in {"Confirmed", "Merged"}
            assert (row["status"], row["provider_id"]) == ("closed", None)
        if what == "reopen":
            assert names[0] == "Reopened"
            assert len(took) <= 1
            assert row["status"] == ("held" if took else "waiting")
        if number % 10 == 9:
            assert await contradictions(world.ledger) == []
        await world.ledger.execute(EMPTY)
    assert len(met) > 3, "the race was run"


async def test_twenty_reopen_at_once_and_it_waits_once(world: World) -> None:
    stage = await Stage.set_up(world)
    for _ in range(rounds(10, 100)):
        demand = (await world.demand(stage.requester, stage.scenario)).id
        await stage.does(stage.requester, "demands.close", CloseDemand(demand=demand))
        people = [stage.requester, stage.moderator] * 10
        answers = await asyncio.gather(
            *(outcome(stage.does(person, "demands.reopen", ReopenDemand(demand=demand))) for person in people)
        )
        names = sorted(type(answer).__name__ for answer in answers)
        assert (names.count("Reopened"), set(names) - {"Reopened", "Busy"}) == (1, {"WrongStatus"})
        assert (
            await world.ledger.fetchval(
                "SELECT count(*) FROM messages WHERE demand_id = $1 AND notice = 'reopened'", demand
            )
            == 1
        )
        await world.ledger.execute(EMPTY)
    assert await contradictions(world.ledger) == []


async def test_two_merged_into_each_other_leave_one(world: World) -> None:
    stage = await Stage.set_up(world)
    for _ in range(rounds(20, 200)):
        one, two = [(await world.demand(stage.requester, stage.scenario)).id for _ in range(2)]
        answers = await asyncio.gather(
            *(
                outcome(stage.does(stage.moderator, "demands.merge", MergeDemand(demand=demand, into=into)))
                for demand, into in ((one, two), (two, one))
            )
        )
        assert sorted(type(answer).__name__ for answer in answers) == ["AlreadyClosed", "Merged"]
        assert await world.ledger.fetchval("SELECT count(*) FROM demands WHERE status = 'waiting'") == 1
        await world.ledger.execute(EMPTY)
    assert await contradictions(world.ledger) == []
