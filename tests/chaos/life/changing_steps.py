"""Steps in which somebody changes a message, takes it back or reacts to it."""

from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import rule

from chaos.life import changing
from chaos.life.player import (
    DEMAND_OF_A_STEP,
    LINE_OF_A_STEP,
    NUMBERS,
    PARTY_OF_A_STEP,
    PEOPLE,
    TIMES,
    Player,
    some_demand,
)
from chaos.life.things import Line
from contracts.messages import EditMessage, ReactToMessage, TakeBackMessage
from contracts.shapes import MessageId


class Changing(Player):
    """What was said is not the last word."""

    @rule(party=PARTY_OF_A_STEP, which=DEMAND_OF_A_STEP, at=LINE_OF_A_STEP, times=TIMES)
    @some_demand
    def edit(self, party: int, which: int, at: int, times: int) -> None:
        """Somebody changes their words, or another's."""
        number, line = self.said(which, at)
        who = self.author(party, number, line)
        words = f"line {next(NUMBERS)}"
        expected = changing.edit(self.model, who, number, line, words)
        request = EditMessage(demand=self.demands[number], message=name_of(line), text=words)
        got = self.ask(who, "messages.edit", request, times, expected)
        assert expected != "Edited" or (line and got.version == line.version)

    @rule(party=PARTY_OF_A_STEP, which=DEMAND_OF_A_STEP, at=LINE_OF_A_STEP, times=TIMES)
    @some_demand
    def take_back(self, party: int, which: int, at: int, times: int) -> None:
        """Somebody wants their words gone, or another's."""
        number, line = self.said(which, at)
        who = self.author(party, number, line)
        expected = changing.take_back(self.model, who, number, line)
        request = TakeBackMessage(demand=self.demands[number], message=name_of(line))
        self.ask(who, "messages.take_back", request, times, expected)

    @rule(
        party=PARTY_OF_A_STEP, which=DEMAND_OF_A_STEP, at=LINE_OF_A_STEP, times=TIMES,
        emoji=st.sampled_from(["\N{THUMBS UP SIGN}", "\N{HEAVY BLACK HEART}", None]),
    )  # fmt: skip
    @some_demand
    def react(self, party: int, which: int, at: int, emoji: str | None, times: int) -> None:
        """Somebody shows what they think of a message."""
        number, line = self.said(which, at)
        who = self.somebody(party, number)
        expected = changing.react(self.model, who, number, line, emoji)
        request = ReactToMessage(demand=self.demands[number], message=name_of(line), emoji=emoji)
        self.ask(who, "messages.react", request, times, expected)

    def said(self, which: int, at: int) -> tuple[int, Line | None]:
        """A demand in which something was said, and one of its messages; any demand, and none, while nobody has spoken."""
        spoken = [
            (number, line) for number, demand in enumerate(self.model.demands) for line in demand.lines
            if line.kind == "message" and demand.status != "gone"
        ]  # fmt: skip
        return spoken[at % len(spoken)] if spoken else (self.chosen(which), None)

    def author(self, party: int, number: int, line: Line | None) -> int:
        """Whoever it happens to be; or, as often, who wrote it."""
        if line is not None and line.author is not None and party % 2:
            return line.author
        return self.somebody(party // 2 % (3 * PEOPLE), number)


def name_of(line: Line | None) -> MessageId:
    """What the api calls a message; one it has never heard of where there is none."""
    return line.name if line is not None and line.name is not None else MessageId(uuid4())
