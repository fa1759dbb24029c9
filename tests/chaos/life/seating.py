"""What moderators joining, leaving and resetting should come to."""

from chaos.life.model import Model, refused_to_banned


@refused_to_banned
def join(town: Model, who: int, number: int) -> str:
    """participants.add of onetown."""
    demand = town.demands[number]
    if demand.status == "draft":
        return "NotFound"
    if not town.is_staff(who, demand):
        return town.unless_hidden(who, demand, "Forbidden")
    if demand.status == "closed":
        return "AlreadyClosed"
    if who in demand.seats:
        return "AlreadyExists"
    demand.seats[who] = "moderator"
    demand.skips.add(who)
    town.notice(number, "moderator_joined", who)
    town.tell(who, number, "you_joined")
    town.owe_history(who, number)
    return "Participant"


@refused_to_banned
def leave(town: Model, who: int, number: int) -> str:
    """participants.remove of onetown."""
    demand = town.demands[number]
    if demand.status == "draft":
        return "NotFound"
    if not town.is_staff(who, demand) and demand.seats.get(who) != "moderator":
        return town.unless_hidden(who, demand, "Forbidden")
    if demand.seats.get(who) != "moderator":
        return "NotFound"
    town.give_up_seat(who, number)
    town.notice(number, "moderator_left", who)
    return "Done"


def reset(town: Model, number: int) -> str:
    """participants.reset_declined by the operator."""
    demand = town.demands[number]
    if demand.status == "draft":
        return "NotFound"
    demand.skips -= {who for who in demand.records if demand.seats.get(who) != "moderator"}
    demand.records.clear()
    return "Reset"
