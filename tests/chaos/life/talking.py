"""What writing in a demand should come to."""

from chaos.life.model import Line, Model, refused_to_banned


@refused_to_banned
def send(town: Model, who: int, number: int, text: str) -> str:
    """messages.send."""
    demand = town.demands[number]
    if who not in demand.seats:
        return town.unless_hidden(who, demand, "Forbidden")
    if not demand.active:
        return "AlreadyClosed" if demand.status == "closed" else "WrongStatus"
    town.say(number, Line("message", text, who))
    return "Sent"


@refused_to_banned
def share_contact(town: Model, who: int, number: int) -> str:
    """participants.share_contact."""
    demand = town.demands[number]
    if demand.status == "draft":
        return "NotFound"
    if demand.seats.get(who) not in {"requester", "provider"}:
        return town.unless_hidden(who, demand, "Forbidden")
    if demand.status == "closed":
        return "AlreadyClosed"
    if who not in town.has_phone:
        return "InvalidRequest"
    demand.shared.add(who)
    town.notice(number, "contact_shared", who)
    return "Done"


@refused_to_banned
def read(town: Model, who: int, number: int) -> str:
    """messages.search: those seated and staff read all of it, others nothing."""
    demand = town.demands[number]
    if demand.status == "draft":
        return town.unless_hidden(who, demand, "WrongStatus")
    if who in demand.seats or town.is_staff(who, demand):
        return "MessagePage"
    return town.unless_hidden(who, demand, "Forbidden")
