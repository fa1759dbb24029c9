"""More cases of operations that keep their answer: those of a demand's life and of reports."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

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
from contracts.demands import CloseDemand, CreateDemand, DiscardDemand, SubmitDemand, UpdateDemand
from contracts.kinds import Decision, Urgency
from contracts.operations.demands import DEMANDS_CLOSE, DEMANDS_CREATE, DEMANDS_DONE, DEMANDS_REPORT
from contracts.reports import ReportDemand, ResolveReport
from contracts.shapes import DemandId, ReportId
from integration.api.case import Case, by
from integration.api.town import seated
from world import Person, World

ANOTHER = DemandId(uuid4())


async def draft(world: World) -> tuple[Person, DemandId]:
    """Somebody with a draft."""
    made, person = await world.scenario(), await world.person()
    request = CreateDemand(scenario=made.id, description="Insulin", draft=True)
    return person, (await person.call(DEMANDS_CREATE, request)).id


async def submitting(world: World) -> Case:
    person, demand = await draft(world)
    return by(person, "demands.submit", SubmitDemand(demand=demand), SubmitDemand(demand=ANOTHER))


async def discarding(world: World) -> Case:
    person, demand = await draft(world)
    return by(person, "demands.discard", DiscardDemand(demand=demand), DiscardDemand(demand=ANOTHER))


async def updating(world: World) -> Case:
    at = await seated(world)
    request, other = (UpdateDemand(demand=at.demand, version=2, title=title) for title in ("New", "Newer"))
    return by(at.requester, "demands.update", request, other)


async def assigning(world: World) -> Case:
    at = await seated(world)
    other = await world.member(at.scenario)
    request, another = (AssignDemand(demand=at.demand, user=person.user) for person in (other, at.requester))
    return by(at.moderator, "demands.assign", request, another)


async def releasing(world: World) -> Case:
    at = await seated(world)
    return by(at.requester, "demands.release", ReleaseDemand(demand=at.demand), ReleaseDemand(demand=ANOTHER))


async def saying_done(world: World) -> Case:
    at = await seated(world)
    return by(at.provider, "demands.done", DemandDone(demand=at.demand), DemandDone(demand=ANOTHER))


async def confirming(world: World) -> Case:
    at = await seated(world)
    await at.provider.call(DEMANDS_DONE, DemandDone(demand=at.demand))
    request = ConfirmDemand(demand=at.demand, answer="not_yet")
    return by(at.requester, "demands.confirm", request, ConfirmDemand(demand=at.demand, answer="received"))


async def raising(world: World) -> Case:
    at = await seated(world)
    request, other = (SetUrgency(demand=at.demand, urgency=urgency) for urgency in (Urgency.URGENT, Urgency.CRITICAL))
    return by(at.moderator, "demands.set_urgency", request, other)


async def reopening(world: World) -> Case:
    at = await seated(world)
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    return by(at.requester, "demands.reopen", ReopenDemand(demand=at.demand), ReopenDemand(demand=ANOTHER))


async def thanking(world: World) -> Case:
    at = await seated(world)
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    request, other = (FeedbackDemand(demand=at.demand, helped=helped) for helped in (True, False))
    return by(at.requester, "demands.feedback", request, other)


async def merging(world: World) -> Case:
    at = await seated(world)
    twin = await world.demand(at.requester, at.scenario)
    request, other = MergeDemand(demand=twin.id, into=at.demand), MergeDemand(demand=at.demand, into=twin.id)
    return by(at.moderator, "demands.merge", request, other)


async def reporting(world: World) -> Case:
    at = await seated(world)
    request, other = (ReportDemand(demand=at.demand, reason=reason) for reason in ("threats", "insults"))
    return by(at.requester, "demands.report", request, other)


async def resolving(world: World) -> Case:
    at = await seated(world)
    made = await at.requester.call(DEMANDS_REPORT, ReportDemand(demand=at.demand, reason="threats"))
    request = ResolveReport(report=made.id, decision=Decision.ACTED)
    return by(
        at.moderator, "reports.resolve", request, ResolveReport(report=ReportId(ANOTHER), decision=Decision.ACTED)
    )


OF_DEMANDS: dict[str, Callable[[World], Awaitable[Case]]] = {
    "demands.submit": submitting,
    "demands.discard": discarding,
    "demands.update": updating,
    "demands.assign": assigning,
    "demands.release": releasing,
    "demands.done": saying_done,
    "demands.confirm": confirming,
    "demands.set_urgency": raising,
    "demands.reopen": reopening,
    "demands.feedback": thanking,
    "demands.merge": merging,
    "demands.report": reporting,
    "reports.resolve": resolving,
}
