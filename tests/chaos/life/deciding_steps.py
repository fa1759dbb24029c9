"""Steps in which the operator decides about people and scenarios."""

from datetime import UTC, datetime

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from chaos.life import deciding
from chaos.life.model import OPERATOR
from chaos.life.player import PEOPLE_OF_A_STEP, SCENARIOS, TIMES, Player
from contracts.kinds import MembershipKind
from contracts.memberships import AssignMembership, UnassignMembership, UpdateMembership
from contracts.people import BanUser, SetCapacity, UnbanUser
from contracts.scenarios import RestoreScenario, RetireScenario

NEVER = datetime(2100, 1, 1, tzinfo=UTC)
SCENARIO_OF_A_STEP = st.integers(0, SCENARIOS - 1)


class Deciding(Player):
    """Bans, memberships, capacities, scenarios out of use; rarer than what people do."""

    @rule(who=PEOPLE_OF_A_STEP, times=TIMES)
    @precondition(lambda self: len(self.demands) > 1 and not self.model.banned)
    def ban(self, who: int, times: int) -> None:
        """One person at a time is kept out."""
        expected = deciding.ban(self.model, who)
        self.ask(OPERATOR, "users.ban", BanUser(user=self.people[who].user, reason="Rude"), times, expected)

    @rule(who=PEOPLE_OF_A_STEP, times=TIMES)
    @precondition(lambda self: self.model.banned)
    def unban(self, who: int, times: int) -> None:
        """Somebody is let in again, who perhaps was never kept out."""
        expected = deciding.unban(self.model, who)
        self.ask(OPERATOR, "users.unban", UnbanUser(user=self.people[who].user), times, expected)

    @rule(who=PEOPLE_OF_A_STEP, capacity=st.integers(0, 2), times=TIMES)
    @precondition(lambda self: self.demands)
    def set_capacity(self, who: int, capacity: int, times: int) -> None:
        """Somebody may hold more, or fewer."""
        expected = deciding.set_capacity(self.model, who, capacity)
        request = SetCapacity(user=self.people[who].user, capacity=capacity)
        self.ask(OPERATOR, "users.set_capacity", request, times, expected)

    @rule(who=PEOPLE_OF_A_STEP, scenario=SCENARIO_OF_A_STEP, times=TIMES)
    def assign_membership(self, who: int, scenario: int, times: int) -> None:
        """Somebody becomes a provider."""
        expected = deciding.assign(self.model, who, scenario)
        request = AssignMembership(
            user=self.people[who].user, scenario=self.scenarios[scenario], kind=MembershipKind.PROVIDER
        )
        self.ask(OPERATOR, "memberships.assign", request, times, expected)

    @rule(who=PEOPLE_OF_A_STEP, scenario=SCENARIO_OF_A_STEP, times=TIMES)
    @precondition(lambda self: self.demands)
    def unassign_membership(self, who: int, scenario: int, times: int) -> None:
        """Somebody is a provider no more."""
        expected = deciding.unassign(self.model, who, scenario)
        request = UnassignMembership(
            user=self.people[who].user, scenario=self.scenarios[scenario], kind=MembershipKind.PROVIDER
        )
        self.ask(OPERATOR, "memberships.unassign", request, times, expected)

    @rule(who=PEOPLE_OF_A_STEP, scenario=SCENARIO_OF_A_STEP, ends=st.booleans(), times=TIMES)
    def pause(self, who: int, scenario: int, ends: bool, times: int) -> None:  # noqa: FBT001 - drawn by hypothesis
        """A provider has a break, or its end."""
        expected = deciding.pause(self.model, who, scenario, ends=ends)
        request = UpdateMembership(
            user=self.people[who].user, scenario=self.scenarios[scenario], kind=MembershipKind.PROVIDER,
            paused_until=None if ends else NEVER,
        )  # fmt: skip
        self.ask(OPERATOR, "memberships.update", request, times, expected)

    @rule(scenario=SCENARIO_OF_A_STEP, times=TIMES)
    @precondition(lambda self: len(self.demands) > 1 and not self.model.retired)
    def retire(self, scenario: int, times: int) -> None:
        """A scenario goes out of use."""
        expected = deciding.retire(self.model, scenario)
        self.ask(OPERATOR, "scenarios.retire", RetireScenario(id=self.scenarios[scenario]), times, expected)

    @rule(scenario=SCENARIO_OF_A_STEP, times=TIMES)
    @precondition(lambda self: self.model.retired)
    def restore(self, scenario: int, times: int) -> None:
        """A scenario is in use again."""
        expected = deciding.restore(self.model, scenario)
        self.ask(OPERATOR, "scenarios.restore", RestoreScenario(id=self.scenarios[scenario]), times, expected)
