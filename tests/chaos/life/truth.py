"""What the ledger says, in the model's words; and what no ledger may ever say."""

from typing import Any
from uuid import UUID

from chaos.api.crowd import CONTRADICTIONS
from chaos.life.model import Model

STATE = """
    SELECT d.id, d.status, d.provider_id AS provider, d.requester_id AS requester, d.close_reason, d.closed_by, d.version,
      c.open, c.last_seq, (SELECT array_agg(p.user_id || ' ' || p.role ORDER BY p.user_id) FROM participants p
        WHERE p.demand_id = d.id AND p.left_at IS NULL) AS seats,
      ARRAY(SELECT DISTINCT p.user_id FROM participants p WHERE p.demand_id = d.id AND p.skips ORDER BY 1) AS skips,
      ARRAY(SELECT coalesce(m.notice, m.text) FROM messages m WHERE m.demand_id = d.id AND m.kind <> 'note'
        ORDER BY m.seq) AS lines,
      ARRAY(SELECT m.text FROM messages m WHERE m.demand_id = d.id AND m.kind = 'note' ORDER BY m.seq DESC) AS notes
    FROM demands d JOIN conversations c ON c.demand_id = d.id ORDER BY d.submitted_at, d.id
"""

# What each chat still has to be told, in the order it will be.
OWED = """
    SELECT v.recipient_id AS who, array_agg(CASE WHEN v.kind IN ('send', 'card') THEN '' ELSE v.kind || ' ' END
      || coalesce(v.notice, m.notice, m.text) ORDER BY v.position) AS says
    FROM deliveries v LEFT JOIN messages m ON m.id = v.message_id WHERE v.status = 'pending' GROUP BY v.recipient_id
"""

# The invariants of the design by their numbers, beside those every race is checked with.
BROKEN = {
    "I1 more or fewer than one requester": """
        SELECT d.id FROM demands d WHERE d.status <> 'draft' AND 1 <> (SELECT count(*) FROM participants p
          WHERE p.demand_id = d.id AND p.role = 'requester' AND p.left_at IS NULL)""",
    "I1 two providers": """
        SELECT p.demand_id FROM participants p WHERE p.role = 'provider' AND p.left_at IS NULL
        GROUP BY p.demand_id HAVING count(*) > 1""",
    "I2 held without a provider, or the other way round": """
        SELECT d.id FROM demands d WHERE (d.status = 'held') <> (d.provider_id IS NOT NULL)""",
    "I3 provider of their own demand": "SELECT d.id FROM demands d WHERE d.provider_id = d.requester_id",
    "I8 closed without a reason, or talked in after it": """
        SELECT d.id FROM demands d JOIN conversations c ON c.demand_id = d.id
        WHERE (d.status = 'closed') <> (d.closed_at IS NOT NULL AND d.close_reason IS NOT NULL AND NOT c.open)""",
    "I11 owed twice": """
        SELECT v.message_id FROM deliveries v WHERE v.kind = 'send' AND v.message_id IS NOT NULL AND v.supersedes IS NULL
        GROUP BY v.message_id, v.destination_id HAVING count(*) > 1""",
    "I12 two under way in one chat": """
        SELECT v.destination_id FROM deliveries v WHERE v.status = 'sending'
        GROUP BY v.destination_id HAVING count(*) > 1""",
    "I12 sent more than once without a doubt": "SELECT v.id FROM deliveries v WHERE v.attempts > 1 AND v.doubts = 0",
    "I12 begun and left": "SELECT v.id FROM deliveries v WHERE v.status = 'sending'",
    "I15 an identity of two": """
        SELECT i.external_id FROM identities i GROUP BY i.channel, i.external_id HAVING count(*) > 1""",
    "I16 held by somebody banned": """
        SELECT d.id FROM demands d JOIN users u ON u.id = d.provider_id WHERE u.banned_at IS NOT NULL""",
    "I16 owed to somebody banned": """
        SELECT v.id FROM deliveries v JOIN users u ON u.id = v.recipient_id
        WHERE u.banned_at IS NOT NULL AND v.status = 'pending' AND v.notice IS DISTINCT FROM 'banned'""",
    "I18 one key, two answers": """
        SELECT k.key FROM idempotency k GROUP BY k.actor, k.operation, k.key HAVING count(*) > 1""",
}
INVARIANTS = " UNION ALL ".join(
    f"SELECT '{what}' AS what WHERE EXISTS ({where})"
    for what, where in (CONTRADICTIONS | BROKEN).items()
    if what != "somebody above capacity"  # lowering a capacity keeps what is held; the claim itself is checked instead
)


def owed_by(model: Model, people: list[UUID]) -> dict[UUID, list[str]]:
    """The model's debts as `OWED` would show them (I10, I11)."""
    return {people[who]: [each.says for each in owed] for who, owed in model.owed.items() if owed}


def projected(model: Model, people: list[UUID], demands: list[UUID]) -> list[dict[str, Any]]:
    """The model as `STATE` would show it."""
    return [
        {
            "id": demands[number],
            "status": demand.status,
            "provider": None if demand.provider is None else people[demand.provider],
            "requester": people[demand.requester],
            "close_reason": demand.close_reason,
            "closed_by": None if demand.closed_by is None else people[demand.closed_by],
            "version": demand.version,
            "open": demand.active,
            "last_seq": len(demand.lines),
            "seats": [
                f"{user} {demand.seats[who]}" for user, who in sorted((people[who], who) for who in demand.seats)
            ],
            "skips": sorted(people[who] for who in demand.skips),
            "lines": [line.says for line in demand.lines],
            "notes": [note.line.says for note in demand.notes],
        }
        for number, demand in sorted(enumerate(model.demands), key=lambda each: each[1].age)
        if demand.status != "gone"
    ]
