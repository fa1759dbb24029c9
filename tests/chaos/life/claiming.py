"""What taking a demand and handing it back should come to."""

from chaos.life.model import Model, refused_to_banned


def nothing(town: Model, who: int) -> str:
    """Why there is nothing for them."""
    mine = {(who, s) for s in town.in_use} & town.providers
    if mine and mine <= town.paused:
        return "Paused"
    return "NothingWaiting" if mine else "NotAProvider"


def next_demand(  # noqa: PLR0911 - one line a reason
    town: Model, who: int, instead_of: int | None
) -> tuple[str, int | None]:
    """demands.next, and the demand taken."""
    held = town.held(who)
    if who in town.banned:
        return "Banned", None
    if instead_of is None and len(held) >= town.capacity[who]:
        return "AtCapacity", None
    mine = {s for s in town.in_use if (who, s) in town.providers - town.paused}  # I7: nobody on a break is given one
    waiting = [n for n, d in enumerate(town.demands) if d.status == "waiting" and d.scenario in mine]
    if not waiting:
        return nothing(town, who), None
    if instead_of is not None and instead_of not in held:
        return "NotFound", None
    if len(held) - (instead_of is not None) >= town.capacity[who]:
        return "AtCapacity", None
    free = [n for n in waiting if town.offered(who, town.demands[n])]
    if not free:
        return nothing(town, who), None
    chosen = min(free, key=lambda n: town.demands[n].place_in_queue)
    if instead_of is not None:
        town.unseat_provider(instead_of)
    town.seat_provider(who, chosen)
    return "Taken", chosen


@refused_to_banned
def take(town: Model, who: int, number: int) -> str:  # noqa: PLR0911 - one line a reason, in the order they are told
    """demands.take."""
    demand = town.demands[number]
    if demand.status == "draft":
        return "NotFound"
    if (who, demand.scenario) not in town.providers:
        return town.unless_hidden(who, demand, "Forbidden")
    if demand.status == "closed":
        return "AlreadyClosed"
    if demand.requester == who:
        return "Forbidden"
    if who in demand.skips and who not in demand.seats:
        return "AlreadyDeclined"
    if demand.status == "held":
        return "AlreadyTaken"
    if who in demand.seats or demand.scenario in town.retired:
        return "Forbidden"
    if len(town.held(who)) >= town.capacity[who]:
        return "AtCapacity"
    town.seat_provider(who, number)
    return "Taken"


@refused_to_banned
def decline(town: Model, who: int, number: int) -> str:  # noqa: PLR0911 - one line a reason
    """demands.decline."""
    demand = town.demands[number]
    if demand.status == "draft":
        return "NotFound"
    if demand.provider == who:
        town.unseat_provider(number)
        return "Declined"
    member = (who, demand.scenario) in town.providers
    if demand.status == "closed" and (member or demand.seats.get(who) == "provider"):
        return "AlreadyClosed"  # whoever could have been offered it hears what became of it, as with `take`
    if not member:
        return town.unless_hidden(who, demand, "Forbidden")
    if who in demand.records:
        return "Declined"
    if who in demand.seats:
        return town.unless_hidden(who, demand, "Forbidden")
    demand.skips.add(who)
    demand.records.add(who)
    return "Declined"


@refused_to_banned
def assign(town: Model, who: int, number: int, chosen: int) -> str:  # noqa: C901, PLR0911 - one line a reason
    """demands.assign."""
    demand = town.demands[number]
    if demand.status == "draft":
        return "NotFound"
    if not town.is_staff(who, demand):
        return town.unless_hidden(who, demand, "Forbidden")
    if demand.status == "closed":
        return "AlreadyClosed"
    if chosen in town.banned:
        return "NotFound"
    if chosen == demand.provider:
        return "AlreadyExists"
    own = chosen == who
    if chosen == demand.requester or not (own or (chosen, demand.scenario) in town.providers):
        return "Forbidden"
    if not own and demand.status == "waiting" and demand.scenario in town.retired:
        return "Forbidden"
    if chosen in demand.records:
        return "AlreadyDeclined"
    if len(town.held(chosen)) >= town.capacity[chosen]:
        return "AtCapacity"
    former = demand.provider
    if former is not None:
        del demand.seats[former]
    if demand.seats.pop(chosen, None) is not None:
        demand.skips.discard(chosen)
    town.seat_provider(chosen, number)
    if former is not None:
        town.tell(former, None, "handed_over")
    return "Assigned"


@refused_to_banned
def release(town: Model, who: int, number: int) -> str:
    """demands.release."""
    demand = town.demands[number]
    if demand.status == "draft":
        return "NotFound"
    if who != demand.requester:
        return town.unless_hidden(who, demand, "Forbidden")
    if demand.provider is None:
        return "AlreadyClosed" if demand.status == "closed" else "WrongStatus"
    town.unseat_provider(number, actor=who)
    return "Released"


@refused_to_banned
def done(town: Model, who: int, number: int) -> str:
    """demands.done."""
    demand = town.demands[number]
    if demand.status == "draft":
        return "NotFound"
    if demand.seats.get(who) != "provider":
        return town.unless_hidden(who, demand, "Forbidden")
    if demand.status == "closed":
        return "AlreadyClosed"
    if demand.done_asked:
        return "AskedAlready"
    demand.done_asked = True
    town.notice(number, "done_asked", who)
    return "RequesterAsked"
