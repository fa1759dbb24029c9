"""Before anything else of a person is handled, what has come of an album that never ended goes out: it is not to be lost."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import Message, TelegramObject

from contracts.failures import Failure
from telegram_bot.routers.refusals import TRIED_AGAIN, refused
from telegram_bot.routers.relay.saying import send_begun_album
from telegram_bot.turn import Turn


class AlbumsFirst(BaseMiddleware):
    """Sends an album whose last message was put aside, before whatever the person does next."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:  # noqa: ANN401 - aiogram's protocol
        """Handle one event."""
        turn: Turn = data["turn"]
        begun = turn.step.data.get("album")
        if begun is not None and not (isinstance(event, Message) and event.media_group_id == begun["album"]):
            try:
                await send_begun_album(turn, data["steps"])
            except TRIED_AGAIN:
                raise
            except Failure as refusal:
                await turn.send(refused(turn, refusal))
        return await handler(event, data)
