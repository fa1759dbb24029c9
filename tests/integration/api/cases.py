"""Every operation that keeps its answer, once with something it can do: a request and the same key's wrong request."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

import asyncpg

from api.users.bootstrap_token import issue_bootstrap_token
from contracts.demands import CloseDemand, CreateDemand, DeclineDemand, NextDemand, TakeDemand
from contracts.facts import RetryFact
from contracts.kinds import MembershipKind
from contracts.memberships import ApplyMembership, ApproveMembership, AssignMembership
from contracts.operations.scenarios import MEMBERSHIPS_APPLY, SCENARIOS_RETIRE
from contracts.participants import AddParticipant, RemoveParticipant, ResetDeclined, ShareContact
from contracts.scenarios import CreateScenario, RestoreScenario, RetireScenario, UpdateScenario
from contracts.shapes import FactId
from contracts.users import BootstrapAdmin, UpdateMe
from integration.api.case import Case, by, by_operator
from integration.api.message_cases import OF_MESSAGES
from integration.api.town import seated
from world import OPERATOR, World


async def updating_oneself(world: World) -> Case:
    person = await world.person()
    return by(person, "users.update_me", UpdateMe(display_name="Olena"), UpdateMe(display_name="Olga"))


async def becoming_admin(world: World) -> Case:
    person = await world.person()
    token = await issue_bootstrap_token(str(world.settings.postgres_url))
    return by(person, "users.bootstrap_admin", BootstrapAdmin(token=token), BootstrapAdmin(token="another"))


async def creating_a_scenario(world: World) -> Case:
    name = uuid4().hex
    request, other = (CreateScenario(place=f"{name} {n}", resource="Bread", payload={"a": n, "b": 2}) for n in (1, 2))
    return by_operator(world, "scenarios.create", request, other)


async def updating_a_scenario(world: World) -> Case:
    made = await world.scenario()
    request, other = (UpdateScenario(id=made.id, version=1, description=f"Words {n}") for n in (1, 2))
    return by_operator(world, "scenarios.update", request, other)


async def retiring_a_scenario(world: World) -> Case:
    made, more = await world.scenario(), await world.scenario()
    return by_operator(world, "scenarios.retire", RetireScenario(id=made.id), RetireScenario(id=more.id))


async def restoring_a_scenario(world: World) -> Case:
    made, more = await world.scenario(), await world.scenario()
    for one in (made, more):
        await world.operator.call(SCENARIOS_RETIRE, RetireScenario(id=one.id), actor=OPERATOR)
    return by_operator(world, "scenarios.restore", RestoreScenario(id=made.id), RestoreScenario(id=more.id))


async def applying(world: World) -> Case:
    person, made, more = await world.person(), await world.scenario(), await world.scenario()
    return by(person, "memberships.apply", ApplyMembership(scenario=made.id), ApplyMembership(scenario=more.id))


async def approving(world: World) -> Case:
    made = await world.scenario()
    one, two, moderator = await world.person(), await world.person(), await world.member(made, "moderator")
    for person in (one, two):
        await person.call(MEMBERSHIPS_APPLY, ApplyMembership(scenario=made.id))
    request, other = (ApproveMembership(user=person.user, scenario=made.id) for person in (one, two))
    return by(moderator, "memberships.approve", request, other)


async def assigning(world: World) -> Case:
    made, person = await world.scenario(), await world.person()
    request, other = (
        AssignMembership(user=person.user, scenario=made.id, kind=kind)
        for kind in (MembershipKind.PROVIDER, MembershipKind.MODERATOR)
    )
    return by_operator(world, "memberships.assign", request, other)


async def asking_for_help(world: World) -> Case:
    made, person = await world.scenario(), await world.person()
    request, other = (CreateDemand(scenario=made.id, description=f"Help {n}", payload={"n": n}) for n in (1, 2))
    return by(person, "demands.create", request, other)


async def calling_next(world: World) -> Case:
    made = await world.scenario()
    helper = await world.member(made)
    await world.demand(await world.person(), made)
    return by(helper, "demands.next", NextDemand(), NextDemand(instead_of=uuid4()))  # type: ignore[arg-type]


async def taking(world: World) -> Case:
    made = await world.scenario()
    helper, requester = await world.member(made), await world.person()
    one, two = await world.demand(requester, made), await world.demand(requester, made)
    return by(helper, "demands.take", TakeDemand(demand=one.id), TakeDemand(demand=two.id))


async def declining(world: World) -> Case:
    at = await seated(world)
    request, other = (DeclineDemand(demand=at.demand, reason=reason) for reason in ("far", "away"))
    return by(at.provider, "demands.decline", request, other)


async def closing(world: World) -> Case:
    at = await seated(world)
    request, other = CloseDemand(demand=at.demand), CloseDemand(demand=at.demand, reason="cancelled")
    return by(at.requester, "demands.close", request, other)


async def joining(world: World) -> Case:
    at = await seated(world)
    request, other = AddParticipant(demand=at.demand), AddParticipant(demand=at.demand, user=at.moderator.user)
    return by(at.moderator, "participants.add", request, other)


async def leaving(world: World) -> Case:
    at = await seated(world)
    await by(at.moderator, "participants.add", AddParticipant(demand=at.demand), None).ask()
    request, other = RemoveParticipant(demand=at.demand), RemoveParticipant(demand=at.demand, user=at.moderator.user)
    return by(at.moderator, "participants.remove", request, other)


async def resetting(world: World) -> Case:
    at = await seated(world)
    await by(at.provider, "demands.decline", DeclineDemand(demand=at.demand), None).ask()
    request, other = ResetDeclined(demand=at.demand), ResetDeclined(demand=at.demand, user=at.provider.user)
    return by(at.moderator, "participants.reset_declined", request, other)


async def sharing_a_phone(world: World) -> Case:
    at, more = await seated(world), await seated(world)
    await by(at.requester, "users.update_me", UpdateMe(phone="+995555000111"), None).ask()
    request, other = ShareContact(demand=at.demand), ShareContact(demand=more.demand)
    return by(at.requester, "participants.share_contact", request, other)


async def putting_back(world: World) -> Case:
    put_aside = """
        INSERT INTO outbox_parked (id, msg_id, subject, body, traceparent, created_at, reason)
        VALUES (-1 - floor(random() * 1e15)::bigint, uuidv7(), 'notify.v1.telegram.x', '{}', '', now(), 'BadSubjectError') RETURNING msg_id
    """
    request, other = [RetryFact(fact=FactId(await world.ledger.fetchval(put_aside))) for _ in range(2)]
    return by_operator(world, "facts.retry", request, other)


KEPT: dict[str, Callable[[World], Awaitable[Case]]] = {
    "users.update_me": updating_oneself,
    "users.bootstrap_admin": becoming_admin,
    "scenarios.create": creating_a_scenario,
    "scenarios.update": updating_a_scenario,
    "scenarios.retire": retiring_a_scenario,
    "scenarios.restore": restoring_a_scenario,
    "memberships.apply": applying,
    "memberships.approve": approving,
    "memberships.assign": assigning,
    "demands.create": asking_for_help,
    "demands.next": calling_next,
    "demands.take": taking,
    "demands.decline": declining,
    "demands.close": closing,
    "participants.add": joining,
    "participants.remove": leaving,
    "participants.reset_declined": resetting,
    "participants.share_contact": sharing_a_phone,
    **OF_MESSAGES,
    "facts.retry": putting_back,
}


COUNTED = {
    "users": "count(*) + count(banned_at) + count(restricted_until) + count(phone) + sum(capacity) + sum(is_admin::integer)",
    "identities": "count(*)",
    "credentials": "count(*)",
    "memberships": "count(*) + sum((state = 'live')::integer) + count(paused_until)",
    "scenarios": "count(*) + sum(version)",
    "demands": "count(*) + sum(version)",
    "participants": "count(*) + count(left_at) + count(reset_at) + count(contact_shared_at) + sum(read_seq)",
    "conversations": "sum(revision)",
    "messages": "count(*) + sum(version)",
    "message_versions": "count(*)",
    "message_reactions": "count(*)",
    "demand_versions": "count(*)",
    "feedback": "count(*)",
    "reports": "count(*) + count(resolved_at)",
    "deliveries": "count(*)",
    "staff_chats": "count(*) + sum(topics::integer) + sum(group_grants_membership::integer)",
    "audit": "count(*)",
    "idempotency": "count(*)",
}


async def effects(ledger: asyncpg.Pool) -> dict[str, int]:
    """A figure for every table that anything done to it would raise."""
    return {table: int(await ledger.fetchval(f"SELECT {what} FROM {table}") or 0) for table, what in COUNTED.items()}  # noqa: S608


def gained(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {table: after[table] - before[table] for table in COUNTED}
