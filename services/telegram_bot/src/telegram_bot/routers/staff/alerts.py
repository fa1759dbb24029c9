"""Around every handler of a group: each press is answered, and a refusal is told to whoever pressed, alone."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiogram import BaseMiddleware
from aiogram.types import CallbackQuery, Message, TelegramObject

from contracts.failures import Failure, NotSignedIn
from telegram_bot.callbacks import parse
from telegram_bot.group_turn import GroupTurn
from telegram_bot.routers.refusals import TRIED_AGAIN, refused

log = structlog.get_logger(__name__)


class Alerts(BaseMiddleware):
    """Says why something cannot be."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:  # noqa: ANN401 - aiogram's protocol
        """Handle one event."""
        turn: GroupTurn = data["turn"]
        if isinstance(event, Message) and event.is_topic_message:
            turn.thread = event.message_thread_id
        if isinstance(event, CallbackQuery) and parse(event.data) is None:
            await turn.alert(turn.say("press-unknown"))
            return None
        try:
            answer = await handler(event, data)
        except TRIED_AGAIN:
            raise
        except Failure as refusal:
            log.info("api.refused", failure=type(refusal).__name__)
            said = turn.say("open-first") if isinstance(refusal, NotSignedIn) else refused(turn, refusal)
            if isinstance(event, CallbackQuery):
                await turn.alert(said)
            elif isinstance(event, Message):
                await turn.post(said, await turn.opening("staff") if isinstance(refusal, NotSignedIn) else None)
            return None
        await turn.answer_press()
        return answer
