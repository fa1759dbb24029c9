"""What the same work costs with nothing around it: nats-py, asyncpg, one statement; no rights, no keys, no deadline.

A process of its own, so that each side of a comparison has the same processes to share the machine with. It writes the
same rows into the same tables as the product does, which is what makes the ratio one.
"""

import asyncio
import json
import os
import signal
import uuid

import asyncpg
import nats
import uvloop
from nats.aio.msg import Msg

CREATE = """
WITH who AS (SELECT i.user_id, t.id AS place FROM identities i JOIN destinations t ON t.identity_id = i.id
    WHERE i.channel = 'telegram' AND i.external_id = $1),
  dem AS (INSERT INTO demands (id, number, scenario_id, requester_id, status, title, description, channel)
    SELECT $2, $3, $4, user_id, 'waiting', '', $5, 'telegram' FROM who RETURNING id, number),
  talk AS (INSERT INTO conversations (demand_id, seats) SELECT dem.id, ARRAY[who.user_id] FROM dem, who),
  seat AS (INSERT INTO participants (demand_id, user_id, role, alias)
    SELECT dem.id, who.user_id, 'requester', 'AAAAA' FROM dem, who),
  owed AS (INSERT INTO deliveries (destination_id, recipient_id, demand_id, notice, data)
    SELECT who.place, who.user_id, dem.id, 'received', '{"ahead": 0}' FROM dem, who RETURNING destination_id),
  told AS (INSERT INTO outbox (subject, body)
    SELECT 'notify.v1.telegram.' || destination_id, jsonb_build_object('destination', destination_id) FROM owed
    UNION ALL SELECT 'evt.v1.demand.' || id || '.created', jsonb_build_object('demand', id) FROM dem),
  kept AS (INSERT INTO idempotency (actor, operation, key, body_hash, reply)
    SELECT user_id::text, 'bare.create', $2::text, 0, '{}' FROM who)
SELECT json_build_object('id', id, 'number', number)::text FROM dem
"""
SEND = """
WITH line AS (UPDATE conversations SET last_seq = last_seq + 1, revision = revision + 1 WHERE demand_id = $1
    RETURNING last_seq, seats),
  said AS (INSERT INTO messages (demand_id, seq, id, kind, author_id, author_role, alias, text)
    SELECT $1, last_seq, $2, 'message', seats[1], 'requester', 'AAAAA', $3 FROM line RETURNING id, seq, author_id),
  owed AS (INSERT INTO deliveries (destination_id, recipient_id, demand_id, message_id)
    SELECT t.id, i.user_id, $1, said.id FROM said, line, identities i JOIN destinations t ON t.identity_id = i.id
    WHERE i.user_id = ANY (array_remove(line.seats, said.author_id)) RETURNING destination_id),
  told AS (INSERT INTO outbox (subject, body)
    SELECT 'notify.v1.telegram.' || destination_id, jsonb_build_object('destination', destination_id) FROM owed
    UNION ALL SELECT 'evt.v1.message.' || id || '.sent', jsonb_build_object('demand', $1::text) FROM said),
  kept AS (INSERT INTO idempotency (actor, operation, key, body_hash, reply)
    SELECT author_id::text, 'bare.send', $2::text, 0, '{}' FROM said)
SELECT json_build_object('id', id, 'seq', seq)::text FROM said
"""


async def main() -> None:
    """Answer `bare.echo`, `bare.create` and `bare.send` until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    connection = await nats.connect(
        os.environ["NATS_URL"], nkeys_seed=os.environ["BARE_SEED_FILE"], inbox_prefix=b"_INBOX_bare"
    )
    pool = await asyncpg.create_pool(os.environ["POSTGRES_URL"], min_size=2, max_size=10, reset=_nothing)

    async def echo(msg: Msg) -> None:
        await msg.respond(msg.data)

    async def create(msg: Msg) -> None:
        async with tasks_bound:
            ask = json.loads(msg.data)
            demand = uuid.uuid4()
            reply = await pool.fetchval(
                CREATE, ask["actor"], demand, str(demand), uuid.UUID(ask["scenario"]), ask["description"]
            )
        await msg.respond(reply.encode())

    async def send(msg: Msg) -> None:
        async with tasks_bound:
            ask = json.loads(msg.data)
            reply = await pool.fetchval(SEND, uuid.UUID(ask["demand"]), uuid.uuid4(), ask["text"])
        await msg.respond(reply.encode())

    tasks_bound = asyncio.Semaphore(256)
    async with asyncio.TaskGroup() as tasks:

        def at_once(work: object) -> object:
            async def start(msg: Msg) -> None:
                tasks.create_task(work(msg))  # type: ignore[operator]

            return start

        await connection.subscribe("bare.echo", cb=echo)
        await connection.subscribe("bare.create", cb=at_once(create))  # type: ignore[arg-type]
        await connection.subscribe("bare.send", cb=at_once(send))  # type: ignore[arg-type]
        await stop.wait()
    await connection.close()
    await pool.close()


async def _nothing(_: asyncpg.Connection) -> None:
    """No reset, as in the product."""


if __name__ == "__main__":
    uvloop.run(main())
