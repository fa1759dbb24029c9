"""The table of rights itself, held against sentences of the design that no row may break."""

import pytest

from api.handlers import HANDLERS
from api.rights import RIGHTS, Relation, Row, allows, depends_on_object
from contracts.kinds import ActorRule, DemandStatus
from contracts.operations import BY_NAME

R = Relation
CHIEFS = {R.ADMIN, R.OPERATOR}
STAFF = CHIEFS | {R.MODERATOR}
ABOUT_A_DEMAND = ("demands.", "participants.", "messages.")
# These look for the demand themselves, or make it: there is none yet that the actor could be anything to.
ON_ONES_OWN = {"demands.create", "demands.search", "demands.count", "demands.next"}
CHANGES_SCENARIOS = {"scenarios.create", "scenarios.update", "scenarios.retire", "scenarios.restore"}
POWER_OVER_PEOPLE = {"users.ban", "users.unban", "users.set_admin"}
FOR_STAFF = {
    "users.search", "users.count", "users.get", "users.history", "users.unmask", "users.restrict", "users.unrestrict",
    "memberships.approve", "memberships.reject", "memberships.assign", "demands.assign", "demands.merge",
    "chats.bind", "chats.unbind", "chats.list", "reports.search", "reports.resolve", "participants.add", "participants.reset_declined", "messages.note",
}  # fmt: skip
OF_THE_SYSTEM = {"deliveries.search", "deliveries.retry", "audit.search", "facts.search", "facts.retry"}
# All that somebody who only could help may ask of a demand.
FOR_ONLOOKERS = {"demands.get", "demands.take", "demands.decline", "demands.report"}
WRITTEN = {"messages.send", "messages.react"}

# The whole table once more, by hand: a row widened in the product alone fails here. After a colon the statuses of the
# demand in which that counts, d(raft) w(aiting) h(eld) c(losed), or none where there is no demand to speak of. `staff` are
# admin, operator and moderator, `chiefs` the first two, `seats` requester, provider and seated.
PINNED = """
    users.enter nobody user
    users.enter_guest nobody
    users.resume nobody
    users.sign_up nobody user
    users.sign_in nobody
    users.sign_in_telegram nobody
    users.sign_out nobody user
    users.change_password user
    users.totp_start user
    users.totp_confirm user
    users.bootstrap_admin user
    users.me user
    users.update_me user
    users.link_start user
    users.link_finish user
    users.sessions user
    users.revoke_session user
    users.hide_history user
    users.export_me user
    users.erase_me user
    users.search staff
    users.count staff
    users.get staff
    users.history staff
    users.unmask staff
    users.ban chiefs
    users.unban chiefs
    users.restrict staff
    users.unrestrict staff
    users.set_admin chiefs
    users.set_capacity chiefs
    users.set_reachable nobody
    scenarios.search nobody user staff
    scenarios.count user staff
    scenarios.get user staff
    scenarios.create chiefs
    scenarios.update chiefs
    scenarios.retire chiefs
    scenarios.restore chiefs
    memberships.list user staff
    memberships.apply user
    memberships.approve staff
    memberships.reject staff
    memberships.assign staff
    memberships.unassign user staff
    memberships.update user staff
    chats.bind staff
    chats.unbind staff
    chats.migrate nobody
    chats.list staff
    demands.create user
    demands.submit requester:d
    demands.discard requester:d
    demands.update requester:dwh staff:wh
    demands.get seats staff:whc offered:w
    demands.search user staff
    demands.count user staff
    demands.next user
    demands.take member:w
    demands.assign staff:wh
    demands.decline provider:h member:wh
    demands.release requester:h
    demands.done provider:h
    demands.confirm requester:wh
    demands.set_urgency requester:wh staff:wh
    demands.close requester:wh provider:wh staff:wh
    demands.reopen requester:c staff:c
    demands.feedback requester:c
    demands.merge staff:wh
    demands.report seats:whc offered:w
    reports.search staff
    reports.resolve staff
    participants.get seats:whc staff:whc
    participants.list seats:whc staff:whc
    participants.add staff:wh
    participants.remove seated:whc staff:whc
    participants.reset_declined staff:whc
    participants.share_contact requester:wh provider:wh
    messages.send seats:wh admin:wh
    messages.edit author:whc
    messages.take_back author:whc
    messages.react seats:wh
    messages.search seats:whc staff:whc
    messages.read seats:whc
    messages.note staff:whc
    deliveries.begin nobody
    deliveries.settle nobody
    deliveries.locate nobody
    deliveries.search chiefs
    deliveries.retry chiefs
    facts.search chiefs
    facts.retry chiefs
    audit.search chiefs
    system.health nobody user chiefs
    system.ready nobody user chiefs
    system.answer user chiefs
"""
GROUPS = {"staff": STAFF, "chiefs": CHIEFS, "seats": {R.REQUESTER, R.PROVIDER, R.SEATED}}
STATUSES = {status.value[0]: status for status in DemandStatus}


