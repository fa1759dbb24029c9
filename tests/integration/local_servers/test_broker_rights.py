import asyncio
import json
from pathlib import Path
from typing import Self

import nats
import nats.errors
import pytest
from nats.aio.client import Client

from local_servers import NatsUser, Servers, start

ALICE = NatsUser("alice", ("to.bob.>",), ("to.alice.>", "work.* team"))
BOB = NatsUser("bob", ("to.alice.>", "work.x"), ("to.bob.>",))
MUTE = NatsUser("mute")


class Person:
    """A client of one user that remembers what the server refused."""

    def __init__(self, servers: Servers, name: str) -> None:
        self.url, self.seed = servers.nats_url, str(servers.nats_seeds[name])
        self.refusals: asyncio.Queue[str] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        async def note(error: Exception) -> None:
            self.refusals.put_nowait(str(error).lower())

        self.client = await nats.connect(self.url, nkeys_seed=self.seed, error_cb=note)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()

    async def settled(self) -> None:
        """Come back when the server knows all that was asked of it; nats-py writes a ping past what waits to be written."""
        await self.client.flush()
        await self.client.flush()

    async def refused(self) -> str:
        await self.settled()
        return await asyncio.wait_for(self.refusals.get(), 5)


async def test_everyone_may_do_what_is_listed_and_nothing_else(state: Path):
    async with (
        await start(state, [ALICE, BOB, MUTE]) as servers,
        Person(servers, "alice") as alice,
        Person(servers, "bob") as bob,
        Person(servers, "mute") as mute,
    ):
        heard = await bob.client.subscribe("to.bob.>")
        await bob.settled()
        await alice.client.publish("to.bob.now", b"hello")
        assert (await heard.next_msg(5)).data == b"hello"

        await bob.client.publish("to.bob.now", b"forged")
        assert "permissions violation for publish" in await bob.refused()
        for subject in ("$JS.API.STREAM.CREATE.X", "$SYS.REQ.SERVER.PING", "anything"):
            await alice.client.publish(subject, b"{}")
            assert "permissions violation for publish" in await alice.refused()
        for subject in (">", "to.bob.now", "_INBOX.>", "$SYS.>"):
            await alice.client.subscribe(subject)
            assert "permissions violation for subscription" in await alice.refused()
        with pytest.raises(nats.errors.TimeoutError):
            await heard.next_msg(0.1)

        await mute.client.publish("to.bob.now", b"x")
        assert "permissions violation for publish" in await mute.refused()
        await mute.client.subscribe("to.mute")
        assert "permissions violation for subscription" in await mute.refused()


async def test_a_subject_named_with_a_queue_is_heard_in_that_queue_only(state: Path):
    async with (
        await start(state, [ALICE, BOB]) as servers,
        Person(servers, "alice") as alice,
        Person(servers, "bob") as bob,
    ):
        for queue in ("", "other"):
            await alice.client.subscribe("work.x", queue=queue)
            assert "permissions violation for subscription" in await alice.refused()
        heard = await alice.client.subscribe("work.x", queue="team")
        await alice.settled()
        await bob.client.publish("work.x", b"1")
        assert (await heard.next_msg(5)).data == b"1"


async def test_rights_are_those_of_the_latest_start_and_a_removed_user_stays_out(state: Path):
    async with await start(state, [ALICE, BOB]) as servers:
        seeds = servers.nats_seeds
    richer = NatsUser("alice", ("to.bob.>", "new"), ("new",))
    async with await start(state, [richer]) as servers:
        assert servers.nats_seeds == {"alice": seeds["alice"]}
        async with Person(servers, "alice") as alice:
            heard = await alice.client.subscribe("new")
            await alice.client.publish("new", b"1")
            assert (await heard.next_msg(5)).data == b"1"
        for way in ({"nkeys_seed": str(seeds["bob"])}, {}, {"user": "alice", "password": "alice"}):
            stranger = Client()
            with pytest.raises(nats.errors.Error, match=r"(?i)authorization"):
                await stranger.connect(servers.nats_url, allow_reconnect=False, error_cb=ignore, **way)
            await stranger.close()


async def test_an_acked_message_is_on_the_disk_and_no_other_door_is_open(state: Path):
    async with await start(state, [ALICE]) as servers:
        durable = json.loads(servers.nats.configuration.read_text())
    async with await start(state, [ALICE], durable=False) as servers:
        fast = json.loads(servers.nats.configuration.read_text())
    assert durable["jetstream"].pop("sync_interval") == "always"
    assert durable == fast
    assert set(durable) == {"server_name", "host", "port", "max_payload", "jetstream", "authorization"}
    assert durable["host"] == "127.0.0.1"
    assert durable["max_payload"] == 2**20


async def ignore(_: Exception) -> None:
    """The refusal is raised as well."""
