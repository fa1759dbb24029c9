"""The streams as their users have them: what each puts in, takes out and cannot forge."""

from uuid import uuid4

import nats.errors
import pytest

from integration.contracts.scripted_api import Join
from local_servers import Servers
from world import emptied_streams


async def test_what_is_owed_reaches_the_bot_which_acks_it(broker: Servers, join: Join):
    await emptied_streams(broker)
    publisher, telegram = await join("publisher"), await join("telegram")
    for destination in (b"one", b"one", b"two"):
        await publisher.jetstream(timeout=5).publish(f"notify.v1.telegram.{destination.decode()}", destination)
    owed = await telegram.jetstream(timeout=5).pull_subscribe_bind("telegram_owed", "NOTIFY")
    taken = await owed.fetch(10, timeout=1)
    assert sorted(message.data for message in taken) == [b"one", b"two"], "a repeated signal replaces the first"
    for message in taken:
        await message.ack_sync(timeout=5)
    with pytest.raises(nats.errors.TimeoutError):
        await owed.fetch(1, timeout=0.2)
    await owed.unsubscribe()


async def test_the_bot_puts_updates_in_takes_them_out_and_parks_them(broker: Servers, join: Join):
    await emptied_streams(broker)
    telegram = await join("telegram")
    jetstream = telegram.jetstream(timeout=5)
    update = uuid4().hex  # a stream remembers for minutes what it was given, though an earlier test emptied it
    for _ in range(2):
        await jetstream.publish("intake.v1.telegram.3", b"update", headers={"Nats-Msg-Id": update})
    await jetstream.publish("parked.v1.telegram.update", b"unreadable")
    intake = await jetstream.pull_subscribe_bind("telegram_intake", "INTAKE")
    (message,) = await intake.fetch(10, timeout=1)
    await message.ack_sync(timeout=5)
    migrate = await join("migrate")
    infos = {info.config.name: info.state.messages for info in await migrate.jetstream(timeout=5).streams_info()}
    assert (infos["INTAKE"], infos["PARKED"]) == (0, 1)


async def test_facts_are_kept_for_others(broker: Servers, join: Join):
    await emptied_streams(broker)
    publisher = await join("publisher")
    kept = await publisher.jetstream(timeout=5).publish("evt.v1.demand.some.taken", b"{}")
    assert kept.stream == "EVENTS"


async def test_what_a_stream_delivers_to_a_stranger_looks_like_no_call_of_theirs(broker: Servers, join: Join):
    """JetStream publishes wherever a pull says, past the permissions: subject and reply then tell the forgery."""
    await emptied_streams(broker)
    api, telegram = await join("api"), await join("telegram")
    heard = await api.subscribe("api.v1.*.users.ban", queue="api")
    await api.flush()
    await telegram.jetstream(timeout=5).publish("intake.v1.telegram.3", b"{}", headers={"Actor": "operator:me"})
    await telegram.publish(
        "$JS.API.CONSUMER.MSG.NEXT.INTAKE.telegram_intake", b'{"batch":1}', reply="api.v1.operator.users.ban"
    )
    forged = await heard.next_msg(5)
    assert not forged.subject.startswith("api.v1.")
    assert not forged.reply.startswith("_INBOX_")
