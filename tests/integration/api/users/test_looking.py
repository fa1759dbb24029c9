"""Whom staff find, what they see of them, and what is hidden."""

from typing import Any

import pytest

from contracts import wire
from contracts.demands import CloseDemand, DeclineDemand
from contracts.failures import Forbidden, NotFound
from contracts.kinds import Channel
from contracts.memberships import ApplyMembership
from contracts.operations.demands import DEMANDS_CLOSE, DEMANDS_DECLINE
from contracts.operations.scenarios import MEMBERSHIPS_APPLY
from contracts.operations.users import (
    USERS_BAN,
    USERS_COUNT,
    USERS_ENTER,
    USERS_GET,
    USERS_HISTORY,
    USERS_RESTRICT,
    USERS_SEARCH,
    USERS_UNMASK,
    USERS_UPDATE_ME,
)
from contracts.people import BanUser, CountUsers, GetHistory, GetUser, RestrictUser, SearchUsers, UnmaskUser
from contracts.users import EnterUser, UpdateMe
from integration.api.town import seated
from world import OPERATOR, Person, World


async def found(world: World, looks: Person | None = None, **filters: Any) -> list[str]:
    """The names a search finds; the count has to agree with the pages."""
    caller, actor = (world.operator, OPERATOR) if looks is None else (world.bot, looks.actor)
    names: list[str] = []
    while True:
        page = await caller.call(USERS_SEARCH, SearchUsers(**filters, limit=2, offset=len(names)), actor=actor)
        names += [line.display_name for line in page.items]
        if not page.more:
            break
    count = await caller.call(USERS_COUNT, CountUsers(**filters), actor=actor)
    assert count.count == len(names)
    return names


async def test_people_are_found_by_the_beginnings_of_all_words(world: World) -> None:
    for name, handle in (("Алёна Ковальчук", "lark_17"), ("Olga Smith", "smithy"), ("100%", None), ("Ли", None)):
        number = (await world.person(name)).telegram_id
        await world.bot.call(USERS_ENTER, EnterUser(display_name=name, username=handle), actor=f"telegram:{number}")
    assert await found(world) == ["Алёна Ковальчук", "Olga Smith", "100%", "Ли"]
    for query, names in {
        "алена": ["Алёна Ковальчук"],
        "АЛЁ ков": ["Алёна Ковальчук"],
        "@lark_17": ["Алёна Ковальчук"],
        "olga smithy": ["Olga Smith"],
        "olga lark": [],
        "mith": [],
        "%": [],
        "100": ["100%"],
        "ли": ["Ли"],
        "???": [],
    }.items():
        assert await found(world, query=query) == names, query


async def test_a_changed_name_or_username_is_found_at_once_and_the_old_one_no_more(world: World) -> None:
    person = await world.person("Olga")
    await world.bot.call(USERS_ENTER, EnterUser(display_name="Olga", username="nightingale"), actor=person.actor)
    assert await found(world, query="nightingale") == ["Olga"]
    await person.call(USERS_UPDATE_ME, UpdateMe(display_name="Anna"))
    assert (await found(world, query="olga"), await found(world, query="anna")) == ([], ["Anna"])
    await world.bot.call(USERS_ENTER, EnterUser(display_name="Anna", username="lark"), actor=person.actor)
    assert (await found(world, query="nightingale"), await found(world, query="lark")) == ([], ["Anna"])


async def test_filters_narrow_the_search(world: World) -> None:
    one, two = await world.scenario(), await world.scenario()
    await world.member(one, "provider", "p1")
    await world.member(one, "moderator", "m1")
    await world.member(two, "provider", "p2")
    admin, banned, limited = await world.person("a"), await world.person("b"), await world.person("r")
    await world.ledger.execute("UPDATE users SET is_admin = true WHERE id = $1", admin.user)
    await world.operator.call(USERS_BAN, BanUser(user=banned.user, reason="x"), actor=OPERATOR)
    await world.operator.call(USERS_RESTRICT, RestrictUser(user=limited.user, reason="x"), actor=OPERATOR)
    assert await found(world, scenario=one.id) == ["p1", "m1"]
    assert await found(world, kind="moderator") == ["m1"]
    assert await found(world, scenario=two.id, kind="provider") == ["p2"]
    assert await found(world, is_admin=True) == ["a"]
    assert await found(world, banned=True) == ["b"]
    assert await found(world, restricted=True) == ["r"]
    assert await found(world, restricted=False, banned=False, is_admin=False) == ["p1", "m1", "p2"]


