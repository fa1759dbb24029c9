"""Taking a demand's locks in the one order: people, demands (the conversation follows in the functions)."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from sqlalchemy import text

from api.call import Call
from api.standing import standing_in
from contracts.failures import Busy, NotFound, VersionConflict
from contracts.kinds import CloseReason, DemandStatus, Urgency
from contracts.shapes import DemandId, ScenarioId, UserId

HOLDERS = text(
    "SELECT DISTINCT provider_id FROM demands WHERE id = ANY (CAST(:demands AS uuid[])) AND provider_id IS NOT NULL"
)
PEOPLE = text("SELECT id FROM users WHERE id = ANY (CAST(:people AS uuid[])) ORDER BY id FOR NO KEY UPDATE")
LOCK = text("""
    SELECT json_build_object('id', d.id, 'number', d.number, 'scenario', d.scenario_id, 'requester', d.requester_id,
      'provider', d.provider_id, 'status', d.status, 'urgency', d.urgency, 'title', d.title,
      'description', d.description, 'version', d.version, 'submitted_at', d.submitted_at, 'closed_at', d.closed_at,
      'close_reason', d.close_reason, 'done_asked_at', d.done_asked_at)::text
    FROM demands d WHERE d.id = ANY (CAST(:demands AS uuid[])) AND (:drafts OR d.status <> 'draft')
    ORDER BY d.id FOR NO KEY UPDATE
""")
TRIES = 5


class Locked(msgspec.Struct, frozen=True):
    """A demand's deciding state, held still until the transaction ends."""

    id: DemandId
    number: str
    scenario: ScenarioId
    requester: UserId
    provider: UserId | None
    status: DemandStatus
    urgency: Urgency
    title: str
    description: str
    version: int
    submitted_at: datetime
    closed_at: datetime | None
    close_reason: CloseReason | None
    done_asked_at: datetime | None


async def lock_demand(call: Call, demand: DemandId, *people: UserId, drafts: bool = False) -> Locked:
    """The demand with its holder's row and those of `people` locked before it; `NotFound` when there is none.

    Ask for the right afterwards, as always.
    """
    locked = (await lock_demands(call, [demand], *people, drafts=drafts)).get(demand)
    if locked is None:
        # Absent costs the same statements as hidden, of which the next one tells that it is hidden.
        await standing_in(call, demand)
        raise NotFound
    return locked


def require_version(demand: Locked, version: int | None) -> None:
    """Go on where nobody changed the demand since whoever acts saw it; without a version that is not asked."""
    if version is not None and version != demand.version:
        raise VersionConflict(version=demand.version)


async def lock_demands(
    call: Call, demands: Iterable[DemandId], *people: UserId, drafts: bool = False
) -> dict[DemandId, Locked]:
    """Those of the demands that there are, with their holders' rows and those of `people` locked before them.

    A holder may change between looking and locking; everything is let go then, people too, and who matters now is locked
    in a fresh round, so that the order holds.
    """
    ids = list(demands)
    for _ in range(TRIES):
        holders = (await call.db.execute(HOLDERS, {"demands": ids})).scalars()
        wanted = {*people, *holders}
        savepoint = await call.db.begin_nested()
        await call.db.execute(PEOPLE, {"people": list(wanted)})
        locked = await call.all(LOCK, Locked, demands=ids, drafts=drafts)
        if all(demand.provider is None or demand.provider in wanted for demand in locked):
            return {demand.id: demand for demand in locked}
        await savepoint.rollback()
    raise Busy(retry_after=0.1)
