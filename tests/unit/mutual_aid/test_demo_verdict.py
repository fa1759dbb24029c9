"""The ledger is the second book of the demo: what it lacks or has too often is a fault of the day too."""

import io
from collections import Counter

from rich.console import Console

from mutual_aid.demo import summary
from mutual_aid.demo.count import Due, Hold, Sent, Verdict, mark
from mutual_aid.demo.crowd import Chat, Crowd
from mutual_aid.demo.day import Day
from mutual_aid.demo.ledger import Ledger
from mutual_aid.demo.rows import Row
from mutual_aid.demo.story import Story, Written
from mutual_aid.demo.verdict import judge, judge_ledger
from telegram_simulator import Person, Simulator
from telegram_simulator.answers import PersonFacts

SIMULATOR = Simulator("http://127.0.0.1:1")  # never asked


def chat(number: int) -> Chat:
    return Chat(Person(SIMULATOR, PersonFacts(id=number, first_name="Somebody")))


def day() -> Day:
    requester, first, second = chat(1), chat(2), chat(3)
    row = Row(1, "Harbour", "Food", "bread")
    story = Story(row, requester)
    story.written = [
        Written(0, requester, f"{mark(1)} bread", 10),
        Written(1, first, f"{mark(1, 1)} hello", 11),
        Written(2, second, f"{mark(1, 2)} hello", 12),
    ]
    story.holds = [Hold(1, first.id, declined_at=2), Hold(1, second.id)]
    story.due = [
        Due(first.id, 1, 0, 1, story.written[0].text),
        Due(requester.id, 1, 1, 2, story.written[1].text),
        Due(second.id, 1, 0, 1, story.written[0].text),
        Due(second.id, 1, 1, 2, story.written[1].text),
        Due(requester.id, 1, 2, 3, story.written[2].text),
    ]
    story.over.set()
    return Day([row], stories={1: story})


def ledger() -> Ledger:
    messages = Counter({(1, 1): 1, (1, 2): 1})
    return Ledger(demands=Counter({1: 1}), closed={1}, claims=2, declines=1, messages=messages)


def judged(kept: Ledger) -> Verdict:
    verdict = Verdict()
    judge_ledger(verdict, day(), kept)
    return verdict


def test_a_ledger_that_agrees() -> None:
    assert judged(ledger()).good


def test_what_the_ledger_lacks_is_lost() -> None:
    gone = ledger()
    gone.demands.clear()
    gone.closed.clear()
    gone.messages.pop((1, 2))
    gone.declines = 0
    assert len(judged(gone).lost) == 3
    still_open = ledger()
    still_open.closed.clear()
    assert judged(still_open).lost == ["[d1] was not closed"]


def test_what_the_ledger_has_too_often_is_doubled() -> None:
    twice = ledger()
    twice.demands[1] = 2
    twice.messages[1, 1] = 2
    twice.claims = 3
    assert len(judged(twice).doubled) == 3


def test_an_unfinished_story_is_lost_and_the_last_line_says_so() -> None:
    found = day()
    found.unfinished.append("row 1: nobody came")
    crowd = Crowd(SIMULATOR)
    crowd.sent = [Sent(at, one.chat, f"Somebody\n{one.text}") for at, one in enumerate(found.stories[1].due, start=1)]
    verdict = judge(found, crowd, ledger())
    page = io.StringIO()
    summary.show(Console(file=page, width=40), found, crowd, ledger(), verdict, seconds=2.0)
    lines = page.getvalue().rstrip().splitlines()
    assert lines[-1] == "lost 1, doubled 0, out of order 0, flagged repeats 0"
    assert "nobody came" in lines[-2]
    assert not verdict.good
