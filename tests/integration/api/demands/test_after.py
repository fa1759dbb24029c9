"""What can still be done about a demand that is closed: taken up again, thanked for, merged into another."""

import pytest

from contracts.demand_life import FeedbackDemand, MergeDemand, ReopenDemand
from contracts.demands import (
    CloseDemand,
    CreateDemand,
    DeclineDemand,
    GetDemand,
    NextDemand,
    NothingWaiting,
    TakeDemand,
)
from contracts.failures import (
    AlreadyClosed,
    AlreadyExists,
    Forbidden,
    InvalidRequest,
    NotFound,
    TooManyOpen,
    WrongStatus,
)
from contracts.kinds import DemandStatus
from contracts.messages import SendMessage
from contracts.operations.demands import (
    DEMANDS_CLOSE,
    DEMANDS_CREATE,
    DEMANDS_DECLINE,
    DEMANDS_FEEDBACK,
    DEMANDS_GET,
    DEMANDS_MERGE,
    DEMANDS_NEXT,
    DEMANDS_REOPEN,
    DEMANDS_TAKE,
    PARTICIPANTS_ADD,
    PARTICIPANTS_REMOVE,
)
from contracts.operations.messages import MESSAGES_SEND
from contracts.operations.scenarios import SCENARIOS_RETIRE
from contracts.operations.users import USERS_BAN, USERS_ERASE_ME
from contracts.own_data import EraseMe
from contracts.participants import AddParticipant, RemoveParticipant
from contracts.people import BanUser
from contracts.scenarios import RetireScenario
from integration.api.town import Seated, receive, seated, words
from world import OPERATOR, World

SEATS = "SELECT seats FROM conversations WHERE demand_id = $1"


async def ended(world: World, reason: str = "fulfilled") -> Seated:
    at = await seated(world)
    person = at.requester if reason in ("fulfilled", "cancelled") else at.moderator
    await person.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand, reason=reason))  # type: ignore[arg-type]
    return at


async def test_a_reopened_demand_waits_as_old_as_it_was_and_not_for_who_declined_it(world: World) -> None:
    at = await seated(world)
    decliner = at.provider
    await decliner.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    helper = await world.member(at.scenario)
    await helper.call(DEMANDS_TAKE, TakeDemand(demand=at.demand))
    await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    before = await world.ledger.fetchval("SELECT submitted_at FROM demands")
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    kept = await world.ledger.fetchval(
        "SELECT user_id FROM participants WHERE role = 'provider' AND left_at IS NULL AND demand_id = $1", at.demand
    )
    assert kept == helper.user, "who held it to the end is on record"
    for person in (at.requester, at.moderator, helper, decliner):
        await receive(person)
    again = await at.requester.call(DEMANDS_REOPEN, ReopenDemand(demand=at.demand))
    assert (again.number, again.ahead) == (at.number, 0)
    row = await world.ledger.fetchrow(
        "SELECT status, submitted_at, closed_at, closed_by, close_reason, provider_id FROM demands"
    )
    assert tuple(row) == ("waiting", before, None, None, None, None)
    assert set(await world.ledger.fetchval(SEATS, at.demand)) == {at.requester.user, at.moderator.user}
    assert words(await receive(at.moderator)) == ["reopened"]
    assert [one.data for one in await receive(helper)] == [{"number": at.number}]
    assert await receive(at.requester) == await receive(decliner) == []
    assert await decliner.call(DEMANDS_NEXT, NextDemand()) == NothingWaiting()
    await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="It came back"))
    with pytest.raises(Forbidden):
        await helper.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="Me?"))
    taken = await helper.call(DEMANDS_NEXT, NextDemand())
    assert taken.id == at.demand  # type: ignore[union-attr]
    with pytest.raises(WrongStatus):
        await at.requester.call(DEMANDS_REOPEN, ReopenDemand(demand=at.demand))


