"""What there is in a town: demands, their lines and notes, and what is owed to people."""

from dataclasses import dataclass, field

from contracts.shapes import MessageId

RANKS = {"critical": 0, "urgent": 1, "normal": 2}


@dataclass(eq=False)
class Line:
    """One line of a conversation, or a note beside it."""

    kind: str  # message, notice or note
    says: str  # its text as it is now, or the notice's name
    author: int | None
    version: int = 1
    is_gone: bool = False  # taken back
    reactions: dict[int, str] = field(default_factory=dict)  # who reacted how, the latest last
    name: MessageId | None = None  # what the api calls it, for steps that are about it


@dataclass
class Note:
    """What staff wrote beside the conversation, after so many of its lines; a whisper is for one provider."""

    line: Line
    after: int
    whispered_to: int | None


@dataclass
class Demand:
    """What is true of one demand."""

    scenario: int
    requester: int
    age: int
    urgency: str = "normal"
    status: str = "waiting"
    provider: int | None = None
    close_reason: str | None = None
    closed_by: int | None = None
    version: int = 1
    seats: dict[int, str] = field(default_factory=dict)
    skips: set[int] = field(default_factory=set)  # not offered to them, or given
    records: set[int] = field(default_factory=set)  # declined and not reset
    done_asked: bool = False
    shared: set[int] = field(default_factory=set)
    lines: list[Line] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    reporters: set[int] = field(default_factory=set)  # of reports nobody has resolved
    helped: set[int] = field(default_factory=set)  # held it once, or do

    @property
    def active(self) -> bool:
        """Waiting or held."""
        return self.status in {"waiting", "held"}

    @property
    def submitted(self) -> bool:
        """Not a draft, nor one that was discarded."""
        return self.active or self.status == "closed"

    def concerns(self, who: int) -> bool:
        """Whether somebody is part of it, and so of what is wrong in it."""
        return who == self.requester or who in self.helped or who in self.seats

    @property
    def place_in_queue(self) -> tuple[int, int]:
        """What the queue is ordered by."""
        return (RANKS[self.urgency], self.age)


@dataclass
class Owed:
    """A delivery that has not been sent yet: a line of a demand or a change of it, or a notice outside the conversation."""

    demand: int | None
    notice: str = ""
    line: Line | None = None
    kind: str = "send"  # or edit, delete, react
    gains: bool = False  # word of where somebody may help, which further such word is written into

    @property
    def says(self) -> str:
        """What the ledger would call it now."""
        said = self.line.says if self.line else self.notice
        return said if self.kind == "send" else f"{self.kind} {said}"

    def shown_to(self, who: int) -> str:
        """What their chat is told to do."""
        if self.kind == "react" and self.line:
            others = [emoji for person, emoji in self.line.reactions.items() if person != who]
            return f"react {others[-1] if others else None}"
        return self.says
