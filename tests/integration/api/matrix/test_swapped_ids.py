"""Ids of one's own beside ids of somebody else's: an object of another demand, scenario or person opens nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from contracts.deliveries import LocateDelivery
from contracts.demand_life import AssignDemand, ConfirmDemand, DemandDone, MergeDemand, ReleaseDemand, SetUrgency
from contracts.demands import CloseDemand, CountDemands, DeclineDemand, NextDemand, SearchDemands, UpdateDemand
from contracts.failures import Failure, Forbidden, NotFound
from contracts.kinds import Decision, MembershipKind, Urgency
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
    Origin,
    ReactToMessage,
    ReadMessages,
    SearchMessages,
    SendMessage,
    Sent,
    TakeBackMessage,
)
from contracts.operations import BY_NAME
from contracts.operations.messages import DELIVERIES_LOCATE, MESSAGES_SEARCH, MESSAGES_SEND
from contracts.operations.scenarios import MEMBERSHIPS_APPLY
from contracts.operations.system import SYSTEM_ANSWER
from contracts.participants import AddParticipant, GetParticipant, RemoveParticipant, ResetDeclined, ShareContact
from contracts.people import GetHistory, GetUser, SearchUsers
from contracts.reports import ReportDemand, ResolveReport, SearchReports
from contracts.shapes import DemandId, ReportId
from contracts.system import GetAnswer
from integration.api.matrix.walking import fingerprint
from integration.api.town import Seated, seated
from world import OPERATOR, Person, World

PROVIDER = MembershipKind.PROVIDER


@dataclass
class Two:
    """Two demands of two scenarios with other people in each; `theirs` has all that `mine` must not reach."""

    mine: Seated
    theirs: Seated
    my_message: Sent
    their_message: Sent
    applicant: Person  # of their scenario
    in_both: Person  # joined each of them as a moderator
    said_by_both: Sent  # by whom, in theirs
    elsewhere: DemandId  # of my requester, in their scenario
    their_report: ReportId


async def two(world: World) -> Two:
    mine, theirs = await seated(world), await seated(world)
    said = [await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="x")) for at in (mine, theirs)]
    # Before anybody joins: who sits there when a report is made is part of what it is about.
    report = await theirs.requester.call(BY_NAME["demands.report"], ReportDemand(demand=theirs.demand, reason="x"))
    await world.demand(mine.requester, mine.scenario)  # something for `next` to give
    applicant = await world.person()
    await applicant.call(MEMBERSHIPS_APPLY, ApplyMembership(scenario=theirs.scenario.id))
    await theirs.moderator.call(BY_NAME["participants.add"], AddParticipant(demand=theirs.demand))
    both = await world.member(mine.scenario, "moderator")
    await world.assign(both, theirs.scenario, "moderator")
    for at in (mine, theirs):
        await both.call(BY_NAME["participants.add"], AddParticipant(demand=at.demand))
    said.append(await both.call(MESSAGES_SEND, SendMessage(demand=theirs.demand, text="x")))
    elsewhere = (await world.demand(mine.requester, theirs.scenario)).id
    return Two(mine, theirs, said[0], said[1], applicant, both, said[2], elsewhere, report.id)


Ask = Callable[[Two], Any]
SWAPS: tuple[tuple[str, str, Ask, tuple[type[Failure], ...]], ...] = (
    ("requester", "messages.search", lambda at: SearchMessages(demand=at.mine.demand, after=at.their_message.id), (NotFound,)),
    ("requester", "messages.search", lambda at: SearchMessages(demand=at.mine.demand, before=at.their_message.id), (NotFound,)),
    ("moderator", "messages.search", lambda at: SearchMessages(demand=at.mine.demand, after=at.their_message.id), (NotFound,)),
    ("requester", "messages.search", lambda at: SearchMessages(demand=at.theirs.demand, after=at.my_message.id), (NotFound,)),
    ("requester", "messages.send", lambda at: SendMessage(demand=at.mine.demand, text="x", reply_to=at.their_message.id), (NotFound,)),
    ("requester", "messages.send", lambda at: SendMessage(demand=at.theirs.demand, text="x", reply_to=at.my_message.id), (NotFound,)),
    ("provider", "demands.next", lambda at: NextDemand(instead_of=at.theirs.demand), (NotFound,)),
    ("requester", "demands.close", lambda at: CloseDemand(demand=at.theirs.demand), (NotFound,)),
    ("moderator", "demands.close", lambda at: CloseDemand(demand=at.theirs.demand), (NotFound,)),
    ("requester", "participants.share_contact", lambda at: ShareContact(demand=at.theirs.demand), (NotFound,)),
    ("moderator", "participants.get", lambda at: GetParticipant(demand=at.mine.demand, user=at.theirs.requester.user), (NotFound,)),
    ("moderator", "participants.get", lambda at: GetParticipant(demand=at.theirs.demand, user=at.mine.requester.user), (NotFound,)),
    ("moderator", "participants.add", lambda at: AddParticipant(demand=at.mine.demand, user=at.theirs.moderator.user), (Forbidden,)),
    ("moderator", "participants.add", lambda at: AddParticipant(demand=at.mine.demand, user=at.applicant.user), (Forbidden,)),
    ("moderator", "participants.add", lambda at: AddParticipant(demand=at.theirs.demand, user=at.mine.moderator.user), (NotFound,)),
    ("moderator", "participants.remove", lambda at: RemoveParticipant(demand=at.mine.demand, user=at.theirs.moderator.user), (NotFound,)),
    ("moderator", "participants.remove", lambda at: RemoveParticipant(demand=at.mine.demand, user=at.mine.provider.user), (NotFound,)),
    ("moderator", "participants.remove", lambda at: RemoveParticipant(demand=at.theirs.demand, user=at.theirs.moderator.user), (NotFound,)),
    ("moderator", "participants.reset_declined", lambda at: ResetDeclined(demand=at.theirs.demand), (NotFound,)),
    ("moderator", "memberships.approve", lambda at: ApproveMembership(user=at.applicant.user, scenario=at.theirs.scenario.id), (Forbidden,)),
    ("moderator", "memberships.approve", lambda at: ApproveMembership(user=at.applicant.user, scenario=at.mine.scenario.id), (NotFound,)),
    ("moderator", "memberships.reject", lambda at: RejectMembership(user=at.applicant.user, scenario=at.theirs.scenario.id), (Forbidden,)),
    ("moderator", "memberships.reject", lambda at: RejectMembership(user=at.applicant.user, scenario=at.mine.scenario.id), (NotFound,)),
    ("moderator", "memberships.unassign", lambda at: UnassignMembership(user=at.theirs.provider.user, scenario=at.theirs.scenario.id, kind=PROVIDER), (Forbidden,)),
    ("moderator", "memberships.unassign", lambda at: UnassignMembership(user=at.theirs.provider.user, scenario=at.mine.scenario.id, kind=PROVIDER), (NotFound,)),
    ("moderator", "memberships.update", lambda at: UpdateMembership(user=at.theirs.provider.user, scenario=at.theirs.scenario.id, paused_until=None), (Forbidden,)),
    ("moderator", "memberships.update", lambda at: UpdateMembership(user=at.theirs.provider.user, scenario=at.mine.scenario.id, paused_until=None), (NotFound,)),
    ("moderator", "memberships.list", lambda at: ListMemberships(scenario=at.theirs.scenario.id), (Forbidden,)),
    ("requester", "messages.edit", lambda at: EditMessage(demand=at.theirs.demand, message=at.my_message.id, text="y"), (NotFound,)),
    ("moderator", "messages.edit", lambda at: EditMessage(demand=at.mine.demand, message=at.their_message.id, text="y"), (NotFound,)),
    ("in both", "messages.edit", lambda at: EditMessage(demand=at.mine.demand, message=at.said_by_both.id, text="y"), (NotFound,)),
    ("in both", "messages.take_back", lambda at: TakeBackMessage(demand=at.mine.demand, message=at.said_by_both.id), (NotFound,)),
    ("in both", "messages.react", lambda at: ReactToMessage(demand=at.mine.demand, message=at.their_message.id, emoji="👍"), (NotFound,)),
    ("requester", "messages.react", lambda at: ReactToMessage(demand=at.mine.demand, message=at.their_message.id, emoji="👍"), (NotFound,)),
    ("requester", "messages.read", lambda at: ReadMessages(demand=at.theirs.demand, seq=1), (NotFound,)),
    ("moderator", "messages.note", lambda at: NoteMessage(demand=at.theirs.demand, text="x"), (NotFound,)),
    ("moderator", "messages.search", lambda at: SearchMessages(demand=at.mine.demand, versions_of=at.their_message.id), (NotFound,)),
    ("moderator", "messages.search", lambda at: SearchMessages(demand=at.theirs.demand, versions_of=at.their_message.id), (NotFound,)),
    ("moderator", "demands.merge", lambda at: MergeDemand(demand=at.mine.demand, into=at.theirs.demand), (NotFound,)),
    ("moderator", "demands.merge", lambda at: MergeDemand(demand=at.theirs.demand, into=at.mine.demand), (NotFound,)),
    ("moderator", "demands.merge", lambda at: MergeDemand(demand=at.elsewhere, into=at.mine.demand), (NotFound,)),
    ("moderator", "demands.assign", lambda at: AssignDemand(demand=at.mine.demand, user=at.theirs.provider.user), (Forbidden,)),
    ("moderator", "demands.assign", lambda at: AssignDemand(demand=at.theirs.demand, user=at.mine.provider.user), (NotFound,)),
    ("moderator", "demands.update", lambda at: UpdateDemand(demand=at.theirs.demand, version=1, title="y"), (NotFound,)),
    ("moderator", "demands.set_urgency", lambda at: SetUrgency(demand=at.theirs.demand, urgency=Urgency.CRITICAL), (NotFound,)),
    ("provider", "demands.decline", lambda at: DeclineDemand(demand=at.theirs.demand), (NotFound,)),
    ("provider", "demands.done", lambda at: DemandDone(demand=at.theirs.demand), (NotFound,)),
    ("requester", "demands.release", lambda at: ReleaseDemand(demand=at.theirs.demand), (NotFound,)),
    ("requester", "demands.confirm", lambda at: ConfirmDemand(demand=at.theirs.demand, answer="received"), (NotFound,)),
    ("requester", "demands.report", lambda at: ReportDemand(demand=at.theirs.demand, reason="x"), (NotFound,)),
    ("moderator", "reports.resolve", lambda at: ResolveReport(report=at.their_report, decision=Decision.ACTED), (NotFound,)),
    ("moderator", "users.get", lambda at: GetUser(user=at.theirs.requester.user), (NotFound,)),
    ("moderator", "users.history", lambda at: GetHistory(user=at.theirs.requester.user), (NotFound,)),
)  # fmt: skip


@pytest.fixture
async def at(world: World) -> Two:
    return await two(world)


async def test_what_belongs_to_others_opens_nothing(at: Two) -> None:
    ledger = at.mine.world.ledger
    wrong = []
    for who, name, ask, expected in SWAPS:
        before = await fingerprint(ledger)
        person: Person = at.in_both if who == "in both" else getattr(at.mine, who)
        got: Any = "a reply"
        try:
            await person.call(BY_NAME[name], ask(at))
        except Failure as failure:
            got = failure
        if type(got) not in expected or before != await fingerprint(ledger):
            wrong.append(f"{name} by {who}: {got}, done: {before != await fingerprint(ledger)}")
    assert not wrong, "\n".join(wrong)


async def test_a_filter_that_names_what_others_have_finds_none_of_it(at: Two) -> None:
    """Lists are narrowed by what is asked for and never widened: the other scenario's are not among them."""
    moderator = at.mine.moderator
    for filtered in (
        {"scenario": at.theirs.scenario.id},
        {"requester": at.theirs.requester.user},
        {"id": at.theirs.demand},
    ):
        search, count = SearchDemands(is_active=None, **filtered), CountDemands(is_active=None, **filtered)
        assert (await moderator.call(BY_NAME["demands.search"], search)).items == [], filtered
        assert (await moderator.call(BY_NAME["demands.count"], count)).count == 0, filtered
        assert (await at.theirs.moderator.call(BY_NAME["demands.search"], search)).items, "there is something to find"
    for reports in (SearchReports(scenario=at.theirs.scenario.id), SearchReports(demand=at.theirs.demand)):
        assert (await moderator.call(BY_NAME["reports.search"], reports)).items == []
        assert (await at.theirs.moderator.call(BY_NAME["reports.search"], reports)).items, "there is something to find"
    people = await moderator.call(BY_NAME["users.search"], SearchUsers(scenario=at.theirs.scenario.id))
    assert at.theirs.provider.user not in {one.id for one in people.items}
    assert (await moderator.call(BY_NAME["demands.search"], SearchDemands(mine=True, id=at.theirs.demand))).items == []


