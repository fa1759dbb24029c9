"""What writing in a demand should come to."""

from chaos.life.model import OPERATOR, Model, refused_to_banned
from chaos.life.things import Line, Note


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


@refused_to_banned
def mark_read(town: Model, who: int, number: int) -> str:
    """messages.read: those seated."""
    demand = town.demands[number]
    if who not in demand.seats:
        return town.unless_hidden(who, demand, "Forbidden")
    return "WrongStatus" if demand.status == "draft" else "ReadUpTo"


@refused_to_banned
def note(town: Model, who: int, number: int, text: str, audience: str) -> str:
    """messages.note: for the moderators who sit there, or whispered to the provider; also after the end."""
    demand = town.demands[number]
    if demand.status == "draft" and who == demand.requester:
        return "WrongStatus" if (who, demand.scenario) in town.moderators else "Forbidden"
    if demand.status == "draft" or not town.is_staff(who, demand):
        return town.unless_hidden(who, demand, "Forbidden")
    wanted = "provider" if audience == "provider" else "moderator"
    readers = [person for person, role in demand.seats.items() if role == wanted]
    if wanted == "provider" and not readers:
        return "WrongStatus"
    line = Line("note", text, None if who == OPERATOR else who)
    demand.notes.append(Note(line, len(demand.lines), readers[0] if wanted == "provider" else None))
    for person in readers:
        if person != who and person not in town.banned:
            town.owe(person, number, line)
    return "Noted"


@refused_to_banned
def report(town: Model, who: int, number: int) -> str:
    """demands.report: the scenario's moderators hear of it who are no part of it, once while nobody has resolved it."""
    demand = town.demands[number]
    if who not in demand.seats and not town.offered(who, demand):
        return town.unless_hidden(who, demand, "Forbidden")
    if demand.status == "draft":
        return "NotFound"
    if who in demand.reporters:
        return "AlreadyExists"
    demand.reporters.add(who)
    for person, scenario in sorted(town.moderators):
        if scenario == demand.scenario and person != who and not demand.concerns(person):
            town.tell(person, None, "report_made")
    return "Reported"


def visible_to(town: Model, who: int, number: int) -> list[str]:
    """Every line of a conversation as somebody who may read it does, the notes among them that are for them."""
    demand = town.demands[number]
    notes = [note for note in demand.notes if town.is_staff(who, demand) or note.whispered_to == who]
    lines: list[str] = []
    for after in range(len(demand.lines) + 1):
        lines += [demand.lines[after - 1].says] if after else []
        lines += [note.line.says for note in notes if note.after == after]
    return lines
