"""Everybody an api can be asked by, what each of them is to a demand, and words of theirs that must not travel."""

import itertools
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from api.rights import Relation
from api.sessions import Sessions
from contracts import wire
from contracts.kinds import DemandStatus
from contracts.operations.users import USERS_ENTER
from contracts.scenarios import Scenario
from contracts.users import EnterUser
from world import Person, World

R = Relation
WAITING, HELD, CLOSED, DRAFT = DemandStatus.WAITING, DemandStatus.HELD, DemandStatus.CLOSED, DemandStatus.DRAFT

# What each is to the scenario, and to a submitted demand of it. Written down from the design, not asked of the product.
TO_SCENARIO: dict[str, frozenset[Relation]] = {
    "unknown": frozenset(),  # a telegram account nobody has seen
    "banned": frozenset(),  # a moderator of the scenario, banned
    "stranger": frozenset(),
    "applicant": frozenset(),
    "requester": frozenset(),
    "provider": frozenset({R.MEMBER}),
    "member": frozenset({R.MEMBER}),
    "member elsewhere": frozenset(),
    "declined": frozenset({R.MEMBER}),
    "former provider": frozenset(),  # held it, declined, and is no member any more
    "moderator": frozenset({R.MODERATOR}),
    "moderator elsewhere": frozenset(),
    "seated": frozenset(),  # joined as a moderator, and is none any more
    "seated moderator": frozenset({R.MODERATOR}),
    "former seated": frozenset(),  # joined, left, and is no moderator any more
    "admin": frozenset(),
    "operator": frozenset(),
}
WHO = tuple(TO_SCENARIO)
UNHEARD = frozenset({"unknown", "banned"})
MODERATORS = frozenset({"moderator", "seated moderator", "moderator elsewhere"})
# Nobody of these has anything to do with the demand, whatever its status; these beside them may not read what was said.
OUTSIDERS = frozenset({"unknown", "banned", "stranger", "applicant", "member elsewhere", "former provider",
                       "moderator elsewhere", "former seated"})  # fmt: skip
NO_READERS = OUTSIDERS | {"member", "declined"}
STAFF = frozenset({"moderator", "seated moderator", "admin", "operator"})
SEES_SHARED_PHONE = STAFF | {"requester", "provider", "seated"}


def everywhere(who: str) -> frozenset[Relation]:
    """What somebody is wherever they go."""
    if who == "operator":
        return frozenset({R.OPERATOR})
    return frozenset({R.USER, R.ADMIN} if who == "admin" else {R.USER})


def to_demand(who: str, status: DemandStatus) -> frozenset[Relation]:
    """What somebody is to the staged demand with this status; of a draft only its requester knows."""
    if status is DRAFT:
        return everywhere(who) | {R.REQUESTER} if who == "requester" else frozenset()
    found = everywhere(who) | TO_SCENARIO[who]
    if who == "requester":
        found |= {R.REQUESTER}
    if who in {"seated", "seated moderator"}:
        found |= {R.SEATED}
    if who == "provider" and status in {HELD, CLOSED}:
        found |= {R.PROVIDER}
    if status is WAITING and who in {"member", "provider"}:
        found |= {R.OFFERED}
    return found


@dataclass(frozen=True)
class Canaries:
    """One person's own words; none of them may turn up in an answer to somebody else without a reason."""

    name: str
    handle: str
    telegram: str
    phone: str
    user: str


@dataclass
class Cast:
    """The people of one ledger; `petitioner` wants to become a provider, `regular` is one, and neither ever asks anything.

    All of them are providers of `club`, where nobody needs anything; `other` is a second demand of the requester.
    """

    world: World
    sessions: Sessions
    scenario: Scenario
    elsewhere: Scenario
    club: Scenario
    people: dict[str, Person]
    canaries: dict[str, Canaries]
    other: Any = None

    def __getitem__(self, who: str) -> Person:
        return self.people[who]

    async def session(self, who: str) -> str:
        """The actor of a new session of theirs, in the store the api looks into."""
        token, _ = await self.sessions.open(self[who].user, "")
        return wire.session_actor(token)


_phones = itertools.count(1_000_001)
_numbers = itertools.count(700_000_000_000 + int.from_bytes(os.urandom(3), "big") * 1000)


SUBJECTS = ("petitioner", "regular")


async def cast_in(world: World, sessions: Sessions) -> Cast:
    """Everybody with a name, a handle, a phone and a place in two scenarios."""
    scenario = await world.scenario("Riverside", provider_may_close=True)
    elsewhere = await world.scenario("Hillside")
    cast = Cast(world, sessions, scenario, elsewhere, await world.scenario("Club"), {}, {})
    for who in (*WHO, *SUBJECTS):
        if who not in {"unknown", "operator"}:
            await _enter(cast, who)
    for who, kind, where in (
        ("provider", "provider", scenario), ("member", "provider", scenario), ("declined", "provider", scenario),
        ("former provider", "provider", scenario), ("moderator", "moderator", scenario),
        ("seated", "moderator", scenario), ("seated moderator", "moderator", scenario),
        ("former seated", "moderator", scenario), ("banned", "moderator", scenario),
        ("member elsewhere", "provider", elsewhere), ("moderator elsewhere", "moderator", elsewhere),
    ):  # fmt: skip
        await world.assign(cast[who], where, kind)
    await apply_again(cast, "applicant")
    await let(cast, FLEETING, "removed")
    cast.other = (await world.demand(cast["requester"], scenario)).id
    await world.ledger.execute("UPDATE users SET is_admin = true WHERE id = $1", cast["admin"].user)
    await world.ledger.execute("UPDATE users SET banned_at = now() WHERE id = $1", cast["banned"].user)
    return cast


