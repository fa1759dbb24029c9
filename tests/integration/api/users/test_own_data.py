"""What people say of themselves, take along, hide and have forgotten."""

import asyncio
from typing import Any

import pytest

from chaos.api.crowd import outcome
from chaos.api.test_sends import WAITING, held_still
from contracts.demands import CloseDemand, DeclineDemand, TakeDemand
from contracts.failures import Banned, InvalidRequest, LastAdmin, NotSignedIn
from contracts.kinds import DeliveryKind
from contracts.messages import SendMessage
from contracts.operations.demands import (
    DEMANDS_CLOSE,
    DEMANDS_DECLINE,
    DEMANDS_TAKE,
    PARTICIPANTS_LIST,
)
from contracts.operations.messages import MESSAGES_SEND
from contracts.operations.users import (
    USERS_BAN,
    USERS_ENTER,
    USERS_ERASE_ME,
    USERS_EXPORT_ME,
    USERS_HIDE_HISTORY,
    USERS_ME,
    USERS_UPDATE_ME,
)
from contracts.own_data import EraseMe, ExportItem, ExportMe, HideHistory
from contracts.participants import ListParticipants
from contracts.people import BanUser
from contracts.users import EnterUser, GetMe, UpdateMe
from integration.api.town import begin, receive, seated, settle, words
from world import OPERATOR, Person, World, until

ERASE = EraseMe(confirm="erase")


async def test_quiet_hours_and_time_zone_are_kept_as_named(world: World) -> None:
    person = await world.person()
    request = UpdateMe(time_zone="Europe/Kyiv", quiet_from=1320, quiet_to=420)
    me = await person.call(USERS_UPDATE_ME, request)
    assert (me.time_zone, me.quiet_from, me.quiet_to) == ("Europe/Kyiv", 1320, 420)
    me = await person.call(USERS_UPDATE_ME, UpdateMe(quiet_from=None, quiet_to=None))
    assert (me.time_zone, me.quiet_from, me.quiet_to) == ("Europe/Kyiv", None, None)
    assert (await person.call(USERS_UPDATE_ME, UpdateMe(time_zone=None))).time_zone is None
    for bad in (
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": "EST5EDT,M3"},
        {"quiet_from": 5},
        {"quiet_to": None},
        {"quiet_from": 5, "quiet_to": None},
        {"quiet_from": 5, "quiet_to": 5},
    ):
        with pytest.raises(InvalidRequest):
            await person.call(USERS_UPDATE_ME, UpdateMe(**bad))
    assert (await person.call(USERS_ME, GetMe())).user == me.__class__(**{**_fields(me), "time_zone": None})


def _fields(struct: Any) -> dict[str, Any]:
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


async def test_a_chosen_alias_is_seen_in_new_seats_where_it_is_free(world: World) -> None:
    at = await seated(world)
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    helper, twin = await world.member(at.scenario), await world.member(at.scenario)
    for person in (helper, twin):
        assert (await person.call(USERS_UPDATE_ME, UpdateMe(alias="  Соловей   17 "))).alias == "Соловей 17"
    seen = []
    for person in (helper, twin):
        await person.call(DEMANDS_TAKE, TakeDemand(demand=at.demand))
        listed = await at.requester.call(PARTICIPANTS_LIST, ListParticipants(demand=at.demand))
        seen += [one.alias for one in listed.items if one.role == "provider"]
        await person.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    assert seen[0] == "Соловей 17"
    assert seen[1] not in {"Соловей 17", ""}, "somebody else had it there before"
    await world.bot.call(USERS_ENTER, EnterUser(display_name="x", username="NightOwl"), actor=helper.actor)
    with pytest.raises(InvalidRequest):
        await helper.call(USERS_UPDATE_ME, UpdateMe(alias="nightowl"))


async def test_hiding_owes_the_deletion_of_what_closed_demands_showed_once(world: World) -> None:
    at, open_one = await seated(world), await seated(world)
    await world.assign(at.provider, open_one.scenario)
    await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="one"))
    shown = words(await receive(at.provider))
    assert shown == ["membership_changed", "you_took_it", "membership_changed", "one"]
    hidden = await at.provider.call(USERS_HIDE_HISTORY, HideHistory())
    assert (hidden.count, hidden.too_old) == (0, 0), "nothing is over yet"
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    assert words(await receive(at.provider)) == ["closed"]
    await world.ledger.execute(
        "UPDATE deliveries SET settled_at = now() - interval '49 h' WHERE notice = 'you_took_it' AND status = 'sent'"
    )
    hidden = await at.provider.call(USERS_HIDE_HISTORY, HideHistory())
    assert (hidden.count, hidden.too_old) == (2, 1)
    hidden = await at.provider.call(USERS_HIDE_HISTORY, HideHistory())
    assert (hidden.count, hidden.too_old) == (0, 1), "each once"
    rows = await world.ledger.fetch(
        """SELECT d.kind, coalesce(o.notice, m.text) AS what, d.expires_at = o.settled_at + interval '48 h' AS in_time
           FROM deliveries d JOIN deliveries o ON o.id = d.deletes LEFT JOIN messages m ON m.id = o.message_id
           WHERE d.kind = 'delete' ORDER BY d.position"""
    )
    assert [tuple(row) for row in rows] == [("delete", "one", True), ("delete", "closed", True)]
    assert await world.ledger.fetchval("SELECT count(*) FROM messages WHERE text = 'one'") == 1, "the ledger keeps it"
    for _ in rows:
        delivery = await begin(at.provider)
        assert delivery is not None
        assert delivery.kind == DeliveryKind.DELETE
        await settle(world, delivery)
    assert await begin(at.provider) is None


