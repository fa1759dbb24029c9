"""The counter of the demo must see what a bug in relay, delivery or claim would do to a day."""

from dataclasses import replace

import pytest

from mutual_aid.demo.count import Due, Hold, Sent, count, mark, marked

REQUESTER, FIRST, SECOND = 100, 201, 202


def due(chat: int, message: int, author: int, text: str) -> Due:
    return Due(chat, 7, message, author, f"{mark(7, message)} {text}")


DUE = [
    due(FIRST, 0, REQUESTER, "a <b>boat</b> & a rope"),
    due(REQUESTER, 1, FIRST, "hello"),
    due(SECOND, 0, REQUESTER, "a <b>boat</b> & a rope"),
    due(SECOND, 1, FIRST, "hello"),
    due(REQUESTER, 2, SECOND, "I am coming"),
    due(REQUESTER, 3, SECOND, "in ten minutes"),
    due(SECOND, 4, REQUESTER, "спасибо 🙏"),
]
HOLDS = [Hold(7, FIRST, declined_at=2), Hold(7, SECOND)]


def journal() -> list[Sent]:
    """A day on which all went well."""
    return [Sent(at, one.chat, f"Somebody · №4F7K\n{one.text}") for at, one in enumerate(DUE, start=1)]


def test_a_good_day() -> None:
    verdict = count(journal(), DUE, HOLDS)
    assert verdict.good
    assert str(verdict) == "lost 0, doubled 0, out of order 0, flagged repeats 0"


@pytest.mark.parametrize("gone", range(len(DUE)))
def test_one_entry_dropped_is_one_lost(gone: int) -> None:
    sent = journal()
    del sent[gone]
    verdict = count(sent, DUE, HOLDS)
    assert len(verdict.lost) == 1
    assert not verdict.good


@pytest.mark.parametrize("twice", range(len(DUE)))
def test_one_entry_repeated_is_one_doubled(twice: int) -> None:
    sent = journal()
    verdict = count([*sent, replace(sent[twice], number=99)], DUE, HOLDS)
    assert (len(verdict.lost), len(verdict.doubled), verdict.flagged) == (0, 1, 0)


def test_a_repeat_that_says_so_is_flagged_and_nothing_worse() -> None:
    sent = journal()
    again = Sent(99, sent[4].chat, f"Helper BNZZR · №4F7K · may be a repeat · 0F3A\n{DUE[4].text}")
    verdict = count([*sent, again], DUE, HOLDS)
    assert verdict.good
    assert verdict.flagged == 1


def test_the_word_repeat_in_what_somebody_wrote_excuses_nothing() -> None:
    wrote = replace(DUE[4], text=f"{mark(7, 2)} I may be a repeat · 0F3A")
    day = [*DUE[:4], wrote, *DUE[5:]]
    sent = [Sent(at, one.chat, f"Helper · №4F7K\n{one.text}") for at, one in enumerate(day, start=1)]
    verdict = count([*sent, replace(sent[4], number=99)], day, HOLDS)
    assert (len(verdict.doubled), verdict.flagged) == (1, 0)


def test_two_entries_swapped_are_out_of_order() -> None:
    sent = journal()
    sent[4], sent[5] = replace(sent[4], number=6), replace(sent[5], number=5)
    verdict = count(sent, DUE, HOLDS)
    assert len(verdict.out_of_order) == 1
    assert not verdict.lost
    assert not verdict.doubled


def test_messages_of_different_authors_may_cross() -> None:
    sent = journal()
    sent[5], sent[6] = replace(sent[5], number=7), replace(sent[6], number=6)
    assert count(sent, DUE, HOLDS).good


def test_other_words_are_lost_words() -> None:
    sent = journal()
    sent[0] = replace(sent[0], text=sent[0].text.replace("&", "&amp;"))
    assert len(count(sent, DUE, HOLDS).lost) == 1


def test_a_message_to_somebody_it_was_not_for_is_one_too_many() -> None:
    verdict = count([*journal(), Sent(99, 999, f"Helper · №4F7K\n{DUE[4].text}")], DUE, HOLDS)
    assert len(verdict.doubled) == 1


def test_a_demand_shown_to_a_third_who_was_not_given_it_is_one_too_many() -> None:
    verdict = count([*journal(), Sent(99, 999, f"You are helping now\n{DUE[0].text}")], DUE, HOLDS)
    assert len(verdict.doubled) == 1


def test_a_requester_may_see_their_own_words_again() -> None:
    assert count([*journal(), Sent(99, REQUESTER, f"Received: {DUE[0].text}")], DUE, HOLDS).good


def test_two_hold_it_at_once() -> None:
    never_declined = [Hold(7, FIRST), Hold(7, SECOND)]
    assert len(count(journal(), DUE, never_declined).doubled) == 1
    declined_too_late = [Hold(7, FIRST, declined_at=3), Hold(7, SECOND)]
    assert len(count(journal(), DUE, declined_too_late).doubled) == 1


def test_marks_are_found_again() -> None:
    assert marked(f"Helper · №4F7K\n{mark(12, 3)} words") == (12, 3)
    assert marked(f"You are helping\n\n{mark(12)} words") == (12, 0)
    assert marked("№4F7K [d] [dx-m1]") is None
