"""Change what a demand says."""

from msgspec import UNSET, json
from sqlalchemy import text

from api.call import Call
from api.demands.lock import Locked, lock_demand
from api.outbox import announce, owe_cards, record
from api.standing import require_right
from contracts.demands import Demand, UpdateDemand
from contracts.failures import Forbidden, InvalidRequest, NotFound, VersionConflict, WrongStatus
from contracts.kinds import DemandStatus, Notice, Urgency
from contracts.notices import DemandUpdated
from contracts.shapes import ScenarioId

# Shared with others who ask, in conflict with retiring the scenario meanwhile.
IN_USE = text("SELECT true FROM scenarios WHERE id = :scenario AND retired_at IS NULL FOR SHARE")
KEEP = text("""
    INSERT INTO demand_versions (demand_id, version, scenario_id, title, description, payload, urgency, changed_by)
    SELECT id, version, scenario_id, title, description, payload, urgency, CAST(:me AS uuid) FROM demands
    WHERE id = :demand AND status <> 'draft'
""")
UPDATE = text("""
    UPDATE demands d SET scenario_id = coalesce(CAST(:scenario AS uuid), d.scenario_id),
      title = coalesce(:title, d.title), description = coalesce(:description, d.description),
      payload = coalesce(CAST(:payload AS jsonb), d.payload), urgency = coalesce(:urgency, d.urgency),
      version = d.version + 1
    WHERE d.id = :demand RETURNING demand_reply_v1(d, CAST(:me AS uuid))
""")
# The words are for those who are told now; the line in the conversation has none, it would outlive them. That line is the
# last one: the conversation is held since it was put there.
FILL_IN = text("""
    UPDATE deliveries v SET data = CAST(:data AS jsonb)
    FROM conversations c JOIN messages m ON m.demand_id = c.demand_id AND m.seq = c.last_seq AND m.notice = 'demand_updated'
    WHERE c.demand_id = :demand AND v.message_id = m.id AND v.kind = 'send' AND v.supersedes IS NULL
""")
LEAVE = text("SELECT leave_moved_v1(:demand, CAST(:me AS uuid), :trace)")
NOW = text("SELECT demand_reply_v1(d, CAST(:me AS uuid)) FROM demands d WHERE d.id = :demand")
CHANGEABLE = ("scenario", "title", "description", "payload", "urgency")


async def update_demand(call: Call, request: UpdateDemand) -> Demand:
    """The demand as it is now, told to everybody else live in it; what it said before is kept.

    Moderators who sit in it and do not look after the scenario it moves to have left it, before they would read the new words.
    `VersionConflict` when somebody was quicker, `WrongStatus` for another scenario once it is held, `NotFound` for one
    that is not in use, `Forbidden` for a requester who would take back what staff called critical.
    """
    values = {name: None if (value := getattr(request, name)) is UNSET else value for name in CHANGEABLE}
    if all(value is None for value in values.values()):
        raise InvalidRequest(problem="nothing to change")
    demand = await lock_demand(call, request.demand, drafts=True)
    standing = await require_right(call, demand.id)
    if request.version != demand.version:
        raise VersionConflict(version=demand.version)
    if values["urgency"] is not None and demand.urgency is Urgency.CRITICAL and not standing.is_staff:
        raise Forbidden
    if values["scenario"] not in (None, demand.scenario):
        await _require_movable(call, demand, values["scenario"])
    me = call.user.id if call.user else None
    await call.run(KEEP, demand=demand.id, me=me)
    payload = None if values["payload"] is None else json.encode(values["payload"]).decode()
    changed = await call.one(UPDATE, Demand, demand=demand.id, me=me, **{**values, "payload": payload})
    if changed is not None and changed.scenario != demand.scenario:
        await call.value(LEAVE, demand=demand.id, me=me, trace=call.traceparent)
        changed = await call.one(NOW, Demand, demand=demand.id, me=me)
    if changed is None:
        raise NotFound
    if demand.status is not DemandStatus.DRAFT:
        await _tell(call, demand, changed)
        if me != demand.requester:
            await call.audit(demand.id, fields=[name for name, value in values.items() if value is not None])
    return changed


async def _require_movable(call: Call, demand: Locked, scenario: ScenarioId) -> None:
    if demand.status is DemandStatus.HELD:
        raise WrongStatus(status_now=demand.status)
    if not await call.value(IN_USE, scenario=scenario):
        raise NotFound


async def _tell(call: Call, demand: Locked, changed: Demand) -> None:
    me = call.user.id if call.user else None
    await announce(call, demand.id, Notice.DEMAND_UPDATED, DemandUpdated(), me)
    words = DemandUpdated(title=changed.title, description=changed.description)
    await call.run(FILL_IN, demand=demand.id, data=json.encode(words).decode())
    await record(call, "demand", demand.id, "updated", demand=demand.id, scenario=changed.scenario, by=me)
    if changed.scenario != demand.scenario:
        await owe_cards(call, demand.id, demand.scenario)  # where it was shown, it is seen to have moved
