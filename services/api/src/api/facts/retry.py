"""Put a fact back into the outbox."""

from sqlalchemy import text

from api.call import Call
from contracts.facts import RetryFact
from contracts.failures import NotFound
from contracts.shapes import Done

# Under a new number, so that it goes last: in its old place it would be taken first, and again first after each refusal.
RETRY = text("""
    WITH back AS (DELETE FROM outbox_parked WHERE msg_id = :fact RETURNING msg_id, subject, body, traceparent, reason),
      put AS (INSERT INTO outbox (msg_id, subject, body, traceparent) SELECT msg_id, subject, body, traceparent FROM back)
    SELECT reason FROM back
""")


async def retry_fact(call: Call, request: RetryFact) -> Done:
    """It is in the outbox again, under its own id; `NotFound` when it is not put aside."""
    reason: str | None = await call.value(RETRY, fact=request.fact)
    if reason is None:
        raise NotFound
    await call.audit(request.fact, reason=reason)
    return Done()
