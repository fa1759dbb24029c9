"""Somebody tells moderators that something is wrong, and hears what they made of it."""

from uuid import uuid4

import pytest

from contracts.deliveries import LocateDelivery
from contracts.demand_life import AssignDemand, ReleaseDemand
from contracts.demands import DeclineDemand
from contracts.failures import AlreadyExists, Forbidden, NotFound
from contracts.kinds import Decision, ReportStatus
from contracts.messages import SendMessage
from contracts.operations.demands import (
    DEMANDS_ASSIGN,
    DEMANDS_DECLINE,
    DEMANDS_RELEASE,
    DEMANDS_REPORT,
    PARTICIPANTS_ADD,
    PARTICIPANTS_REMOVE,
    REPORTS_RESOLVE,
    REPORTS_SEARCH,
)
from contracts.operations.messages import DELIVERIES_LOCATE, MESSAGES_SEND
from contracts.operations.users import USERS_ERASE_ME, USERS_HISTORY
from contracts.own_data import EraseMe
from contracts.participants import AddParticipant, RemoveParticipant
from contracts.people import GetHistory
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
    # What answers this notice is for staff alone, so the bot has to hear what it was.
    address = str(at.moderator.telegram_id)
    asked = LocateDelivery(address=address, channel_message_id=f"m-{told.id}")
    located = await world.bot.call(DELIVERIES_LOCATE, asked)
    assert (located.demand, located.notice) == (None, "report_made")
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


async def test_where_only_those_inside_could_look_admins_are_told_and_not_they(world: World) -> None:
    at = await seated(world)
    admin = await world.person()
    await world.ledger.execute("UPDATE users SET is_admin = true WHERE id = $1", admin.user)
    await at.provider.call(DEMANDS_REPORT, ReportDemand(demand=at.demand, reason="Insults"))
    assert words(await receive(at.moderator))[-1] == "report_made"
    assert "report_made" not in words(await receive(admin))
    await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    await at.requester.call(DEMANDS_REPORT, ReportDemand(demand=at.demand, reason="The coordinator insults me"))
    assert words(await receive(admin)) == ["report_made"]
    assert "report_made" not in words(await receive(at.moderator))
    await at.moderator.call(DEMANDS_REPORT, ReportDemand(demand=at.demand, reason="Threats"))
    assert words(await receive(admin)) == ["report_made"]


async def test_the_only_admin_hears_of_a_report_even_from_inside(world: World) -> None:
    at = await seated(world)
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    await world.ledger.execute("UPDATE users SET is_admin = true WHERE id = $1", at.moderator.user)
    await at.moderator.call(DEMANDS_ASSIGN, AssignDemand(demand=at.demand))
    await receive(at.moderator)
    await at.requester.call(DEMANDS_REPORT, ReportDemand(demand=at.demand, reason="He threatens me"))
    assert words(await receive(at.moderator)) == ["report_made"], "nobody else is left"


@pytest.mark.parametrize("then", ["stays", "is replaced", "left its seat"])
async def test_who_may_be_what_is_wrong_neither_reads_the_report_nor_decides_about_it(world: World, then: str) -> None:
    at = await seated(world)
    colleague, admin = await world.member(at.scenario, "moderator"), await world.person()
    await world.ledger.execute("UPDATE users SET is_admin = true WHERE id = $1", admin.user)
    if then == "left its seat":
        await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    else:
        await at.moderator.call(DEMANDS_ASSIGN, AssignDemand(demand=at.demand))
    for person in (at.moderator, colleague):
        await receive(person)
    if then == "is replaced":
        await at.requester.call(DEMANDS_RELEASE, ReleaseDemand(demand=at.demand))
    made = await at.requester.call(DEMANDS_REPORT, ReportDemand(demand=at.demand, reason="He threatens me"))
    if then == "left its seat":
        await at.moderator.call(PARTICIPANTS_REMOVE, RemoveParticipant(demand=at.demand))
    assert "report_made" not in words(await receive(at.moderator))
    assert words(await receive(colleague)) == ["report_made"]
    resolve = ResolveReport(report=made.id, decision=Decision.DISMISSED)
    assert (await at.moderator.call(REPORTS_SEARCH, SearchReports())).items == []
    with pytest.raises(NotFound):
        await at.moderator.call(REPORTS_RESOLVE, resolve)
    for person, seen in ((at.moderator, 0), (colleague, 1)):
        past = await person.call(USERS_HISTORY, GetHistory(user=at.requester.user))
        assert len(past.reports) == seen, "nor that there is one"
    assert [one.id for one in (await admin.call(REPORTS_SEARCH, SearchReports())).items] == [made.id]
    # Who joins because of the report was no part of what it says.
    await colleague.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    assert [one.id for one in (await colleague.call(REPORTS_SEARCH, SearchReports())).items] == [made.id]
    await colleague.call(REPORTS_RESOLVE, resolve)


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
