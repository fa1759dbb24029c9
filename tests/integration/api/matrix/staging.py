"""Putting a demand on the stage: its status, and everybody in their seats."""

from dataclasses import replace
from typing import Any

from contracts.demands import CloseDemand, CreateDemand, DeclineDemand, GetDemand, TakeDemand
from contracts.kinds import DemandStatus
from contracts.messages import NoteMessage, SendMessage
from contracts.operations import BY_NAME
from contracts.participants import AddParticipant, RemoveParticipant, ShareContact
from contracts.scenarios import RetireScenario
from integration.api.matrix.cast import (
    CLOSED,
    DESCRIPTION,
    DRAFT,
    FLEETING,
    HELD,
    NOTE,
    SAID,
    Cast,
    Stage,
    let,
    put_back,
)
from integration.api.matrix.entry import NIL
from integration.api.town import chat_of
from world import OPERATOR

A_DELIVERY = "SELECT id FROM deliveries WHERE demand_id = $1 ORDER BY id LIMIT 1"
REPORT_AGAIN = "INSERT INTO reports (demand_id, reporter_id, reason) SELECT id, requester_id, 'x' FROM demands WHERE id = $1 RETURNING id"


async def staged(cast: Cast, status: DemandStatus) -> Stage:
    """A new demand with everybody in their places, through the operations themselves wherever there are any."""
    world = cast.world

    async def does(who: str, name: str, request: Any) -> Any:
        return await cast[who].call(BY_NAME[name], request)

    asked = CreateDemand(scenario=cast.scenario.id, description=DESCRIPTION, title=DESCRIPTION, draft=status is DRAFT)
    demand = await does("requester", "demands.create", asked)
    message = note = NIL
    if status is not DRAFT:
        await let(cast, FLEETING, "live")
        await does("declined", "demands.decline", DeclineDemand(demand=demand.id))
        await does("former provider", "demands.take", TakeDemand(demand=demand.id))
        await does("former provider", "demands.decline", DeclineDemand(demand=demand.id))
        for who in ("seated", "seated moderator", "former seated"):
            await does(who, "participants.add", AddParticipant(demand=demand.id))
        await does("former seated", "participants.remove", RemoveParticipant(demand=demand.id))
        await let(cast, FLEETING, "removed")
        message = (await does("requester", "messages.send", SendMessage(demand=demand.id, text=SAID))).id
        await does("requester", "participants.share_contact", ShareContact(demand=demand.id))
        note = (await does("moderator", "messages.note", NoteMessage(demand=demand.id, text=NOTE))).id
        if status in {HELD, CLOSED}:
            await does("provider", "demands.take", TakeDemand(demand=demand.id))
        if status is CLOSED:
            await does("requester", "demands.close", CloseDemand(demand=demand.id))
    at = Stage(
        cast, status, demand.id, demand.number, message, None, None, await chat_of(cast["provider"]), note=note,
        version=(await does("requester", "demands.get", GetDemand(demand=demand.id))).version,
        delivery=await world.ledger.fetchval(A_DELIVERY, demand.id), person=cast["requester"].user,
    )  # fmt: skip
    return await renewed(at)


class Kept:
    """The rows of a staged demand as they were, to be put back: dearer to stage anew than to remember."""

    def __init__(self, at: Stage, rows: dict[str, str]) -> None:
        self.at, self._rows = at, rows

    async def put_back(self, last: Stage) -> Stage:
        """The very stage again, whatever was done to its demand; what chats are owed by now stays owed.

        What is not the demand is as it was `last`.
        """
        async with self.at.cast.world.ledger.acquire() as ledger, ledger.transaction():
            await ledger.execute("SET LOCAL session_replication_role = replica")  # no triggers: these are old rows
            for statement in FORGET_CHANGES:
                await ledger.execute(statement, self.at.demand)
            for table, key in TABLES.items():
                await ledger.execute(f"DELETE FROM {table} WHERE {key} = $1", self.at.demand)  # noqa: S608
                columns = await ledger.fetchval(COLUMNS, table)
                await ledger.execute(
                    f"INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, $1)",  # noqa: S608
                    self._rows[table],
                )
            for statement in MADE_GOOD:
                await ledger.execute(statement)
        return replace(last, message=self.at.message, note=self.at.note, version=self.at.version)


async def kept(at: Stage) -> Kept:
    """A stage to come back to."""
    rows = {
        table: await at.cast.world.ledger.fetchval(
            f"SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]')::text FROM {table} t WHERE {key} = $1",  # noqa: S608
            at.demand,
        )
        for table, key in TABLES.items()
    }
    return Kept(at, rows)


TABLES = {"demands": "id", "participants": "demand_id", "conversations": "demand_id", "messages": "demand_id"}
FORGET_CHANGES = (
    "DELETE FROM message_versions WHERE message_id IN (SELECT id FROM messages WHERE demand_id = $1)",
    "DELETE FROM message_reactions WHERE message_id IN (SELECT id FROM messages WHERE demand_id = $1)",
    "DELETE FROM demand_versions WHERE demand_id = $1",
    "DELETE FROM feedback WHERE demand_id = $1",
)
# What hangs on rows that are gone again, and what a trigger would have counted.
MADE_GOOD = (
    "DELETE FROM delivery_parts p WHERE NOT EXISTS (SELECT FROM deliveries v JOIN messages m ON m.id = v.message_id WHERE v.id = p.delivery_id)",
    "DELETE FROM deliveries v WHERE v.message_id IS NOT NULL AND NOT EXISTS (SELECT FROM messages m WHERE m.id = v.message_id)",
    "UPDATE deliveries v SET refers_to = NULL WHERE NOT EXISTS (SELECT FROM messages m WHERE m.id = v.refers_to) AND v.refers_to IS NOT NULL",
    "UPDATE users u SET held = (SELECT count(*) FROM demands d WHERE d.provider_id = u.id)",
)
COLUMNS = """
    SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
    WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""


async def renewed(at: Stage) -> Stage:
    """The same with everything fresh that is not the demand: who asks to be let in, and scenarios of no one."""
    world = at.cast.world
    await put_back(at.cast)
    spare, retired = await world.scenario(), await world.scenario()
    await world.operator.call(BY_NAME["scenarios.retire"], RetireScenario(id=retired.id), actor=OPERATOR)
    await world.ledger.execute("DELETE FROM reports")
    report = await world.ledger.fetchval(REPORT_AGAIN, at.cast.other)
    return replace(at, spare=spare.id, retired=retired.id, report=report)