def pinned(line: str) -> tuple[str, Row]:
    """The operation of a line, and its row."""
    name, *groups = line.split()
    row: Row = {}
    for group in groups:
        who, _, when = group.partition(":")
        statuses = frozenset(STATUSES[letter] for letter in when or STATUSES)
        row |= dict.fromkeys(GROUPS.get(who) or {R(who)}, statuses)
    return name, row


def test_the_table_is_what_was_agreed_on() -> None:
    agreed = dict(pinned(line) for line in PINNED.split("\n") if line.strip())
    assert RIGHTS.keys() == agreed.keys()
    for name, row in RIGHTS.items():
        assert row == agreed[name], name


def test_every_handler_has_a_row_and_every_row_an_operation() -> None:
    assert {name for name, _ in HANDLERS} == RIGHTS.keys()
    assert RIGHTS.keys() == {name for name, row in BY_NAME.items() if row.is_built}


@pytest.mark.parametrize("relation", list(Relation))
def test_what_is_not_in_the_table_is_nobodys(relation: Relation) -> None:
    for name in ("users.become_anybody", "", "demands", "demands.*"):
        assert not allows(name, {relation})
        assert not allows(name, set(Relation), DemandStatus.WAITING)
    assert not allows("demands.get", set())


def test_no_row_is_empty_and_none_is_for_everybody() -> None:
    for name, row in RIGHTS.items():
        assert row, name
        assert set(row) < set(Relation), name
        assert all(row.values()), name


def test_who_may_be_nobody_is_what_the_contract_says() -> None:
    for name, row in RIGHTS.items():
        if BY_NAME[name].is_built:
            assert (R.NOBODY in row) == (BY_NAME[name].actor is not ActorRule.REQUIRED), name


def test_a_demand_is_never_everybodys_business() -> None:
    for name, row in RIGHTS.items():
        if name.startswith(ABOUT_A_DEMAND) and name not in ON_ONES_OWN:
            assert not row.keys() & {R.NOBODY, R.USER}, name
            assert depends_on_object(name), name
            if name not in FOR_ONLOOKERS:
                assert not row.keys() & {R.MEMBER, R.OFFERED}, name


def test_a_draft_is_its_requesters_alone() -> None:
    for name, row in RIGHTS.items():
        if name.startswith(ABOUT_A_DEMAND) and name not in ON_ONES_OWN:
            others = {each for each, statuses in row.items() if DemandStatus.DRAFT in statuses} - {R.REQUESTER}
            # For those seated there is nothing to sit in; the right of the seats names every status for short.
            assert others <= {R.PROVIDER, R.SEATED}, name


def test_staff_work_is_for_staff() -> None:
    for name in FOR_STAFF:
        assert set(RIGHTS[name]) <= STAFF, name
    for name in CHANGES_SCENARIOS | POWER_OVER_PEOPLE | OF_THE_SYSTEM:
        assert set(RIGHTS[name]) <= CHIEFS, name


def test_nothing_is_written_to_a_closed_demand() -> None:
    for name in WRITTEN:
        assert all(DemandStatus.CLOSED not in statuses for statuses in RIGHTS[name].values()), name
    for name in ("demands.take", "demands.release", "demands.done", "demands.decline", "participants.share_contact"):
        assert not allows(name, set(Relation), DemandStatus.CLOSED), name


def test_an_operator_is_no_user_and_writes_to_nobody() -> None:
    for name in ("messages.send", "messages.edit", "messages.react", "demands.next", "demands.take", "users.me"):
        assert R.OPERATOR not in RIGHTS[name], name
