"""Facts and signals, committed with their cause; the publisher moves them on."""

from uuid import UUID

import msgspec
from sqlalchemy import text

from api.call import Call
from contracts.kinds import DeliveryKind, Notice
from contracts.shapes import Reply

# Somebody banned is owed word of the ban and nothing else.
OWE = text("""
    SELECT owe_v1(ARRAY(SELECT u.id FROM users u
        WHERE u.id = ANY (CAST(:people AS uuid[])) AND (u.banned_at IS NULL OR :notice = 'banned')),
      CAST(:demand AS uuid), NULL, :notice, CAST(:data AS jsonb), :trace)
""")
NOTICE = text("SELECT notice_v1(:demand, :notice, CAST(:actor AS uuid), CAST(:data AS jsonb), :trace)")
CHANGE = text("""
    SELECT owe_change_v1(m, :kind, CAST(:people AS uuid[]), :trace) FROM messages m WHERE m.id = :message
""")
LINE = text("SELECT owe_v1(CAST(:people AS uuid[]), :demand, :message, NULL, '{}', :trace)")
FACT = text("SELECT fact_v1(:noun, :id, :happened, CAST(:data AS jsonb), :trace)")
# What happens to a demand is seen on its cards, too.
DEMAND_FACT = text("SELECT demand_fact_v1(:id, :happened, CAST(:data AS jsonb), :trace)")
CARDS = text("SELECT owe_cards_v1(:demand, :scenario, :trace)")


async def owe(call: Call, people: list[UUID], notice: Notice, data: Reply, demand: UUID | None = None) -> int:
    """Tell these people something, each on every channel that reaches them; how many it will reach."""
    said = {"people": people, "demand": demand, "notice": notice.value, "data": _json(data)}
    reached: int = await call.value(OWE, **said, trace=call.traceparent)
    return reached


async def announce(call: Call, demand: UUID, notice: Notice, data: Reply, actor: UUID | None) -> None:
    """Put a notice into a conversation: owed once to each live participant but the one who acted."""
    await call.value(NOTICE, demand=demand, notice=notice.value, actor=actor, data=_json(data), trace=call.traceparent)


async def owe_line(call: Call, people: list[UUID], demand: UUID, message: UUID) -> int:
    """Owe a line of a conversation to these people; how many of them it will reach."""
    reached: int = await call.value(LINE, people=people, demand=demand, message=message, trace=call.traceparent)
    return reached


async def owe_change(call: Call, people: list[UUID], message: UUID, kind: DeliveryKind) -> int:
    """Owe an edit, a removal or a reaction to those of these people who have the message; how many it will reach."""
    reached: int = await call.value(CHANGE, people=people, message=message, kind=kind.value, trace=call.traceparent)
    return reached


async def record(call: Call, noun: str, subject: UUID, happened: str, **data: object) -> None:
    """Tell other services that something happened; what happened to a demand, its staff chats as well."""
    said: dict[str, object] = {"id": subject, "happened": happened, "data": _json(data), "trace": call.traceparent}
    if noun == "demand":
        await call.value(DEMAND_FACT, **said)
    else:
        await call.value(FACT, noun=noun, **said)


async def owe_cards(call: Call, demand: UUID, scenario: UUID) -> None:
    """Show a change of a locked demand that is no fact of its own in the staff chats of this scenario."""
    await call.value(CARDS, demand=demand, scenario=scenario, trace=call.traceparent)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
