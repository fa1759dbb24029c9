"""Who a call is made for: the `Actor` header, taken at its word only as far as the caller may speak for such people."""

import re
from dataclasses import dataclass

from contracts.failures import Forbidden, InvalidRequest, NotSignedIn
from contracts.kinds import ActorRule, Caller, Channel

TELEGRAM = re.compile(r"telegram:([1-9][0-9]{0,15})")
OPERATOR = re.compile(r"operator:([A-Za-z0-9_.-]{1,64})")
SESSION = re.compile(r"session:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Person:
    """An identity in a channel; whether it is a user, and a welcome one, only the ledger knows."""

    channel: Channel
    external_id: str


@dataclass(frozen=True, slots=True)
class Operator:
    """Whoever runs the installation: an admin's rights, no user, audited by name."""

    name: str


@dataclass(frozen=True, slots=True)
class SessionHolder:
    """Whoever holds the token with this SHA-256 in hex; whether that is a session, only the store of sessions knows."""

    digest: str


Actor = Person | Operator | SessionHolder


def actor_of(header: str | None, caller: Caller, rule: ActorRule) -> Actor | None:
    """The actor a header names.

    Raises `NotSignedIn` when one is required and missing, `Forbidden` when the caller may not speak for such an
    actor, `InvalidRequest` when the header is none.
    """
    if rule is ActorRule.NONE:
        if header is not None:
            raise InvalidRequest(problem="this operation has no actor")
        return None
    if header is None:
        if rule is ActorRule.REQUIRED:
            raise NotSignedIn
        return None
    for speaker, form in ((Caller.TELEGRAM, TELEGRAM), (Caller.OPERATOR, OPERATOR), (Caller.WEB, SESSION)):
        if named := form.fullmatch(header):
            if caller is not speaker:
                raise Forbidden
            return _actor(speaker, named[1])
    raise InvalidRequest(problem="the Actor header names nobody")


def _actor(speaker: Caller, name: str) -> Actor:
    if speaker is Caller.TELEGRAM:
        return Person(Channel.TELEGRAM, name)
    if speaker is Caller.OPERATOR:
        return Operator(name)
    return SessionHolder(name)
