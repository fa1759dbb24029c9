"""A coordinator who ever sat in thousands of demands is taken out of all of them as quickly as one who sat in few."""

from collections.abc import Awaitable, Callable

import pytest

from chaos.api.crowd import contradictions
from contracts.failures import NotFound
from contracts.kinds import MembershipKind
from contracts.memberships import UnassignMembership
from contracts.messages import SearchMessages
from contracts.operations.demands import PARTICIPANTS_ADD
from contracts.operations.messages import MESSAGES_SEARCH
from contracts.operations.scenarios import MEMBERSHIPS_UNASSIGN
from contracts.operations.users import USERS_BAN
from contracts.participants import AddParticipant
from contracts.people import BanUser
from integration.api.town import Seated, receive, seated, words
from world import OPERATOR, World

CLOSED = 9_000
# Demands that ended with the moderator in them, as years of work leave them.
SAT = """
    WITH ended AS (
      INSERT INTO demands (number, scenario_id, requester_id, status, title, description, channel, closed_at, close_reason)
      SELECT 'X' || g, $1, $2, 'closed', '', 'x', 'telegram', now(), 'fulfilled' FROM generate_series(1, $4::int) g RETURNING id),
    talks AS (INSERT INTO conversations (demand_id, seats, open) SELECT id, ARRAY[$2::uuid, $3::uuid], false FROM ended),
    asked AS (INSERT INTO participants (demand_id, user_id, role, alias) SELECT id, $2, 'requester', 'a' FROM ended)
    INSERT INTO participants (demand_id, user_id, role, alias) SELECT id, $3, 'moderator', 'b' FROM ended
"""
LEFT = "SELECT count(*) FROM outbox WHERE subject LIKE 'evt.v1.participant.%.left' AND body ->> 'user' = $1"
SITS = """
    SELECT (SELECT count(*) FROM participants WHERE user_id = $1 AND left_at IS NULL)
      + (SELECT count(*) FROM conversations WHERE $1 = ANY (seats))
"""


Decision = Callable[[Seated], Awaitable[None]]


async def ban(at: Seated) -> None:
    await at.world.operator.call(USERS_BAN, BanUser(user=at.moderator.user, reason="leaks phones"), actor=OPERATOR)


async def unassign(at: Seated) -> None:
    request = UnassignMembership(user=at.moderator.user, scenario=at.scenario.id, kind=MembershipKind.MODERATOR)
    await at.world.operator.call(MEMBERSHIPS_UNASSIGN, request, actor=OPERATOR)


@pytest.mark.parametrize("taken_out", [ban, unassign])
async def test_a_moderator_of_thousands_of_closed_demands_is_out_within_the_deadline(
    world: World, taken_out: Decision
) -> None:
    at = await seated(world)
    await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    await receive(at.requester)
    await world.ledger.execute(SAT, at.scenario.id, at.requester.user, at.moderator.user, CLOSED)
    await world.ledger.execute("ANALYZE")
    await taken_out(at)
    assert await world.ledger.fetchval(SITS, at.moderator.user) == 0
    assert words(await receive(at.requester)) == ["moderator_left"], "where it goes on, and nowhere else"
    left = "SELECT (detail ->> 'left')::integer FROM audit WHERE subject_id = $1 ORDER BY id DESC LIMIT 1"
    assert await world.ledger.fetchval(left, at.moderator.user) == CLOSED + 1
    if taken_out is unassign:
        one = await world.ledger.fetchval("SELECT id FROM demands WHERE number = 'X1'")
        with pytest.raises(NotFound):
            await at.moderator.call(MESSAGES_SEARCH, SearchMessages(demand=one))
    assert await contradictions(world.ledger) == []
