"""What was asked and answered, by the clock, and whether it could all have happened one after another.

The check is that of Wing and Gong, with the memory of Lowe: search for an order of the calls that keeps to their times
and to the rules of a demand. Each demand is searched by itself, which is as good as all together. A call whose outcome
nobody knows may have happened at any time after it was made, or never.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

WAITING, CLOSED = "waiting", "closed"
UNKNOWN = "unknown"


class State(NamedTuple):
    """A demand as the model has it: waiting, closed, or held by somebody; and who may never hold it again."""

    status: str = WAITING
    holder: str | None = None
    declined: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Call:
    """One call about one demand, in seconds of one monotonic clock; `ended` is infinite when no answer came.

    `what` is claim, hand_back, release, close or see; `answer` is `ok`, the name of a refusal, `unknown`, or, for see, the
    status that was seen, with the holder in `seen`.
    """

    who: str
    what: str
    demand: str
    began: float
    ended: float = math.inf
    answer: str = UNKNOWN
    seen: str | None = None


def after(state: State, call: Call) -> State | None:  # noqa: C901, PLR0911 - a table of moves, a line each
    """The demand after a call that was answered so, or None where it could not have been."""
    status, holder, declined = state
    who = call.who
    match call.what, call.answer:
        case "claim", "ok":
            return State("held", who, declined) if status == WAITING and who not in declined else None
        case "claim", "AlreadyTaken":
            return state if status == "held" else None
        case "claim", "AlreadyDeclined":
            return state if who in declined and status != CLOSED else None
        case "hand_back", "was_held":
            return State(WAITING, None, declined | {who}) if holder == who else None
        case "hand_back", "was_not_held":
            return State(status, holder, declined | {who}) if holder != who and status != CLOSED else None
        case "release", "ok":
            return State(WAITING, None, declined | {holder}) if holder is not None else None
        case "release", "WrongStatus":
            return state if status == WAITING else None
        case "close", "ok":
            return State(CLOSED) if status != CLOSED else None
        case _, "AlreadyClosed":
            return state if status == CLOSED else None
        case "see", _:
            return state if status == call.answer and holder == call.seen else None
    raise ValueError(f"the model knows nothing of {call.what} answered {call.answer}")


def effects(state: State, call: Call) -> list[State]:
    """What a call without an answer may have made of the demand, if it was carried out at all."""
    answers = {"claim": ["ok"], "hand_back": ["was_held", "was_not_held"], "release": ["ok"], "close": ["ok"]}
    tried = (
        Call(call.who, call.what, call.demand, call.began, call.ended, answer) for answer in answers.get(call.what, [])
    )
    return [new for each in tried if (new := after(state, each)) is not None]


def is_linearizable(calls: Iterable[Call]) -> bool:
    """Whether calls about one demand, which waits at first, fit some order that nobody's clock contradicts."""
    ordered = sorted(calls, key=lambda call: call.began)
    answered = sum(1 << place for place, call in enumerate(ordered) if call.answer != UNKNOWN)
    seen: set[tuple[int, State]] = set()
    ahead = [(0, State())]
    while ahead:
        done, state = ahead.pop()
        if done & answered == answered:
            return True
        if (done, state) in seen:
            continue
        seen.add((done, state))
        # Whoever began after somebody's answer came, came after them.
        left = [place for place in range(len(ordered)) if not done >> place & 1]
        first_answer = min(ordered[place].ended for place in left)
        possible = [place for place in left if ordered[place].began <= first_answer]
        # What changes nothing and may come now comes now: no order is lost, and many refused at once are no many orders.
        idle = [
            place for place in possible if ordered[place].answer != UNKNOWN and after(state, ordered[place]) == state
        ]
        if idle:
            ahead.append((done | sum(1 << place for place in idle), state))
            continue
        for place in possible:
            call = ordered[place]
            if call.answer == UNKNOWN:
                ahead += [(done | 1 << place, new) for new in effects(state, call)]
            elif (new := after(state, call)) is not None:
                ahead.append((done | 1 << place, new))
    return False


def impossible(calls: Iterable[Call]) -> dict[str, list[Call]]:
    """The demands whose calls fit no order, with those calls; empty when all is well."""
    by_demand: defaultdict[str, list[Call]] = defaultdict(list)
    for call in calls:
        by_demand[call.demand].append(call)
    return {
        demand: sorted(theirs, key=lambda call: call.began)
        for demand, theirs in by_demand.items()
        if not is_linearizable(theirs)
    }