async def _enter(cast: Cast, who: str) -> None:
    number, phone, word = next(_numbers), f"+99555{next(_phones)}", uuid4().hex[:8]
    canaries = Canaries(f"Canary {who} {word}", f"canary_{word}", str(number), phone, "")
    request = EnterUser(display_name=canaries.name, username=canaries.handle, locale="en")
    me = await cast.world.bot.call(USERS_ENTER, request, actor=f"telegram:{number}")
    cast.people[who] = Person(cast.world, number, me.user.id)
    cast.canaries[who] = Canaries(canaries.name, canaries.handle, str(number), phone, str(me.user.id))
    await cast.world.ledger.execute("UPDATE users SET phone = $1, capacity = 100000 WHERE id = $2", phone, me.user.id)


async def apply_again(cast: Cast, who: str) -> None:
    """Let somebody have applied to the scenario and nobody have answered."""
    await _place(cast, [who], cast.scenario, "applied")


async def _place(cast: Cast, people: Iterable[str], scenario: Scenario, state: str) -> None:
    await cast.world.ledger.execute(
        """INSERT INTO memberships AS m (user_id, scenario_id, kind, state)
           SELECT who, $2, 'provider', $3 FROM unnest($1::uuid[]) AS who
           ON CONFLICT (user_id, kind, scenario_id) DO UPDATE SET state = $3""",
        [cast[one].user for one in people], scenario.id, state,
    )  # fmt: skip


async def put_back(cast: Cast) -> None:
    """Everybody whom somebody may have done something to is again what they were."""
    await apply_again(cast, "petitioner")
    await _place(cast, ["regular"], cast.scenario, "live")
    await _place(cast, cast.people, cast.club, "live")
    await cast.world.ledger.execute(PUT_BACK, [cast[one].user for one in SUBJECTS], cast["banned"].user)


# Somebody banned is restricted, too, so that there is something to lift.
PUT_BACK = """
    UPDATE users SET is_admin = false, capacity = 100000, banned_at = CASE WHEN id = $2 THEN now() END,
      restricted_until = CASE WHEN id = $2 THEN timestamptz 'infinity' END
    WHERE id = ANY ($1::uuid[]) OR id = $2
"""


# Members for as long as it takes to put a demand on the stage.
FLEETING = ("former provider", "seated", "former seated")


async def let(cast: Cast, who: tuple[str, ...], state: str) -> None:
    """Set the memberships of these people in the scenario to a state."""
    await cast.world.ledger.execute(
        "UPDATE memberships SET state = $3 WHERE user_id = ANY ($1::uuid[]) AND scenario_id = $2",
        [cast[one].user for one in who], cast.scenario.id, state,
    )  # fmt: skip


def leaks(cast: Cast, viewer: str, body: str, shows: frozenset[str] = frozenset()) -> list[str]:
    """Whose what is in an answer to the viewer and has no business there; `shows` is what staff ask for it for."""
    found = []
    for whose, words in cast.canaries.items():
        if whose == viewer:
            continue
        for kind in ("name", "handle", "telegram", "phone", "user"):
            if getattr(words, kind) not in body or (kind in shows and viewer in STAFF):
                continue
            if kind == "user" and viewer in STAFF:
                continue
            if kind == "phone" and whose == "requester" and viewer in SEES_SHARED_PHONE:
                continue
            found.append(f"{kind} of {whose}")
    for kind, text, blind in (
        ("the demand", DESCRIPTION, OUTSIDERS), ("a message", SAID, NO_READERS), ("a note", NOTE, set(WHO) - STAFF)
    ):  # fmt: skip
        if text in body and viewer in blind:
            found.append(kind)
    return found


DESCRIPTION, SAID, NOTE = "Canary of what is needed", "Canary of what was said", "Canary of a note"


@dataclass
class Stage:
    """One demand of the cast with a given status, and things to do something to. `me` is whoever is asking."""

    cast: Cast
    status: DemandStatus
    demand: Any
    number: str
    message: Any
    spare: Any  # a scenario nobody is in
    retired: Any  # one that is retired
    chat: Any  # the destination of the provider's own chat
    note: Any = None
    version: int = 1
    delivery: Any = None
    report: Any = None
    person: Any = None  # whom staff look at
    me: str = ""

    def user(self, who: str) -> Any:
        return self.cast[who].user
