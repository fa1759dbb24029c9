"""Steps in which a demand changes hands."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from chaos.life import claiming
from chaos.life.model import OPERATOR
from chaos.life.player import DEMAND_OF_A_STEP, MODERATOR, PARTY_OF_A_STEP, PEOPLE_OF_A_STEP, TIMES, Player, some_demand
from contracts.demand_life import AssignDemand, DemandDone, ReleaseDemand
from contracts.demands import DeclineDemand, NextDemand, TakeDemand


class Claiming(Player):
    """Taking and handing back."""

    @rule(who=PEOPLE_OF_A_STEP, swap=st.integers(0, 1), which=DEMAND_OF_A_STEP, times=TIMES)
    def next(self, who: int, swap: int, which: int, times: int) -> None:
        """Somebody calls for the next demand, perhaps instead of one they hold."""
        held = self.model.held(who)
        instead_of = None if not swap or not self.demands else (held[0] if held else which % len(self.demands))
        expected, number = claiming.next_demand(self.model, who, instead_of)
        request = NextDemand(instead_of=None if instead_of is None else self.demands[instead_of])
        got = self.ask(who, "demands.next", request, times, expected)
        if number is not None:
            assert got.id == self.demands[number], "another was next"

    @rule(party=PARTY_OF_A_STEP, which=DEMAND_OF_A_STEP, times=TIMES)
    @some_demand
    def take(self, party: int, which: int, times: int) -> None:
        """Somebody takes this very demand."""
        number = self.chosen(which)
        who = self.helper(party, number)
        expected = claiming.take(self.model, who, number)
        self.ask(who, "demands.take", TakeDemand(demand=self.demands[number]), times, expected)

    @rule(party=PARTY_OF_A_STEP, which=DEMAND_OF_A_STEP, times=TIMES)
    @some_demand
    def decline(self, party: int, which: int, times: int) -> None:
        """Somebody hands a demand back, or says no to an offered one."""
        number = self.chosen(which)
        who = self.somebody(party, number)
        expected = claiming.decline(self.model, who, number)
        self.ask(who, "demands.decline", DeclineDemand(demand=self.demands[number]), times, expected)

    @rule(
        who=st.sampled_from([OPERATOR, OPERATOR, MODERATOR, 0]),
        which=DEMAND_OF_A_STEP,
        chosen=PEOPLE_OF_A_STEP,
        times=TIMES,
    )
    @some_demand
    def assign(self, who: int, which: int, chosen: int, times: int) -> None:
        """Staff gives a demand to somebody, or takes it over."""
        number = self.chosen(which)
        expected = claiming.assign(self.model, who, number, chosen)
        request = AssignDemand(demand=self.demands[number], user=self.people[chosen].user)
        self.ask(who, "demands.assign", request, times, expected)

    @rule(party=PARTY_OF_A_STEP, which=DEMAND_OF_A_STEP, times=TIMES)
    @some_demand
    def release(self, party: int, which: int, times: int) -> None:
        """The requester wants somebody else, or another tries to."""
        number = self.chosen(which)
        who = self.somebody(party, number)
        expected = claiming.release(self.model, who, number)
        self.ask(who, "demands.release", ReleaseDemand(demand=self.demands[number]), times, expected)

    @rule(party=PARTY_OF_A_STEP, which=DEMAND_OF_A_STEP, times=TIMES)
    @some_demand
    def done(self, party: int, which: int, times: int) -> None:
        """The provider says that it is done."""
        number = self.chosen(which)
        who = self.somebody(party, number)
        expected = claiming.done(self.model, who, number)
        self.ask(who, "demands.done", DemandDone(demand=self.demands[number]), times, expected)
