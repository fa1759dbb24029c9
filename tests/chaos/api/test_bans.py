"""Somebody is banned, or loses a membership, in the very instant in which they claim, write, hand back or close."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from chaos.api.crowd import at_once, contradictions, kinds, outcome, rounds
from chaos.api.test_sends import blocked, held_still
from contracts.demands import CloseDemand, DeclineDemand, NextDemand, TakeDemand
from contracts.failures import Banned
from contracts.kinds import MembershipKind
from contracts.memberships import UnassignMembership
from contracts.messages import SendMessage
from contracts.operations.demands import (
    DEMANDS_CLOSE,
    DEMANDS_DECLINE,
    DEMANDS_NEXT,
    DEMANDS_TAKE,
    PARTICIPANTS_ADD,
)
from contracts.operations.messages import MESSAGES_SEND
from contracts.operations.scenarios import MEMBERSHIPS_UNASSIGN
from contracts.operations.users import (
    USERS_BAN,
    USERS_ERASE_ME,
    USERS_SET_ADMIN,
    USERS_SET_CAPACITY,
    USERS_UNBAN,
    USERS_UPDATE_ME,
)
from contracts.own_data import EraseMe
from contracts.participants import AddParticipant
from contracts.people import BanUser, SetAdmin, SetCapacity, UnbanUser
from contracts.scenarios import Scenario
from contracts.shapes import DemandId
from contracts.users import UpdateMe
from integration.api.users.visitors import signed_up
from world import OPERATOR, Person, World

pytestmark = pytest.mark.chaos

# What must be true of people who were put out, beside what is true of everything.
BROKEN = {
    "somebody banned holds": """
        SELECT d.id FROM demands d JOIN users u ON u.id = d.provider_id AND u.banned_at IS NOT NULL""",
    "somebody banned asks": """
        SELECT d.id FROM demands d JOIN users u ON u.id = d.requester_id AND u.banned_at IS NOT NULL
        WHERE d.status IN ('waiting', 'held')""",
    "somebody banned sits": """
        SELECT p.id FROM participants p JOIN users u ON u.id = p.user_id AND u.banned_at IS NOT NULL
          JOIN demands d ON d.id = p.demand_id AND d.status <> 'closed' WHERE p.left_at IS NULL""",
    "the holder is no member": """
        SELECT d.id FROM demands d WHERE d.provider_id IS NOT NULL AND NOT EXISTS (SELECT FROM memberships m
          WHERE m.user_id = d.provider_id AND m.scenario_id = d.scenario_id AND m.kind = 'provider' AND m.state = 'live')""",
    "a moderator who is none sits": """
        SELECT p.id FROM participants p JOIN demands d ON d.id = p.demand_id
        WHERE p.role = 'moderator' AND p.left_at IS NULL AND NOT EXISTS (SELECT FROM memberships m
          WHERE m.user_id = p.user_id AND m.scenario_id = d.scenario_id AND m.kind = 'moderator' AND m.state = 'live')""",
    "owed to somebody banned": """
        SELECT v.id FROM deliveries v JOIN users u ON u.id = v.recipient_id AND u.banned_at IS NOT NULL
        WHERE v.status = 'pending' AND v.notice IS DISTINCT FROM 'banned'""",
    "a ban told too often or not at all": """
        SELECT u.id FROM users u WHERE (SELECT count(*) FROM deliveries v WHERE v.recipient_id = u.id AND v.notice = 'banned')
          <> (SELECT count(*) FROM audit a WHERE a.subject_id = u.id AND a.operation = 'users.ban')""",
    "written after leaving": """
        SELECT m.id FROM messages m JOIN messages e ON e.demand_id = m.demand_id AND e.notice = 'looking_for_another'
          AND e.author_id = m.author_id WHERE m.kind = 'message' AND m.seq > e.seq""",
    "owed after leaving": """
        SELECT v.id FROM deliveries v JOIN messages m ON m.id = v.message_id JOIN messages e ON e.demand_id = m.demand_id
          AND e.notice = 'looking_for_another' AND e.author_id = v.recipient_id WHERE m.seq > e.seq""",
    "a requester not told once that the helper is gone": """
        SELECT e.id FROM messages e JOIN demands d ON d.id = e.demand_id WHERE e.notice = 'looking_for_another'
          AND (SELECT count(*) FROM deliveries v WHERE v.message_id = e.id AND v.recipient_id = d.requester_id) <> 1""",
    "an end that is not explained once": """
        SELECT d.id FROM demands d WHERE (d.status = 'closed') <> ((SELECT count(*) FROM messages m
          WHERE m.demand_id = d.id AND m.notice = 'closed') = 1)""",
}


async def broken(world: World) -> list[str]:
    return [
        *await contradictions(world.ledger),
        *[what for what, where in BROKEN.items() if await world.ledger.fetch(where)],
    ]


@dataclass
class Cast:
    """Everybody of one round, with a demand that waits or is held."""

    world: World
    scenario: Scenario
    requester: Person
    helper: Person
    moderator: Person
    demand: DemandId

    def ban(self, person: Person) -> Awaitable[Any]:
        return self.world.operator.call(USERS_BAN, BanUser(user=person.user, reason="x"), actor=OPERATOR)

    def unassign(self, person: Person, kind: MembershipKind = MembershipKind.PROVIDER) -> Awaitable[Any]:
        request = UnassignMembership(user=person.user, scenario=self.scenario.id, kind=kind)
        return self.world.operator.call(MEMBERSHIPS_UNASSIGN, request, actor=OPERATOR)

    def send(self, person: Person) -> Awaitable[Any]:
        return person.call(MESSAGES_SEND, SendMessage(demand=self.demand, text="now"))

    def close(self, person: Person) -> Awaitable[Any]:
        return person.call(DEMANDS_CLOSE, CloseDemand(demand=self.demand))

    def decline(self) -> Awaitable[Any]:
        return self.helper.call(DEMANDS_DECLINE, DeclineDemand(demand=self.demand))

    def take(self) -> Awaitable[Any]:
        return self.helper.call(DEMANDS_TAKE, TakeDemand(demand=self.demand))

    def next(self) -> Awaitable[Any]:
        return self.helper.call(DEMANDS_NEXT, NextDemand())

    def join(self) -> Awaitable[Any]:
        return self.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=self.demand))


Race = Callable[[Cast], list[Awaitable[Any]]]
WHILE_IT_WAITS: dict[str, Race] = {
    "ban and take": lambda c: [c.ban(c.helper), c.take()],
    "ban and next": lambda c: [c.next(), c.ban(c.helper)],
    "unassign and take": lambda c: [c.unassign(c.helper), c.take()],
    "unassign and next": lambda c: [c.next(), c.unassign(c.helper)],
    "ban of who asks and take": lambda c: [c.ban(c.requester), c.take()],
    "ban of who asks and next": lambda c: [c.next(), c.ban(c.requester)],
    "ban of who asks, close and take": lambda c: [c.ban(c.requester), c.close(c.requester), c.take()],
    "ban of a moderator and join": lambda c: [c.join(), c.ban(c.moderator)],
    "unassign of a moderator and join": lambda c: [c.unassign(c.moderator, MembershipKind.MODERATOR), c.join()],
}
WHILE_IT_IS_HELD: dict[str, Race] = {
    "ban and their words": lambda c: [c.ban(c.helper), c.send(c.helper), c.send(c.requester)],
    "unassign and their words": lambda c: [c.send(c.helper), c.unassign(c.helper), c.send(c.requester)],
    "ban and decline": lambda c: [c.ban(c.helper), c.decline()],
    "unassign and decline": lambda c: [c.decline(), c.unassign(c.helper)],
    "ban and close": lambda c: [c.ban(c.helper), c.close(c.requester)],
    "unassign and close": lambda c: [c.close(c.requester), c.unassign(c.helper)],
    "ban of who asks and words": lambda c: [c.ban(c.requester), c.send(c.requester), c.send(c.helper)],
    "ban of who asks, decline and close": lambda c: [c.decline(), c.ban(c.requester), c.close(c.requester)],
    "ban of both": lambda c: [c.ban(c.requester), c.ban(c.helper), c.send(c.helper)],
    "ban and unassign": lambda c: [c.ban(c.helper), c.unassign(c.helper), c.decline()],
}


@pytest.mark.parametrize(
    ("races", "held"), [(WHILE_IT_WAITS, False), (WHILE_IT_IS_HELD, True)], ids=["waiting", "held"]
)
async def test_put_out_in_the_instant_in_which_they_act(world: World, races: dict[str, Race], held: object) -> None:
    scenario = await world.scenario()
    # A hundred rounds of all together; in the long run a thousand of each.
    for turn in range(rounds(100, 1000 * len(races))):
        name = list(races)[turn % len(races)]
        requester, helper = await world.person("Requester"), await world.member(scenario)
        moderator = await world.member(scenario, "moderator")
        demand = (await world.demand(requester, scenario)).id
        cast = Cast(world, scenario, requester, helper, moderator, demand)
        if held:
            await cast.take()
        calls = races[name](cast)
        # Whoever is first to be sent has a head start; it goes round.
        start = turn // len(races) % len(calls)
        got = await at_once(calls[start:] + calls[:start])
        assert not {"Internal", "DeadlineExceeded", "Busy"} & kinds(got).keys(), got
        assert await broken(world) == [], (turn, name, got)
        await world.ledger.execute(
            """WITH over AS (UPDATE demands SET status = 'closed', provider_id = NULL, closed_at = now(),
                 close_reason = 'inactive' WHERE id = $1 AND status <> 'closed' RETURNING id),
               told AS (INSERT INTO messages (demand_id, seq, kind, notice) SELECT c.demand_id, c.last_seq + 1, 'notice', 'closed'
                 FROM conversations c JOIN over ON over.id = c.demand_id)
               UPDATE conversations SET open = false, last_seq = last_seq + 1 WHERE demand_id IN (SELECT id FROM over)""",
            demand,
        )


USER = "SELECT FROM users WHERE id = $1 FOR UPDATE"
BY_US = "SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE"  # as a call holds it: what is owed to the person goes on


async def test_a_claim_that_waited_for_a_ban_is_refused_and_one_before_it_is_undone(world: World) -> None:
    scenario = await world.scenario()
    for first in ("claim", "ban"):
        helper, requester = await world.member(scenario), await world.person()
        demand = (await world.demand(requester, scenario)).id
        cast = Cast(world, scenario, requester, helper, helper, demand)
        calls = [cast.take(), cast.ban(helper)]
        async with asyncio.TaskGroup() as group, held_still(world, USER, helper.user):
            tasks = []
            for call in calls if first == "claim" else reversed(calls):
                tasks.append(group.create_task(outcome(call)))
                await blocked(world, len(tasks))
        got = {type(task.result()).__name__ for task in tasks}
        assert got == ({"Taken", "PersonLine"} if first == "claim" else {"Banned", "PersonLine"})
        assert await broken(world) == []
        await outcome(requester.call(DEMANDS_CLOSE, CloseDemand(demand=demand)))


async def test_who_takes_it_while_its_requester_is_being_banned_is_waited_for_before_it_is_held(world: World) -> None:
    scenario = await world.scenario()
    helper, requester = await world.member(scenario), await world.person()
    cast = Cast(world, scenario, requester, helper, helper, (await world.demand(requester, scenario)).id)
    async with asyncio.TaskGroup() as group:
        async with held_still(world, BY_US, requester.user):
            ban = group.create_task(outcome(cast.ban(requester)))  # it has looked, and nobody held it yet
            await blocked(world, 1)
            await cast.take()
            free = held_still(world, BY_US, helper.user)
            await free.__aenter__()
        try:
            await blocked(world, 1)
            # People come before demands: whoever waits for a helper must not sit on what the helper may want.
            async with world.ledger.acquire() as connection, connection.transaction():
                await connection.execute("SELECT FROM demands WHERE id = $1 FOR UPDATE NOWAIT", cast.demand)
        finally:
            await free.__aexit__(None, None, None)
    assert type(ban.result()).__name__ == "PersonLine"
    assert await broken(world) == []


async def test_an_admin_banned_while_their_call_waits_does_nothing_more(world: World) -> None:
    one, two = await world.person(), await world.person()
    await world.ledger.execute("UPDATE users SET is_admin = true")
    ban = world.operator.call(USERS_BAN, BanUser(user=one.user, reason="x"), actor=OPERATOR)
    act = one.call(USERS_SET_CAPACITY, SetCapacity(user=one.user, capacity=9))
    async with asyncio.TaskGroup() as group, held_still(world, USER, one.user):
        tasks = [group.create_task(outcome(ban))]
        await blocked(world, 1)
        tasks.append(group.create_task(outcome(act)))
        await blocked(world, 2)
    assert tasks[1].result() == Banned()
    assert await world.ledger.fetchval("SELECT capacity FROM users WHERE id = $1", one.user) == 1
    assert not await world.ledger.fetchval("SELECT banned_at FROM users WHERE id = $1", two.user)


async def test_of_two_admins_put_out_at_once_one_stays(world: World) -> None:
    ways: dict[str, Callable[[Person], Awaitable[Any]]] = {
        "ban": lambda p: world.operator.call(USERS_BAN, BanUser(user=p.user, reason="x"), actor=OPERATOR),
        "demote": lambda p: world.operator.call(USERS_SET_ADMIN, SetAdmin(user=p.user, is_admin=False), actor=OPERATOR),
        "erase": lambda p: p.call(USERS_ERASE_ME, EraseMe(confirm="erase")),
    }
    names = list(ways)
    for turn in range(rounds(100, 1000) // 4):
        await world.ledger.execute("UPDATE users SET is_admin = false")
        people = [await world.person(), await world.person()]
        await world.ledger.execute(
            "UPDATE users SET is_admin = true WHERE id = ANY ($1::uuid[])", [person.user for person in people]
        )
        chosen = (ways[names[turn % 3]], ways[names[turn // 3 % 3]])
        got = await at_once(way(person) for way, person in zip(chosen, people, strict=True))
        assert kinds(got).get("LastAdmin") == 1, (turn, got)
        left = await world.ledger.fetchval("SELECT count(*) FROM users WHERE is_admin AND banned_at IS NULL")
        assert left == 1


async def test_of_two_admins_who_ban_each_other_from_the_web_at_once_one_is_banned(world: World) -> None:
    for turn in range(rounds(100, 1000) // 10):
        await world.ledger.execute("UPDATE users SET is_admin = false")
        one, two = await signed_up(world), await signed_up(world)
        await world.ledger.execute("UPDATE users SET is_admin = true WHERE id = ANY ($1::uuid[])", [one.user, two.user])
        pairs = [(one, two), (two, one)]
        got = await at_once(
            who.call(USERS_BAN, BanUser(user=whom.user, reason="x")) for who, whom in pairs[:: 1 if turn % 2 else -1]
        )
        names = kinds(got)
        # Whoever was second finds that they are out: their session is over, or they are banned.
        assert names.pop("PersonLine") == 1, (turn, got)
        assert names.keys() <= {"Banned", "NotSignedIn"}, (turn, got)
        left = await world.ledger.fetch("SELECT id, is_admin, banned_at IS NULL FROM users WHERE is_admin")
        assert sorted(row[2] for row in left) == [False, True]
        assert await world.ledger.fetchval("SELECT count(*) FROM audit WHERE operation = 'users.ban'") == turn + 1


async def test_banned_and_let_in_again_while_everything_goes_on(world: World) -> None:
    scenario = await world.scenario()
    helper, requester = await world.member(scenario), await world.person()
    await world.capacity(helper, 3)
    for _ in range(rounds(100, 1000) // 10):
        demands = [(await world.demand(requester, scenario)).id for _ in range(3)]
        cast = Cast(world, scenario, requester, helper, helper, demands[0])
        got = await at_once(
            [
                *(helper.call(DEMANDS_NEXT, NextDemand()) for _ in range(4)),
                cast.ban(helper),
                helper.call(USERS_UPDATE_ME, UpdateMe(alias="Lark")),
                world.operator.call(USERS_UNBAN, UnbanUser(user=helper.user), actor=OPERATOR),
                *(requester.call(DEMANDS_CLOSE, CloseDemand(demand=demand)) for demand in demands[:2]),
            ]
        )
        assert "Internal" not in kinds(got)
        assert await broken(world) == [], got
        for demand in demands:
            await outcome(requester.call(DEMANDS_CLOSE, CloseDemand(demand=demand)))
        await outcome(world.operator.call(USERS_UNBAN, UnbanUser(user=helper.user), actor=OPERATOR))
