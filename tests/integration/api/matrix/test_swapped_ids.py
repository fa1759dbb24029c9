"""Ids of one's own beside ids of somebody else's: an object of another demand, scenario or person opens nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from contracts.deliveries import LocateDelivery
from contracts.demands import CloseDemand, NextDemand
from contracts.failures import Failure, Forbidden, NotFound
from contracts.kinds import MembershipKind
from contracts.memberships import ApplyMembership, ApproveMembership, AssignMembership
from contracts.messages import Origin, SearchMessages, SendMessage, Sent
from contracts.operations import BY_NAME
from contracts.operations.messages import DELIVERIES_LOCATE, MESSAGES_SEARCH, MESSAGES_SEND
from contracts.operations.scenarios import MEMBERSHIPS_APPLY
from contracts.operations.system import SYSTEM_ANSWER
from contracts.participants import AddParticipant, GetParticipant, RemoveParticipant, ResetDeclined, ShareContact
from contracts.system import GetAnswer
from integration.api.matrix.walking import fingerprint
from integration.api.town import Seated, seated
from world import OPERATOR, Person, World


@dataclass
class Two:
    """Two demands of two scenarios with other people in each; `theirs` has all that `mine` must not reach."""

    mine: Seated
    theirs: Seated
    my_message: Sent
    their_message: Sent
    applicant: Person  # of their scenario


async def two(world: World) -> Two:
    mine, theirs = await seated(world), await seated(world)
    said = [await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="x")) for at in (mine, theirs)]
    await world.demand(mine.requester, mine.scenario)  # something for `next` to give
    applicant = await world.person()
    await applicant.call(MEMBERSHIPS_APPLY, ApplyMembership(scenario=theirs.scenario.id))
    await theirs.moderator.call(BY_NAME["participants.add"], AddParticipant(demand=theirs.demand))
    return Two(mine, theirs, said[0], said[1], applicant)


Ask = Callable[[Two], Any]
SWAPS: tuple[tuple[str, str, Ask, tuple[type[Failure], ...]], ...] = (
    ("requester", "messages.search", lambda at: SearchMessages(demand=at.mine.demand, after=at.their_message.id), (NotFound,)),
    ("requester", "messages.search", lambda at: SearchMessages(demand=at.mine.demand, before=at.their_message.id), (NotFound,)),
    ("moderator", "messages.search", lambda at: SearchMessages(demand=at.mine.demand, after=at.their_message.id), (NotFound,)),
    ("requester", "messages.search", lambda at: SearchMessages(demand=at.theirs.demand, after=at.my_message.id), (NotFound,)),
    ("requester", "messages.send", lambda at: SendMessage(demand=at.mine.demand, text="x", reply_to=at.their_message.id), (NotFound,)),
    ("requester", "messages.send", lambda at: SendMessage(demand=at.theirs.demand, text="x", reply_to=at.my_message.id), (NotFound,)),
    ("provider", "demands.next", lambda at: NextDemand(instead_of=at.theirs.demand), (NotFound,)),
    ("requester", "demands.close", lambda at: CloseDemand(demand=at.theirs.demand), (NotFound,)),
    ("moderator", "demands.close", lambda at: CloseDemand(demand=at.theirs.demand), (NotFound,)),
    ("requester", "participants.share_contact", lambda at: ShareContact(demand=at.theirs.demand), (NotFound,)),
    ("moderator", "participants.get", lambda at: GetParticipant(demand=at.mine.demand, user=at.theirs.requester.user), (NotFound,)),
    ("moderator", "participants.get", lambda at: GetParticipant(demand=at.theirs.demand, user=at.mine.requester.user), (NotFound,)),
    ("moderator", "participants.add", lambda at: AddParticipant(demand=at.mine.demand, user=at.theirs.moderator.user), (Forbidden,)),
    ("moderator", "participants.add", lambda at: AddParticipant(demand=at.mine.demand, user=at.applicant.user), (Forbidden,)),
    ("moderator", "participants.add", lambda at: AddParticipant(demand=at.theirs.demand, user=at.mine.moderator.user), (NotFound,)),
    ("moderator", "participants.remove", lambda at: RemoveParticipant(demand=at.mine.demand, user=at.theirs.moderator.user), (NotFound,)),
    ("moderator", "participants.remove", lambda at: RemoveParticipant(demand=at.mine.demand, user=at.mine.provider.user), (NotFound,)),
    ("moderator", "participants.remove", lambda at: RemoveParticipant(demand=at.theirs.demand, user=at.theirs.moderator.user), (NotFound,)),
    ("moderator", "participants.reset_declined", lambda at: ResetDeclined(demand=at.theirs.demand), (NotFound,)),
    ("moderator", "memberships.approve", lambda at: ApproveMembership(user=at.applicant.user, scenario=at.theirs.scenario.id), (Forbidden,)),
    ("moderator", "memberships.approve", lambda at: ApproveMembership(user=at.applicant.user, scenario=at.mine.scenario.id), (NotFound,)),
)  # fmt: skip


@pytest.fixture
async def at(world: World) -> Two:
    return await two(world)


async def test_what_belongs_to_others_opens_nothing(at: Two) -> None:
    ledger = at.mine.world.ledger
    wrong = []
    for who, name, ask, expected in SWAPS:
        before = await fingerprint(ledger)
        person: Person = getattr(at.mine, who)
        got: Any = "a reply"
        try:
            await person.call(BY_NAME[name], ask(at))
        except Failure as failure:
            got = failure
        if type(got) not in expected or before != await fingerprint(ledger):
            wrong.append(f"{name} by {who}: {got}, done: {before != await fingerprint(ledger)}")
    assert not wrong, "\n".join(wrong)


async def test_a_moderator_names_nobody_for_anothers_scenario(at: Two) -> None:
    # Only staff at a desk may name members at all; the operator's word counts for every scenario.
    request = AssignMembership(user=at.applicant.user, scenario=at.theirs.scenario.id, kind=MembershipKind.MODERATOR)
    with pytest.raises(Forbidden):
        await at.mine.world.operator.call(BY_NAME["memberships.assign"], request, actor=at.mine.moderator.actor)
    assert (await at.mine.world.operator.call(BY_NAME["memberships.assign"], request, actor=OPERATOR)).user


async def test_anothers_key_and_answer_are_nobodys_business(at: Two) -> None:
    """A key belongs to its actor: the same one in another's hands is a new wish, and its answer is not to be had."""
    key = uuid4().hex
    said = await at.mine.requester.call(MESSAGES_SEND, SendMessage(demand=at.mine.demand, text="secret"), key=key)
    asked = GetAnswer(operation="messages.send", key=key)
    assert (await at.mine.requester.call(SYSTEM_ANSWER, asked)).done
    for person in (at.mine.provider, at.mine.moderator, at.theirs.requester):
        assert not (await person.call(SYSTEM_ANSWER, asked)).done
    assert not (await at.mine.world.operator.call(SYSTEM_ANSWER, asked, actor=OPERATOR)).done
    other = await at.mine.provider.call(MESSAGES_SEND, SendMessage(demand=at.mine.demand, text="another"), key=key)
    assert other.id != said.id


async def test_a_chat_one_does_not_sit_in_is_no_origin_to_read_from(at: Two) -> None:
    """Naming another's chat as the origin of one's message tells nothing of what is in that chat."""
    origin = Origin(address=str(at.theirs.requester.telegram_id), channel_message_id="1")
    request = SendMessage(demand=at.mine.demand, text="x", origin=origin)
    sent = await at.mine.requester.call(MESSAGES_SEND, request)
    asked = LocateDelivery(address=origin.address, channel_message_id="1")
    located = await at.mine.world.bot.call(DELIVERIES_LOCATE, asked)
    assert located.message in {None, sent.id}
    page = await at.theirs.requester.call(MESSAGES_SEARCH, SearchMessages(demand=at.theirs.demand))
    assert sent.id not in {line.id for line in page.items}
