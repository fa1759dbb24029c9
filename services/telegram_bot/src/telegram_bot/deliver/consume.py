"""Signals that something is owed, into lanes."""

import msgspec
import nats.errors
import structlog
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from contracts.events import TELEGRAM_OWED, Owed
from service_kit.broker import Connection
from service_kit.correlation import correlated
from telegram_bot.deliver.lanes import Lanes
from telegram_bot.parking import park
from telegram_bot.pull import pulled

log = structlog.get_logger(__name__)

NO_ROOM_AGAIN = 1.0
"""Seconds until a signal without a lane is offered again."""

_decoder = msgspec.json.Decoder(Owed)


async def consume(connection: Connection, lanes: Lanes) -> None:
    """Take signals for ever; each is acknowledged once its lane knows, as the ledger keeps what is owed."""
    stream = connection.jetstream()
    async with pulled(connection, TELEGRAM_OWED, batch=256) as messages:
        async for message in messages:
            try:
                if lanes.signal(_decoder.decode(message.data).destination):
                    await message.ack()
                else:
                    await message.nak(NO_ROOM_AGAIN)
            except msgspec.DecodeError:
                await _put_aside(stream, message)
            except nats.errors.Error as error:
                log.warning("signal.unacknowledged", reason=type(error).__name__)


async def _put_aside(stream: JetStreamContext, message: Msg) -> None:
    """Park what is no signal; while that fails it stays in its stream and is offered again."""
    try:
        with correlated((message.headers or {}).get("traceparent")):
            await park(stream, "signal", message.data, "no_signal", message.subject)
        await message.term()
    except (nats.errors.Error, OSError) as error:
        log.warning("signal.unparked", reason=type(error).__name__)
