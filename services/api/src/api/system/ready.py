"""Whether a call could be served now, and what waits."""

from sqlalchemy import text

from api.call import Call
from contracts.system import GetReady, Ready

READY = text("""
    SELECT json_build_object(
      'demands_waiting', (SELECT count(*) FROM demands WHERE status = 'waiting'),
      'demands_held', (SELECT count(*) FROM demands WHERE provider_id IS NOT NULL),
      'outbox', (SELECT count(*) FROM outbox),
      'outbox_oldest_seconds', (SELECT coalesce(extract(epoch FROM now() - min(created_at)), 0) FROM outbox),
      'deliveries_owed', (SELECT count(*) FROM deliveries WHERE status IN ('pending', 'sending')),
      'deliveries_parked', (SELECT count(*) FROM deliveries d WHERE d.status = 'parked'
        AND NOT EXISTS (SELECT FROM deliveries l WHERE l.supersedes = d.id)))::text
""")


async def ready(call: Call, _: GetReady) -> Ready:
    """Figures of the queues; that there is an answer says that the ledger answers."""
    found = await call.one(READY, Ready)
    if found is None:
        raise RuntimeError("counting returns a row")
    return found
