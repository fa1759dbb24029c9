"""Say after the end whether it helped."""

from sqlalchemy import text

from api.call import Call
from api.demands.lock import lock_demand
from api.outbox import owe
from api.standing import require_right
from contracts.demand_life import FeedbackDemand
from contracts.failures import AlreadyExists
from contracts.kinds import Notice
from contracts.notices import Feedback
from contracts.shapes import Done

KEEP = text("""
    INSERT INTO feedback (demand_id, closed_at, helped, words) VALUES (:demand, :closed_at, :helped, :words)
    ON CONFLICT (demand_id, closed_at) DO UPDATE SET words = excluded.words
    WHERE feedback.words = '' AND excluded.words <> '' AND feedback.helped = excluded.helped
""")
# Who held it to the end, and the moderators who looked after it.
LOOKED_AFTER = text("""
    SELECT user_id FROM participants WHERE demand_id = :demand AND role <> 'requester' AND left_at IS NULL ORDER BY user_id
""")


async def feedback_demand(call: Call, request: FeedbackDemand) -> Done:
    """Done, and told to those who looked after the demand; `AlreadyExists` the second time after one end.

    Words that had none before them may follow once: whoever says at once that it helped may find the words later.
    """
    demand = await lock_demand(call, request.demand)
    await require_right(call, demand.id)
    words = request.words.strip()
    if not await call.run(KEEP, demand=demand.id, closed_at=demand.closed_at, helped=request.helped, words=words):
        raise AlreadyExists
    people = list((await call.db.execute(LOOKED_AFTER, {"demand": demand.id})).scalars())
    told = Feedback(outcome="helped" if request.helped else "did_not_help", words=words or None)
    await owe(call, people, Notice.FEEDBACK, told, demand.id)
    return Done()