async def test_a_moderator_names_nobody_for_anothers_scenario(at: Two) -> None:
    # Only staff at a desk may name members at all; the operator's word counts for every scenario.
    request = AssignMembership(user=at.applicant.user, scenario=at.theirs.scenario.id, kind=MembershipKind.MODERATOR)
    with pytest.raises(Forbidden):
        await at.mine.world.operator.call(BY_NAME["memberships.assign"], request, actor=at.mine.moderator.actor)
    assert (await at.mine.world.operator.call(BY_NAME["memberships.assign"], request, actor=OPERATOR)).user


async def test_anothers_key_and_answer_are_nobodys_business(at: Two) -> None:
    """A key belongs to its actor: the same one in another's hands is a new wish, and its answer is not to be had."""
    key = uuid4().hex
    said = await at.mine.requester.call(MESSAGES_SEND, SendMessage(demand=at.mine.demand, text="secret"), key=key)
    asked = GetAnswer(operation="messages.send", key=key)
    assert (await at.mine.requester.call(SYSTEM_ANSWER, asked)).done
    for person in (at.mine.provider, at.mine.moderator, at.theirs.requester):
        assert not (await person.call(SYSTEM_ANSWER, asked)).done
    assert not (await at.mine.world.operator.call(SYSTEM_ANSWER, asked, actor=OPERATOR)).done
    other = await at.mine.provider.call(MESSAGES_SEND, SendMessage(demand=at.mine.demand, text="another"), key=key)
    assert other.id != said.id


async def test_a_chat_one_does_not_sit_in_is_no_origin_to_read_from(at: Two) -> None:
    """Naming another's chat as the origin of one's message tells nothing of what is in that chat."""
    origin = Origin(address=str(at.theirs.requester.telegram_id), channel_message_id="1")
    request = SendMessage(demand=at.mine.demand, text="x", origin=origin)
    sent = await at.mine.requester.call(MESSAGES_SEND, request)
    asked = LocateDelivery(address=origin.address, channel_message_id="1")
    located = await at.mine.world.bot.call(DELIVERIES_LOCATE, asked)
    assert located.message in {None, sent.id}
    page = await at.theirs.requester.call(MESSAGES_SEARCH, SearchMessages(demand=at.theirs.demand))
    assert sent.id not in {line.id for line in page.items}