async def test_a_moderator_finds_the_people_of_their_scenarios_and_nobody_else(world: World) -> None:
    at, elsewhere = await seated(world), await seated(world)
    applicant, declined = await world.person("Applicant"), await world.member(elsewhere.scenario, "provider", "Both")
    await applicant.call(MEMBERSHIPS_APPLY, ApplyMembership(scenario=at.scenario.id))
    await world.assign(declined, at.scenario)
    assert await found(world, at.moderator) == ["Requester", "Helper", "Moderator", "Applicant", "Both"]
    assert await found(world, at.moderator, scenario=elsewhere.scenario.id) == []
    assert await found(world, at.moderator, kind="provider") == ["Helper", "Both"]
    for person, seen in ((at.requester, True), (applicant, True), (elsewhere.requester, False)):
        for row, request in (
            (USERS_GET, GetUser(user=person.user)),
            (USERS_HISTORY, GetHistory(user=person.user)),
        ):
            if seen:
                await at.moderator.call(row, request)
            else:
                with pytest.raises(NotFound):
                    await at.moderator.call(row, request)
    for stranger in (at.requester, at.provider, applicant):
        for row, request in (
            (USERS_SEARCH, SearchUsers()),
            (USERS_COUNT, CountUsers()),
            (USERS_GET, GetUser(user=at.requester.user)),
            (USERS_GET, GetUser(user=at.scenario.id)),  # type: ignore[arg-type]
            (USERS_HISTORY, GetHistory(user=stranger.user)),
        ):
            with pytest.raises(Forbidden):
                await stranger.call(row, request)
    view = await at.moderator.call(USERS_GET, GetUser(user=declined.user))
    assert [one.scenario for one in view.memberships] == [at.scenario.id], "what they are elsewhere is hidden"


async def test_how_to_reach_somebody_is_seen_behind_the_mask_only(world: World) -> None:
    at = await seated(world)
    await world.bot.call(
        USERS_ENTER, EnterUser(display_name="Requester", username="nightingale"), actor=at.requester.actor
    )
    await at.requester.call(USERS_UPDATE_ME, UpdateMe(phone="+995555000111"))
    secrets = (str(at.requester.telegram_id), "nightingale", "995555000111")
    for row, request in (
        (USERS_SEARCH, SearchUsers()),
        (USERS_GET, GetUser(user=at.requester.user)),
        (USERS_HISTORY, GetHistory(user=at.requester.user)),
    ):
        for caller, actor in ((world.operator, OPERATOR), (world.bot, at.moderator.actor)):
            reply = wire.encode(await caller.call(row, request, actor=actor)).decode()
            assert not [secret for secret in secrets if secret in reply], row.name
    view = await at.moderator.call(USERS_GET, GetUser(user=at.requester.user))
    assert [(one.channel, one.reachable) for one in view.identities] == [(Channel.TELEGRAM, True)]
    request = UnmaskUser(user=at.requester.user, reason="a threat")
    seen = await world.operator.call(USERS_UNMASK, request, actor=OPERATOR)
    assert (seen.phone, seen.identities[0].external_id, seen.identities[0].username) == (
        "+995555000111", str(at.requester.telegram_id), "nightingale",
    )  # fmt: skip


async def test_history_tells_what_somebody_did_and_what_was_decided(world: World) -> None:
    at = await seated(world)
    own = await world.demand(at.provider, at.scenario)
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    await at.provider.call(DEMANDS_CLOSE, CloseDemand(demand=own.id, reason="cancelled"))
    other = await seated(world)
    await world.assign(at.provider, other.scenario)
    await world.demand(at.provider, other.scenario, "What moderators of another scenario may not see")
    await world.operator.call(USERS_BAN, BanUser(user=other.requester.user, reason="somebody else's"), actor=OPERATOR)
    for reason in ("late", "rude"):
        request = RestrictUser(user=at.provider.user, reason=reason)
        await world.operator.call(USERS_RESTRICT, request, actor=OPERATOR)
    story = await at.moderator.call(USERS_HISTORY, GetHistory(user=at.provider.user))
    assert [(line.demand, line.role, line.declined_at is not None, line.close_reason) for line in story.demands] == [
        (own.id, "requester", False, "cancelled"),
        (at.demand, "provider", True, None),
    ]
    decided = [("users.restrict", "rude", None), ("users.restrict", "late", None), ("memberships.assign", "", None)]
    assert [(one.operation, one.reason, one.actor) for one in story.decisions] == decided
    story = await world.operator.call(USERS_HISTORY, GetHistory(user=at.provider.user, limit=1), actor=OPERATOR)
    assert (len(story.demands), story.more) == (1, True)
    assert [one.operation for one in story.decisions].count("memberships.assign") == 2
    assert {one.actor for one in story.decisions} == {OPERATOR}
    with pytest.raises(NotFound):
        await world.operator.call(USERS_HISTORY, GetHistory(user=own.id), actor=OPERATOR)  # type: ignore[arg-type]
