"""Everything kept about the actor, page by page."""

import re
from typing import Any, Literal, get_args

from sqlalchemy import TextClause, text

from api.call import Call
from contracts import wire
from contracts.failures import InvalidRequest
from contracts.own_data import ExportItem, ExportMe, ExportPage

Kind = Literal["profile", "identity", "membership", "demand", "message", "version", "reaction", "report"]
ROWS = 200
# Below the 512 KiB a reply may have, so that the item that passes it still fits.
PAGE_BYTES = 448 * 1024
CURSOR = re.compile(r"([a-z]+):([0-9a-z:-]{0,100})")


def _rows(columns: str, tables: str, key: str) -> TextClause:
    """Rows of a kind after a key, as `[key, data]`."""
    return text(f"""
        SELECT json_build_array({key}, json_build_object({columns}))::text FROM {tables}
          AND (:after = '' OR {key} > :after) ORDER BY {key} LIMIT {ROWS}
    """)  # noqa: S608 - constants of this file


# Ids are UUIDv7: their text sorts as they came.
STATEMENTS: dict[Kind, TextClause] = {
    "profile": _rows(
        """'id', u.id, 'display_name', u.display_name, 'locale', u.locale, 'phone', u.phone, 'alias', u.alias,
        'time_zone', u.time_zone, 'quiet_from', u.quiet_from, 'quiet_to', u.quiet_to, 'capacity', u.capacity,
        'is_admin', u.is_admin, 'has_password', EXISTS (SELECT FROM credentials c WHERE c.user_id = u.id), 'restricted_until', CASE WHEN isfinite(u.restricted_until) THEN u.restricted_until END,
        'is_restricted', coalesce(u.restricted_until > now(), false),
        'created_at', u.created_at, 'last_seen_at', u.last_seen_at""",
        "users u WHERE u.id = :me", "CAST(u.id AS text)",
    ),
    "identity": _rows(
        """'channel', i.channel, 'external_id', i.external_id, 'username', i.username, 'created_at', i.created_at""",
        "identities i WHERE i.user_id = :me", "CAST(i.id AS text)",
    ),
    "membership": _rows(
        """'scenario', m.scenario_id, 'place', s.place, 'resource', s.resource, 'kind', m.kind, 'state', m.state,
        'routing_factor', m.routing_factor, 'paused_until', CASE WHEN isfinite(m.paused_until) THEN m.paused_until END,
        'created_at', m.created_at, 'changed_at', m.changed_at""",
        "memberships m JOIN scenarios s ON s.id = m.scenario_id WHERE m.user_id = :me", "m.scenario_id || ':' || m.kind",
    ),
    # What others asked for stays theirs: of those only the number and the part the actor had in it.
    "demand": _rows(
        """'id', d.id, 'number', d.number, 'place', s.place, 'resource', s.resource, 'role', p.role, 'alias', p.alias,
        'status', d.status, 'urgency', d.urgency, 'submitted_at', d.submitted_at, 'joined_at', p.joined_at,
        'left_at', p.left_at, 'declined_at', p.declined_at, 'contact_shared_at', p.contact_shared_at,
        'shared_phone', p.shared_phone,
        'closed_at', d.closed_at, 'close_reason', d.close_reason,
        'title', CASE WHEN d.requester_id = :me THEN d.title END,
        'description', CASE WHEN d.requester_id = :me THEN d.description END,
        'payload', CASE WHEN d.requester_id = :me THEN d.payload END,
        'read_seq', p.read_seq, 'feedback', CASE WHEN d.requester_id = :me THEN (
          SELECT coalesce(json_agg(json_build_object('helped', f.helped, 'words', f.words, 'at', f.created_at)
            ORDER BY f.closed_at), '[]') FROM feedback f WHERE f.demand_id = d.id) END""",
        """participants p JOIN demands d ON d.id = p.demand_id JOIN scenarios s ON s.id = d.scenario_id
        WHERE p.user_id = :me""", "CAST(p.id AS text)",
    ),
    "message": _rows(
        """'id', m.id, 'demand', m.demand_id, 'seq', m.seq, 'kind', m.kind, 'text', m.text, 'entities', m.entities,
        'audience', m.audience, 'reply_to', m.reply_to, 'created_at', m.created_at, 'edited_at', m.edited_at,
        'taken_back_at', m.taken_back_at, 'location', m.location, 'venue', m.venue, 'contact', m.contact, 'attachments', attachments_of_v1(m.id)""",
        "messages m WHERE m.author_id = :me AND m.kind <> 'notice'", "CAST(m.id AS text)",
    ),
    "version": text(f"SELECT export_versions_v1(:me, :after, {ROWS})"),
    "reaction": _rows(
        "'message', r.message_id, 'demand', m.demand_id, 'emoji', r.emoji, 'alias', r.alias, 'at', r.at",
        "message_reactions r JOIN messages m ON m.id = r.message_id WHERE r.user_id = :me", "CAST(r.message_id AS text)",
    ),
    "report": _rows(
        """'id', r.id, 'demand', r.demand_id, 'role', r.reporter_role, 'reason', r.reason, 'created_at', r.created_at,
        'resolved_at', r.resolved_at, 'decision', r.decision""",
        "reports r WHERE r.reporter_id = :me", "CAST(r.id AS text)",
    ),
}  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)


async def export_me(call: Call, request: ExportMe) -> ExportPage:
    """The next items in a fixed order, at most 512 KiB of them; `InvalidRequest` for a cursor that is none."""
    kind, after = _place(request.cursor)
    items: list[ExportItem] = []
    size = 0
    while True:
        rows = await call.all(STATEMENTS[kind], tuple[str, dict[str, Any]], me=call.me, after=after)
        for key, data in rows:
            item = ExportItem(kind=kind, data=data)
            size += len(wire.encode(item)) + 1
            if items and size > PAGE_BYTES:
                return ExportPage(items=items, next=f"{kind}:{after}")
            items.append(item)
            after = key
        if len(rows) == ROWS:
            continue
        if kind == KINDS[-1]:
            return ExportPage(items=items, next=None)
        kind, after = KINDS[KINDS.index(kind) + 1], ""


def _place(cursor: str | None) -> tuple[Kind, str]:
    if cursor is None:
        return KINDS[0], ""
    match = CURSOR.fullmatch(cursor)
    for kind in KINDS:
        if match and match[1] == kind:
            return kind, match[2]
    raise InvalidRequest(problem="the cursor names no place in an export")
