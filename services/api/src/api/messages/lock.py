"""Taking a conversation's lock, and finding a line of it that the actor may do something with."""

from uuid import UUID

import msgspec
from sqlalchemy import text

from api.call import Call
from api.rights import Relation
from api.standing import permit, standing_in
from contracts.failures import NotFound
from contracts.kinds import EntryKind
from contracts.shapes import DemandId, MessageId, UserId

LOCK = text("""
    SELECT json_build_object('last_seq', c.last_seq, 'open', c.open, 'seats', c.seats)::text
    FROM conversations c WHERE c.demand_id = :demand FOR NO KEY UPDATE
""")
LINE = text("""
    SELECT json_build_object('id', m.id, 'kind', m.kind, 'author', m.author_id, 'version', m.version,
      'taken_back', m.taken_back_at IS NOT NULL, 'whispered_to', m.whispered_to)::text
    FROM messages m WHERE m.id = :message AND m.demand_id = :demand
""")
REVISE = text("UPDATE conversations SET revision = revision + 1 WHERE demand_id = :demand RETURNING revision")

# Only who may read the conversation is the author of anything in it: who left has no say any more.
READERS = frozenset({
    Relation.REQUESTER, Relation.PROVIDER, Relation.SEATED, Relation.MODERATOR, Relation.ADMIN, Relation.OPERATOR,
})  # fmt: skip


class Conversation(msgspec.Struct, frozen=True):
    """A conversation held still until the transaction ends; `seats` are the live participants."""

    last_seq: int
    open: bool
    seats: list[UserId]

    def others(self, *but: UUID | None) -> list[UUID]:
        """Everybody live in it but these."""
        return [user for user in self.seats if user not in but]


class Line(msgspec.Struct, frozen=True):
    """A line of a conversation, as far as it decides what may be done with it."""

    id: MessageId
    kind: EntryKind
    author: UserId | None
    version: int
    taken_back: bool
    whispered_to: UserId | None


async def lock_conversation(call: Call, demand: DemandId) -> Conversation:
    """The conversation, locked; `NotFound` when there is none. Ask for the right afterwards, as always."""
    found = await call.one(LOCK, Conversation, demand=demand)
    if found is None:
        # Absent costs the same statements as hidden, of which the next one tells that it is hidden.
        await standing_in(call, demand)
        raise NotFound
    return found


async def line_for(call: Call, demand: DemandId, message: MessageId) -> Line:
    """The line, once the actor may do to it what they ask.

    `NotFound` for a line of another demand and for one they may not read, `Forbidden` for one that is not theirs to touch.
    """
    standing = await standing_in(call, demand)
    if standing.relations.isdisjoint(READERS):
        permit(call, standing)  # refuses before the line is looked for: to them it costs the same as no demand at all
    line = await call.one(LINE, Line, demand=demand, message=message)
    me = call.user.id if call.user else None
    also: tuple[Relation, ...] = ()
    if not standing.relations.isdisjoint(READERS):
        if line is None or not (line.kind is not EntryKind.NOTE or standing.is_staff or me == line.whispered_to):
            raise NotFound
        # A notice is nobody's words, whoever caused it.
        also = (Relation.AUTHOR,) if me == line.author is not None and line.kind is not EntryKind.NOTICE else ()
    permit(call, standing, *also)
    if line is None:
        raise NotFound
    return line


async def revise(call: Call, demand: DemandId) -> int:
    """Move the conversation on by one revision; the new one."""
    revision: int = await call.value(REVISE, demand=demand)
    return revision
