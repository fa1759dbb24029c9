"""Which deliveries make a chat hear from a conversation."""

import msgspec
import pytest

from contracts.deliveries import Begun, Delivery, Result
from contracts.kinds import DeliveryKind, Notice, SendOutcome
from telegram_bot.deliver.hearing import NOT_IN_IT, heard_in
from unit.telegram_bot.talk import sample


def delivery(**changes: object) -> Delivery:
    """A notice about a request its reader is in, as the ledger hands it out."""
    [item] = sample("deliveries.begin", Begun).items[:1]
    tag = msgspec.structs.replace(item.demand, viewer_role="requester", is_active=True)
    changes = {"kind": "send", "entry": "notice", "notice": "provider_joined", "address": "77", "demand": tag} | changes
    return msgspec.structs.replace(item, **changes)


def heard(of: Delivery, outcome: SendOutcome = SendOutcome.SENT) -> bool:
    found = heard_in(of, Result(delivery=of.id, attempt=1, outcome=outcome))
    assert found is None or (of.demand is not None and found == (77, str(of.demand.id)))
    return found is not None


@pytest.mark.parametrize("notice", [one for one in Notice if one not in NOT_IN_IT])
def test_whatever_is_told_of_a_request_one_sits_in_is_heard_from_it(notice: Notice) -> None:
    assert heard(delivery(notice=notice.value))


def test_words_and_notes_are_heard_and_what_nobody_answers_is_not() -> None:
    assert heard(delivery(entry="message", notice=None))
    assert heard(delivery(entry="note", notice=None, audience="provider"))
    tag = delivery().demand
    assert tag is not None
    # Who has no seat (an alert, a lapsed lease) and whose request is over cannot answer there.
    assert not heard(delivery(demand=msgspec.structs.replace(tag, viewer_role=None)))
    assert not heard(delivery(demand=msgspec.structs.replace(tag, is_active=False)))
    assert not heard(delivery(notice="closed"))
    assert not heard(delivery(demand=None))
    assert not heard(delivery(address="-100500"))
    assert not heard(delivery(kind=DeliveryKind.EDIT.value))


def test_what_may_have_arrived_may_be_answered() -> None:
    assert heard(delivery(), SendOutcome.UNKNOWN)
    for outcome in (SendOutcome.REFUSED, SendOutcome.LATER, SendOutcome.UNREACHABLE):
        assert not heard(delivery(), outcome)
