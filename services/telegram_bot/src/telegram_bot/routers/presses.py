"""Around every press of a button: it is answered, and a button that does something does it once."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiogram import BaseMiddleware
from aiogram.types import CallbackQuery, TelegramObject

from telegram_bot.callbacks import Verb, parse
from telegram_bot.turn import Turn

ONCE: Final = frozenset(
    {
        Verb.RESOURCE, Verb.CANCEL, Verb.NEXT, Verb.INSTEAD, Verb.WRITE, Verb.CLOSE_FULFILLED,
        Verb.CLOSE_CANCELLED, Verb.KEEP, Verb.JOIN, Verb.LEAVE,
        Verb.REPORT_ACTED, Verb.REPORT_DISMISSED,
        Verb.SEND_ANYWAY, Verb.DO_NOT_SEND, Verb.SEND_HELD, Verb.DROP_HELD,
        Verb.TAKE, Verb.NOT_FOR_ME, Verb.SURE_DECLINE, Verb.HOLD, Verb.PAUSE_FOR, Verb.RESUME, Verb.ZONE,
        Verb.LET_IN, Verb.TURN_DOWN, Verb.OFFER_SCENARIO,
        Verb.ARRIVED, Verb.NOT_YET, Verb.STILL_NEEDED, Verb.NO_LONGER,
        Verb.RELEASE_SURE, Verb.SHARE_SURE, Verb.HIDE_SURE, Verb.REOPEN,
    }
)  # fmt: skip
"""Verbs after which the message's buttons are gone."""

REMEMBERED: Final = 30
"""Messages whose buttons count as used, the newest."""


class Presses(BaseMiddleware):
    """Answers every press; a second press of a used button changes nothing."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:  # noqa: ANN401 - aiogram's protocol
        """Handle one press."""
        turn: Turn = data["turn"]
        if not isinstance(event, CallbackQuery) or event.message is None:
            return await handler(event, data)
        press = parse(event.data)
        if press is None:
            return await turn.answer_press("press-unknown")
        message_id = event.message.message_id
        used: list[int] = turn.step.data.get("used", [])
        if press.verb in ONCE:
            if message_id in used:
                await turn.strip_buttons(message_id)
                return await turn.answer_press("press-used")
            turn.step.data["used"] = [*used, message_id][-REMEMBERED:]
        answer = await handler(event, data)
        if press.verb in ONCE and turn.keeps_buttons:
            turn.step.data["used"].remove(message_id)
        elif press.verb in ONCE:
            await turn.strip_buttons(message_id)
        await turn.answer_press()
        return answer
