"""Many people at one instant, and how often to try."""

import asyncio
import os
import random
from collections.abc import Awaitable, Iterable
from typing import Any

import asyncpg

from contracts.failures import Failure

LONG = os.environ.get("MUTUAL_AID_CHAOS") == "long"


def rounds(short: int, long: int) -> int:
    """How often to repeat a race: a few times each run, many times in the long one."""
    return long if LONG else short


def bound(beside_others: float, alone: float) -> float:
    """A bound: wide where every test of a run wants the processor, sharp in the long run, which has it for itself."""
    return alone if LONG else beside_others


def chance() -> random.Random:
    """What decides by lot in a test; a failed run is played again by setting the seed it printed."""
    seed = int(os.environ.get("MUTUAL_AID_SEED") or int.from_bytes(os.urandom(4), "big"))
    print(f"MUTUAL_AID_SEED={seed}")  # noqa: T201 - pytest shows it beside a failure
    return random.Random(seed)  # noqa: S311 - breaks things, guards nothing


async def outcome(call: Awaitable[Any]) -> Any:
    """What a call came to: its reply, or its failure."""
    try:
        return await call
    except Failure as failure:
        return failure


async def at_once(calls: Iterable[Awaitable[Any]]) -> list[Any]:
    """What each of many calls came to, all made at one instant."""
    return list(await asyncio.gather(*(outcome(call) for call in calls)))


def kinds(outcomes: Iterable[Any]) -> dict[str, int]:
    """How many outcomes there are of each kind."""
    counted: dict[str, int] = {}
    for each in outcomes:
        name = type(each).__name__
        counted[name] = counted.get(name, 0) + 1
    return counted


CONTRADICTIONS = {
    "held is not what is counted": """
        SELECT u.id FROM users u WHERE u.held <> (SELECT count(*) FROM demands d WHERE d.provider_id = u.id)""",
    "somebody above capacity": "SELECT id FROM users WHERE held > capacity",
    "holder and seat differ": """
        SELECT d.id FROM demands d LEFT JOIN participants p
          ON p.demand_id = d.id AND p.role = 'provider' AND p.left_at IS NULL
        WHERE d.status <> 'closed' AND d.provider_id IS DISTINCT FROM p.user_id""",
    "held by who may not": """
        SELECT d.id FROM demands d JOIN users u ON u.id = d.provider_id AND NOT u.is_admin
        WHERE u.banned_at IS NOT NULL OR NOT EXISTS (SELECT FROM memberships m
          WHERE m.user_id = u.id AND m.scenario_id = d.scenario_id AND m.state = 'live')""",
    "seats and participants differ": """
        SELECT c.demand_id FROM conversations c WHERE (SELECT array_agg(s ORDER BY s) FROM unnest(c.seats) s)
          IS DISTINCT FROM (SELECT array_agg(p.user_id ORDER BY p.user_id) FROM participants p
            WHERE p.demand_id = c.demand_id AND p.left_at IS NULL)""",
    "a gap in a conversation": """
        SELECT c.demand_id FROM conversations c
        WHERE c.last_seq <> (SELECT count(*) FROM messages m WHERE m.demand_id = c.demand_id AND m.kind <> 'note')
           OR c.last_seq <> (SELECT coalesce(max(m.seq), 0) FROM messages m
             WHERE m.demand_id = c.demand_id AND m.kind <> 'note')""",
    "a message after the end": """
        SELECT m.id FROM messages m JOIN messages e ON e.demand_id = m.demand_id AND e.notice = 'closed'
        WHERE m.kind = 'message' AND m.seq > e.seq AND NOT EXISTS (SELECT FROM messages r
          WHERE r.demand_id = m.demand_id AND r.notice = 'reopened' AND r.seq BETWEEN e.seq AND m.seq)""",
    "an echo": """
        SELECT v.id FROM deliveries v JOIN messages m ON m.id = v.message_id AND m.author_id = v.recipient_id
        WHERE v.kind <> 'react'""",
    "who declined holds it": """
        SELECT d.id FROM demands d JOIN participants p ON p.demand_id = d.id AND p.user_id = d.provider_id
        WHERE p.declined_at IS NOT NULL AND p.reset_at IS NULL AND p.left_at < d.held_at""",
    "a message nobody seated is owed": """
        SELECT m.id FROM messages m JOIN participants p ON p.demand_id = m.demand_id AND p.left_at IS NULL
        WHERE m.kind = 'message' AND m.taken_back_at IS NULL AND m.author_id <> p.user_id AND NOT EXISTS (
          SELECT FROM deliveries v WHERE v.message_id = m.id AND v.recipient_id = p.user_id)""",
    "a waiting delivery no chat will get": """
        SELECT v.id FROM deliveries v JOIN destinations t ON t.id = v.destination_id
        WHERE v.status = 'pending' AND NOT t.reachable""",
    "a refused delivery nobody will send again": """
        SELECT v.id FROM deliveries v JOIN destinations t ON t.id = v.destination_id
          JOIN demands d ON d.id = v.demand_id AND d.status <> 'closed'
          JOIN conversations c ON c.demand_id = d.id AND v.recipient_id = ANY (c.seats)
        WHERE v.status = 'refused' AND v.reason = 'unreachable' AND t.reachable
          AND NOT EXISTS (SELECT FROM deliveries l WHERE l.supersedes = v.id)""",
}


async def contradictions(ledger: asyncpg.Pool) -> list[str]:
    """What the ledger says that cannot be true."""
    return [what for what, where in CONTRADICTIONS.items() if await ledger.fetch(where)]
