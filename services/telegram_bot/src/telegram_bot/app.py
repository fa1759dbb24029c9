"""The composition root: settings into a running bot, and everything down again in the right order."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Final
from urllib.parse import urlsplit

import structlog
from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods import Response
from aiogram.types import Message, User, WebhookInfo
from redis.asyncio import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff

from contracts.client import Client
from contracts.kinds import Caller
from contracts.permissions import inbox_of
from service_kit.broker import Connection, connect, drain
from service_kit.correlation import traceparent
from service_kit.health import Health, serve_health
from service_kit.process import Stop
from service_kit.starting import Starting, StoppedWhileStarting
from service_kit.supervise import Backoff, Supervisor
from telegram_bot.answers import InPace
from telegram_bot.commands import tell_commands
from telegram_bot.deliver.consume import consume
from telegram_bot.deliver.lanes import Lanes
from telegram_bot.deliver.pace import Pace
from telegram_bot.deliver.renaming import Renaming
from telegram_bot.deliver.send import send
from telegram_bot.deliver.topic import InTopic
from telegram_bot.deliver.turns import Turns
from telegram_bot.emergency import Emergency
from telegram_bot.intake.address import Place, posted_to
from telegram_bot.intake.consume import Worker
from telegram_bot.intake.handle import Dispatchers, Handling
from telegram_bot.intake.polling import poll
from telegram_bot.intake.publish import Intake
from telegram_bot.intake.steps import Steps
from telegram_bot.intake.webhook import listening
from telegram_bot.line import Line, Scripts, leads, scripts_of
from telegram_bot.menus import Menus
from telegram_bot.pinned import after_delivery
from telegram_bot.requests import Measured
from telegram_bot.routers.assembly import dispatcher
from telegram_bot.routers.staff.assembly import group_dispatcher
from telegram_bot.session import LeanSession
from telegram_bot.settings import BotSettings
from telegram_bot.store import MeasuredRedis
from telegram_bot.there import answering, is_away, known_to_telegram
from telegram_bot.words import Words

log = structlog.get_logger(__name__)

USER: Final = "telegram"
"""The bot's user at the broker; its inbox prefix goes with it."""

REDIS_CONNECTIONS: Final = 64
"""More lanes than this at one moment wait for a connection; redis-py's own pool would raise."""

BROKER_WITHIN: Final = 3.0
"""Seconds for one attempt to reach NATS, after which it is named as missing and tried again."""

TELEGRAM_WITHIN: Final = 20.0
"""Seconds for a request to Telegram, long polling aside."""

ANSWERS: Final = (Response[Message], Response[Message | bool], Response[bool], Response[User], Response[WebhookInfo])
"""Shapes of Telegram's answers. pydantic forgets one that nobody holds, and aiogram asks for it anew with each answer:
building it each time was a tenth of what a message costs (measured)."""


async def serve(settings: BotSettings, stop: Stop) -> None:
    """Run the bot until `stop`; NATS, Redis and Telegram are waited for.

    Raises BrokerUnavailable when NATS refuses the key, TokenRefused when Telegram refuses the token.
    """
    try:
        await _serve(settings, stop)
    except StoppedWhileStarting:
        log.info("bot.never_started")


