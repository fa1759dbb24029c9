"""Everybody of a round in which somebody is put out, and what must be true of whoever was."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from chaos.api.crowd import contradictions
from contracts.demands import CloseDemand, DeclineDemand, NextDemand, TakeDemand
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
)
from contracts.participants import AddParticipant
from contracts.people import BanUser
from contracts.scenarios import Scenario
from contracts.shapes import DemandId
from world import OPERATOR, Person, World

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
          AND e.author_id = m.author_id WHERE m.kind = 'message' AND m.seq > e.seq AND NOT EXISTS (SELECT FROM messages j
            WHERE j.demand_id = m.demand_id AND j.notice = 'provider_joined' AND j.author_id = m.author_id
              AND j.seq BETWEEN e.seq AND m.seq)""",
    "owed after leaving": """
        SELECT v.id FROM deliveries v JOIN messages m ON m.id = v.message_id JOIN messages e ON e.demand_id = m.demand_id
          AND e.notice = 'looking_for_another' AND e.author_id = v.recipient_id WHERE m.seq > e.seq AND NOT EXISTS (
            SELECT FROM messages j WHERE j.demand_id = m.demand_id AND j.notice = 'provider_joined'
              AND j.author_id = v.recipient_id AND j.seq > e.seq)""",  # who comes back is owed it after all
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
