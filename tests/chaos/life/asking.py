"""What asking for help, changing it and ending it should come to."""

from chaos.life.model import OPERATOR, Demand, Model, refused_to_banned


@refused_to_banned
def create(town: Model, who: int, scenario: int, urgency: str, *, draft: bool = False) -> str:
    """demands.create."""
    if scenario in town.retired:
        return "NotFound"
    if town.open_of(who) >= town.open_limit:
        return "TooManyOpen"
    demand = Demand(scenario, who, town.age(), urgency, "draft" if draft else "waiting")
    demand.seats[who] = "requester"
    town.demands.append(demand)
    if not draft:
        _submitted(town, len(town.demands) - 1)
    return "Created"


@refused_to_banned
def submit(town: Model, who: int, number: int) -> str:
    """demands.submit."""
    demand = town.demands[number]
    if refused := _drafts_only(town, who, demand):
        return refused
    if demand.scenario in town.retired:
        return "NotFound"
    demand.status, demand.age = "waiting", town.age()
    demand.version += 1
    _submitted(town, number)
    return "Created"


@refused_to_banned
def discard(town: Model, who: int, number: int) -> str:
    """demands.discard."""
    demand = town.demands[number]
    if refused := _drafts_only(town, who, demand):
        return refused
    demand.status = "gone"
    return "Done"


@refused_to_banned
def update(town: Model, who: int, number: int, version: int) -> str:
    """demands.update of the title."""
    demand = town.demands[number]
    if not ((town.is_staff(who, demand) and demand.status != "draft") or who == demand.requester):
        return town.unless_hidden(who, demand, "Forbidden")
    if demand.status == "closed":
        return "AlreadyClosed"
    if version != demand.version:
        return "VersionConflict"
    demand.version += 1
    if demand.status != "draft":
        town.notice(number, "demand_updated", who)
    return "Demand"


@refused_to_banned
def set_urgency(town: Model, who: int, number: int, urgency: str) -> str:
    """demands.set_urgency."""
    demand = town.demands[number]
    staff = town.is_staff(who, demand)
    if demand.status == "draft":
        return "NotFound"
    if not staff and who != demand.requester:
        return town.unless_hidden(who, demand, "Forbidden")
    if demand.status == "closed":
        return "AlreadyClosed"
    if "critical" in {urgency, demand.urgency} and not staff:
        return "Forbidden"
    if urgency != demand.urgency:
        demand.urgency = urgency
        demand.version += 1
        town.notice(number, "urgency_changed", who)
    return "UrgencySet"


@refused_to_banned
def close(town: Model, who: int, number: int, reason: str) -> str:
    """demands.close."""
    demand = town.demands[number]
    staff = town.is_staff(who, demand)
    if demand.status == "draft":
        return "NotFound"
    if not (staff or demand.seats.get(who) in {"requester", "provider"}):
        return town.unless_hidden(who, demand, "Forbidden")
    if demand.status == "closed":
        return "AlreadyClosed"
    if not staff and (reason in {"moderated", "duplicate"} or who != demand.requester):
        return "Forbidden"
    end(town, who, number, reason)
    return "Closed"


@refused_to_banned
def confirm(town: Model, who: int, number: int, answer: str) -> str:
    """demands.confirm."""
    demand = town.demands[number]
    if demand.status == "draft":
        return "NotFound"
    if who != demand.requester:
        return town.unless_hidden(who, demand, "Forbidden")
    if demand.status == "closed":
        return "AlreadyClosed"
    if answer == "received":
        end(town, who, number, "fulfilled")
    elif answer == "not_yet" and demand.done_asked:
        demand.done_asked = False
        town.notice(number, "not_done_yet", who)
    return "Confirmed"


@refused_to_banned
def merge(town: Model, who: int, number: int, into: int) -> str:
    """demands.merge."""
    if number == into:
        return "InvalidRequest"
    both = [town.demands[number], town.demands[into]]
    for demand in both:
        if demand.status == "draft":
            return "NotFound"
        if not town.is_staff(who, demand):
            return town.unless_hidden(who, demand, "Forbidden")
        if demand.status == "closed":
            return "AlreadyClosed"
    if both[0].requester != both[1].requester:
        return "InvalidRequest"
    end(town, who, number, "duplicate")
    return "Merged"


@refused_to_banned
def reopen(town: Model, who: int, number: int) -> str:  # noqa: PLR0911 - one line a reason
    """demands.reopen, within its days."""
    demand = town.demands[number]
    if demand.status == "draft":
        return "NotFound"
    staff = town.is_staff(who, demand)
    if not staff and who != demand.requester:
        return town.unless_hidden(who, demand, "Forbidden")
    if demand.status != "closed":
        return "WrongStatus"
    if demand.close_reason == "moderated" and not staff:
        return "Forbidden"
    if demand.requester in town.banned or demand.scenario in town.retired:
        return "Forbidden"
    if town.open_of(demand.requester) >= town.open_limit:
        return "TooManyOpen"
    former = [person for person, role in demand.seats.items() if role == "provider"]
    demand.seats = {
        person: role for person, role in demand.seats.items()
        if role == "requester" or (role == "moderator" and town.is_staff(person, demand))
    }  # fmt: skip
    demand.status, demand.close_reason, demand.closed_by = "waiting", None, None
    demand.version += 1
    demand.skips = set(demand.records) | {person for person, role in demand.seats.items() if role == "moderator"}
    town.notice(number, "reopened", who)
    for person in former:
        town.tell(person, None, "reopened")
    return "Reopened"


def end(town: Model, who: int, number: int, reason: str) -> None:
    """A demand is over."""
    demand = town.demands[number]
    demand.status, demand.provider, demand.close_reason = "closed", None, reason
    demand.closed_by = None if who == OPERATOR else who
    demand.version += 1
    demand.done_asked = False
    demand.skips.clear()
    town.notice(number, "closed", who)


def _submitted(town: Model, number: int) -> None:
    town.tell(town.demands[number].requester, number, "received")


def _drafts_only(town: Model, who: int, demand: Demand) -> str:
    if who != demand.requester:
        return town.unless_hidden(who, demand, "Forbidden")
    if demand.status == "draft":
        return ""
    return "AlreadyClosed" if demand.status == "closed" else "WrongStatus"
