"""Which group shows which scenario: who decides, and what becomes of a group that goes away or moves."""

import json

import pytest

from contracts.chats import BindChat, ListChats, MigrateChat, UnbindChat
from contracts.demands import DeclineDemand
from contracts.failures import Forbidden, InvalidRequest, NotFound
from contracts.kinds import SendOutcome
from contracts.operations.demands import DEMANDS_DECLINE
from contracts.operations.scenarios import CHATS_BIND, CHATS_LIST, CHATS_MIGRATE, CHATS_UNBIND, SCENARIOS_RETIRE
from contracts.operations.users import USERS_SET_REACHABLE
from contracts.scenarios import RetireScenario
from contracts.users import SetReachable
from integration.api.chat_cases import begin_in, bound, card, new_group, place_of, shown_in
from integration.api.town import chat_of, seated, settle
from world import OPERATOR, Person, World


async def listed(person: Person, **wanted: object) -> list[tuple[str, str]]:
    page = await person.call(CHATS_LIST, ListChats(**wanted))  # type: ignore[arg-type]
    return [(chat.address, chat.place) for chat in page.items]


async def test_a_moderator_binds_a_group_of_their_own_scenario_and_changes_only_what_they_name(world: World) -> None:
    scenario, elsewhere = await world.scenario("Riverside"), await world.scenario("Hillside")
    moderator, address = await world.member(scenario, "moderator"), new_group()
    made = await moderator.call(CHATS_BIND, BindChat(scenario=scenario.id, address=address, title="Ours", locale="ru"))
    assert (made.title, made.locale, made.topics, made.group_grants_membership, made.is_reachable) == (
        "Ours", "ru", False, False, True
    )  # fmt: skip
    granted = BindChat(scenario=scenario.id, address=address, group_grants_membership=True)
    changed = await moderator.call(CHATS_BIND, granted)
    assert (changed.title, changed.locale, changed.group_grants_membership) == ("Ours", "ru", True)
    with pytest.raises(Forbidden):
        await moderator.call(CHATS_BIND, BindChat(scenario=elsewhere.id, address=address))
    with pytest.raises(Forbidden):
        await (await world.member(scenario)).call(CHATS_BIND, granted)


async def test_mirroring_is_an_admins_to_turn_on_and_a_moderators_to_turn_off(world: World) -> None:
    scenario, admin = await world.scenario(), await world.person()
    await world.ledger.execute("UPDATE users SET is_admin = true WHERE id = $1", admin.user)
    moderator = await world.member(scenario, "moderator")
    chat = await bound(world, scenario)
    on, off = (BindChat(scenario=scenario.id, address=chat.address, topics=topics) for topics in (True, False))
    with pytest.raises(Forbidden):
        await moderator.call(CHATS_BIND, on)
    assert (await admin.call(CHATS_BIND, on)).topics
    [row] = await world.ledger.fetch("SELECT detail FROM audit WHERE actor = $1", str(admin.user))
    assert json.loads(row["detail"])["topics"] is True
    assert not (await moderator.call(CHATS_BIND, off)).topics


async def test_a_persons_chat_is_no_group(world: World) -> None:
    person = await world.person()
    for address in (str(person.telegram_id), "-0", "-1x", "-", "-1\n"):
        with pytest.raises(InvalidRequest):
            await bound(world, await world.scenario(), address)


async def test_a_group_begins_with_what_goes_on_now(world: World) -> None:
    at = await seated(world)
    waiting = await world.demand(at.requester, at.scenario)
    first = await bound(world, at.scenario)
    assert sorted(card(one).number for one in await shown_in(world, first)) == sorted([at.number, waiting.number])
    second = await bound(world, at.scenario)
    assert len(await shown_in(world, second)) == 2
    await bound(world, at.scenario, first.address, title="Again")
    assert await shown_in(world, first) == [], "bound before, it has them"


async def test_what_is_unbound_is_shown_no_more(world: World) -> None:
    at = await seated(world)
    chat = await bound(world, at.scenario)
    await at.moderator.call(CHATS_UNBIND, UnbindChat(scenario=at.scenario.id, address=chat.address))
    assert await shown_in(world, chat) == []
    assert await world.ledger.fetchval("SELECT reason FROM deliveries WHERE kind = 'card'") == "no longer theirs"
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    assert await world.ledger.fetchval("SELECT count(*) FROM deliveries WHERE kind = 'card'") == 1
    with pytest.raises(NotFound):
        await at.moderator.call(CHATS_UNBIND, UnbindChat(scenario=at.scenario.id, address=chat.address))


async def test_cards_that_were_shown_say_that_they_are_none_any_more(world: World) -> None:
    at = await seated(world)
    chat = await bound(world, at.scenario)
    [shown] = await shown_in(world, chat)
    await at.moderator.call(CHATS_UNBIND, UnbindChat(scenario=at.scenario.id, address=chat.address))
    [last] = await shown_in(world, chat)
    assert (card(last).is_moved, [one.channel_message_id for one in last.targets]) == (True, [f"m-{shown.id}"])
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    assert await shown_in(world, chat) == []


