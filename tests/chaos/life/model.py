"""A town of a few people in dictionaries: what is true of it, and what is owed to whom.

Written from the words of the design, not from the ledger's functions; a reader can check it against docs/states.md. The
operations are functions beside this file (`asking`, `claiming`, `talking`, `seating`): each returns the name of the reply or
of the failure, and changes the model when the call has an effect. People, scenarios and demands are small numbers;
`OPERATOR` stands for the organiser's command.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import wraps
from typing import Concatenate, ParamSpec

from chaos.life.things import Demand, Line, Owed

OPERATOR = -1


P = ParamSpec("P")


def refused_to_banned(
    operation: Callable[Concatenate["Model", int, P], str],
) -> Callable[Concatenate["Model", int, P], str]:
    """The operation, and `Banned` without any effect for who is: every call is refused to them."""

    @wraps(operation)
    def asked(town: "Model", who: int, *more: P.args, **named: P.kwargs) -> str:
        return "Banned" if who in town.banned else operation(town, who, *more, **named)

    return asked


@dataclass
class Model:
    """The whole town."""

    people: int
    scenarios: int
    open_limit: int = 5
    ages: int = 0
    capacity: dict[int, int] = field(default_factory=dict)
    has_phone: set[int] = field(default_factory=set)
    providers: set[tuple[int, int]] = field(default_factory=set)  # (person, scenario)
    moderators: set[tuple[int, int]] = field(default_factory=set)
    retired: set[int] = field(default_factory=set)
    banned: set[int] = field(default_factory=set)
    demands: list[Demand] = field(default_factory=list)
    owed: dict[int, list[Owed]] = field(default_factory=dict)
    paused: set[tuple[int, int]] = field(default_factory=set)
    got: dict[int, list[Line]] = field(default_factory=dict)  # messages that reached a person
    shown: dict[tuple[int, Line], int] = field(default_factory=dict)  # in which version

    def __post_init__(self) -> None:
        for person in range(self.people):
            self.capacity[person] = 1
            self.owed[person], self.got[person] = [], []

    # -- what somebody is -----------------------------------------------------------------------------------------

    def open_of(self, who: int) -> int:
        """How many demands somebody has open, drafts among them."""
        return sum(demand.requester == who and (demand.active or demand.status == "draft") for demand in self.demands)

    def there(self) -> list[int]:
        """The demands that were not discarded."""
        return [number for number, demand in enumerate(self.demands) if demand.status != "gone"]

    def in_order(self) -> list[int]:
        """The same by their age."""
        return sorted(self.there(), key=lambda number: self.demands[number].age)

    def age(self) -> int:
        """The youngest age so far."""
        self.ages += 1
        return self.ages

    def held(self, who: int) -> list[int]:
        """The demands somebody holds."""
        return [number for number, demand in enumerate(self.demands) if demand.provider == who]

    def is_staff(self, who: int, demand: Demand) -> bool:
        """An operator, or a moderator of the demand's scenario."""
        return who == OPERATOR or (who, demand.scenario) in self.moderators

    def offered(self, who: int, demand: Demand) -> bool:
        """A provider whom the waiting demand could still be given to."""
        return (
            demand.status == "waiting" and (who, demand.scenario) in self.providers and demand.requester != who
            and who not in demand.skips
        )  # fmt: skip

    def sees(self, who: int, demand: Demand) -> bool:
        """Whether somebody may know that the demand exists."""
        if demand.status in {"draft", "gone"}:
            return who == demand.requester and demand.status == "draft"
        return self.is_staff(who, demand) or who in demand.seats or self.offered(who, demand)

    def unless_hidden(self, who: int, demand: Demand, failure: str) -> str:
        """The failure for those who may know of the demand, `NotFound` for all others."""
        return failure if self.sees(who, demand) else "NotFound"

    # -- telling --------------------------------------------------------------------------------------------------

    def tell(self, who: int, demand: int | None, notice: str) -> None:
        """Owe somebody a notice that is no line of a conversation; who is banned hears only that they are."""
        if who in self.banned and notice != "banned":
            return
        self.owed[who].append(Owed(demand, notice))

    def tell_gain(self, who: int, notice: str) -> None:
        """Owe somebody word that they may help somewhere; the last word they are owed is made longer if it says that too."""
        if not (self.owed[who] and self.owed[who][-1].gains) and who not in self.banned:
            self.owed[who].append(Owed(None, notice=notice, gains=True))

    def owe(self, who: int, number: int, line: Line) -> None:
        """Owe somebody a line."""
        self.owed[who].append(Owed(number, line=line))

    def say(self, number: int, line: Line) -> None:
        """A new line, owed to everybody seated but its author."""
        demand = self.demands[number]
        demand.lines.append(line)
        for person in demand.seats:
            if person != line.author and person not in self.banned:
                self.owe(person, number, line)

    def has(self, who: int, line: Line) -> bool:
        """Whether a line is in somebody's chat, or on its way there."""
        return line in self.got[who] or any(each.line is line and each.kind == "send" for each in self.owed[who])

    def change(self, number: int, line: Line, kind: str, actor: int, people: Iterable[int]) -> None:
        """Owe a change of a line to those of these people who have it; of reactions its author hears, too."""
        for who in people:
            is_concerned = self.has(who, line) or (kind == "react" and who == line.author)
            if who != actor and who not in self.banned and is_concerned:
                self.owed[who].append(Owed(number, line=line, kind=kind))

    def notice(self, number: int, what: str, actor: int | None) -> None:
        """A notice as a line of the conversation."""
        self.say(number, Line("notice", what, None if actor == OPERATOR else actor))

    def owe_history(self, who: int, number: int) -> None:
        """Every message so far, but one's own, what was taken back, and what has arrived or is still under way."""
        for line in self.demands[number].lines:
            if line.kind == "message" and not line.is_gone and line.author != who and not self.has(who, line):
                self.owe(who, number, line)

    def may_receive(self, who: int, owed: Owed) -> bool:
        """Whether it may still be given to them: who left reads nothing late, but what is to go from their chat goes."""
        if who in self.banned:
            return owed.notice == "banned"
        if owed.demand is None or owed.kind == "delete" or owed.notice in {"participant_removed", "message_refused"}:
            return True
        return who in self.demands[owed.demand].seats

    def is_needless(self, who: int, owed: Owed, later: list[Owed]) -> bool:
        """Whether there is nothing left to tell of a line by the time its turn comes."""
        line = owed.line
        if line is None or (line.is_gone and owed.kind != "delete"):
            return line is not None
        if owed.kind != "send" and line not in self.got[who] and line.author != who:
            return True
        if owed.kind == "react":
            return any(each.line is line and each.kind == "react" for each in later)
        return owed.kind == "edit" and self.shown[who, line] >= line.version

    def receive(self, who: int) -> list[str]:
        """What arrives when somebody's chat takes everything it is owed."""
        owed, self.owed[who] = self.owed[who], []
        arriving = []
        for at, each in enumerate(owed):
            if not self.may_receive(who, each) or self.is_needless(who, each, owed[at + 1 :]):
                continue
            arriving.append(each.shown_to(who))
            if each.line is not None and each.kind in {"send", "edit"}:
                self.got[who] += [each.line] if each.kind == "send" else []
                self.shown[who, each.line] = each.line.version
        return arriving

    @property
    def in_use(self) -> set[int]:
        """Scenarios that are not retired."""
        return set(range(self.scenarios)) - self.retired

    # -- effects several operations have --------------------------------------------------------------------------

    def give_up_seat(self, who: int, number: int) -> None:
        """A moderator's seat is empty."""
        demand = self.demands[number]
        del demand.seats[who]
        if who not in demand.records:
            demand.skips.discard(who)

    def seat_provider(self, who: int, number: int) -> None:
        """A waiting demand gets its provider."""
        demand = self.demands[number]
        demand.status, demand.provider, demand.done_asked = "held", who, False
        demand.version += 1
        demand.seats[who] = "provider"
        demand.helped.add(who)
        self.notice(number, "provider_joined", who)
        self.tell(who, number, "you_took_it")
        self.owe_history(who, number)

    def unseat_provider(self, number: int, actor: int | None = None, *, blamed: bool = True) -> None:
        """A held demand goes back to its place in the queue; by its provider, unless the requester asked for another."""
        demand = self.demands[number]
        who = demand.provider
        if who is None:
            raise AssertionError("nobody holds it")
        demand.status, demand.provider = "waiting", None
        demand.version += 1
        del demand.seats[who]
        demand.done_asked = False
        if blamed:
            demand.skips.add(who)
            demand.records.add(who)
        self.notice(number, "looking_for_another", who if actor is None else actor)
        if actor is not None:
            self.tell(who, None, "released")
        if demand.scenario in self.retired:
            self.leave_waiting(demand.scenario, [number])

    def leave_waiting(self, scenario: int, numbers: list[int]) -> None:
        """Demands wait in a retired scenario, out of anybody's queue: requesters hear of it, and its moderators once."""
        for number in sorted(numbers, key=lambda each: self.demands[each].place_in_queue):
            self.tell(self.demands[number].requester, number, "left_waiting")
        for who, moderated in sorted(self.moderators):
            if numbers and moderated == scenario:
                self.tell(who, None, "left_waiting")
