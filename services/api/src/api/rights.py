"""Who may do what: one table, and nothing is allowed that is not in it.

A row names, for one operation, what the actor has to be to the object, and in which states of a demand that counts. The
question is asked inside the transaction that acts, after its locks; `binding` rolls back a handler that never asked.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from contracts.kinds import DemandStatus


class Relation(StrEnum):
    """What an actor is to the object of a call."""

    NOBODY = "nobody"  # no actor: signing in, and the channel's own work
    USER = "user"  # anybody signed in; whatever they reach is their own
    ADMIN = "admin"
    OPERATOR = "operator"
    MODERATOR = "moderator"  # of the scenario concerned; of any of theirs, for a person
    REQUESTER = "requester"
    PROVIDER = "provider"  # holds the demand, or held it to its end
    SEATED = "seated"  # a moderator who joined the demand
    MEMBER = "member"  # a live provider of the demand's scenario
    OFFERED = "offered"  # a member whom the waiting demand could still be given to
    AUTHOR = "author"  # wrote the message


ANY_STATUS = frozenset(DemandStatus)
SUBMITTED = frozenset({DemandStatus.WAITING, DemandStatus.HELD, DemandStatus.CLOSED})
ACTIVE = frozenset({DemandStatus.WAITING, DemandStatus.HELD})
DRAFT = frozenset({DemandStatus.DRAFT})
WAITING = frozenset({DemandStatus.WAITING})
HELD = frozenset({DemandStatus.HELD})
CLOSED = frozenset({DemandStatus.CLOSED})

# Whoever is one of these may know that the demand exists; for everybody else it does not.
SEEING = frozenset({
    Relation.OPERATOR, Relation.ADMIN, Relation.MODERATOR, Relation.REQUESTER, Relation.PROVIDER, Relation.SEATED,
    Relation.OFFERED,
})  # fmt: skip

# What an actor is wherever they go; the rest depends on the object.
GLOBAL = frozenset({Relation.NOBODY, Relation.USER, Relation.ADMIN, Relation.OPERATOR})

Row = dict[Relation, frozenset[DemandStatus]]


def _row(*relations: Relation, status: frozenset[DemandStatus] = ANY_STATUS) -> Row:
    return dict.fromkeys(relations, status)


_NOBODY = _row(Relation.NOBODY)
_USER = _row(Relation.USER)
_CHIEFS = _row(Relation.ADMIN, Relation.OPERATOR)
_STAFF = _row(Relation.ADMIN, Relation.OPERATOR, Relation.MODERATOR)
_USER_AND_STAFF = _USER | _STAFF
_STAFF_OF_SUBMITTED = _row(Relation.ADMIN, Relation.OPERATOR, Relation.MODERATOR, status=SUBMITTED)
_STAFF_OF_ACTIVE = _row(Relation.ADMIN, Relation.OPERATOR, Relation.MODERATOR, status=ACTIVE)
_SEATS = (Relation.REQUESTER, Relation.PROVIDER, Relation.SEATED)

RIGHTS: Mapping[str, Row] = {
    "users.enter": _NOBODY | _USER,
    "users.enter_guest": _NOBODY,
    "users.resume": _NOBODY,
    "users.sign_up": _NOBODY | _USER,
    "users.sign_in": _NOBODY,
    "users.sign_in_telegram": _NOBODY,
    "users.sign_out": _NOBODY | _USER,  # signing out twice is signed out
    "users.change_password": _USER,
    "users.totp_start": _USER,
    "users.totp_confirm": _USER,
    "users.bootstrap_admin": _USER,
    "users.me": _USER,
    "users.update_me": _USER,
    "users.link_start": _USER,
    "users.link_finish": _USER,
    "users.sessions": _USER,
    "users.revoke_session": _USER,
    "users.hide_history": _USER,
    "users.export_me": _USER,
    "users.erase_me": _USER,
    "users.search": _STAFF,
    "users.count": _STAFF,
    "users.get": _STAFF,
    "users.history": _STAFF,
    "users.unmask": _STAFF,
    "users.ban": _CHIEFS,
    "users.unban": _CHIEFS,
    "users.restrict": _STAFF,
    "users.unrestrict": _STAFF,
    "users.set_admin": _CHIEFS,
    "users.set_capacity": _CHIEFS,
    "users.set_reachable": _NOBODY,
    "scenarios.search": _NOBODY | _USER_AND_STAFF,
    "scenarios.count": _USER_AND_STAFF,
    "scenarios.get": _USER_AND_STAFF,
    "scenarios.create": _CHIEFS,
    "scenarios.update": _CHIEFS,
    "scenarios.retire": _CHIEFS,
    "scenarios.restore": _CHIEFS,
    "memberships.list": _USER_AND_STAFF,
    "memberships.apply": _USER,
    "memberships.approve": _STAFF,
    "memberships.reject": _STAFF,
    "memberships.assign": _STAFF,
    "memberships.unassign": _USER_AND_STAFF,
    "memberships.update": _USER_AND_STAFF,
    "chats.bind": _STAFF,  # mirroring is a chief's to turn on; that is the handler's to look at
    "chats.unbind": _STAFF,
    "chats.migrate": _NOBODY,
    "chats.list": _STAFF,
    "demands.create": _USER,
    "demands.submit": _row(Relation.REQUESTER, status=DRAFT),
    "demands.discard": _row(Relation.REQUESTER, status=DRAFT),
    "demands.update": _row(Relation.REQUESTER, status=DRAFT | ACTIVE) | _STAFF_OF_ACTIVE,
    "demands.get": _row(*_SEATS) | _STAFF_OF_SUBMITTED | _row(Relation.OFFERED, status=WAITING),
    "demands.search": _USER_AND_STAFF,
    "demands.count": _USER_AND_STAFF,
    "demands.next": _USER,
    "demands.take": _row(Relation.MEMBER, status=WAITING),
    "demands.assign": _STAFF_OF_ACTIVE,
    "demands.decline": _row(Relation.PROVIDER, status=HELD) | _row(Relation.MEMBER, status=ACTIVE),
    "demands.release": _row(Relation.REQUESTER, status=HELD),
    "demands.done": _row(Relation.PROVIDER, status=HELD),
    "demands.confirm": _row(Relation.REQUESTER, status=ACTIVE),
    "demands.set_urgency": _row(Relation.REQUESTER, status=ACTIVE) | _STAFF_OF_ACTIVE,
    # A provider closes only where the scenario lets them; that is the handler's to look up.
    "demands.close": _row(Relation.REQUESTER, Relation.PROVIDER, status=ACTIVE) | _STAFF_OF_ACTIVE,
    "demands.reopen": _row(Relation.REQUESTER, Relation.ADMIN, Relation.OPERATOR, Relation.MODERATOR, status=CLOSED),
    "demands.feedback": _row(Relation.REQUESTER, status=CLOSED),
    "demands.merge": _STAFF_OF_ACTIVE,
    "demands.report": _row(*_SEATS, status=SUBMITTED) | _row(Relation.OFFERED, status=WAITING),
    "reports.search": _STAFF,
    "reports.resolve": _STAFF,
    "participants.get": _row(*_SEATS, status=SUBMITTED) | _STAFF_OF_SUBMITTED,
    "participants.list": _row(*_SEATS, status=SUBMITTED) | _STAFF_OF_SUBMITTED,
    "participants.add": _STAFF_OF_ACTIVE,
    # Somebody seated may leave, also when they are no moderator of the scenario any more.
    "participants.remove": _row(Relation.SEATED, status=SUBMITTED) | _STAFF_OF_SUBMITTED,
    "participants.reset_declined": _STAFF_OF_SUBMITTED,
    "participants.share_contact": _row(Relation.REQUESTER, Relation.PROVIDER, status=ACTIVE),
    "messages.send": _row(*_SEATS, Relation.ADMIN, status=ACTIVE),
    "messages.edit": _row(Relation.AUTHOR, status=SUBMITTED),
    "messages.take_back": _row(Relation.AUTHOR, status=SUBMITTED),
    "messages.react": _row(*_SEATS, status=ACTIVE),
    "messages.search": _row(*_SEATS, status=SUBMITTED) | _STAFF_OF_SUBMITTED,
    "messages.read": _row(*_SEATS, status=SUBMITTED),
    "messages.note": _STAFF_OF_SUBMITTED,
    "deliveries.begin": _NOBODY,
    "deliveries.settle": _NOBODY,
    "deliveries.locate": _NOBODY,
    "deliveries.search": _CHIEFS,
    "deliveries.retry": _CHIEFS,
    "audit.search": _CHIEFS,
    "facts.search": _CHIEFS,
    "facts.retry": _CHIEFS,
    "system.health": _NOBODY | _USER | _CHIEFS,
    "system.ready": _NOBODY | _USER | _CHIEFS,
    "system.answer": _USER | _CHIEFS,
}


def allows(operation: str, relations: Iterable[Relation], status: DemandStatus | None = None) -> bool:
    """Whether somebody who is all this to the object may do that while a demand has this status."""
    row = RIGHTS.get(operation, {})
    return any(status is None or status in row[relation] for relation in relations if relation in row)


def depends_on_object(operation: str) -> bool:
    """Whether what the actor is to the object decides, so that a handler has to look."""
    return not RIGHTS.get(operation, {}).keys() <= GLOBAL
