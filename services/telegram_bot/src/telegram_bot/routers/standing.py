"""Around every command: who it is not for is told so, kindly, and how that may change."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import Message, TelegramObject

from telegram_bot import keyboards
from telegram_bot.callbacks import Verb
from telegram_bot.commands import COMMANDS, For, standing
from telegram_bot.turn import Turn


class Standing(BaseMiddleware):
    """Lets a command through to those it is for."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:  # noqa: ANN401 - aiogram's protocol
        """Handle one message."""
        whom = COMMANDS.get(said(event), For.EVERYBODY)
        turn: Turn = data["turn"]
        if whom is For.EVERYBODY or whom in standing(await turn.me()):
            return await handler(event, data)
        if whom is For.STAFF:
            return await turn.answer("staff-only")
        offer = keyboards.rows([keyboards.button(turn.say("button-offer-help"), Verb.OFFER_HELP)])
        return await turn.answer("not-a-provider", keyboard=offer)


def said(event: TelegramObject) -> str:
    """The name of the command a message is, as it stands in the table; empty for other messages."""
    text = event.text if isinstance(event, Message) else None
    if not text or not text.startswith("/"):
        return ""
    return text[1:].split(maxsplit=1)[0].partition("@")[0].lower() if len(text) > 1 else ""
