"""Coming in, saying who one is, and becoming a member."""

import pytest

from api.users.bootstrap_token import issue_bootstrap_token
from contracts.demands import CloseDemand
from contracts.failures import AlreadyExists, InvalidRequest, NotFound
from contracts.kinds import MembershipKind, MembershipState
from contracts.memberships import ApplyMembership, ApproveMembership, AssignMembership
from contracts.operations.demands import DEMANDS_CLOSE
from contracts.operations.scenarios import MEMBERSHIPS_APPLY, MEMBERSHIPS_APPROVE, MEMBERSHIPS_ASSIGN, SCENARIOS_RETIRE
from contracts.operations.system import SYSTEM_READY
from contracts.operations.users import USERS_BOOTSTRAP_ADMIN, USERS_ENTER, USERS_ME, USERS_UPDATE_ME
from contracts.scenarios import RetireScenario
from contracts.system import GetReady
from contracts.users import BootstrapAdmin, EnterUser, GetMe, UpdateMe
from integration.api.town import receive, seated, words
from world import OPERATOR, World


@pytest.mark.parametrize("number", [1, 2**31, 2**52])
async def test_a_person_is_the_same_however_they_call_themselves(world: World, number: int) -> None:
    actor = f"telegram:{number}"
    first = await world.bot.call(
        USERS_ENTER, EnterUser(display_name="Оля 🌻", username="olya", locale="uk"), actor=actor
    )
    assert first.is_new
    assert (first.user.display_name, first.user.locale, first.user.capacity) == ("Оля 🌻", "uk", 1)
    again = await world.bot.call(USERS_ENTER, EnterUser(display_name="Olga", username="anna", locale="ru"), actor=actor)
    assert (again.is_new, again.user.id, again.user.locale) == (False, first.user.id, "uk")
    other = await world.bot.call(USERS_ENTER, EnterUser(display_name="Anna", username="olya"), actor="telegram:77")
    assert other.user.id != first.user.id, "a username moves nothing"
    row = await world.ledger.fetchrow("SELECT external_id, username FROM identities WHERE user_id = $1", first.user.id)
    assert tuple(row) == (str(number), "anna")


async def test_a_name_somebody_chose_stays_whatever_the_channel_calls_them(world: World) -> None:
    one, two = await world.person("Olga"), await world.person("Olga")
    chosen = await one.call(USERS_UPDATE_ME, UpdateMe(display_name="Olya of the hill"))
    await two.call(USERS_UPDATE_ME, UpdateMe(locale="uk"))
    for person, name in ((one, chosen.display_name), (two, "Olga 🌻")):
        entered = await world.bot.call(USERS_ENTER, EnterUser(display_name="Olga 🌻"), actor=person.actor)
        assert entered.user.display_name == name


async def test_only_what_is_named_changes(world: World) -> None:
    person = await world.person("Olga", locale="uk")
    changed = await person.call(USERS_UPDATE_ME, UpdateMe(phone="+995555000111"))
    assert (changed.phone, changed.display_name, changed.locale) == ("+995555000111", "Olga", "uk")
    assert (await person.call(USERS_UPDATE_ME, UpdateMe(locale="pt-BR"))).phone == "+995555000111"
    assert (await person.call(USERS_UPDATE_ME, UpdateMe(phone=None))).phone is None
    with pytest.raises(InvalidRequest):
        await person.call(USERS_UPDATE_ME, UpdateMe())


async def test_who_one_is_holds_live_memberships_and_active_demands_only(world: World) -> None:
    at = await seated(world)
    more = await world.demand(at.requester, at.scenario)
    mine = await at.requester.call(USERS_ME, GetMe())
    assert [(one.number, one.role) for one in mine.demands] == [(at.number, "requester"), (more.number, "requester")]
    assert [one.number for one in (await at.provider.call(USERS_ME, GetMe())).demands] == [at.number]
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    assert [one.number for one in (await at.requester.call(USERS_ME, GetMe())).demands] == [more.number]
    assert len((await at.provider.call(USERS_ME, GetMe())).memberships) == 1
    await world.operator.call(SCENARIOS_RETIRE, RetireScenario(id=at.scenario.id), actor=OPERATOR)
    assert (await at.provider.call(USERS_ME, GetMe())).memberships == []


