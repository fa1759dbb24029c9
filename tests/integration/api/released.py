"""A released api as the database sees it: the very statements it sends, and a day of its work made of them."""

import itertools
import json
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg

STATEMENTS = Path(__file__).resolve().parents[2] / "contract" / "statements"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
_numbers = itertools.count(int.from_bytes(os.urandom(4), "big"))


@dataclass
class Release:
    """What was recorded of a release (tools/released.py), used on one connection."""

    record: dict[str, Any]
    db: asyncpg.Connection
    used: Counter[str] = field(default_factory=Counter)

    async def value(self, statement: str, /, *positional: Any, **named: Any) -> Any:
        """The first value a statement answers, sent as that api sends it."""
        known = self.record["statements"][f"api.{statement}"]
        self.used[statement] += 1
        return await self.db.fetchval(known["sql"], *positional, *(named[name] for name in known["takes"]))

    async def hot(self, statement: str, /, *values: Any) -> dict[str, Any]:
        """The answer of a hot function, which names no failure."""
        self.used[statement] += 1
        failure, body = await self.db.fetchrow(self.record["statements"][f"api.{statement}"]["sql"], *values)
        assert failure is None, (statement, failure, body)
        answer: dict[str, Any] = json.loads(body)
        return answer


def releases() -> list[str]:
    """The revisions of the releases on record."""
    return sorted(path.stem for path in STATEMENTS.glob("*.json"))


def recorded(revision: str) -> dict[str, Any]:
    """What was recorded of one release."""
    found: dict[str, Any] = json.loads((STATEMENTS / f"{revision}.json").read_text())
    return found


@dataclass
class Someone:
    ref: str
    id: UUID

    def doing(self) -> tuple[str, str, str, int, str]:
        """What every hot call begins with: who acts, under which key, word for word what, in which trace."""
        return "telegram", self.ref, uuid4().hex, 7, TRACE


async def enter(api: Release) -> Someone:
    ref = str(next(_numbers))
    me = json.loads(
        await api.value(
            "users.enter:ENTER", channel="telegram", external_id=ref, display_name="Olena", username=None, locale="uk", trace=TRACE
        )
    )  # fmt: skip
    return Someone(ref, UUID(me["user"]["id"]))


async def play(api: Release) -> None:
    """A call for help from its beginning to its end, as that release plays it; every step has to come out right."""
    requester, helper, second, moderator = [await enter(api) for _ in range(4)]
    scenario = json.loads(
        await api.value(
            "scenarios.create:CREATE", place=f"Riverside {next(_numbers)}", resource="Medicine", description="", payload="{}",
            routing="pull", provider_may_close=False,
        )
    )  # fmt: skip
    for person, kind in ((helper, "provider"), (second, "provider"), (moderator, "moderator")):
        await api.value(
            "memberships.assign:ASSIGN", user=person.id, scenario=UUID(scenario["id"]), kind=kind, routing_factor=1.0
        )

    asked = await api.hot(
        "demands.create:CREATE", *requester.doing(), UUID(scenario["id"]), "", "Insulin", "{}", "urgent", 5
    )
    demand = UUID(asked["id"])
    taken = await api.hot("demands.next:NEXT", *helper.doing(), None)
    assert (taken["type"], taken["id"]) == ("Taken", asked["id"])
    said = await api.hot("messages.send:SEND", *requester.doing(), demand, "Дім 4", "[]", None, None, None)
    assert (said["seq"], said["recipients"]) == (2, 1)

    chats = {person.id: await chat_of(api, person) for person in (requester, helper, second, moderator)}
    heard = await receive(api, chats[helper.id])
    assert [one["text"] or one["notice"] for one in heard][-1] == "Дім 4"

    async with api.db.transaction():
        await look_for_key(api, helper, "demands.decline")
        await lock(api, demand, helper.id)
        await api.value("demands.decline:UNSEAT", demand=demand, trace=TRACE)
        await keep(api, helper, "demands.decline")
    again = await api.hot("demands.take:TAKE", *second.doing(), demand)
    assert again["id"] == asked["id"]
    assert [one["text"] for one in await receive(api, chats[second.id]) if one["text"]] == ["Дім 4"]
    nothing = await api.hot("demands.next:NEXT", *helper.doing(), None)
    assert nothing["type"] == "NothingWaiting"

    async with api.db.transaction():
        await look_for_key(api, requester, "demands.close")
        await lock(api, demand)
        await api.value("demands.close:CLOSE", demand=demand, me=requester.id, reason="fulfilled")
        await api.value("demands.close:HUSH", demand=demand)
        await api.value("demands.close:FORGET_SKIPS", demand=demand)
        data = json.dumps({"reason": "fulfilled", "by": "requester"})
        await api.value("outbox:NOTICE", demand=demand, notice="closed", actor=requester.id, data=data, trace=TRACE)
        fact = json.dumps({"demand": str(demand)})
        await api.value("outbox:FACT", noun="demand", id=demand, happened="closed", data=fact, trace=TRACE)
        await api.value(
            "call:AUDIT", actor=str(requester.id), operation="demands.close", subject=demand, detail="{}", trace=TRACE
        )
        await keep(api, requester, "demands.close")
    assert (await receive(api, chats[second.id]))[-1]["notice"] == "closed"
    seen = json.loads(await api.value("demands.get:GET", me=requester.id, demand=demand))
    assert (seen["status"], seen["close_reason"]) == ("closed", "fulfilled")
    assert await api.db.fetch(api.record["statements"]["api.publisher:TAKE"]["sql"], 100)
    await api.db.fetch(api.record["statements"]["api.publisher:OWED"]["sql"], 30.0)


async def look_for_key(api: Release, person: Someone, operation: str) -> None:
    assert await api.value("idempotency:FIND", actor=str(person.id), operation=operation, key="k") is None


async def keep(api: Release, person: Someone, operation: str) -> None:
    await api.value("idempotency:KEEP", actor=str(person.id), operation=operation, key="k", body_hash=7, reply="{}")


async def lock(api: Release, demand: UUID, *people: UUID) -> None:
    holder = await api.value("demands.lock:HOLDER", demand=demand)
    await api.value("demands.lock:PEOPLE", people=[*people, holder])
    assert json.loads(await api.value("demands.lock:LOCK", demand=demand))["status"] == "held"


async def chat_of(api: Release, person: Someone) -> UUID:
    found: UUID = await api.db.fetchval(
        "SELECT t.id FROM destinations t JOIN identities i ON i.id = t.identity_id WHERE i.user_id = $1", person.id
    )
    return found


async def receive(api: Release, chat: UUID) -> list[dict[str, Any]]:
    """Everything a chat is owed, begun and settled by that release."""
    heard: list[dict[str, Any]] = []
    while items := (await api.hot("deliveries.begin:BEGIN", [chat], 30.0))["items"]:
        [item] = items
        heard.append(item)
        result = {"delivery": item["id"], "attempt": item["attempt"], "outcome": "sent", "parts": [f"m-{item['id']}"]}
        assert (await api.hot("deliveries.settle:SETTLE", json.dumps([result])))["count"] == 1
    return heard
