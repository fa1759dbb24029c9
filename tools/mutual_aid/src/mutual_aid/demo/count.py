"""What went in against what came out: every message once to everybody it was for, in order."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

# A message of the demo carries its mark: demand, and number in the demand; the demand's own words have no number.
MARK = re.compile(r"\[d(?P<demand>\d+)(?:-m(?P<message>\d+))?\]")
# How the bot marks, in English, what may have arrived before: at the end of the heading, with a reference.
REPEAT = re.compile(r"^[^\[]*· [^\n\[]*\brepeat\b", re.IGNORECASE)


@dataclass(frozen=True)
class Sent:
    """A message Telegram accepted from the bot; `number` is its place among all of them."""

    number: int
    chat: int
    text: str


@dataclass(frozen=True)
class Due:
    """A message somebody must get: `message` 0 is the demand's own words, shown to whoever takes it."""

    chat: int
    demand: int
    message: int
    author: int
    text: str


@dataclass(frozen=True)
class Hold:
    """Somebody held a demand; `declined_at` is how many messages were sent when they said no, None if they kept it."""

    demand: int
    chat: int
    declined_at: int | None = None


@dataclass
class Verdict:
    """What is not as it should be, each as a short sentence; `flagged` counts repeats that said they may be one."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    flagged: int = 0

    @property
    def good(self) -> bool:
        """Whether nothing was lost, doubled or out of order."""
        return not (self.lost or self.doubled or self.out_of_order)

    def __str__(self) -> str:
        """The last line of the demo."""
        return (
            f"lost {len(self.lost)}, doubled {len(self.doubled)}, out of order {len(self.out_of_order)}, "
            f"flagged repeats {self.flagged}"
        )


def mark(demand: int, message: int = 0) -> str:
    """The mark of a message."""
    return f"[d{demand}-m{message}]" if message else f"[d{demand}]"


def marked(text: str) -> tuple[int, int] | None:
    """Demand and number of the first mark in a text, None when there is none."""
    found = MARK.search(text)
    return (int(found["demand"]), int(found["message"] or 0)) if found else None


def count(sent: Iterable[Sent], due: Iterable[Due], holds: Sequence[Hold]) -> Verdict:
    """The verdict on a day: what was sent against what was due, and who held what when."""
    verdict = Verdict()
    copies = _copies(sent)
    wanted = {(one.chat, one.demand, one.message): one for one in due}
    for key, one in wanted.items():
        _judge_copies(verdict, one, copies.get(key, []))
    askers = {one.demand: one.author for one in wanted.values() if one.message == 0}
    for (chat, demand, message), found in copies.items():
        # Who asks may be shown their own words again; anything else that was for nobody is one too many.
        if (chat, demand, message) not in wanted and (message or askers.get(demand) != chat):
            verdict.doubled.append(f"{mark(demand, message)} went to {chat}, who was not owed it ({len(found)} times)")
    _judge_order(verdict, wanted, copies)
    _judge_holds(verdict, holds, copies)
    return verdict


def _copies(sent: Iterable[Sent]) -> dict[tuple[int, int, int], list[Sent]]:
    copies: dict[tuple[int, int, int], list[Sent]] = defaultdict(list)
    for one in sorted(sent, key=lambda one: one.number):
        found = marked(one.text)
        if found is not None:
            copies[one.chat, *found].append(one)
    return copies


def _judge_copies(verdict: Verdict, one: Due, copies: list[Sent]) -> None:
    name = f"{mark(one.demand, one.message)} to {one.chat}"
    if not copies:
        verdict.lost.append(f"{name} never arrived")
        return
    for copy in copies:
        if one.text not in copy.text:
            verdict.lost.append(f"{name} arrived with other words")
    for copy in copies[1:]:
        if REPEAT.search(copy.text):
            verdict.flagged += 1
        else:
            verdict.doubled.append(f"{name} arrived again and did not say so")


def _judge_order(
    verdict: Verdict, wanted: dict[tuple[int, int, int], Due], copies: dict[tuple[int, int, int], list[Sent]]
) -> None:
    """Everything one author wrote in a demand reaches a reader in the order it was written."""
    last: dict[tuple[int, int, int], tuple[int, int]] = {}
    for key in sorted(wanted):
        one = wanted[key]
        if key not in copies:
            continue
        first = copies[key][0].number
        road = (one.chat, one.demand, one.author)
        before, number = last.get(road, (0, 0))
        if first < number:
            later = f"{mark(one.demand, one.message)} to {one.chat} came before {mark(one.demand, before)}"
            verdict.out_of_order.append(later)
        last[road] = max((one.message, first), (before, number), key=lambda pair: pair[1])


def _judge_holds(verdict: Verdict, holds: Sequence[Hold], copies: dict[tuple[int, int, int], list[Sent]]) -> None:
    """Nobody is told they took a demand while somebody else holds it."""
    ends = {(hold.demand, hold.chat): hold.declined_at for hold in holds}
    told: dict[int, list[Sent]] = defaultdict(list)
    for (chat, demand, message), found in copies.items():
        if message == 0 and (demand, chat) in ends:
            told[demand].append(found[0])
    for demand, takes in told.items():
        takes.sort(key=lambda one: one.number)
        for before, after in pairwise(takes):
            end = ends[demand, before.chat]
            if end is None or after.number <= end:
                verdict.doubled.append(f"{mark(demand)} was given to {after.chat} while {before.chat} held it")
