"""Steps in which somebody writes, reads, joins or leaves."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from chaos.life import seating, talking
from chaos.life.model import OPERATOR
from chaos.life.player import DEMAND_OF_A_STEP, MODERATOR, NUMBERS, PEOPLE_OF_A_STEP, TIMES, Player
from contracts.demands import (
    SearchDemands,
)
from contracts.messages import SearchMessages, SendMessage
from contracts.participants import AddParticipant, RemoveParticipant, ResetDeclined, ShareContact
from integration.api.town import receive, words


class Talking(Player):
    """What is said, and who hears it."""

    @rule(who=PEOPLE_OF_A_STEP, which=DEMAND_OF_A_STEP, times=TIMES)
    def send(self, who: int, which: int, times: int) -> None:
        """Somebody writes."""
        number = self.chosen(which)
        said = f"line {next(NUMBERS)}"
        expected = talking.send(self.model, who, number, said)
        self.ask(who, "messages.send", SendMessage(demand=self.demands[number], text=said), times, expected)

    @rule(who=st.just(MODERATOR) | PEOPLE_OF_A_STEP, which=DEMAND_OF_A_STEP, times=TIMES)
    def join(self, who: int, which: int, times: int) -> None:
        """A moderator joins, or somebody who is none tries to."""
        number = self.chosen(which)
        expected = seating.join(self.model, who, number)
        self.ask(who, "participants.add", AddParticipant(demand=self.demands[number]), times, expected)

    @rule(who=st.just(MODERATOR) | PEOPLE_OF_A_STEP, which=DEMAND_OF_A_STEP, times=TIMES)
    def leave(self, who: int, which: int, times: int) -> None:
        """A moderator leaves."""
        number = self.chosen(which)
        expected = seating.leave(self.model, who, number)
        self.ask(who, "participants.remove", RemoveParticipant(demand=self.demands[number]), times, expected)

    @rule(which=DEMAND_OF_A_STEP, times=TIMES)
    def reset(self, which: int, times: int) -> None:
        """An operator lets a demand be offered again to those who declined it."""
        number = self.chosen(which)
        expected = seating.reset(self.model, number)
        self.ask(OPERATOR, "participants.reset_declined", ResetDeclined(demand=self.demands[number]), times, expected)

    @rule(who=PEOPLE_OF_A_STEP, which=DEMAND_OF_A_STEP, times=TIMES)
    def share_contact(self, who: int, which: int, times: int) -> None:
        """Somebody shows their phone."""
        number = self.chosen(which)
        expected = talking.share_contact(self.model, who, number)
        self.ask(who, "participants.share_contact", ShareContact(demand=self.demands[number]), times, expected)

    @rule(who=PEOPLE_OF_A_STEP)
    def arrive(self, who: int) -> None:
        """Somebody's chat takes all it is owed."""
        expected = self.model.receive(who)
        assert words(self.at.run(receive(self.people[who]))) == expected

    @rule(who=PEOPLE_OF_A_STEP, which=DEMAND_OF_A_STEP)
    def read(self, who: int, which: int) -> None:
        """Somebody reads a conversation: those seated and staff all of it, others nothing."""
        number = self.chosen(which)
        expected = talking.read(self.model, who, number)
        page = self.ask(who, "messages.search", SearchMessages(demand=self.demands[number]), 1, expected)
        if expected == "MessagePage":
            assert [each.text or each.notice for each in page.items] == [
                line.says for line in self.model.demands[number].lines
            ]

    @rule(who=PEOPLE_OF_A_STEP)
    def look(self, who: int) -> None:
        """Somebody lists what they have to do with."""
        if who in self.model.banned:
            self.ask(who, "demands.search", SearchDemands(mine=True, is_active=None), 1, "Banned")
            return
        page = self.ask(who, "demands.search", SearchDemands(mine=True, is_active=None), 1, "DemandPage")
        expected = [self.demands[n] for n, each in enumerate(self.model.demands) if who in each.seats]
        assert [line.id for line in page.items] == expected
