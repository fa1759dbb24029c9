"""What changing a message, taking it back and reacting to it should come to."""

from chaos.life.model import Model, refused_to_banned
from chaos.life.things import Line


def _for_readers(town: Model, who: int, number: int, line: Line | None) -> str:
    """Why somebody may not come near a line; those who read the conversation may, if there is one."""
    demand = town.demands[number]
    if who not in demand.seats and not (town.is_staff(who, demand) and demand.status != "draft"):
        return town.unless_hidden(who, demand, "Forbidden")
    return "" if line else "NotFound"


@refused_to_banned
def edit(town: Model, who: int, number: int, line: Line | None, text: str) -> str:
    """messages.edit: one's own words; after the end they are written down, and relayed to nobody."""
    if (refused := _for_readers(town, who, number, line)) or line is None:
        return refused
    if who != line.author or line.kind != "message":
        return "Forbidden"
    if line.is_gone:
        return "NotFound"
    line.says, line.version = text, line.version + 1
    if town.demands[number].active:
        town.change(number, line, "edit", who, town.demands[number].seats)
    return "Edited"


@refused_to_banned
def take_back(town: Model, who: int, number: int, line: Line | None) -> str:
    """messages.take_back: it goes from every chat that has it, whoever sits there now."""
    if (refused := _for_readers(town, who, number, line)) or line is None:
        return refused
    if who != line.author or line.kind != "message":
        return "Forbidden"
    if not line.is_gone:
        line.says, line.is_gone, line.version = "", True, line.version + 1
        town.change(number, line, "delete", who, range(town.people))
    return "TakenBack"


@refused_to_banned
def react(town: Model, who: int, number: int, line: Line | None, emoji: str | None) -> str:
    """messages.react: one sign of each who is seated, the latest."""
    demand = town.demands[number]
    if (refused := _for_readers(town, who, number, line)) or line is None:
        return refused
    if who not in demand.seats:
        return "Forbidden"
    if demand.status == "closed":
        return "AlreadyClosed"
    if line.is_gone:
        return "NotFound"
    if line.kind != "message":
        return "InvalidRequest"
    if line.reactions.get(who) != emoji:
        line.reactions.pop(who, None)
        if emoji is not None:
            line.reactions[who] = emoji
        town.change(number, line, "react", who, demand.seats)
    return "Reacted"
