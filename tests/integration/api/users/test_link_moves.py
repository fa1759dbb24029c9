"""What moves when two become one: every table that says who somebody is, and of settings those of the one who stays."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from chaos.api.crowd import contradictions, outcome
from chaos.api.test_sends import WAITING, held_still
from contracts.demand_life import FeedbackDemand
from contracts.demands import CloseDemand, CreateDemand, TakeDemand, UpdateDemand
from contracts.failures import NotFound, NotSignedIn
from contracts.kinds import Audience, Decision, MembershipKind
from contracts.memberships import ApplyMembership, UnassignMembership
from contracts.messages import EditMessage, NoteMessage, ReactToMessage, ReadMessages, SearchMessages, SendMessage
from contracts.operations.demands import (
    DEMANDS_CLOSE,
    DEMANDS_CREATE,
    DEMANDS_FEEDBACK,
    DEMANDS_REPORT,
    DEMANDS_TAKE,
    DEMANDS_UPDATE,
    PARTICIPANTS_ADD,
    REPORTS_RESOLVE,
)
from contracts.operations.messages import (
    MESSAGES_EDIT,
    MESSAGES_NOTE,
    MESSAGES_REACT,
    MESSAGES_READ,
    MESSAGES_SEARCH,
    MESSAGES_SEND,
)
from contracts.operations.scenarios import MEMBERSHIPS_APPLY, MEMBERSHIPS_UNASSIGN
from contracts.operations.users import USERS_ENTER, USERS_EXPORT_ME, USERS_ME, USERS_RESTRICT, USERS_UPDATE_ME
from contracts.own_data import ExportMe
from contracts.participants import AddParticipant
from contracts.people import RestrictUser
from contracts.reports import ReportDemand, ResolveReport
from contracts.users import EnterUser, GetMe, UpdateMe
from integration.api.town import receive, seated, words
from integration.api.users.test_linking import code_of, finished, left_behind
from integration.api.users.visitors import entered, signed_up
from world import OPERATOR, World, until


async def test_everything_a_guest_asked_said_and_decided_is_the_others(world: World) -> None:
    (guest, _), person = await entered(world), await world.person()
    scenario, looked_after = await world.scenario(), await seated(world)
    helper = await world.member(scenario)
    asked = await guest.call(DEMANDS_CREATE, CreateDemand(scenario=scenario.id, description="Insulin"))
    await guest.call(DEMANDS_UPDATE, UpdateDemand(demand=asked.id, version=1, title="Soon"))
    await helper.call(DEMANDS_TAKE, TakeDemand(demand=asked.id))
    heard = await helper.call(MESSAGES_SEND, SendMessage(demand=asked.id, text="coming"))
    said = await guest.call(MESSAGES_SEND, SendMessage(demand=asked.id, text="thank"))
    await guest.call(MESSAGES_EDIT, EditMessage(demand=asked.id, message=said.id, text="thank you"))
    await guest.call(MESSAGES_REACT, ReactToMessage(demand=asked.id, message=heard.id, emoji="👍"))
    await guest.call(MESSAGES_READ, ReadMessages(demand=asked.id, seq=heard.seq))
    await guest.call(DEMANDS_REPORT, ReportDemand(demand=asked.id, reason="strange"))
    await guest.call(DEMANDS_CLOSE, CloseDemand(demand=asked.id))
    await guest.call(DEMANDS_FEEDBACK, FeedbackDemand(demand=asked.id, helped=True, words="kind"))
    # As a moderator they act where they never sat.
    await world.assign(guest, looked_after.scenario, "moderator")  # type: ignore[arg-type]
    place = looked_after.demand
    report = await looked_after.requester.call(DEMANDS_REPORT, ReportDemand(demand=place, reason="rude"))
    await guest.call(REPORTS_RESOLVE, ResolveReport(report=report.id, decision=Decision.ACTED))
    await guest.call(DEMANDS_UPDATE, UpdateDemand(demand=place, version=2, title="Clearer"))
    await guest.call(MESSAGES_NOTE, NoteMessage(demand=place, text="watch this"))
    silent = await seated(world)
    await world.assign(guest, silent.scenario, "moderator")  # type: ignore[arg-type]
    await guest.call(DEMANDS_CLOSE, CloseDemand(demand=silent.demand, reason="moderated"))
    # As a provider they were whispered to.
    third = await seated(world)
    await world.assign(guest, third.scenario)  # type: ignore[arg-type]
    held = await world.demand(third.requester, third.scenario)
    await guest.call(DEMANDS_TAKE, TakeDemand(demand=held.id))
    whisper = NoteMessage(demand=held.id, text="ring twice", audience=Audience.PROVIDER)
    await third.moderator.call(MESSAGES_NOTE, whisper)

    before = await left_behind(world, guest.user)
    assert set(before) >= {
        "conversations.seats", "demand_versions.changed_by", "demands.closed_by", "demands.provider_id",
        "demands.requester_id", "message_reactions.user_id", "messages.author_id", "messages.whispered_to",
        "participants.user_id", "reports.reporter_id", "reports.resolved_by",
    }, before  # fmt: skip
    await finished(person, await code_of(guest))
    assert await left_behind(world, guest.user) == []
    page = await person.call(USERS_EXPORT_ME, ExportMe())
    kinds = [item.kind for item in page.items]
    assert {"version", "reaction", "report", "message", "demand"} <= set(kinds)
    [own] = [item.data for item in page.items if item.data.get("id") == str(asked.id)]
    assert (own["read_seq"], [each["words"] for each in own["feedback"]]) == (heard.seq, ["kind"])
    assert {item.data.get("text", item.data.get("description")) for item in page.items if item.kind == "version"} == {
        "thank",
        "Insulin",
    }
    lines = (await person.call(MESSAGES_SEARCH, SearchMessages(demand=held.id))).items
    assert "ring twice" in [line.text for line in lines]
    # A guest read on the web what was said before; their chat is owed none of it.
    assert set(await contradictions(world.ledger)) <= {"a message nobody seated is owed"}


async def test_the_stricter_restriction_holds_and_the_settings_of_who_stays(world: World) -> None:
    later, sooner = (datetime.now(UTC) + timedelta(days=days) for days in (9, 2))
    cases = ((None, None, None), (later, None, later), (None, sooner, sooner), (later, sooner, later))
    for guests, own, expected in cases:
        (guest, _), person = await entered(world), await world.person("Olga")
        mine = UpdateMe(display_name="Olga", time_zone="Europe/Kyiv", quiet_from=60, quiet_to=120, alias="Lark")
        await person.call(USERS_UPDATE_ME, mine)
        theirs = UpdateMe(time_zone="Asia/Tbilisi", quiet_from=600, quiet_to=660, alias="Wren")
        await guest.call(USERS_UPDATE_ME, theirs)
        for user, end in ((guest.user, guests), (person.user, own)):
            if end is not None:
                request = RestrictUser(user=user, reason="x", until=end)
                await world.operator.call(USERS_RESTRICT, request, actor=OPERATOR)
        linked = await finished(person, await code_of(guest))
        kept = linked.user
        assert (kept.time_zone, kept.quiet_from, kept.quiet_to, kept.alias) == ("Europe/Kyiv", 60, 120, "Lark")
        found = await world.ledger.fetchval("SELECT restricted_until FROM users WHERE id = $1", person.user)
        assert found == expected
        row = await world.ledger.fetchrow("SELECT display_name, alias, time_zone FROM users WHERE id = $1", guest.user)
        assert tuple(row) == ("", None, None), "nothing of who they were stays with the emptied one"


async def test_who_was_sent_away_does_not_come_back_by_what_they_took_as_a_guest(world: World) -> None:
    at, (guest, _) = await seated(world), await entered(world)
    sat = await world.demand(await world.person(), at.scenario)
    person, asks = at.provider, await world.person()
    await world.capacity(person, 3)
    taken, elsewhere = await world.demand(asks, at.scenario), await world.scenario()
    await world.ledger.execute("UPDATE users SET capacity = 3 WHERE id = $1", guest.user)
    for scenario, kind in ((at.scenario, "provider"), (at.scenario, "moderator"), (elsewhere, "provider")):
        await world.assign(guest, scenario, kind)  # type: ignore[arg-type]
    await guest.call(DEMANDS_TAKE, TakeDemand(demand=taken.id))
    await guest.call(PARTICIPANTS_ADD, AddParticipant(demand=sat.id))
    stays = await world.demand(asks, elsewhere)
    await guest.call(DEMANDS_TAKE, TakeDemand(demand=stays.id))
    for kind in ("provider", "moderator"):
        await world.assign(person, at.scenario, kind)
        request = UnassignMembership(user=person.user, scenario=at.scenario.id, kind=MembershipKind(kind))
        await world.operator.call(MEMBERSHIPS_UNASSIGN, request, actor=OPERATOR)
    await receive(asks)
    await finished(person, await code_of(guest))
    assert words(await receive(asks)) == ["looking_for_another"]
    held = await world.ledger.fetch("SELECT id FROM demands WHERE provider_id = $1", person.user)
    assert [row["id"] for row in held] == [stays.id]
    for demand in (taken.id, sat.id):
        with pytest.raises(NotFound):
            await person.call(MESSAGES_SEARCH, SearchMessages(demand=demand))
    assert set(await contradictions(world.ledger)) <= {"a message nobody seated is owed"}


async def test_who_helps_as_a_guest_goes_on_though_they_had_applied_as_themselves(world: World) -> None:
    (guest, _), person, scenario = await entered(world), await world.person(), await world.scenario()
    await world.assign(guest, scenario)  # type: ignore[arg-type]
    demand = await world.demand(await world.person(), scenario)
    await guest.call(DEMANDS_TAKE, TakeDemand(demand=demand.id))
    await person.call(MEMBERSHIPS_APPLY, ApplyMembership(scenario=scenario.id))
    await finished(person, await code_of(guest))
    await person.call(MESSAGES_SEND, SendMessage(demand=demand.id, text="on my way"))
    rows = await world.ledger.fetch("SELECT user_id, state FROM memberships")
    assert [tuple(row) for row in rows] == [(person.user, "live")]


async def test_a_chat_linked_while_its_account_is_forgotten_leads_to_nobody(world: World) -> None:
    account, person = await signed_up(world), await world.person()
    code = await code_of(person)
    async with asyncio.TaskGroup() as group, held_still(world, "SELECT forget_person_v1($1)", account.user):
        coming = group.create_task(outcome(finished(account, code)))
        await until(lambda: world.ledger.fetchval(WAITING, 1))
    assert isinstance(coming.result(), NotSignedIn)
    assert (await person.call(USERS_ME, GetMe())).user.id == person.user


async def test_telegram_does_not_rename_an_account_it_was_linked_to(world: World) -> None:
    account, person = await signed_up(world, display_name="Olga of the web"), await world.person("Оля")
    await finished(person, await code_of(account))
    seen = await world.bot.call(USERS_ENTER, EnterUser(display_name="Оля 🌻"), actor=person.actor)
    assert (seen.user.id, seen.user.display_name) == (account.user, "Olga of the web")


async def test_one_demand_reported_under_both_names_is_one_report_with_both_reasons(world: World) -> None:
    (guest, _), person, scenario = await entered(world), await world.person(), await world.scenario()
    demand = await world.demand(await world.person(), scenario)
    for who in (guest, person):
        await world.assign(who, scenario)  # type: ignore[arg-type]
    for who, reason in ((guest, "a trap"), (person, "no such street")):
        await who.call(DEMANDS_REPORT, ReportDemand(demand=demand.id, reason=reason))
    await finished(person, await code_of(guest))
    rows = await world.ledger.fetch("SELECT reporter_id, reason FROM reports")
    assert [tuple(row) for row in rows] == [(person.user, "no such street\na trap")]