async def test_a_token_makes_one_admin_once(world: World) -> None:
    one, two = await world.person(), await world.person()
    token = await issue_bootstrap_token(str(world.settings.postgres_url))
    assert (await one.call(USERS_BOOTSTRAP_ADMIN, BootstrapAdmin(token=token))).is_admin
    old = await issue_bootstrap_token(str(world.settings.postgres_url))
    await world.ledger.execute("UPDATE bootstrap_tokens SET expires_at = now() WHERE used_at IS NULL")
    for wrong in (token, old, "guess"):
        with pytest.raises(NotFound):
            await two.call(USERS_BOOTSTRAP_ADMIN, BootstrapAdmin(token=wrong))
    assert await world.ledger.fetchval("SELECT count(*) FROM users WHERE is_admin") == 1
    kept = await world.ledger.fetchval("SELECT string_agg(t::text, '') FROM bootstrap_tokens t")
    assert token not in kept


async def test_applying_is_told_to_those_who_decide_and_answered_to_who_applied(world: World) -> None:
    scenario = await world.scenario()
    applicant, admin = await world.person(), await world.person()
    await world.ledger.execute("UPDATE users SET is_admin = true WHERE id = $1", admin.user)
    applied = await applicant.call(MEMBERSHIPS_APPLY, ApplyMembership(scenario=scenario.id))
    assert applied.state is MembershipState.APPLIED
    assert words(await receive(admin)) == ["membership_applied"], "without a moderator the admins decide"
    moderator = await world.member(scenario, "moderator")
    await receive(moderator)
    for _ in range(2):
        with pytest.raises(AlreadyExists):
            await applicant.call(MEMBERSHIPS_APPLY, ApplyMembership(scenario=scenario.id))
    second = await world.person()
    await second.call(MEMBERSHIPS_APPLY, ApplyMembership(scenario=scenario.id))
    assert (words(await receive(moderator)), words(await receive(admin))) == (["membership_applied"], [])
    request = ApproveMembership(user=applicant.user, scenario=scenario.id)
    assert (await moderator.call(MEMBERSHIPS_APPROVE, request)).state is MembershipState.LIVE
    [told] = await receive(applicant)
    assert (told.notice, told.data["resource"]) == ("membership_approved", scenario.resource)
    for _ in range(2):
        with pytest.raises(NotFound):
            await moderator.call(MEMBERSHIPS_APPROVE, request)


async def test_nobody_joins_what_is_not_there(world: World) -> None:
    scenario, person = await world.scenario(), await world.person()
    await world.operator.call(SCENARIOS_RETIRE, RetireScenario(id=scenario.id), actor=OPERATOR)
    with pytest.raises(NotFound):
        await person.call(MEMBERSHIPS_APPLY, ApplyMembership(scenario=scenario.id))
    live = await world.scenario()
    for user, where in ((person.user, scenario.id), (live.id, live.id)):
        request = AssignMembership(user=user, scenario=where, kind=MembershipKind.PROVIDER)  # type: ignore[arg-type]
        with pytest.raises(NotFound):
            await world.operator.call(MEMBERSHIPS_ASSIGN, request, actor=OPERATOR)
    assigned = AssignMembership(user=person.user, scenario=live.id, kind=MembershipKind.PROVIDER, routing_factor=0)
    assert (await world.operator.call(MEMBERSHIPS_ASSIGN, assigned, actor=OPERATOR)).routing_factor == 0


async def test_figures_of_the_queues_are_those_of_the_ledger(world: World) -> None:
    at = await seated(world)
    await world.demand(await world.person(), at.scenario)
    ready = await world.bot.call(SYSTEM_READY, GetReady())
    assert (ready.demands_waiting, ready.demands_held, ready.deliveries_parked) == (1, 1, 0)
    assert ready.deliveries_owed == await world.ledger.fetchval(
        "SELECT count(*) FROM deliveries WHERE status = 'pending'"
    )
