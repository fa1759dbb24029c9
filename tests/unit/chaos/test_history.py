"""The judge of histories lets good ones pass and none that could not have happened."""

import itertools
import math
import random

import pytest

from chaos.history import UNKNOWN, Call, State, after, impossible, is_linearizable

GOOD = {
    "nothing": [],
    "one after another": [("a", "claim", 0, 1, "ok"), ("a", "hand_back", 2, 3, "was_held"), ("b", "claim", 4, 5, "ok")],
    "overlapping, the answer shows the order": [
        ("a", "claim", 0, 9, "ok"),
        ("b", "claim", 0, 9, "AlreadyTaken"),
        ("c", "claim", 0, 9, "AlreadyTaken"),
    ],
    "a later beginning, an earlier effect": [
        ("a", "claim", 0, 10, "ok"),
        ("b", "claim", 1, 10, "ok"),
        ("b", "hand_back", 1, 10, "was_held"),
    ],
    "an unknown that must have happened": [
        ("a", "claim", 0, math.inf, UNKNOWN),
        ("b", "claim", 5, 6, "AlreadyTaken"),
    ],
    "an unknown that must not have happened": [
        ("a", "claim", 0, math.inf, UNKNOWN),
        ("b", "claim", 5, 6, "ok"),
        ("b", "hand_back", 7, 8, "was_held"),
        ("c", "claim", 9, 10, "ok"),
    ],
    "an unknown that happened long after": [
        ("a", "hand_back", 0, math.inf, UNKNOWN),
        ("a", "claim", 1, 2, "ok"),
        ("b", "claim", 3, 4, "AlreadyTaken"),
        ("b", "claim", 5, 6, "ok"),
    ],
    "no to an offered one": [("a", "hand_back", 0, 1, "was_not_held"), ("a", "claim", 2, 3, "AlreadyDeclined")],
    "closed for good": [
        ("r", "close", 0, 5, "ok"),
        ("a", "claim", 0, 5, "ok"),
        ("a", "hand_back", 6, 7, "AlreadyClosed"),
    ],
    "somebody else please": [
        ("a", "claim", 0, 1, "ok"),
        ("r", "release", 2, 3, "ok"),
        ("r", "release", 4, 5, "WrongStatus"),
        ("a", "claim", 6, 7, "AlreadyDeclined"),
        ("b", "claim", 8, 9, "ok"),
    ],
}
BAD = {
    "two at once": [("a", "claim", 0, 1, "ok"), ("b", "claim", 0, 1, "ok")],
    "two at once, one unknown give-back too late": [
        ("a", "claim", 0, 1, "ok"),
        ("b", "claim", 2, 3, "ok"),
        ("a", "hand_back", 4, 5, UNKNOWN),
    ],
    "given again to who declined": [
        ("a", "claim", 0, 1, "ok"),
        ("a", "hand_back", 2, 3, "was_held"),
        ("a", "claim", 4, 5, "ok"),
    ],
    "taken, says a stale reader": [
        ("a", "claim", 0, 1, "ok"),
        ("a", "hand_back", 2, 3, "was_held"),
        ("b", "claim", 4, 5, "AlreadyTaken"),
    ],
    "an answered claim that is gone": [("a", "claim", 0, 1, "ok"), ("a", "hand_back", 2, 3, "was_not_held")],
    "alive after its end": [("r", "close", 0, 1, "ok"), ("a", "claim", 2, 3, "ok")],
    "closed twice": [("r", "close", 0, 5, "ok"), ("m", "close", 0, 5, "ok")],
    "declined, nobody did": [("a", "claim", 0, 1, "AlreadyDeclined")],
    "released by nobody's doing": [("a", "claim", 0, 1, "ok"), ("r", "release", 2, 3, "WrongStatus")],
}


def calls(story: list[tuple[str, str, float, float, str]], demand: str = "d") -> list[Call]:
    return [Call(who, what, demand, began, ended, answer) for who, what, began, ended, answer in story]


@pytest.mark.parametrize("name", GOOD)
def test_what_may_have_happened_passes(name: str):
    assert is_linearizable(calls(GOOD[name]))


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_have_happened_is_found(name: str):
    assert not is_linearizable(calls(BAD[name]))


def test_the_last_look_counts():
    held = [*calls(GOOD["closed for good"]), Call("ledger", "see", "d", 20, 21, "closed")]
    assert is_linearizable(held)
    assert not is_linearizable([*held[:-1], Call("ledger", "see", "d", 20, 21, "held", "a")])
    assert not is_linearizable([*calls([("a", "claim", 0, 1, "ok")]), Call("ledger", "see", "d", 2, 3, "held", "b")])


def test_each_demand_is_judged_by_itself():
    found = impossible([*calls(GOOD["one after another"], "good"), *calls(BAD["two at once"], "bad")])
    assert set(found) == {"bad"}
    assert len(found["bad"]) == 2


def test_an_answer_the_model_does_not_know_is_no_pass():
    with pytest.raises(ValueError, match="knows nothing"):
        is_linearizable(calls([("a", "claim", 0, 1, "Internal")]))


def by_trying_every_order(story: list[Call]) -> bool:
    """The same judgement by the longest way: every choice of what unknowns did, in every order."""
    unknown = [place for place, call in enumerate(story) if call.answer == UNKNOWN]
    for happened in itertools.product((False, True), repeat=len(unknown)):
        left_out = {place for place, did in zip(unknown, happened, strict=True) if not did}
        kept = [call for place, call in enumerate(story) if place not in left_out]
        for order in itertools.permutations(kept):
            if any(later.ended < earlier.began for earlier, later in itertools.combinations(order, 2)):
                continue
            state: State | None = State()
            for call in order:
                answer = "ok" if call.answer == UNKNOWN else call.answer
                state = after(state, Call(call.who, call.what, "d", 0, 0, answer))
                if state is None:
                    break
            if state is not None:
                return True
    return False


def test_it_judges_two_thousand_small_histories_as_every_order_does():
    chance, verdicts = random.Random(3), {True: 0, False: 0}  # noqa: S311
    answers = {
        "claim": ["ok", "ok", "ok", "AlreadyTaken", "AlreadyDeclined", UNKNOWN],
        "hand_back": ["was_held", "was_held", "was_not_held"],
        "close": ["ok", "AlreadyClosed", UNKNOWN],
        "release": ["ok", "WrongStatus", UNKNOWN],
    }
    for _ in range(2000):
        story = []
        for _ in range(chance.randint(2, 5)):
            what = chance.choice(["claim", "claim", "hand_back", "close", "release"])
            answer, began = chance.choice(answers[what]), chance.uniform(0, 8)
            ended = math.inf if answer == UNKNOWN else began + chance.uniform(0, 4)
            story.append(Call(chance.choice("ab"), what, "d", began, ended, answer))
        verdict = is_linearizable(story)
        assert verdict == by_trying_every_order(story), story
        verdicts[verdict] += 1
    assert min(verdicts.values()) > 200, verdicts
