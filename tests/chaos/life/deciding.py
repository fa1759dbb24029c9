"""What decisions about people and scenarios should come to; all of them are the operator's here."""

from chaos.life.asking import end
from chaos.life.model import OPERATOR, Model


def ban(town: Model, who: int) -> str:
    """users.ban: what they hold waits again, what they asked for is over, they are owed nothing but word of it."""
    if who in town.banned:
        return "AlreadyExists"
    town.banned.add(who)
    concerned = [
        (number, demand.seats.get(who)) for number, demand in enumerate(town.demands)
        if demand.provider == who or (demand.requester == who and demand.active) or demand.seats.get(who) == "moderator"
    ]  # fmt: skip
    for number, _ in concerned:
        if town.demands[number].provider == who:
            town.unseat_provider(number, blamed=False)
    for number, role in concerned:
        if role == "requester":
            end(town, OPERATOR, number, "moderated")
    for number, role in concerned:
        if role == "moderator":
            demand = town.demands[number]
            town.give_up_seat(who, number)
            if demand.active:
                town.notice(number, "moderator_left", who)
    town.owed[who] = []
    town.tell(who, None, "banned")
    return "PersonLine"


def unban(town: Model, who: int) -> str:
    """users.unban."""
    if who not in town.banned:
        return "AlreadyExists"
    town.banned.discard(who)
    town.owed[who] = [each for each in town.owed[who] if each.notice != "banned"]  # no longer true
    town.tell(who, None, "unbanned")
    return "PersonLine"


def set_capacity(town: Model, who: int, capacity: int) -> str:
    """users.set_capacity; what they hold they keep."""
    if capacity != town.capacity[who]:
        town.capacity[who] = capacity
        town.tell(who, None, "capacity_changed")
    return "PersonLine"


def assign(town: Model, who: int, scenario: int) -> str:
    """memberships.assign as a provider."""
    if scenario in town.retired or who in town.banned:
        return "NotFound"
    town.providers.add((who, scenario))
    town.tell_gain(who, "membership_changed")
    return "Membership"


def unassign(town: Model, who: int, scenario: int) -> str:
    """memberships.unassign of a provider: what they hold there waits again."""
    if (who, scenario) not in town.providers:
        return "NotFound"
    town.providers.discard((who, scenario))
    town.paused.discard((who, scenario))
    for number in town.held(who):
        if town.demands[number].scenario == scenario:
            town.unseat_provider(number, blamed=False)
    town.tell(who, None, "membership_changed")
    return "Membership"


def pause(town: Model, who: int, scenario: int, *, ends: bool) -> str:
    """memberships.update: a break from being given demands, or its end; what they hold they keep."""
    if (who, scenario) not in town.providers:
        return "NotFound"
    if ends:
        town.paused.discard((who, scenario))
    else:
        town.paused.add((who, scenario))
    town.tell(who, None, "membership_paused")
    return "Membership"


def retire(town: Model, scenario: int) -> str:
    """scenarios.retire: what waits there is its moderators' from now on."""
    if scenario in town.retired:
        return "NotFound"
    town.retired.add(scenario)
    town.leave_waiting(
        scenario,
        [number for number, each in enumerate(town.demands) if each.scenario == scenario and each.status == "waiting"],
    )
    return "Scenario"


def restore(town: Model, scenario: int) -> str:
    """scenarios.restore."""
    if scenario not in town.retired:
        return "NotFound"
    town.retired.discard(scenario)
    return "Scenario"
