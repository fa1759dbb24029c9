"""Steps in which somebody asks for help, changes it or ends it."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from chaos.life import asking
from chaos.life.model import OPERATOR
from chaos.life.player import (
    DEMAND_OF_A_STEP,
    PARTY_OF_A_STEP,
    PEOPLE,
    PEOPLE_OF_A_STEP,
    SCENARIOS,
    TIMES,
    Player,
    some_demand,
)
from contracts.demand_life import (
    ConfirmDemand,
    MergeDemand,
    ReopenDemand,
    SetUrgency,
)
from contracts.demands import (
    CloseDemand,
    DiscardDemand,
    SubmitDemand,
    UpdateDemand,
)
from contracts.kinds import Urgency


class Asking(Player):
    """A call for help and its end."""

    @rule(
        who=PEOPLE_OF_A_STEP,
        scenario=st.integers(0, SCENARIOS - 1),
        urgency=st.sampled_from(["normal", "urgent"]),
        draft=st.sampled_from([0, 0, 1]),
        times=TIMES,
    )
    def create(self, who: int, scenario: int, urgency: Any, draft: int, times: int) -> None:
        """Somebody asks for help."""
        self.ask_for_help(who, scenario, urgency, draft=bool(draft), times=times)

    @rule(party=PARTY_OF_A_STEP, which=DEMAND_OF_A_STEP, times=TIMES)
    @some_demand
    def submit(self, party: int, which: int, times: int) -> None:
        """Somebody puts a draft into the queue."""
        number = self.chosen(which)
        who = self.somebody(party, number)
        expected = asking.submit(self.model, who, number)
        self.ask(who, "demands.submit", SubmitDemand(demand=self.demands[number]), times, expected)

    @rule(party=PARTY_OF_A_STEP, which=DEMAND_OF_A_STEP, times=TIMES)
    @some_demand
    def discard(self, party: int, which: int, times: int) -> None:
        """Somebody forgets a draft."""
        number = self.chosen(which)
        who = self.somebody(party, number)
        expected = asking.discard(self.model, who, number)
        self.ask(who, "demands.discard", DiscardDemand(demand=self.demands[number]), times, expected)

    @rule(party=st.just(OPERATOR) | PARTY_OF_A_STEP, which=DEMAND_OF_A_STEP, behind=st.integers(0, 1), times=TIMES)
    @some_demand
    def update(self, party: int, which: int, behind: int, times: int) -> None:
        """Somebody changes the title of the version they read, perhaps an older one."""
        number = self.chosen(which)
        who = self.somebody(party, number)
        version = max(1, self.model.demands[number].version - behind)
        expected = asking.update(self.model, who, number, version)
        request = UpdateDemand(demand=self.demands[number], version=version, title="Another title")
        self.ask(who, "demands.update", request, times, expected)

    @rule(
        party=st.just(OPERATOR) | PARTY_OF_A_STEP, which=DEMAND_OF_A_STEP, times=TIMES,
        urgency=st.sampled_from(["normal", "urgent", "critical"]),
    )  # fmt: skip
    @some_demand
    def set_urgency(self, party: int, which: int, urgency: str, times: int) -> None:
        """Somebody says how soon help is needed."""
        number = self.chosen(which)
        who = self.somebody(party, number)
        expected = asking.set_urgency(self.model, who, number, urgency)
        request = SetUrgency(demand=self.demands[number], urgency=Urgency(urgency))
        self.ask(who, "demands.set_urgency", request, times, expected)

    @rule(
        party=st.just(OPERATOR) | PARTY_OF_A_STEP, which=DEMAND_OF_A_STEP, times=TIMES,
        reason=st.sampled_from(["fulfilled", "cancelled", "moderated"]),
    )  # fmt: skip
    @some_demand
    def close(self, party: int, which: int, reason: Any, times: int) -> None:
        """Somebody ends a demand."""
        number = self.chosen(which)
        who = self.somebody(party, number)
        expected = asking.close(self.model, who, number, reason)
        self.ask(who, "demands.close", CloseDemand(demand=self.demands[number], reason=reason), times, expected)

    @rule(
        party=PARTY_OF_A_STEP, which=DEMAND_OF_A_STEP, times=TIMES,
        answer=st.sampled_from(["received", "not_yet", "still_needed"]),
    )  # fmt: skip
    @some_demand
    def confirm(self, party: int, which: int, answer: Any, times: int) -> None:
        """The requester says whether help has come, or somebody else tries to."""
        number = self.chosen(which)
        who = self.somebody(party, number)
        expected = asking.confirm(self.model, who, number, answer)
        request = ConfirmDemand(demand=self.demands[number], answer=answer)
        self.ask(who, "demands.confirm", request, times, expected)

    @rule(who=st.integers(OPERATOR, PEOPLE - 1), which=DEMAND_OF_A_STEP, other=DEMAND_OF_A_STEP, times=TIMES)
    @some_demand
    def merge(self, who: int, which: int, other: int, times: int) -> None:
        """Staff closes a demand as a duplicate of another."""
        number, into = self.chosen(which), self.chosen(other)
        expected = asking.merge(self.model, who, number, into)
        request = MergeDemand(demand=self.demands[number], into=self.demands[into])
        self.ask(who, "demands.merge", request, times, expected)

    @rule(party=st.just(OPERATOR) | PARTY_OF_A_STEP, which=DEMAND_OF_A_STEP, times=TIMES)
    @some_demand
    def reopen(self, party: int, which: int, times: int) -> None:
        """Somebody takes up a closed demand again."""
        number = self.chosen(which)
        who = self.somebody(party, number)
        expected = asking.reopen(self.model, who, number)
        self.ask(who, "demands.reopen", ReopenDemand(demand=self.demands[number]), times, expected)
