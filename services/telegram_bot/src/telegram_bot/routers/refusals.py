"""Around every handler: a refusal of the api becomes a sentence; what passes by itself goes up to be tried again."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog
from aiogram import BaseMiddleware
from aiogram.types import TelegramObject

from contracts.failures import Busy, DeadlineExceeded, Failure, Internal
from telegram_bot.turn import Turn

log = structlog.get_logger(__name__)

TRIED_AGAIN: Final = (Busy, DeadlineExceeded, Internal)


class Refusals(BaseMiddleware):
    """Says why something cannot be."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:  # noqa: ANN401 - aiogram's protocol
        """Handle one event."""
        try:
            return await handler(event, data)
        except TRIED_AGAIN:
            raise
        except Failure as refusal:
            turn: Turn = data["turn"]
            log.info("api.refused", failure=type(refusal).__name__)
            await turn.send(refused(turn, refusal))
            return None


def refused(turn: Turn, refusal: Failure) -> str:
    """The sentence for a refusal; every class of the family has one."""
    values: dict[str, Any] = {
        name: value for name, value in vars(refusal).items() if isinstance(value, int | float | str)
    }
    if "retry_after" in values:
        values["retry_after"] = max(1, round(values["retry_after"]))
    if isinstance(held := getattr(refusal, "held", None), list):
        values["held"] = ", ".join(f"№{number}" for number in held)
        values["count"] = len(held)
    return turn.say(f"failure-{type(refusal).__name__}", **values)
