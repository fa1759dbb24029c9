"""Read a conversation."""

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import TextClause, text

from api.call import PAGE_BYTES, Call
from api.standing import Standing, require_right
from contracts.failures import Forbidden, InvalidRequest, NotFound
from contracts.kinds import Order
from contracts.messages import Message, MessagePage, ReadMark, SearchMessages
from contracts.shapes import MessageId

REVISION = text("SELECT revision FROM conversations WHERE demand_id = :demand")
MARKS = text("""
    SELECT json_build_object('role', p.role, 'alias', p.alias, 'is_me', p.user_id IS NOT DISTINCT FROM CAST(:me AS uuid),
      'seq', p.read_seq)::text
    FROM participants p WHERE p.demand_id = :demand AND p.left_at IS NULL ORDER BY p.joined_at, p.id
""")
# Where a line stands: its number, or for a note the number of the line before it and then its own.
PLACE = text("""
    SELECT coalesce(m.after_seq, m.seq) AS place, greatest(-m.seq, 0) AS sub FROM messages m
    WHERE m.id = :message AND m.demand_id = :demand AND may_read_line_v1(m, CAST(:me AS uuid), :staff)
""")
BEGINNING, END = (0, 0), (2**31 - 1, 0)

# Lines and notes each by their own index, so that a page costs the same wherever it is.
PLACES = """
    (SELECT m.id, m.seq AS place, 0 AS sub FROM messages m
     WHERE m.demand_id = :demand AND m.seq > :after AND m.seq > 0 AND m.seq < :before + (:before_sub > 0)::integer
     ORDER BY m.seq {0} LIMIT :limit + 1)
    UNION ALL
    (SELECT m.id, m.after_seq, -m.seq FROM messages m
     WHERE m.demand_id = :demand AND m.seq < 0 AND (m.after_seq, -m.seq) > (:after, :after_sub)
       AND (m.after_seq, -m.seq) < (:before, :before_sub) AND may_read_line_v1(m, CAST(:me AS uuid), :staff)
     ORDER BY m.after_seq {0}, -m.seq {0} LIMIT :limit + 1)
"""
CHANGED = """
    SELECT m.id, m.revision AS place, 0 AS sub FROM messages m
    WHERE m.demand_id = :demand AND m.revision > CAST(:since AS bigint) AND may_read_line_v1(m, CAST(:me AS uuid), :staff)
    ORDER BY m.revision {0} LIMIT :limit + 1
"""
LINES = """
    SELECT message_line_v1(m, CAST(:me AS uuid))::text AS line, row_number() OVER (ORDER BY p.place {0}, p.sub {0}) AS n
    FROM (""", """) p JOIN messages m ON m.id = p.id ORDER BY p.place {0}, p.sub {0} LIMIT :limit + 1
"""  # fmt: skip
VERSIONS = """
    SELECT message_version_v1(m, v, CAST(:me AS uuid))::text AS line, row_number() OVER (ORDER BY v.version) AS n
    FROM messages m JOIN message_versions v ON v.message_id = m.id
    WHERE m.id = :message AND m.demand_id = :demand AND v.version > CAST(:since AS bigint) ORDER BY v.version LIMIT :limit + 1
"""
# A page ends at its limit or when it is full, and never before its first line.
FILLED = """
    SELECT f.line, f.there FROM (
      SELECT l.line, l.n, sum(octet_length(l.line)) OVER (ORDER BY l.n) AS size, count(*) OVER () AS there FROM ({}) l) f
    WHERE f.n = 1 OR f.n <= :limit AND f.size <= :bytes ORDER BY f.n
"""


def _filled(places: str, direction: str) -> TextClause:
    return text(FILLED.format((LINES[0] + places + LINES[1]).format(direction)))


SEARCHES = {Order.OLDEST_FIRST: _filled(PLACES, "ASC"), Order.NEWEST_FIRST: _filled(PLACES, "DESC")}
SINCE = _filled(CHANGED, "ASC")
EARLIER = text(FILLED.format(VERSIONS))


@dataclass(frozen=True, slots=True)
class _Reader:
    call: Call
    request: SearchMessages
    standing: Standing

    @property
    def who(self) -> dict[str, Any]:
        me = self.call.user.id if self.call.user else None
        return {"demand": self.request.demand, "me": me, "staff": self.standing.is_staff}

    async def lines(self, statement: TextClause, **more: object) -> tuple[list[Message], bool]:
        """A page's lines, and whether there are more."""
        values = {**self.who, "limit": self.request.limit, "bytes": PAGE_BYTES, **more}
        rows = (await self.call.db.execute(statement, values)).all()
        found = [msgspec.json.decode(row.line, type=Message) for row in rows]
        return found, bool(rows) and rows[0].there > len(found)

    async def place(self, message: MessageId | None, otherwise: tuple[int, int]) -> tuple[int, int]:
        """Where a cursor stands; `NotFound` for one of another demand, and for one the actor may not read."""
        if message is None:
            return otherwise
        found = (await self.call.db.execute(PLACE, {**self.who, "message": message})).one_or_none()
        if found is None:
            raise NotFound
        return found.place, found.sub


async def search_messages(call: Call, request: SearchMessages) -> MessagePage:
    """One page of lines in the order asked for, and how far everybody live in it has read.

    Rights are asked for each page: those who declined or were removed read nothing, not even the past. `NotFound` for a
    cursor of another demand, `Forbidden` for earlier versions without being staff, `InvalidRequest` for `since` together
    with a cursor or another order.
    """
    reader = _Reader(call, request, await require_right(call, request.demand))
    # Before the lines: whatever is written meanwhile is then found again `since` this, and never missed.
    revision: int = await call.value(REVISION, demand=request.demand)
    if request.versions_of is not None or request.since is not None:
        if request.after or request.before or request.order is not Order.OLDEST_FIRST:
            raise InvalidRequest(problem="since and versions_of go with no cursor and no other order")
        found, more = await _changes(reader, request)
        if more and request.versions_of is None:
            revision = found[-1].revision
    else:
        after, after_sub = await reader.place(request.after, BEGINNING)
        before, before_sub = await reader.place(request.before, END)
        found, more = await reader.lines(
            SEARCHES[request.order], after=after, after_sub=after_sub, before=before, before_sub=before_sub
        )
    marks = await call.all(MARKS, ReadMark, demand=request.demand, me=reader.who["me"])
    return MessagePage(items=found, more=more, revision=revision, read=marks)


async def _changes(reader: _Reader, request: SearchMessages) -> tuple[list[Message], bool]:
    since = request.since or 0
    if request.versions_of is None:
        return await reader.lines(SINCE, since=since)
    if not reader.standing.is_staff:
        raise Forbidden
    await reader.place(request.versions_of, BEGINNING)
    return await reader.lines(EARLIER, since=since, message=request.versions_of)
