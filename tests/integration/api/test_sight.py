"""Who may not know of it finds nothing; who may know and not do is forbidden; nobody unknown or banned does anything."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from contracts.accounts import FinishLink, StartLink
from contracts.demand_life import (
    AssignDemand,
    ConfirmDemand,
    DemandDone,
    FeedbackDemand,
    MergeDemand,
    ReleaseDemand,
    ReopenDemand,
    SetUrgency,
)
from contracts.demands import (
    CloseDemand,
    CountDemands,
    CreateDemand,
    DeclineDemand,
    DiscardDemand,
    GetDemand,
    NextDemand,
    SearchDemands,
    SubmitDemand,
    TakeDemand,
    UpdateDemand,
)
from contracts.failures import Banned, Failure, Forbidden, NotFound, NotSignedIn
from contracts.kinds import Caller, Decision, MembershipKind, Role, Urgency
from contracts.memberships import (
    ApplyMembership,
    ApproveMembership,
    AssignMembership,
    ListMemberships,
    RejectMembership,
    UnassignMembership,
    UpdateMembership,
)
from contracts.messages import (
    EditMessage,
    NoteMessage,
    ReactToMessage,
    ReadMessages,
    SearchMessages,
    SendMessage,
    TakeBackMessage,
)
from contracts.operations import BY_NAME, OPERATIONS
from contracts.operations.demands import DEMANDS_DECLINE
from contracts.own_data import EraseMe, ExportMe, HideHistory
from contracts.participants import (
    AddParticipant,
    GetParticipant,
    ListParticipants,
    RemoveParticipant,
    ResetDeclined,
    ShareContact,
)
from contracts.people import CountUsers, GetHistory, GetUser, SearchUsers, SetCapacity
from contracts.reports import ReportDemand, ResolveReport, SearchReports
from contracts.scenarios import (
    CountScenarios,
    CreateScenario,
    GetScenario,
    RestoreScenario,
    RetireScenario,
    SearchScenarios,
    UpdateScenario,
)
from contracts.system import GetAnswer
from contracts.users import BootstrapAdmin, EnterUser, GetMe, UpdateMe
from integration.api.cases import effects
from integration.api.town import seated
from world import World

SOMETHING: Any = uuid4()
ABOUT_A_DEMAND: dict[str, Callable[[Any], Any]] = {
    "demands.get": lambda demand: GetDemand(demand=demand),
    "demands.take": lambda demand: TakeDemand(demand=demand),
    "demands.decline": lambda demand: DeclineDemand(demand=demand),
    "demands.close": lambda demand: CloseDemand(demand=demand),
    "demands.submit": lambda demand: SubmitDemand(demand=demand),
    "demands.discard": lambda demand: DiscardDemand(demand=demand),
    "demands.update": lambda demand: UpdateDemand(demand=demand, version=1, title="x"),
    "demands.assign": lambda demand: AssignDemand(demand=demand),
    "demands.release": lambda demand: ReleaseDemand(demand=demand),
    "demands.done": lambda demand: DemandDone(demand=demand),
    "demands.confirm": lambda demand: ConfirmDemand(demand=demand, answer="received"),
    "demands.set_urgency": lambda demand: SetUrgency(demand=demand, urgency=Urgency.URGENT),
    "demands.reopen": lambda demand: ReopenDemand(demand=demand),
    "demands.feedback": lambda demand: FeedbackDemand(demand=demand, helped=True),
    "demands.merge": lambda demand: MergeDemand(demand=demand, into=SOMETHING),
    "demands.report": lambda demand: ReportDemand(demand=demand, reason="x"),
    "participants.get": lambda demand: GetParticipant(demand=demand, role=Role.REQUESTER),
    "participants.list": lambda demand: ListParticipants(demand=demand),
    "participants.add": lambda demand: AddParticipant(demand=demand),
    "participants.remove": lambda demand: RemoveParticipant(demand=demand),
    "participants.reset_declined": lambda demand: ResetDeclined(demand=demand),
    "participants.share_contact": lambda demand: ShareContact(demand=demand),
    "messages.send": lambda demand: SendMessage(demand=demand, text="Hello"),
    "messages.search": lambda demand: SearchMessages(demand=demand),
    "messages.edit": lambda demand: EditMessage(demand=demand, message=SOMETHING, text="x"),
    "messages.take_back": lambda demand: TakeBackMessage(demand=demand, message=SOMETHING),
    "messages.react": lambda demand: ReactToMessage(demand=demand, message=SOMETHING),
    "messages.read": lambda demand: ReadMessages(demand=demand, seq=1),
    "messages.note": lambda demand: NoteMessage(demand=demand, text="x"),
}
FOR_ANYBODY: dict[str, Any] = {
    **{name: make(SOMETHING) for name, make in ABOUT_A_DEMAND.items()},
    "users.me": GetMe(),
    "users.update_me": UpdateMe(locale="ru"),
    "users.bootstrap_admin": BootstrapAdmin(token="x"),
    "scenarios.search": SearchScenarios(),
    "scenarios.count": CountScenarios(),
    "scenarios.get": GetScenario(id=SOMETHING),
    "scenarios.create": CreateScenario(place="a", resource="b"),
    "scenarios.update": UpdateScenario(id=SOMETHING, version=1, place="b"),
    "scenarios.retire": RetireScenario(id=SOMETHING),
    "scenarios.restore": RestoreScenario(id=SOMETHING),
    "memberships.apply": ApplyMembership(scenario=SOMETHING),
    "users.hide_history": HideHistory(),
    "users.export_me": ExportMe(),
    "users.link_start": StartLink(),
    "users.link_finish": FinishLink(code="x"),
    "users.erase_me": EraseMe(confirm="erase"),
    "users.search": SearchUsers(),
    "users.count": CountUsers(),
    "users.get": GetUser(user=SOMETHING),
    "users.history": GetHistory(user=SOMETHING),
    "users.set_capacity": SetCapacity(user=SOMETHING, capacity=3),
    "memberships.approve": ApproveMembership(user=SOMETHING, scenario=SOMETHING),
    "memberships.list": ListMemberships(),
    "memberships.reject": RejectMembership(user=SOMETHING, scenario=SOMETHING),
    "memberships.unassign": UnassignMembership(scenario=SOMETHING, kind=MembershipKind.PROVIDER),
    "memberships.update": UpdateMembership(scenario=SOMETHING, routing_factor=2),
    "demands.create": CreateDemand(scenario=SOMETHING, description="x"),
    "demands.search": SearchDemands(),
    "demands.count": CountDemands(),
    "demands.next": NextDemand(),
    "reports.search": SearchReports(),
    "reports.resolve": ResolveReport(report=SOMETHING, decision=Decision.ACTED),
    "system.answer": GetAnswer(operation="demands.next", key="x"),
}
STAFF_ONLY = ("scenarios.create", "scenarios.update", "scenarios.retire", "scenarios.restore")


async def refusal(world: World, actor: str, name: str, request: Any) -> type[Failure] | None:
    try:
        await world.bot.call(BY_NAME[name], request, actor=actor)
    except Failure as failure:
        return type(failure)
    return None


def test_every_operation_on_somebodys_behalf_is_tried() -> None:
    named = {row.name for row in OPERATIONS if row.is_built and row.actor == "required" and "telegram" in row.callers}
    assert set(FOR_ANYBODY) == named


async def test_somebody_unknown_is_not_signed_in_anywhere(world: World) -> None:
    before = await effects(world.ledger)
    got = {name: await refusal(world, "telegram:999", name, request) for name, request in FOR_ANYBODY.items()}
    assert got == dict.fromkeys(FOR_ANYBODY, NotSignedIn)
    assert await effects(world.ledger) == before


async def test_somebody_banned_is_refused_everywhere(world: World) -> None:
    person = await world.person()
    await world.ledger.execute("UPDATE users SET banned_at = now() WHERE id = $1", person.user)
    before = await effects(world.ledger)
    asked = {**FOR_ANYBODY, "users.enter": EnterUser(display_name="Again")}
    got = {name: await refusal(world, person.actor, name, request) for name, request in asked.items()}
    assert got == dict.fromkeys(asked, Banned)
    assert await effects(world.ledger) == before


async def test_a_stranger_learns_nothing_of_any_demand(world: World) -> None:
    at = await seated(world)
    waiting = await world.demand(await world.person(), at.scenario)
    stranger = await world.person()
    before = await effects(world.ledger)
    for demand in (at.demand, waiting.id, uuid4()):
        got = {name: await refusal(world, stranger.actor, name, ask(demand)) for name, ask in ABOUT_A_DEMAND.items()}
        assert got == dict.fromkeys(ABOUT_A_DEMAND, NotFound)
    assert await effects(world.ledger) == before


async def test_a_provider_looking_on_may_see_a_waiting_demand_and_not_act_in_it(world: World) -> None:
    scenario = await world.scenario()
    onlooker = await world.member(scenario)
    demand = await world.demand(await world.person(), scenario)
    asked = {
        name: ask(demand.id)
        for name, ask in ABOUT_A_DEMAND.items()
        if name not in {"demands.take", "demands.decline", "demands.report"}
    }
    before = await effects(world.ledger)
    got = {name: await refusal(world, onlooker.actor, name, request) for name, request in asked.items()}
    assert got == {name: None if name == "demands.get" else Forbidden for name in asked}
    assert await effects(world.ledger) == before


async def test_who_declined_reads_nothing_any_more(world: World) -> None:
    at = await seated(world)
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    reading = ("demands.get", "participants.get", "participants.list", "messages.search", "messages.send")
    got = {name: await refusal(world, at.provider.actor, name, ABOUT_A_DEMAND[name](at.demand)) for name in reading}
    assert got == dict.fromkeys(reading, NotFound)


async def test_those_seated_may_not_do_what_is_for_staff(world: World) -> None:
    at = await seated(world)
    for person in (at.requester, at.provider):
        for name in ("participants.add", "participants.reset_declined"):
            assert await refusal(world, person.actor, name, ABOUT_A_DEMAND[name](at.demand)) is Forbidden
        request = GetParticipant(demand=at.demand, user=at.requester.user)
        assert await refusal(world, person.actor, "participants.get", request) is Forbidden
        request = RemoveParticipant(demand=at.demand, user=at.moderator.user)
        assert await refusal(world, person.actor, "participants.remove", request) is Forbidden
    assert await refusal(world, at.provider.actor, "demands.close", CloseDemand(demand=at.demand)) is Forbidden
    assert (
        await refusal(world, at.requester.actor, "demands.close", CloseDemand(demand=at.demand, reason="moderated"))
        is Forbidden
    )
    assert await refusal(world, at.requester.actor, "demands.take", TakeDemand(demand=at.demand)) is Forbidden
    assert await refusal(world, at.requester.actor, "demands.decline", DeclineDemand(demand=at.demand)) is Forbidden


@pytest.mark.parametrize("kind", ["nobody", "provider", "moderator"])
async def test_scenarios_are_changed_by_admins_only(world: World, kind: str) -> None:
    scenario = await world.scenario()
    person = await world.person() if kind == "nobody" else await world.member(scenario, kind)
    before = await effects(world.ledger)
    for name in STAFF_ONLY:
        assert await refusal(world, person.actor, name, FOR_ANYBODY[name]) is Forbidden
    assert await refusal(world, person.actor, "scenarios.search", SearchScenarios(retired=True)) is Forbidden
    assert await refusal(world, person.actor, "scenarios.count", CountScenarios(retired=True)) is Forbidden
    assert await effects(world.ledger) == before


async def test_members_are_chosen_by_staff_of_that_scenario_only(world: World) -> None:
    one, two = await world.scenario(), await world.scenario()
    applicant, elsewhere = await world.person(), await world.member(two, "moderator")
    await applicant.call(BY_NAME["memberships.apply"], ApplyMembership(scenario=one.id))
    request = ApproveMembership(user=applicant.user, scenario=one.id)
    for person in (applicant, elsewhere, await world.member(one)):
        assert await refusal(world, person.actor, "memberships.approve", request) is Forbidden
    # Naming members is not for telegram at all: the broker does not even carry the question.
    row = BY_NAME["memberships.assign"]
    assert Caller.TELEGRAM not in row.callers
    request_made = AssignMembership(user=applicant.user, scenario=one.id, kind=MembershipKind.MODERATOR)
    assert await world.ledger.fetchval("SELECT count(*) FROM memberships WHERE kind = 'moderator'") == 1
    with pytest.raises(NotSignedIn):
        await Session(world).call(row, request_made)


class Session:
    """The web, which cannot know anybody yet."""

    def __init__(self, world: World) -> None:
        self.client = type(world.bot)(world.connections["web"], Caller.WEB, lambda: "")

    async def call(self, row: Any, request: Any) -> Any:
        return await self.client.call(row, request, actor=f"session:{'0' * 64}")
