"""Somebody tells moderators that something is wrong, and hears what they made of it."""

from uuid import uuid4

import pytest

from contracts.failures import AlreadyExists, Forbidden, NotFound
from contracts.kinds import Decision, ReportStatus
from contracts.messages import SendMessage
from contracts.operations.demands import DEMANDS_REPORT, PARTICIPANTS_ADD, REPORTS_RESOLVE, REPORTS_SEARCH
from contracts.operations.messages import MESSAGES_SEND
from contracts.operations.users import USERS_ERASE_ME
from contracts.own_data import EraseMe
from contracts.participants import AddParticipant
from contracts.reports import ReportDemand, ResolveReport, SearchReports
from contracts.shapes import ReportId
from integration.api.town import receive, seated, words
from world import OPERATOR, World


async def test_a_report_reaches_moderators_with_its_evidence_and_comes_back_decided(world: World) -> None:
    at, elsewhere = await seated(world), await seated(world)
    lines = [
        (await person.call(MESSAGES_SEND, SendMessage(demand=at.demand, text=text))).id
        for person, text in ((at.provider, "Pay me"), (at.requester, "No"))
    ]
    for person in (at.requester, at.provider, at.moderator):
        await receive(person)
    made = await at.requester.call(DEMANDS_REPORT, ReportDemand(demand=at.demand, reason="He wants money"))
    with pytest.raises(AlreadyExists):
        await at.requester.call(DEMANDS_REPORT, ReportDemand(demand=at.demand, reason="Again"))
    [told] = await receive(at.moderator)
    assert (told.notice, told.demand) == ("report_made", None)
    assert told.data == {
        "number": at.number, "place": at.scenario.place, "resource": at.scenario.resource, "demand": str(at.demand),
        "report": str(made.id), "reason": "He wants money",
    }  # fmt: skip
    assert await receive(at.provider) == await receive(at.requester) == []
    [report] = (await at.moderator.call(REPORTS_SEARCH, SearchReports())).items
    assert (report.id, report.reason, report.reporter, report.reporter_role) == (
        made.id, "He wants money", at.requester.user, "requester",
    )  # fmt: skip
    assert report.evidence[-2:] == lines
    assert (await elsewhere.moderator.call(REPORTS_SEARCH, SearchReports())).items == []
    for person in (at.requester, at.provider):
        with pytest.raises(Forbidden):
            await person.call(REPORTS_SEARCH, SearchReports())
    resolve = ResolveReport(report=made.id, decision=Decision.ACTED, note="Called both")
    for person in (at.requester, at.provider, elsewhere.moderator):
        with pytest.raises(NotFound):
            await person.call(REPORTS_RESOLVE, resolve)
    with pytest.raises(NotFound):
        await world.operator.call(
            REPORTS_RESOLVE, ResolveReport(report=ReportId(uuid4()), decision=Decision.ACTED), actor=OPERATOR
        )
    done = await at.moderator.call(REPORTS_RESOLVE, resolve)
    assert (done.status, done.decision, done.note) == ("resolved", "acted", "Called both")
    [heard] = await receive(at.requester)
    assert (heard.notice, heard.data) == ("report_resolved", {"number": at.number, "decision": "acted"})
    with pytest.raises(AlreadyExists):
        await world.operator.call(REPORTS_RESOLVE, resolve, actor=OPERATOR)
    assert await world.ledger.fetchval("SELECT count(*) FROM audit WHERE operation = 'reports.resolve'") == 1
    assert (await at.moderator.call(REPORTS_SEARCH, SearchReports())).items == []
    resolved = await world.operator.call(REPORTS_SEARCH, SearchReports(status=ReportStatus.RESOLVED), actor=OPERATOR)
    assert [one.id for one in resolved.items] == [made.id]
    await at.requester.call(DEMANDS_REPORT, ReportDemand(demand=at.demand, reason="He does it again"))


async def test_what_somebody_reports_is_kept_in_one_place_and_read_by_staff_alone(world: World) -> None:
    at = await seated(world)
    erased = await world.member(at.scenario)
    waiting = await world.demand(erased, at.scenario)
    await receive(at.moderator)
    await at.requester.call(DEMANDS_REPORT, ReportDemand(demand=at.demand, reason="He wants money"))
    await erased.call(DEMANDS_REPORT, ReportDemand(demand=waiting.id, reason="Threats"))
    assert await world.ledger.fetchval("SELECT count(*) FROM deliveries WHERE data::text ~ 'money|Threats'") == 0
    await erased.call(USERS_ERASE_ME, EraseMe(confirm="erase"))
    told = await receive(at.moderator)
    assert [one.data["reason"] for one in told if one.notice == "report_made"] == ["He wants money", ""]
    await at.provider.call(DEMANDS_REPORT, ReportDemand(demand=at.demand, reason="She insults me"))
    await world.ledger.execute("UPDATE memberships SET state = 'removed' WHERE user_id = $1", at.moderator.user)
    [late] = await receive(at.moderator)
    assert (late.notice, late.data["reason"]) == ("report_made", "")


async def test_where_only_those_inside_could_look_admins_are_told(world: World) -> None:
    at = await seated(world)
    admin = await world.person()
    await world.ledger.execute("UPDATE users SET is_admin = true WHERE id = $1", admin.user)
    await at.provider.call(DEMANDS_REPORT, ReportDemand(demand=at.demand, reason="Insults"))
    assert "report_made" not in words(await receive(admin))
    await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    await at.requester.call(DEMANDS_REPORT, ReportDemand(demand=at.demand, reason="The coordinator insults me"))
    assert words(await receive(admin)) == ["report_made"]
    await at.moderator.call(DEMANDS_REPORT, ReportDemand(demand=at.demand, reason="Threats"))
    assert words(await receive(admin)) == ["report_made"]


async def test_who_could_take_it_may_report_what_they_read_and_nobody_else(world: World) -> None:
    at = await seated(world)
    waiting = await world.demand(at.requester, at.scenario, "Something vile")
    helper = await world.member(at.scenario)
    await helper.call(DEMANDS_REPORT, ReportDemand(demand=waiting.id, reason="Vile"))
    [report] = (await at.moderator.call(REPORTS_SEARCH, SearchReports(demand=waiting.id))).items
    assert (report.reporter_role, report.evidence) == (None, [])
    with pytest.raises(NotFound):
        await helper.call(DEMANDS_REPORT, ReportDemand(demand=at.demand, reason="I cannot see it"))


async def test_pages_of_reports_hold_each_once_oldest_first(world: World) -> None:
    at = await seated(world)
    request = ReportDemand(demand=at.demand, reason="x")
    made = [(await person.call(DEMANDS_REPORT, request)).id for person in (at.requester, at.provider)]
    pages = [await at.moderator.call(REPORTS_SEARCH, SearchReports(limit=1, offset=n)) for n in (0, 1, 2)]
    assert [[one.id for one in page.items] for page in pages] == [[made[0]], [made[1]], []]
    assert [page.more for page in pages] == [True, False, False]