async def _serve(settings: BotSettings, stop: Stop) -> None:
    async with AsyncExitStack() as stack:
        health = Health()
        posted = settings.bot_mode == "webhook"
        starting = Starting(stop, health, "nats", "redis", "telegram", "tasks", *(["webhook"] if posted else []))
        port = await stack.enter_async_context(
            serve_health(health, host=settings.health_host, port=settings.health_port)
        )
        log.info("bot.starting", health_port=port)
        connection = await _broker(settings, stack, stop, starting)
        redis = await stack.enter_async_context(_redis(settings))
        await starting.waited_for("redis", partial(answering, redis), is_away)
        starting.there("redis", redis.ping)
        turns = Turns(redis, f"telegram:{settings.bot_id}:pace")
        pace = Pace(turns, settings.sends_per_second, settings.chat_sends_per_second, settings.group_sends_per_minute)
        client = Client(connection, Caller.TELEGRAM, traceparent)
        connection.on_denied(lambda denied: client.permission_denied(denied.subject))
        talking = await stack.enter_async_context(_bot(settings, InPace(pace)))
        delivering = await stack.enter_async_context(_bot(settings, InTopic()))

        await starting.waited_for("telegram", partial(known_to_telegram, talking), is_away)
        starting.there("telegram", _nothing)
        emergency = Emergency(settings.emergency_number, settings.emergency_numbers)
        words = Words(settings.default_locale, emergency)
        scripts = await stack.enter_async_context(_scripts(settings, redis))
        steps = Steps(redis, talking.id, settings.person_updates_per_second, scripts)
        intake = Intake(connection.jetstream(), steps, talking.id)
        menus = Menus(delivering, client, words, redis)
        dispatchers = Dispatchers(dispatcher(emergency), group_dispatcher())
        handling = Handling(talking, dispatchers, client, words, steps, region=settings.phone_region, menus=menus)
        worker = Worker(connection, intake, steps, handling)
        lanes = Lanes(
            client,
            pace,
            steps,
            menus.following(partial(send, delivering, words, pace, Renaming())),
            partial(after_delivery, delivering, words, steps),
        )

        supervisor = Supervisor(stop)
        starting.there("tasks", supervisor.check)
        stack.push_async_callback(menus.drain, 2.0)
        stack.push_async_callback(_wind_down, supervisor, worker, lanes)
        supervisor.start("menu", partial(tell_commands, talking, words, settings.default_locale), restart="on_failure")
        supervisor.start("deliver", partial(consume, connection, lanes))
        for name, work in (
            ("take", worker.take),
            ("keep_alive", worker.keep_alive),
            ("keep_offering", intake.keep_offering),
            ("keep_hearing", steps.keep_hearing),
        ):
            supervisor.start(f"intake.{name}", work)
        if posted:
            secret = settings.webhook_secret.get_secret_value()
            path = urlsplit(settings.webhook_url).path or "/"
            await stack.enter_async_context(
                listening(intake, path, secret, host=settings.webhook_host, port=settings.webhook_port)
            )
            # The work goes on meanwhile: what is owed, what was taken in before, and posts if Telegram knows us already.
            place = Place(settings.webhook_url, secret, settings.webhook_certificate)
            telling = partial(posted_to, talking, redis, place)
            await starting.waited_for("webhook", telling, is_away)
            starting.there("webhook", _nothing)
        else:
            supervisor.start("polling", partial(poll, delivering, intake), backoff=Backoff(longest=5.0))
        log.info("bot.started", mode=settings.bot_mode, health_port=port)
        await stop.wait()
        log.info("bot.stopping")


async def _wind_down(supervisor: Supervisor, worker: Worker, lanes: Lanes) -> None:
    """Let nothing new in, then end what is begun; only after that the connections may go."""
    await supervisor.stop(within=5.0)
    await worker.drain(within=8.0)
    await lanes.drain(within=6.0)


async def _nothing() -> None:
    """Without Telegram there is still work: what it gave us is handled, and what is owed waits for it."""


async def _broker(settings: BotSettings, stack: AsyncExitStack, stop: Stop, starting: Starting) -> Connection:
    opening = partial(
        connect,
        settings.nats_url,
        name="telegram_bot",
        inbox_prefix=inbox_of(USER),
        seed=settings.nats_seed,
        within=BROKER_WITHIN,
    )
    connection = await starting.waited_for("nats", opening, is_away)
    starting.there("nats", connection.check)
    stack.push_async_callback(drain, connection, within=3.0)
    connection.closed_for_good.add_done_callback(
        lambda _: None if stop.requested else stop.fail("NATS closed the connection for good")
    )
    return connection


@asynccontextmanager
async def _redis(settings: BotSettings) -> AsyncIterator[MeasuredRedis]:
    pool = BlockingConnectionPool.from_url(
        settings.redis_url.get_secret_value(),
        max_connections=REDIS_CONNECTIONS,
        timeout=10,
        socket_timeout=5,
        socket_connect_timeout=3,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), 2),
    )
    async with MeasuredRedis(connection_pool=pool) as redis:
        try:
            yield redis
        finally:
            await pool.disconnect()


@asynccontextmanager
async def _scripts(settings: BotSettings, client: MeasuredRedis) -> AsyncIterator[Scripts]:
    """The way of what is asked of Redis with each update."""
    url = settings.redis_url.get_secret_value()
    if not leads(url):
        yield scripts_of(client)
        return
    line = Line(url)
    try:
        yield line.script
    finally:
        line.close()


@asynccontextmanager
async def _bot(settings: BotSettings, *around: BaseRequestMiddleware) -> AsyncIterator[Bot]:
    session = LeanSession(api=TelegramAPIServer.from_base(settings.bot_api_url), timeout=TELEGRAM_WITHIN, limit=200)
    for middleware in (*around, Measured()):
        session.middleware(middleware)
    bot = Bot(settings.bot_token.get_secret_value(), session=session)
    try:
        yield bot
    finally:
        await session.close()
