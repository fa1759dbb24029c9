"""Who calls is proven by what the broker lets them say and hear, whatever the request claims."""

from collections.abc import AsyncIterator

import nats
import pytest
from nats.aio.client import Client as Nats

from contracts import wire
from contracts.failures import Failure, Forbidden, InvalidRequest
from contracts.operations.system import SYSTEM_HEALTH
from contracts.permissions import nats_users
from contracts.system import GetHealth
from integration.api.cases import effects
from local_servers import Addresses, NatsUser, start
from world import World, made_world


@pytest.fixture
async def forger(servers: Addresses, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[World, Nats]]:
    """A world whose broker has one user who may say and hear everything."""
    state = tmp_path_factory.mktemp("forger")
    users = [*nats_users(), NatsUser("mallory", (">",), (">",))]
    async with await start(state, users, durable=False, only=("nats",)) as broker, made_world(servers, broker) as world:
        mallory = await nats.connect(broker.nats_url, nkeys_seed=str(broker.nats_seeds["mallory"]))
        yield world, mallory
        await mallory.close()


async def test_the_caller_is_proven_by_subject_and_inbox_not_by_words(forger: tuple[World, Nats]) -> None:
    world, mallory = forger
    person = await world.person()
    heard = await mallory.subscribe("_INBOX_telegram.forged")
    before = await effects(world.ledger)

    async def said(subject: str, reply: str, **headers: str) -> Failure:
        listener = heard if reply == "_INBOX_telegram.forged" else await mallory.subscribe(reply)
        await mallory.publish(subject, b'{"locale": "ru"}', reply=reply, headers=headers or None)
        return wire.decode_failure((await listener.next_msg(timeout=5)).data)

    mine = {"Actor": person.actor, "Idempotency-Key": "k"}
    for caller in ("mallory", "TELEGRAM", "api"):
        assert isinstance(
            await said(f"api.v1.{caller}.users.update_me", "_INBOX_telegram.forged", **mine), InvalidRequest
        )
    # An answer into another's inbox, even a refusal, would be a word in the wrong ear: there is none.
    operator = {"Actor": "operator:root", "Idempotency-Key": "k"}
    for subject, reply, right, headers in (
        ("api.v1.telegram.users.update_me", "_INBOX_web.forged", "_INBOX_telegram.own", {**mine, "Actor": "nobody"}),
        ("api.v1.operator.scenarios.retire", "_INBOX_telegram.other", "_INBOX_operator.own", operator),
    ):
        wrong = await mallory.subscribe(reply)
        await mallory.publish(subject, b"{}", reply=reply, headers=headers)
        # Messages of one subject are taken in order: with this one answered, the one before it was seen.
        assert isinstance(await said(subject, right, **headers), InvalidRequest)
        assert wrong.pending_msgs == 0
    assert isinstance(await said("api.v1.web.deliveries.begin", "_INBOX_web.forged2"), Forbidden)
    await mallory.publish("api.v1.telegram.users.update_me", b'{"locale": "ru"}', headers=mine)
    await mallory.flush()
    assert (await world.bot.call(SYSTEM_HEALTH, GetHealth())).version
    assert await effects(world.ledger) == before
    assert await world.ledger.fetchval("SELECT locale FROM users WHERE id = $1", person.user) == "en"
