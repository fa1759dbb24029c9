"""The verdict on a day, from both books: the simulator's journal and the ledger."""

from mutual_aid.demo.count import Verdict, count, mark
from mutual_aid.demo.crowd import Crowd
from mutual_aid.demo.day import Day
from mutual_aid.demo.ledger import Ledger


def judge(day: Day, crowd: Crowd, ledger: Ledger) -> Verdict:
    """What was lost, doubled or out of order, by either book."""
    stories = day.stories.values()
    due = [one for story in stories for one in story.due]
    holds = [one for story in stories for one in story.holds]
    verdict = count(crowd.sent, due, holds)
    verdict.lost += [f"unfinished: {why}" for why in day.unfinished]
    judge_ledger(verdict, day, ledger)
    return verdict


def judge_ledger(verdict: Verdict, day: Day, ledger: Ledger) -> None:
    """Every demand and every message once in the ledger, every demand closed, every hold and decline recorded."""
    for row in day.rows:
        _once(verdict, mark(row.number), ledger.demands[row.number])
        if ledger.demands[row.number] and row.number not in ledger.closed:
            verdict.lost.append(f"{mark(row.number)} was not closed")
    written = {
        (story.row.number, one.message) for story in day.stories.values() for one in story.written if one.message
    }
    for demand, message in sorted(written):
        _once(verdict, mark(demand, message), ledger.messages[demand, message])
    holds = [one for story in day.stories.values() for one in story.holds]
    declines = sum(one.declined_at is not None for one in holds)
    for name, ours, theirs in (("claims", len(holds), ledger.claims), ("declines", declines, ledger.declines)):
        if theirs < ours:
            verdict.lost.append(f"{ours - theirs} {name} are not in the ledger")
        elif theirs > ours:
            verdict.doubled.append(f"the ledger has {theirs - ours} {name} nobody made")


def _once(verdict: Verdict, name: str, times: int) -> None:
    if times == 0:
        verdict.lost.append(f"{name} is not in the ledger")
    elif times > 1:
        verdict.doubled.append(f"{name} is in the ledger {times} times")
