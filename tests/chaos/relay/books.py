"""Three books set side by side: what people said, what the ledger keeps, and what Telegram took from the bot."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

MARK = re.compile(r"\[t\d+-[rp]-\d+\]")
REPEAT = re.compile(r"may be a repeat · (\w+)\n")
ANSWERED_IN_DOUBT = 5  # attempts nobody can tell the end of, after which the ledger puts a delivery aside


@dataclass(frozen=True)
class Said:
    """Somebody's words, bearing a mark of their own; `place` counts what this person said, in order."""

    mark: str
    author: int
    reader: int
    place: int


@dataclass(frozen=True)
class Line:
    """A message of the ledger: its talk, its place in it, its mark and who wrote it (Telegram ids)."""

    talk: str
    seq: int
    mark: str
    author: int


@dataclass(frozen=True)
class Owed:
    """A delivery of such a message as the ledger has it."""

    mark: str
    chat: int
    status: str
    reference: str
    doubts: int


@dataclass(frozen=True)
class Arrival:
    """A message Telegram took, in the order of `number`; `unanswered`: it was taken and the answer got lost."""

    number: int
    at: float
    chat: int
    text: str
    unanswered: bool = False

    @property
    def mark(self) -> str:
        """The mark it bears, empty for none."""
        found = MARK.search(self.text)
        return found[0] if found else ""

    @property
    def flag(self) -> str:
        """The reference under which it says that it may be a repeat, empty when it does not say so."""
        found = REPEAT.search(self.text)
        return found[1] if found else ""


@dataclass
class Verdict:
    """What is not as promised, each as a sentence; `repeats` and `parked` count what the promise allows."""

    wrong: list[str] = field(default_factory=list)
    repeats: int = 0
    parked: int = 0


def judge(
    said: Sequence[Said],
    lines: Sequence[Line],
    owed: Sequence[Owed],
    arrivals: Iterable[Arrival],
    deaths: Sequence[float],
    *,
    troubles: Sequence[float] = (),
) -> Verdict:
    """Whether everything said was kept once, owed to its reader alone, and seen by them once and in order.

    `deaths`: when the bot was killed. Only then, or where Telegram's answer got lost, may something come a second time.
    `troubles`: when anything else was; after that a first copy may say that it is a repeat, as its sender cannot know.
    """
    verdict = Verdict()
    seen: dict[tuple[int, str], list[Arrival]] = defaultdict(list)
    for one in sorted(arrivals, key=lambda one: one.number):
        if one.mark:
            seen[one.chat, one.mark].append(one)
    _judge_ledger(verdict, said, lines)
    _judge_owed(verdict, said, owed, seen, deaths)
    started = min((*deaths, *troubles), default=float("inf"))
    for (_, name), copies in seen.items():
        if copies[0].flag and copies[0].at < started:
            verdict.wrong.append(f"{name} says that it may be a repeat and nothing had gone wrong")
    _judge_order(verdict, said, lines, seen)
    return verdict


def _judge_ledger(verdict: Verdict, said: Sequence[Said], lines: Sequence[Line]) -> None:
    kept: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        kept[line.mark].append(line)
    for one in said:
        found = kept.pop(one.mark, [])
        if len(found) != 1:
            verdict.wrong.append(f"{one.mark} is in the ledger {len(found)} times")
        elif found[0].author != one.author:
            verdict.wrong.append(f"{one.mark} is {found[0].author}'s in the ledger and was said by {one.author}")
    verdict.wrong += [f"{mark} is in the ledger and was never said" for mark in kept]
    spoken = sorted(said, key=lambda one: (one.author, one.place))
    seqs = {line.mark: line.seq for line in lines}
    for before, after in pairwise(spoken):
        same = before.author == after.author and before.mark in seqs and after.mark in seqs
        if same and seqs[after.mark] < seqs[before.mark]:
            verdict.wrong.append(f"{after.mark} is before {before.mark} in the ledger and was said after it")


def _judge_owed(
    verdict: Verdict,
    said: Sequence[Said],
    owed: Sequence[Owed],
    seen: dict[tuple[int, str], list[Arrival]],
    deaths: Sequence[float],
) -> None:
    readers = {one.mark: one.reader for one in said}
    times: dict[str, int] = defaultdict(int)
    for delivery in owed:
        times[delivery.mark] += 1
        if readers.get(delivery.mark) != delivery.chat:
            verdict.wrong.append(f"{delivery.mark} is owed to {delivery.chat}, who is not its reader")
        _judge_copies(verdict, delivery, seen.get((delivery.chat, delivery.mark), []), deaths)
    for mark in readers:
        if times[mark] != 1:
            verdict.wrong.append(f"{mark} is owed {times[mark]} times")
    for chat, mark in seen:
        if readers.get(mark) != chat:
            verdict.wrong.append(f"{mark} was shown to {chat}, who is not its reader")


def _judge_copies(verdict: Verdict, delivery: Owed, copies: Sequence[Arrival], deaths: Sequence[float]) -> None:
    mark = delivery.mark
    if delivery.status == "parked" and delivery.doubts >= ANSWERED_IN_DOUBT:
        verdict.parked += 1
    elif delivery.status != "sent":
        verdict.wrong.append(f"{mark} ended as {delivery.status}")
    elif not copies:
        verdict.wrong.append(f"{mark} counts as sent and never arrived")
    for before, after in pairwise(copies):
        verdict.repeats += 1
        if not (before.unanswered or any(before.at <= death <= after.at for death in deaths)):
            verdict.wrong.append(f"{mark} came again without any doubt about the first")
        if after.flag != delivery.reference:
            verdict.wrong.append(f"{mark} came again under the reference {after.flag!r}, not {delivery.reference!r}")


def _judge_order(
    verdict: Verdict, said: Sequence[Said], lines: Sequence[Line], seen: dict[tuple[int, str], list[Arrival]]
) -> None:
    readers = {one.mark: one.reader for one in said}
    first = {key: copies[0].number for key, copies in seen.items()}
    roads: dict[tuple[str, int], list[Line]] = defaultdict(list)
    for line in lines:
        if (readers.get(line.mark, 0), line.mark) in first:
            roads[line.talk, readers[line.mark]].append(line)
    for (_, reader), road in roads.items():
        for before, after in pairwise(sorted(road, key=lambda line: line.seq)):
            if first[reader, after.mark] < first[reader, before.mark]:
                verdict.wrong.append(f"{after.mark} was shown before {before.mark}")
