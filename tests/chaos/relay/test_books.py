"""The checker itself: books that agree, and each way in which they may not."""

from dataclasses import replace

from chaos.relay.books import Arrival, Line, Owed, Said, judge

HEADING = "Needs help: AB2CD · №4F7K"
SAID = [Said(f"[t0-r-{n}]", author=1, reader=2, place=n) for n in range(3)]
LINES = [Line("t0", n + 1, one.mark, 1) for n, one in enumerate(SAID)]
OWED = [Owed(one.mark, 2, "sent", f"REF{n}", 0) for n, one in enumerate(SAID)]
SEEN = [Arrival(n, 10.0 + n, 2, f"{HEADING}\n{one.mark}") for n, one in enumerate(SAID)]


def again(one: int, number: int, at: float, reference: str = "") -> Arrival:
    flag = f" · may be a repeat · {reference}" if reference else ""
    return Arrival(number, at, 2, f"{HEADING}{flag}\n{SAID[one].mark}")


def test_books_that_agree_are_all_right() -> None:
    assert judge(SAID, LINES, OWED, SEEN, []).wrong == []


def test_a_message_the_ledger_never_kept_or_kept_twice_or_made_up() -> None:
    assert judge(SAID, LINES[1:], OWED[1:], SEEN[1:], []).wrong == [
        "[t0-r-0] is in the ledger 0 times", "[t0-r-0] is owed 0 times",
    ]  # fmt: skip
    doubled = [*LINES, replace(LINES[2], seq=4)]
    assert "[t0-r-2] is in the ledger 2 times" in judge(SAID, doubled, OWED, SEEN, []).wrong
    assert "[t0-r-2] is in the ledger and was never said" in judge(SAID[:2], LINES, OWED, SEEN, []).wrong
    theirs = [replace(LINES[0], author=9), *LINES[1:]]
    assert judge(SAID, theirs, OWED, SEEN, []).wrong == ["[t0-r-0] is 9's in the ledger and was said by 1"]


def test_a_ledger_that_keeps_another_order_than_was_said() -> None:
    turned = [replace(LINES[0], seq=2), replace(LINES[1], seq=1), LINES[2]]
    wrong = judge(SAID, turned, OWED, SEEN, []).wrong
    assert "[t0-r-1] is before [t0-r-0] in the ledger and was said after it" in wrong


def test_what_ended_badly_or_not_at_all() -> None:
    waiting = [replace(OWED[0], status="pending"), *OWED[1:]]
    assert judge(SAID, LINES, waiting, SEEN, []).wrong == ["[t0-r-0] ended as pending"]
    assert judge(SAID, LINES, OWED, SEEN[1:], []).wrong == ["[t0-r-0] counts as sent and never arrived"]
    doubted = [replace(OWED[0], status="parked", doubts=5), *OWED[1:]]
    assert judge(SAID, LINES, doubted, SEEN, []).wrong == []
    assert judge(SAID, LINES, [replace(doubted[0], doubts=1), *OWED[1:]], SEEN, []).wrong == [
        "[t0-r-0] ended as parked"
    ]


def test_words_for_somebody_else() -> None:
    astray = [*SEEN, Arrival(9, 20.0, 3, f"{HEADING}\n{SAID[0].mark}")]
    assert judge(SAID, LINES, OWED, astray, []).wrong == ["[t0-r-0] was shown to 3, who is not its reader"]
    spread = [*OWED, replace(OWED[0], chat=3)]
    wrong = judge(SAID, LINES, spread, SEEN, []).wrong
    assert "[t0-r-0] is owed to 3, who is not its reader" in wrong
    assert "[t0-r-0] is owed 2 times" in wrong


def test_an_order_turned_round_on_the_screen() -> None:
    turned = [replace(SEEN[0], number=5), *SEEN[1:]]
    assert judge(SAID, LINES, OWED, turned, []).wrong == ["[t0-r-1] was shown before [t0-r-0]"]


def test_a_repeat_needs_a_doubt_and_a_flag() -> None:
    unsure = [replace(SEEN[0], unanswered=True), *SEEN[1:]]
    verdict = judge(SAID, LINES, OWED, [*unsure, again(0, 7, 20.0, "REF0")], [])
    assert (verdict.wrong, verdict.repeats) == ([], 1)
    assert judge(SAID, LINES, OWED, [*SEEN, again(0, 7, 20.0, "REF0")], [15.0]).wrong == []
    assert judge(SAID, LINES, OWED, [*SEEN, again(0, 7, 20.0, "REF0")], [25.0]).wrong == [
        "[t0-r-0] came again without any doubt about the first"
    ]
    assert judge(SAID, LINES, OWED, [*unsure, again(0, 7, 20.0)], []).wrong == [
        "[t0-r-0] came again under the reference '', not 'REF0'"
    ]
    twice = [*unsure, again(0, 7, 20.0, "REF0"), again(0, 8, 21.0, "REF0")]
    assert judge(SAID, LINES, OWED, twice, []).wrong == ["[t0-r-0] came again without any doubt about the first"]


def test_a_flag_without_a_reason() -> None:
    flagged = [again(0, 0, 10.0, "REF0"), *SEEN[1:]]
    assert judge(SAID, LINES, OWED, flagged, []).wrong == [
        "[t0-r-0] says that it may be a repeat and nothing had gone wrong"
    ]
    assert judge(SAID, LINES, OWED, flagged, [5.0]).wrong == []
