"""Who may decide where a scenario's demands are shown."""

from sqlalchemy import text

from api.call import Call
from api.rights import Relation
from contracts.failures import Forbidden, NotFound
from contracts.shapes import ScenarioId

EXISTS = text("SELECT true FROM scenarios WHERE id = :scenario AND (:retired OR retired_at IS NULL) FOR SHARE")
MODERATES = text("""
    SELECT true FROM memberships
    WHERE user_id = :me AND scenario_id = :scenario AND kind = 'moderator' AND state = 'live'
""")


async def require_staff(call: Call, scenario: ScenarioId, *, retired: bool = False) -> None:
    """Go on for admins and the scenario's moderators; `Forbidden` for everybody else.

    `NotFound` where there is none, and, unless `retired` ones count, where it is not in use.
    """
    if not await call.value(EXISTS, scenario=scenario, retired=retired):
        raise NotFound
    if call.is_admin:
        call.require(())
        return
    if not await call.value(MODERATES, me=call.me, scenario=scenario):
        raise Forbidden
    call.require({Relation.MODERATOR})
