"""What others hear of a membership."""

import msgspec
from sqlalchemy import text

from api.call import Call
from api.outbox import record
from contracts.kinds import Notice
from contracts.memberships import Membership
from contracts.notices import Membership as MembershipNotice

GAIN = text("SELECT owe_gain_v1(:user, :notice, CAST(:data AS jsonb), :trace)")


def notice_of(membership: Membership) -> MembershipNotice:
    """What a notice says of a membership."""
    return MembershipNotice(
        user=membership.user, place=membership.place, resource=membership.resource, kind=membership.kind,
        state=membership.state, scenario=membership.scenario,
    )  # fmt: skip


async def tell_gain(call: Call, membership: Membership, notice: Notice) -> None:
    """Tell the member, whose row is locked, that they may help there now; several in one breath become one message."""
    said = msgspec.json.encode(notice_of(membership)).decode()
    await call.value(GAIN, user=membership.user, notice=notice.value, data=said, trace=call.traceparent)


async def record_changed(call: Call, membership: Membership) -> None:
    """Let the fact that it is as it is now follow from this transaction."""
    await record(
        call, "membership", membership.user, "changed",
        user=membership.user, scenario=membership.scenario, kind=membership.kind, state=membership.state,
    )  # fmt: skip