async def test_a_number_given_away_meanwhile_is_not_taken_back(world: World) -> None:
    at = await ended(world)
    other = await world.demand(await world.person(), at.scenario)
    await world.ledger.execute("UPDATE demands SET number = $1 WHERE id = $2", at.number, other.id)
    again = await at.requester.call(DEMANDS_REOPEN, ReopenDemand(demand=at.demand))
    assert again.number != at.number
    shown = await at.requester.call(DEMANDS_GET, GetDemand(demand=at.demand))
    assert (shown.number, shown.status) == (again.number, DemandStatus.WAITING)


async def test_what_may_not_begin_does_not_begin_again(world: World) -> None:
    at = await ended(world, "moderated")
    request = ReopenDemand(demand=at.demand)
    with pytest.raises(Forbidden):
        await at.requester.call(DEMANDS_REOPEN, request)
    with pytest.raises(Forbidden):
        await at.provider.call(DEMANDS_REOPEN, request)
    await world.ledger.execute("UPDATE users SET banned_at = now() WHERE id = $1", at.requester.user)
    with pytest.raises(Forbidden):
        await at.moderator.call(DEMANDS_REOPEN, request)
    await world.ledger.execute(
        "UPDATE users SET banned_at = NULL, restricted_until = 'infinity' WHERE id = $1", at.requester.user
    )
    with pytest.raises(Forbidden):
        await at.moderator.call(DEMANDS_REOPEN, request)
    await world.ledger.execute("UPDATE users SET restricted_until = NULL WHERE id = $1", at.requester.user)
    await world.ledger.execute("UPDATE demands SET closed_at = now() - interval '7 days 1 s'")
    with pytest.raises(AlreadyClosed):
        await at.moderator.call(DEMANDS_REOPEN, request)
    await world.ledger.execute("UPDATE demands SET closed_at = now() - interval '6 days 23 h'")
    for _ in range(5):
        await at.requester.call(DEMANDS_CREATE, CreateDemand(scenario=at.scenario.id, description="x", draft=True))
    with pytest.raises(TooManyOpen):
        await at.moderator.call(DEMANDS_REOPEN, request)
    await world.ledger.execute(
        "UPDATE demands SET status = 'closed', closed_at = now(), close_reason = 'cancelled' WHERE id <> $1", at.demand
    )
    await at.moderator.call(DEMANDS_REOPEN, request)
    assert await world.ledger.fetchval("SELECT count(*) FROM audit WHERE operation = 'demands.reopen'") == 1


async def test_what_somebody_erased_asked_for_is_not_taken_up_again(world: World) -> None:
    at = await seated(world)
    earlier = await world.demand(at.requester, at.scenario)
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=earlier.id))
    await at.requester.call(USERS_ERASE_ME, EraseMe(confirm="erase"))
    for demand in (at.demand, earlier.id):
        with pytest.raises(Forbidden):
            await at.moderator.call(DEMANDS_REOPEN, ReopenDemand(demand=demand))
        with pytest.raises(Forbidden):
            await world.operator.call(DEMANDS_REOPEN, ReopenDemand(demand=demand), actor=OPERATOR)
    assert await at.provider.call(DEMANDS_NEXT, NextDemand()) == NothingWaiting()


async def test_nothing_is_reopened_in_a_scenario_out_of_use(world: World) -> None:
    at = await ended(world)
    await world.operator.call(SCENARIOS_RETIRE, RetireScenario(id=at.scenario.id), actor=OPERATOR)
    with pytest.raises(Forbidden):
        await at.requester.call(DEMANDS_REOPEN, ReopenDemand(demand=at.demand))


async def test_a_moderator_who_is_none_any_more_does_not_come_back_with_it(world: World) -> None:
    at = await seated(world)
    await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    await world.ledger.execute("UPDATE memberships SET state = 'removed' WHERE kind = 'moderator'")
    await at.requester.call(DEMANDS_REOPEN, ReopenDemand(demand=at.demand))
    assert await world.ledger.fetchval(SEATS, at.demand) == [at.requester.user]


