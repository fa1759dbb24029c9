"""What somebody is in scenarios, as the api last told it."""

from contracts.kinds import MembershipKind, MembershipState
from contracts.users import Me


def holds(me: Me, kind: MembershipKind) -> bool:
    """Whether somebody has a live membership of this kind anywhere."""
    return any(found.kind is kind and found.state is MembershipState.LIVE for found in me.memberships)
