"""Requests to Telegram as JSON, and of an answer only what somebody reads: half of what aiogram's own way costs (measured).

What brings a file or a time along goes aiogram's way, as a form.
"""

from collections.abc import Mapping
from enum import Enum
from http import HTTPStatus
from typing import Any, Final, cast

import aiohttp
import msgspec
from aiogram import Bot
from aiogram.client.default import Default
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.exceptions import TelegramNetworkError, TelegramServerError
from aiogram.methods import SendMessage, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import MessageId
from pydantic import BaseModel

JSON: Final = {"Content-Type": "application/json"}


class Saying(SendMessage):
    """A text of which only the id is wanted that Telegram gives its message."""

    __returning__ = MessageId  # type: ignore[assignment] # aiogram says Message


class _Answer(msgspec.Struct):
    ok: bool
    result: msgspec.Raw = msgspec.Raw(b"")


class _Id(msgspec.Struct):
    message_id: int


class _NotPlain(Exception):
    """The request brings a file along, or a time that aiogram has a way of writing."""


_answers = msgspec.json.Decoder(_Answer)
_ids = msgspec.json.Decoder(_Id)


class LeanSession(AiohttpSession):
    """aiogram's session, with its own connections and errors."""

    async def create_session(self) -> aiohttp.ClientSession:
        """The session of aiohttp; Telegram sets no cookies, and a jar would be looked through for each request."""
        if self._should_reset_connector:
            await self.close()
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=self._connector_type(**self._connector_init), cookie_jar=aiohttp.DummyCookieJar()
            )
            self._should_reset_connector = False
        return self._session

    async def close(self) -> None:
        """Close its connections; aiohttp has waited for that since 3.12, where aiogram sleeps for a quarter of a second."""
        if self._session is not None:
            await self._session.close()

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: float | None = None
    ) -> TelegramType:
        """Telegram's answer, as the type the method names; raises aiogram's errors."""
        try:
            body = msgspec.json.encode(asked(method, bot))
        except _NotPlain:
            return await super().make_request(bot, method, cast("int | None", timeout))
        session = await self.create_session()
        url = self.api.api_url(token=bot.token, method=method.__api_method__)
        limit = aiohttp.ClientTimeout(total=self.timeout if timeout is None else timeout)
        try:
            async with session.post(url, data=body, headers=JSON, timeout=limit) as response:
                content, status = await response.read(), response.status
        except TimeoutError as error:
            raise TelegramNetworkError(method=method, message="Request timeout error") from error
        except aiohttp.ClientError as error:
            raise TelegramNetworkError(method=method, message=f"{type(error).__name__}: {error}") from error
        return self._read(bot, method, status, content)

    def _read(self, bot: Bot, method: TelegramMethod[TelegramType], status: int, content: bytes) -> TelegramType:
        try:
            answer = _answers.decode(content)
        except msgspec.DecodeError as error:
            if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                # A page of whatever stands in front of Telegram: not an answer we cannot read, but none.
                raise TelegramServerError(method=method, message=f"{status} without an answer") from error
        else:
            if answer.ok and status == HTTPStatus.OK and method.__returning__ is MessageId:
                found = _ids.decode(answer.result)
                return cast("TelegramType", MessageId.model_construct(message_id=found.message_id))
            if answer.ok and status == HTTPStatus.OK and bytes(answer.result) == b"true":
                return cast("TelegramType", True)
        response = self.check_response(bot, method, status, content.decode("utf-8", "replace"))
        return cast("TelegramType", response.result)


def asked(method: TelegramMethod[Any], bot: Bot) -> dict[str, Any]:
    """The parameters of a request as JSON knows them; raises `_NotPlain`."""
    # An empty parameter is none, as in a form; inside of one it may say something: a search that begins with no words.
    return {name: plain for name, plain in _plain_items(_fields(method), bot).items() if plain != ""}


def _plain_items(items: Mapping[str, Any], bot: Bot) -> dict[str, Any]:
    return {
        name: plain for name, value in items.items() if value is not None and (plain := _plain(value, bot)) is not None
    }


def _plain(value: Any, bot: Bot) -> Any:  # noqa: ANN401 - any parameter of any method
    match value:
        case Enum():
            return value.value
        case str() | int() | float():
            return value
        case Default():
            return _plain(found, bot) if (found := bot.default[value.name]) is not None else None
        case BaseModel():
            return _plain_items(_fields(value), bot)
        case dict():
            return _plain_items(value, bot)
        case list():
            return [_plain(item, bot) for item in value]
        case _:
            raise _NotPlain


def _fields(model: BaseModel) -> dict[str, Any]:
    more = model.__pydantic_extra__
    return {**model.__dict__, **more} if more else model.__dict__
