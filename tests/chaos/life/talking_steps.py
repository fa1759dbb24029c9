"""Steps in which somebody writes, reads, joins or leaves."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from chaos.life import seating, talking
from chaos.life.model import OPERATOR
from chaos.life.onlooking import nothing_leaks
from chaos.life.player import (
    DEMAND_OF_A_STEP,
    MODERATOR,
    NUMBERS,
    PARTY_OF_A_STEP,
    PEOPLE_OF_A_STEP,
    TIMES,
    Player,
    some_demand,
)
from contracts.messages import SendMessage
from contracts.participants import AddParticipant, RemoveParticipant, ResetDeclined, ShareContact
from integration.api.town import receive, words


class Talking(Player):
    """What is said, and who hears it."""

    @rule(party=PARTY_OF_A_STEP, which=DEMAND_OF_A_STEP, times=TIMES)
    @some_demand
    def send(self, party: int, which: int, times: int) -> None:
        """Somebody writes."""
        number = self.chosen(which)
        who = self.somebody(party, number)
        said = f"line {next(NUMBERS)}"
        expected = talking.send(self.model, who, number, said)
        self.ask(who, "messages.send", SendMessage(demand=self.demands[number], text=said), times, expected)

    @rule(who=st.just(MODERATOR) | PEOPLE_OF_A_STEP, which=DEMAND_OF_A_STEP, times=TIMES)
    @some_demand
    def join(self, who: int, which: int, times: int) -> None:
        """A moderator joins, or somebody who is none tries to."""
        number = self.chosen(which)
        expected = seating.join(self.model, who, number)
        self.ask(who, "participants.add", AddParticipant(demand=self.demands[number]), times, expected)

    @rule(party=PARTY_OF_A_STEP, which=DEMAND_OF_A_STEP, times=TIMES)
    @some_demand
    def leave(self, party: int, which: int, times: int) -> None:
        """A moderator leaves."""
        number = self.chosen(which)
        who = self.somebody(party, number)
        expected = seating.leave(self.model, who, number)
        self.ask(who, "participants.remove", RemoveParticipant(demand=self.demands[number]), times, expected)

    @rule(which=DEMAND_OF_A_STEP, times=TIMES)
    @some_demand
    def reset(self, which: int, times: int) -> None:
        """An operator lets a demand be offered again to those who declined it."""
        number = self.chosen(which)
        expected = seating.reset(self.model, number)
        self.ask(OPERATOR, "participants.reset_declined", ResetDeclined(demand=self.demands[number]), times, expected)

    @rule(party=PARTY_OF_A_STEP, which=DEMAND_OF_A_STEP, times=TIMES)
    @some_demand
    def share_contact(self, party: int, which: int, times: int) -> None:
        """Somebody shows their phone."""
        number = self.chosen(which)
        who = self.somebody(party, number)
        expected = talking.share_contact(self.model, who, number)
        self.ask(who, "participants.share_contact", ShareContact(demand=self.demands[number]), times, expected)

    @rule(who=PEOPLE_OF_A_STEP)
    def arrive(self, who: int) -> None:
        """Somebody's chat takes all it is owed."""
        expected = self.model.receive(who)
        arrived = self.at.run(receive(self.people[who]))
        assert words(arrived) == expected
        nothing_leaks(self.model, who, arrived)
