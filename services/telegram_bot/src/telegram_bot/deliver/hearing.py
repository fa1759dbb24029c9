"""Which deliveries their reader may be answering when they write next: docs/decisions/0015."""

from typing import Final

from contracts.deliveries import Delivery, Result
from contracts.kinds import DeliveryKind, EntryKind, Notice, SendOutcome
from telegram_bot.deliver.pace import is_group

Heard = tuple[int, str]
"""A chat and the demand it was told something from."""

MAY_BE_READ: Final = frozenset({SendOutcome.SENT, SendOutcome.UNKNOWN})
"""After which the person may have read it, and answer it."""

NOT_IN_IT: Final = frozenset({Notice.CLOSED, Notice.PARTICIPANT_REMOVED})
"""What tells its reader that they cannot write there any more."""


def heard_in(delivery: Delivery, result: Result) -> Heard | None:
    """The conversation a chat hears from by what came of a delivery, if from any.

    Words of somebody always; a notice while its reader sits in the demand and can answer there.
    """
    tag = delivery.demand
    if result.outcome not in MAY_BE_READ:
        return None
    if tag is None or delivery.kind != DeliveryKind.SEND or is_group(delivery.address):
        return None
    is_notice = delivery.entry == EntryKind.NOTICE
    if is_notice and (tag.viewer_role is None or not tag.is_active or delivery.notice in NOT_IN_IT):
        return None
    return int(delivery.address), str(tag.id)
