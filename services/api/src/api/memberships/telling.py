"""What others hear of a membership."""

from api.call import Call
from api.outbox import record
from contracts.memberships import Membership
from contracts.notices import Membership as MembershipNotice


def notice_of(membership: Membership) -> MembershipNotice:
    """What a notice says of a membership."""
    return MembershipNotice(
        user=membership.user, place=membership.place, resource=membership.resource, kind=membership.kind,
        state=membership.state,
    )  # fmt: skip


async def record_changed(call: Call, membership: Membership) -> None:
    """Let the fact that it is as it is now follow from this transaction."""
    await record(
        call, "membership", membership.user, "changed",
        user=membership.user, scenario=membership.scenario, kind=membership.kind, state=membership.state,
    )  # fmt: skip
