"""What a chat that was away is told when it comes back, beside what the demands that go on owe it."""

from contracts.demand_life import ReleaseDemand
from contracts.demands import CloseDemand
from contracts.kinds import Decision, DeliveryKind, MembershipKind
from contracts.memberships import UnassignMembership
from contracts.messages import SendMessage, TakeBackMessage
from contracts.operations.demands import DEMANDS_CLOSE, DEMANDS_RELEASE, DEMANDS_REPORT, REPORTS_RESOLVE
from contracts.operations.messages import MESSAGES_SEND, MESSAGES_TAKE_BACK
from contracts.operations.scenarios import MEMBERSHIPS_UNASSIGN
from contracts.operations.users import USERS_BAN, USERS_UNBAN
from contracts.people import BanUser, UnbanUser
from contracts.reports import ReportDemand, ResolveReport
from integration.api.town import chat_of, receive, seated, words
from world import OPERATOR, Person, World


async def goes_away(person: Person) -> None:
    await person.world.ledger.execute("SELECT destination_unreachable_v1($1)", await chat_of(person))


async def comes_back(person: Person) -> None:
    await person.world.ledger.execute("SELECT destination_reachable_v1($1, '')", await chat_of(person))


async def admin(world: World) -> Person:
    person = await world.person("Admin")
    await world.ledger.execute("UPDATE users SET is_admin = true WHERE id = $1", person.user)
    return person


async def test_a_report_waits_for_the_moderator_who_was_away_and_an_admin_is_told_meanwhile(world: World) -> None:
    at, chief = await seated(world), await admin(world)
    for person in (at.moderator, at.provider, at.requester):
        await receive(person)
    await goes_away(at.moderator)
    await goes_away(at.provider)
    await at.requester.call(DEMANDS_REPORT, ReportDemand(demand=at.demand, reason="He threatens me"))
    await at.requester.call(DEMANDS_RELEASE, ReleaseDemand(demand=at.demand))
    assert words(await receive(chief)) == ["report_made"], "somebody hears of it at once"
    for person, notice in ((at.moderator, "report_made"), (at.provider, "released")):
        await comes_back(person)
        assert words(await receive(person)) == [notice]
        await comes_back(person)
        assert await receive(person) == [], "once"


async def test_a_report_decided_meanwhile_or_no_longer_theirs_is_not_told_late(world: World) -> None:
    at = await seated(world)
    colleague = await world.member(at.scenario, "moderator")
    for person in (at.moderator, colleague, at.requester, at.provider):
        await receive(person)
        await goes_away(person)
    made = await at.requester.call(DEMANDS_REPORT, ReportDemand(demand=at.demand, reason="He threatens me"))
    request = UnassignMembership(user=colleague.user, scenario=at.scenario.id, kind=MembershipKind.MODERATOR)
    await world.operator.call(MEMBERSHIPS_UNASSIGN, request, actor=OPERATOR)
    await comes_back(colleague)
    assert words(await receive(colleague)) == ["membership_changed"]
    decided = ResolveReport(report=made.id, decision=Decision.ACTED)
    await world.operator.call(REPORTS_RESOLVE, decided, actor=OPERATOR)
    await comes_back(at.moderator)
    assert words(await receive(at.moderator)) == []
    await comes_back(at.requester)
    assert words(await receive(at.requester)) == ["report_resolved"]


async def test_what_was_said_of_a_person_long_ago_and_of_a_ban_that_ended_stays_unsaid(world: World) -> None:
    at = await seated(world)
    await receive(at.provider)
    await goes_away(at.provider)
    await at.requester.call(DEMANDS_RELEASE, ReleaseDemand(demand=at.demand))
    await world.operator.call(USERS_BAN, BanUser(user=at.provider.user, reason="x"), actor=OPERATOR)
    await world.operator.call(USERS_UNBAN, UnbanUser(user=at.provider.user), actor=OPERATOR)
    await world.ledger.execute(
        "UPDATE deliveries SET created_at = created_at - interval '8 days' WHERE notice = 'released'"
    )
    await comes_back(at.provider)
    assert words(await receive(at.provider)) == []


async def test_what_was_taken_back_after_the_end_leaves_a_chat_that_was_away(world: World) -> None:
    at = await seated(world)
    said = await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="my address"))
    await receive(at.provider)
    await goes_away(at.provider)
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    await at.requester.call(MESSAGES_TAKE_BACK, TakeBackMessage(demand=at.demand, message=said.id))
    await comes_back(at.provider)
    [removal] = await receive(at.provider)
    assert removal.kind == DeliveryKind.DELETE
    assert len(removal.targets) == 1
