"""Steps in which somebody writes, reads, joins or leaves."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from chaos.life import seating, talking
from chaos.life.model import OPERATOR
from chaos.life.onlooking import done_by, nothing_leaks
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
from contracts.kinds import Audience
from contracts.messages import NoteMessage, Origin, ReadMessages, SendMessage
from contracts.participants import AddParticipant, RemoveParticipant, ResetDeclined, ShareContact
from contracts.reports import ReportDemand
from integration.api.town import receive


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
        origin = Origin(address=str(self.people[who].telegram_id), channel_message_id=said)
        request = SendMessage(demand=self.demands[number], text=said, origin=origin)
        sent = self.ask(who, "messages.send", request, times, expected)
        if expected == "Sent":
            self.model.demands[number].lines[-1].name = sent.id

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

    @rule(party=PARTY_OF_A_STEP, which=DEMAND_OF_A_STEP, back=st.integers(0, 3), times=TIMES)
    @some_demand
    def mark_read(self, party: int, which: int, back: int, times: int) -> None:
        """Somebody has read up to some line."""
        number = self.chosen(which)
        who = self.somebody(party, number)
        last = len(self.model.demands[number].lines)
        expected = talking.mark_read(self.model, who, number)
        request = ReadMessages(demand=self.demands[number], seq=max(0, last - back))
        got = self.ask(who, "messages.read", request, times, expected)
        assert expected != "ReadUpTo" or max(0, last - back) <= got.seq <= last, "a mark only moves forward"

    @rule(
        party=st.just(OPERATOR) | st.just(MODERATOR) | PARTY_OF_A_STEP, which=DEMAND_OF_A_STEP, times=TIMES,
        audience=st.sampled_from(["moderators", "provider"]),
    )  # fmt: skip
    @some_demand
    def note(self, party: int, which: int, audience: str, times: int) -> None:
        """Staff writes a note, or somebody else tries to."""
        number = self.chosen(which)
        who = self.somebody(party, number)
        said = f"note {next(NUMBERS)}"
        expected = talking.note(self.model, who, number, said, audience)
        request = NoteMessage(demand=self.demands[number], text=said, audience=Audience(audience))
        self.ask(who, "messages.note", request, times, expected)

    @rule(party=PARTY_OF_A_STEP, which=DEMAND_OF_A_STEP, times=TIMES)
    @some_demand
    def report(self, party: int, which: int, times: int) -> None:
        """Somebody says that something is wrong."""
        number = self.chosen(which)
        who = self.somebody(party, number)
        expected = talking.report(self.model, who, number)
        self.ask(who, "demands.report", ReportDemand(demand=self.demands[number], reason="Rude"), times, expected)

    @rule(who=PEOPLE_OF_A_STEP)
    def arrive(self, who: int) -> None:
        """Somebody's chat takes all it is owed."""
        expected = self.model.receive(who)
        arrived = self.at.run(receive(self.people[who]))
        assert [done_by(delivery) for delivery in arrived] == expected
        nothing_leaks(self.model, who, arrived)