async def exported(person: Person) -> list[ExportItem]:
    items: list[ExportItem] = []
    cursor = None
    while True:
        page = await person.call(USERS_EXPORT_ME, ExportMe(cursor=cursor))
        items += page.items
        cursor = page.next
        if cursor is None:
            return items


async def test_an_export_holds_everything_of_oneself_and_nothing_of_others(world: World) -> None:
    at = await seated(world)
    await at.provider.call(USERS_UPDATE_ME, UpdateMe(phone="+995555000111", alias="Lark"))
    own = await world.demand(at.provider, at.scenario, "My own need")
    await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="theirs"))
    await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="mine"))
    items = await exported(at.provider)
    kinds = [item.kind for item in items]
    assert kinds == ["profile", "identity", "membership", "demand", "demand", "message"]
    assert (items[0].data["phone"], items[0].data["alias"]) == ("+995555000111", "Lark")
    assert items[1].data["external_id"] == str(at.provider.telegram_id)
    assert [(item.data["id"], item.data["description"]) for item in items if item.kind == "demand"] == [
        (str(at.demand), None),
        (str(own.id), "My own need"),
    ]
    assert items[-1].data["text"] == "mine"
    for bad in ("nonsense", "message", "secret:", "profile:\n"):
        with pytest.raises(InvalidRequest):
            await at.provider.call(USERS_EXPORT_ME, ExportMe(cursor=bad))


async def test_a_long_export_comes_in_pages_each_item_once(world: World) -> None:
    at = await seated(world)
    text = "я" * 4000
    await world.ledger.execute(
        """WITH line AS (UPDATE conversations SET last_seq = last_seq + 450 WHERE demand_id = $1 RETURNING last_seq)
           INSERT INTO messages (demand_id, seq, kind, author_id, author_role, alias, text)
           SELECT $1, last_seq - 450 + n, 'message', $2, 'provider', 'x', $3 || n FROM line, generate_series(1, 450) n""",
        at.demand, at.provider.user, text,
    )  # fmt: skip
    sizes, cursor, said = [], None, []
    while True:
        reply = await at.provider.call(USERS_EXPORT_ME, ExportMe(cursor=cursor))
        sizes.append(sum(len(str(item.data).encode()) for item in reply.items))
        said += [item.data["text"] for item in reply.items if item.kind == "message"]
        cursor = reply.next
        if cursor is None:
            break
    assert len(sizes) > 3
    assert max(sizes) < 512 * 1024
    assert sorted(said) == sorted(f"{text}{n}" for n in range(1, 451))


async def test_those_concerned_hear_that_it_is_over_and_nothing_unsaid_comes_late(world: World) -> None:
    at = await seated(world)
    helper = await world.member(at.scenario)
    own = await world.demand(at.provider, at.scenario)
    await helper.call(DEMANDS_TAKE, TakeDemand(demand=own.id))
    await receive(helper)
    await receive(at.requester)
    await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="never arrives"))
    await at.provider.call(USERS_ERASE_ME, ERASE)
    [told] = await receive(helper)
    assert (told.notice, told.data["reason"], told.data["by"]) == ("closed", "cancelled", "requester")
    assert words(await receive(at.requester)) == ["looking_for_another"]


async def test_who_comes_back_is_somebody_new_unless_they_were_banned(world: World) -> None:
    one, two = await world.person(), await world.person()
    for person in (one, two):
        await person.call(USERS_ERASE_ME, ERASE)
    await world.operator.call(USERS_BAN, BanUser(user=two.user, reason="found out later"), actor=OPERATOR)
    anew = await world.bot.call(USERS_ENTER, EnterUser(display_name="New"), actor=one.actor)
    assert anew.is_new
    assert anew.user.id != one.user
    before = await world.ledger.fetchval("SELECT count(*) FROM users")
    for _ in range(2):
        with pytest.raises(Banned):
            await world.bot.call(USERS_ENTER, EnterUser(display_name="New"), actor=two.actor)
    assert await world.ledger.fetchval("SELECT count(*) FROM users") == before
    digests = await world.ledger.fetch("SELECT digest FROM erased_identities")
    assert {len(row["digest"]) for row in digests} == {32}


async def test_a_call_for_help_on_its_way_while_its_author_is_forgotten_reaches_nobody(world: World) -> None:
    person, scenario = await world.person(), await world.scenario()
    async with asyncio.TaskGroup() as group, held_still(world, "SELECT forget_person_v1($1)", person.user):
        coming = group.create_task(outcome(world.demand(person, scenario)))
        await until(lambda: world.ledger.fetchval(WAITING, 1))
    assert isinstance(coming.result(), NotSignedIn)
    assert await world.ledger.fetchval("SELECT count(*) FROM demands") == 0


async def test_the_last_admin_is_not_forgotten(world: World) -> None:
    one, two = await world.person(), await world.person()
    await world.ledger.execute("UPDATE users SET is_admin = true")
    await one.call(USERS_ERASE_ME, ERASE)
    with pytest.raises(LastAdmin):
        await two.call(USERS_ERASE_ME, ERASE)
    assert (await two.call(USERS_ME, GetMe())).user.is_admin
