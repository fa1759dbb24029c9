"""Who may decide about a scenario's members."""

from sqlalchemy import text

from api.call import Call
from api.rights import Relation
from contracts.failures import Forbidden, NotFound
from contracts.kinds import MembershipKind
from contracts.shapes import ScenarioId, UserId

LIVE = text("SELECT true FROM scenarios WHERE id = :scenario AND retired_at IS NULL FOR SHARE")
MODERATES = text("""
    SELECT true FROM memberships
    WHERE user_id = :me AND scenario_id = :scenario AND kind = 'moderator' AND state = 'live'
""")


async def require_live(call: Call, scenario: ScenarioId) -> None:
    """Go on when the scenario is in use; `NotFound` otherwise."""
    if not await call.value(LIVE, scenario=scenario):
        raise NotFound


async def require_staff(call: Call, scenario: ScenarioId) -> None:
    """Go on for admins and the scenario's moderators; `Forbidden` for everybody else."""
    if call.is_admin:
        call.require(())
        return
    if not await call.value(MODERATES, me=call.me, scenario=scenario):
        raise Forbidden
    call.require({Relation.MODERATOR})


async def require_over(call: Call, user: UserId, scenario: ScenarioId, kind: MembershipKind) -> None:
    """Go on for one's own membership, for admins, and for moderators where it is a provider's; `Forbidden` otherwise."""
    if call.user is not None and user == call.user.id:
        call.require(())
        return
    await require_staff(call, scenario)
    if kind is MembershipKind.MODERATOR:
        call.require_admin()