async def test_who_was_banned_after_helping_is_owed_nothing_of_what_goes_on(world: World) -> None:
    at = await ended(world)
    await world.operator.call(USERS_BAN, BanUser(user=at.provider.user, reason="x"), actor=OPERATOR)
    await at.requester.call(DEMANDS_REOPEN, ReopenDemand(demand=at.demand))
    owed = "SELECT notice FROM deliveries WHERE recipient_id = $1 AND status = 'pending'"
    assert [row["notice"] for row in await world.ledger.fetch(owed, at.provider.user)] == ["banned"]


async def test_who_was_banned_is_owed_nothing_of_who_comes_and_goes_in_what_was_closed_with_it(world: World) -> None:
    at = await seated(world)
    await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    await world.operator.call(USERS_BAN, BanUser(user=at.requester.user, reason="x"), actor=OPERATOR)
    leaving = RemoveParticipant(demand=at.demand, user=at.moderator.user)
    await at.moderator.call(PARTICIPANTS_REMOVE, leaving)
    owed = "SELECT notice FROM deliveries WHERE recipient_id = $1 AND status = 'pending'"
    assert [row["notice"] for row in await world.ledger.fetch(owed, at.requester.user)] == ["banned"]


async def test_who_helped_hears_once_whether_it_did(world: World) -> None:
    at = await seated(world)
    await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    request = FeedbackDemand(demand=at.demand, helped=True, words=" Thank you ")
    with pytest.raises(WrongStatus):
        await at.requester.call(DEMANDS_FEEDBACK, request)
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    for person in (at.requester, at.provider, at.moderator):
        await receive(person)
    for person in (at.provider, at.moderator):
        with pytest.raises(Forbidden):
            await person.call(DEMANDS_FEEDBACK, request)
    await at.requester.call(DEMANDS_FEEDBACK, request)
    for person in (at.provider, at.moderator):
        [told] = await receive(person)
        assert (told.notice, told.data) == ("feedback", {"outcome": "helped", "words": "Thank you"})
    assert await receive(at.requester) == []
    with pytest.raises(AlreadyExists):
        await at.requester.call(DEMANDS_FEEDBACK, request)
    await at.requester.call(DEMANDS_REOPEN, ReopenDemand(demand=at.demand))
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    await at.requester.call(DEMANDS_FEEDBACK, FeedbackDemand(demand=at.demand, helped=False))
    assert await world.ledger.fetchval("SELECT count(*) FROM feedback") == 2


async def test_a_duplicate_closes_and_names_what_goes_on(world: World) -> None:
    at = await seated(world)
    twin = await world.demand(at.requester, at.scenario)
    other = await world.demand(await world.person(), at.scenario)
    elsewhere = await seated(world)
    for person in (at.requester, at.provider):
        await receive(person)
    for demand, into, failure in (
        (at.demand, at.demand, InvalidRequest), (at.demand, other.id, InvalidRequest), (at.demand, elsewhere.demand, NotFound),
        (elsewhere.demand, at.demand, NotFound),
    ):  # fmt: skip
        with pytest.raises(failure):
            await at.moderator.call(DEMANDS_MERGE, MergeDemand(demand=demand, into=into))
    for person in (at.requester, at.provider):
        with pytest.raises(Forbidden):
            await person.call(DEMANDS_MERGE, MergeDemand(demand=at.demand, into=twin.id))
    merged = await at.moderator.call(DEMANDS_MERGE, MergeDemand(demand=at.demand, into=twin.id))
    assert (merged.number, merged.into_number) == (at.number, twin.number)
    for person in (at.requester, at.provider):
        [told] = await receive(person)
        assert told.data == {"reason": "duplicate", "by": None, "into": twin.number}
    shown = await at.requester.call(DEMANDS_GET, GetDemand(demand=at.demand))
    assert (shown.status, shown.close_reason, shown.merged_into) == ("closed", "duplicate", twin.id)
    assert await world.ledger.fetchval("SELECT status FROM demands WHERE id = $1", twin.id) == "waiting"
    assert await world.ledger.fetchval("SELECT count(*) FROM audit WHERE operation = 'demands.merge'") == 1
    for demand, into in ((at.demand, twin.id), (twin.id, at.demand)):
        with pytest.raises(AlreadyClosed):
            await at.moderator.call(DEMANDS_MERGE, MergeDemand(demand=demand, into=into))
