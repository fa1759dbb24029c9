"""Whoever asks one thing at a time finds a place, however many others ask for everything."""

from collections import Counter

import pytest

from api.admission import MOST_OF_ONE, Admission
from api.ledger import COLD_CONNECTIONS, COLD_OF_LANE

SLOTS = 256


def begun(admission: Admission, who: str, running: int) -> int:
    """How many calls `who` can begin when they are all asked at once."""
    many = 0
    while running + many < SLOTS and admission.admits(who, running + many):
        admission.count(who)
        many += 1
    return many


def test_one_person_alone_gets_so_many_and_no_more() -> None:
    assert begun(Admission(SLOTS), "a", 0) == MOST_OF_ONE


@pytest.mark.parametrize("wild", [8, 20, 40, 100, 200])
def test_a_crowd_that_asks_for_everything_leaves_places_for_those_who_ask_once(wild: int) -> None:
    admission, running = Admission(SLOTS), 0
    for _ in range(MOST_OF_ONE):  # again and again, as long as anybody gets in
        for number in range(wild):
            running += begun(admission, str(number), running)
    assert running < SLOTS - 1
    assert admission.admits("somebody else", running)
    assert not any(admission.admits(str(number), running) for number in range(wild))


def test_a_place_is_free_again_after_the_call() -> None:
    admission = Admission(SLOTS)
    many = begun(admission, "a", 0)
    with admission.under_way("a"):
        assert not admission.admits("a", many)
    assert admission.admits("a", many - 1)


def test_a_service_is_not_one_person() -> None:
    assert begun(Admission(SLOTS), "", 0) == SLOTS


def test_one_person_has_as_many_in_all_lanes_together() -> None:
    underway: Counter[str] = Counter()
    lanes = [Admission(slots, underway) for slots in (SLOTS, 32, 16)]
    assert sum(begun(lane, "a", 0) for lane in lanes) == MOST_OF_ONE < COLD_CONNECTIONS
    assert all(lane.admits("b", MOST_OF_ONE) for lane in lanes)


def test_calls_that_take_their_time_leave_connections_to_calls_for_help() -> None:
    assert sum(COLD_OF_LANE.values()) < COLD_CONNECTIONS


@pytest.mark.parametrize("slots", [16, 32])
def test_one_person_cannot_fill_a_small_lane(slots: int) -> None:
    admission = Admission(slots)
    running = begun(admission, "a", 0)
    assert running == min(MOST_OF_ONE, slots // 2)
    assert admission.admits("b", running)
