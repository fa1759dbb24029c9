"""Deliveries to a topic of a group: it is made when it is first written to, and again when somebody has deleted it."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, TypeVar, cast

import msgspec
import structlog
from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

from contracts.deliveries import Delivery, Result
from contracts.kinds import Notice, SendOutcome
from telegram_bot.deliver.judge import judged
from telegram_bot.deliver.part import ANSWERED_WITHIN

T = TypeVar("T")

log = structlog.get_logger(__name__)

NO_TOPIC: Final = "topic_gone"
"""The reason of a result whose topic is not there, or takes nothing; the judge's."""

_thread: ContextVar[int | None] = ContextVar("thread", default=None)


class InTopic(BaseRequestMiddleware):
    """Puts whatever is sent on the way of a topic's delivery into that topic."""

    async def __call__(
        self, make_request: NextRequestMiddlewareType[TelegramType], bot: Bot, method: TelegramMethod[TelegramType]
    ) -> Response[TelegramType]:
        """Make one request."""
        thread = _thread.get()
        if thread is not None and "message_thread_id" in type(method).model_fields:
            method = method.model_copy(update={"message_thread_id": thread})
        return await make_request(bot, method)


def is_topic(address: str) -> bool:
    """Whether an address is of a topic: a group's, a stroke, and the topic's number or a word while there is none."""
    return "/" in address


async def send_in_topic(bot: Bot, delivery: Delivery, send: Callable[[Delivery], Awaitable[Result]]) -> Result:
    """Make a delivery in its topic by `send`; the result says where the topic is when it was made for this.

    Never raises for anything Telegram or the network does.
    """
    chat, _, thread = delivery.address.partition("/")
    inside = _changed(delivery, address=chat)
    if thread.isdecimal():
        result = await _within(bot, inside, int(thread), send)
        if result.reason != NO_TOPIC:
            return result
    try:
        made = await bot.create_forum_topic(int(chat), name=_name(delivery), request_timeout=ANSWERED_WITHIN)
    except Exception as error:  # noqa: BLE001 - whatever it was, the ledger has to hear of this attempt
        return judged(delivery, error)
    result = await _within(bot, inside, made.message_thread_id, send)
    # The topic is there whatever became of the words, unless the group itself is somewhere else now.
    return result if result.migrated_to else _changed(result, migrated_to=f"{chat}/{made.message_thread_id}")


async def _within(bot: Bot, inside: Delivery, thread: int, send: Callable[[Delivery], Awaitable[Result]]) -> Result:
    chat = int(inside.address)
    if inside.notice == Notice.REOPENED:
        await _try(bot.reopen_forum_topic(chat, thread, request_timeout=ANSWERED_WITHIN))
    with _in(thread):
        result = await send(inside)
    if inside.notice == Notice.CLOSED and result.outcome is SendOutcome.SENT:
        await _try(bot.close_forum_topic(chat, thread, request_timeout=ANSWERED_WITHIN))
    return result


async def _try(doing: Awaitable[bool]) -> None:
    """What is a courtesy: a topic that stays open, or closed, is written to all the same."""
    try:
        await doing
    except (TelegramBadRequest, TelegramAPIError) as refused:
        log.info("topic.left", reason=type(refused).__name__)


@contextmanager
def _in(thread: int) -> Iterator[None]:
    token = _thread.set(thread)
    try:
        yield
    finally:
        _thread.reset(token)


def _changed(one: T, **values: str) -> T:
    changed: T = msgspec.structs.replace(cast("Any", one), **values)
    return changed


def _name(delivery: Delivery) -> str:
    tag = delivery.demand
    return "?" if tag is None else f"№{tag.number} · {tag.place} · {tag.resource}"[:128]