async def test_a_scenario_out_of_use_is_bound_nowhere_new_and_still_let_go(world: World) -> None:
    scenario = await world.scenario()
    chat = await bound(world, scenario)
    await world.operator.call(SCENARIOS_RETIRE, RetireScenario(id=scenario.id), actor=OPERATOR)
    with pytest.raises(NotFound):
        await bound(world, scenario)
    unbind = UnbindChat(scenario=scenario.id, address=chat.address)
    await world.operator.call(CHATS_UNBIND, unbind, actor=OPERATOR)


async def test_everybody_lists_what_they_look_after(world: World) -> None:
    one, two = await world.scenario("Riverside"), await world.scenario("Hillside")
    shared, other = new_group(), new_group()
    await bound(world, one, shared)
    await bound(world, two, shared)
    await bound(world, two, other)
    moderator, provider = await world.member(one, "moderator"), await world.member(one)
    assert await listed(moderator) == await listed(moderator, address=shared) == [(shared, "Riverside")]
    assert await listed(moderator, address=other) == []
    with pytest.raises(Forbidden):
        await listed(moderator, scenario=two.id)
    with pytest.raises(Forbidden):
        await listed(provider)
    everything = await world.operator.call(CHATS_LIST, ListChats(), actor=OPERATOR)
    assert [chat.address for chat in everything.items] == [shared, shared, other]
    page = await world.operator.call(CHATS_LIST, ListChats(limit=1, offset=1), actor=OPERATOR)
    assert (page.items, page.more) == ([everything.items[1]], True)


async def reachable(world: World, address: str, *, is_reachable: bool) -> None:
    await world.bot.call(USERS_SET_REACHABLE, SetReachable(address=address, reachable=is_reachable))


async def test_a_group_that_sent_the_bot_away_catches_up_when_it_is_back(world: World) -> None:
    at = await seated(world)
    chat = await bound(world, at.scenario)
    [shown] = await shown_in(world, chat)
    await reachable(world, chat.address, is_reachable=False)
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    missed = await world.demand(at.requester, at.scenario)
    assert await shown_in(world, chat) == []
    [listed_now] = (await at.moderator.call(CHATS_LIST, ListChats())).items
    assert not listed_now.is_reachable
    await reachable(world, chat.address, is_reachable=True)
    edited, sent = await shown_in(world, chat)
    assert (card(edited).number, card(edited).status, len(edited.targets)) == (at.number, "waiting", 1)
    assert (card(sent).number, sent.targets) == (missed.number, [])
    assert edited.targets[0].channel_message_id == f"m-{shown.id}"


async def test_what_ended_while_the_bot_was_away_is_seen_to_be_over(world: World) -> None:
    at = await seated(world)
    chat = await bound(world, at.scenario)
    await shown_in(world, chat)
    await reachable(world, chat.address, is_reachable=False)
    await world.ledger.execute("SELECT end_demand_v1($1, NULL, 'inactive')", at.demand)
    await world.ledger.execute(
        "SELECT demand_fact_v1($1, 'closed', jsonb_build_object('scenario', $2::uuid), '')", at.demand, at.scenario.id
    )
    await reachable(world, chat.address, is_reachable=True)
    [over] = await shown_in(world, chat)
    assert card(over).close_reason == "inactive"


async def test_a_group_that_moves_takes_its_bindings_along_and_gets_new_cards(world: World) -> None:
    at = await seated(world)
    chat = await bound(world, at.scenario, locale="ru", group_grants_membership=True)
    await shown_in(world, chat)
    moved = MigrateChat(address=chat.address, moved_to=new_group())
    for _ in range(2):  # told by the old group, by the new one, and by a refusal
        await world.bot.call(CHATS_MIGRATE, moved)
    [now] = (await at.moderator.call(CHATS_LIST, ListChats())).items
    assert (now.address, now.locale, now.group_grants_membership) == (moved.moved_to, "ru", True)
    [again] = await shown_in(world, now)
    assert (again.address, again.targets, card(again).number) == (moved.moved_to, [], at.number)


async def test_a_group_bound_anew_before_anybody_said_that_it_moved_is_one(world: World) -> None:
    at = await seated(world)
    other = await world.scenario("Hillside")
    old, new = await bound(world, at.scenario), await bound(world, other)
    await bound(world, other, old.address)
    await world.bot.call(CHATS_MIGRATE, MigrateChat(address=old.address, moved_to=new.address))
    page = await world.operator.call(CHATS_LIST, ListChats(), actor=OPERATOR)
    assert sorted((chat.address, chat.place) for chat in page.items) == [
        (new.address, "Hillside"),
        (new.address, "Riverside"),
    ]
    assert [card(one).number for one in await shown_in(world, new)] == [at.number]
    assert await shown_in(world, old) == []


async def test_telegrams_refusal_moves_a_group_as_well(world: World) -> None:
    at = await seated(world)
    chat, address = await bound(world, at.scenario), new_group()
    place = await place_of(world, chat)
    first = await begin_in(world, place)
    assert first is not None
    await settle(world, first, SendOutcome.LATER, migrated_to=address, reason="migrated")
    again = await begin_in(world, place)
    assert again is not None
    assert (again.address, again.targets) == (address, [])


async def test_nobody_loses_a_chat_of_their_own_to_a_group(world: World) -> None:
    person = await world.person()
    await world.bot.call(CHATS_MIGRATE, MigrateChat(address="-17", moved_to="-18"))
    assert await chat_of(person) is not None
    assert await world.ledger.fetchval("SELECT count(*) FROM destinations") == 1
