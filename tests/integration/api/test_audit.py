"""What staff do is on record: every operation of theirs leaves a row, and admins find it again."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from api.rights import RIGHTS, Relation
from contracts.failures import Forbidden, InvalidRequest, NotFound
from contracts.kinds import Writes
from contracts.operations import OPERATIONS
from contracts.operations.system import AUDIT_SEARCH
from contracts.operations.users import USERS_BAN, USERS_BOOTSTRAP_ADMIN, USERS_SET_CAPACITY, USERS_UNBAN, USERS_UNMASK
from contracts.people import AuditPage, BanUser, SearchAudit, SetCapacity, UnbanUser, UnmaskUser
from contracts.users import BootstrapAdmin
from integration.api.staff_cases import AS_STAFF
from integration.api.test_keys import KEPT
from world import OPERATOR, World

CASES = {**KEPT, **AS_STAFF}
STAFF = {Relation.MODERATOR, Relation.ADMIN, Relation.OPERATOR}
# Staff write and read there like everybody who sits in a demand: it is not a right over others.
LIKE_ANYBODY = {"messages.send", "messages.search"}
ACTS = sorted(
    row.name
    for row in OPERATIONS
    if row.is_built and row.writes is not Writes.NO and STAFF & RIGHTS[row.name].keys() and row.name not in LIKE_ANYBODY
)


@pytest.mark.parametrize("name", [name for name in ACTS if name != "users.unmask"])
async def test_what_staff_do_leaves_a_row(world: World, name: str) -> None:
    case = await CASES[name](world)
    before = await world.ledger.fetchval("SELECT coalesce(max(id), 0) FROM audit")
    await case.ask()
    rows = await world.ledger.fetch("SELECT actor, operation FROM audit WHERE id > $1", before)
    expected = case.actor
    if expected.startswith("telegram:"):
        expected = str(
            await world.ledger.fetchval(
                "SELECT user_id FROM identities WHERE external_id = $1", expected.removeprefix("telegram:")
            )
        )
    assert [tuple(row) for row in rows] == [(expected, name)]


async def test_who_looks_behind_the_mask_is_on_record_with_the_reason_and_not_with_what_they_saw(world: World) -> None:
    person = await world.person()
    request = UnmaskUser(user=person.user, reason="a threat, case 12")
    for _ in range(2):
        seen = await world.operator.call(USERS_UNMASK, request, actor=OPERATOR)
        assert [one.external_id for one in seen.identities] == [str(person.telegram_id)]
    rows = await world.ledger.fetch(
        "SELECT actor, subject_id, detail::text FROM audit WHERE operation = 'users.unmask'"
    )
    assert [tuple(row) for row in rows] == [(OPERATOR, person.user, '{"reason": "a threat, case 12"}')] * 2
    kept = await world.ledger.fetchval("SELECT count(*) FROM idempotency WHERE operation = 'users.unmask'")
    assert kept == 0, "what was seen is kept nowhere"


async def test_a_refused_act_leaves_no_row(world: World) -> None:
    person = await world.person()
    with pytest.raises(Forbidden):
        await person.call(USERS_SET_CAPACITY, SetCapacity(user=person.user, capacity=9))
    with pytest.raises(NotFound):
        await person.call(USERS_BOOTSTRAP_ADMIN, BootstrapAdmin(token="x"))
    assert await world.ledger.fetchval("SELECT count(*) FROM audit") == 0


async def test_the_record_is_searched_by_who_what_whom_and_when(world: World) -> None:
    one, two = await world.person(), await world.person()
    for person in (one, two):
        await world.operator.call(USERS_BAN, BanUser(user=person.user, reason="x"), actor=OPERATOR)
    await world.operator.call(USERS_UNBAN, UnbanUser(user=one.user), actor="operator:anna")

    async def found(**filters: object) -> list[tuple[str, object]]:
        page = await world.operator.call(AUDIT_SEARCH, SearchAudit(**filters), actor=OPERATOR)  # type: ignore[arg-type]
        assert isinstance(page, AuditPage)
        return [(line.operation, line.subject) for line in page.items]

    everything = [("users.unban", one.user), ("users.ban", two.user), ("users.ban", one.user)]
    assert await found() == everything
    assert await found(actor="operator:anna") == everything[:1]
    assert await found(operation="users.ban") == everything[1:]
    assert await found(subject=one.user) == [everything[0], everything[2]]
    assert await found(limit=1, offset=1) == everything[1:2]
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert await found(since=later) == []
    assert await found(before=later) == everything
    far = datetime.max.replace(tzinfo=timezone(timedelta(hours=-12)))
    for bad in (datetime(2026, 1, 1), far):  # noqa: DTZ001 - the fault looked for
        for field in ("since", "before"):
            with pytest.raises(InvalidRequest):
                await found(**{field: bad})


def test_the_record_is_for_admins_and_operators_at_a_desk() -> None:
    assert {caller.value for caller in AUDIT_SEARCH.callers} == {"web", "operator"}
    assert RIGHTS["audit.search"].keys() == {Relation.ADMIN, Relation.OPERATOR}
