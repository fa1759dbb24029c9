"""Asking Telegram for updates: what is not kept is not confirmed, so Telegram keeps it."""

import asyncio
from typing import Final

import aiohttp
import msgspec
import structlog
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession

from service_kit.metrics import timed
from service_kit.supervise import Backoff
from telegram_bot.intake.heads import KINDS
from telegram_bot.intake.publish import HandOffFailed, Intake

log = structlog.get_logger(__name__)

HELD_OPEN: Final = 25
"""Seconds Telegram holds an empty answer back; its own limit is 50."""

CONFLICT: Final = 409


class _Parameters(msgspec.Struct):
    retry_after: int = 0


class _Answer(msgspec.Struct):
    ok: bool
    result: list[msgspec.Raw] = []
    error_code: int = 0
    parameters: _Parameters | None = None


class NothingToConfirm(Exception):
    """Telegram gave something, and nothing in it says what to confirm: asked again, it gives the same again."""

    safe_to_log = True


class TelegramSays(Exception):
    """Telegram refused to give updates."""

    safe_to_log = True

    def __init__(self, code: int, retry_after: int) -> None:
        super().__init__(f"getUpdates: {code}")
        self.code = code
        self.retry_after = retry_after


WAITED_AFTER: Final = (
    TelegramSays, HandOffFailed, NothingToConfirm, aiohttp.ClientError, TimeoutError, msgspec.DecodeError,
)  # fmt: skip


async def poll(bot: Bot, intake: Intake) -> None:
    """Take updates for ever; at most one process may do so for a bot."""
    if (await bot.get_webhook_info()).url:
        # Pending updates stay: they are what people wrote meanwhile.
        await bot.delete_webhook(drop_pending_updates=False)
    offset: int | None = None
    backoff, failures = Backoff(first=0.3, longest=5.0), 0
    while True:
        try:
            updates = await _updates(bot, offset)
            highest = await intake.hand_over(updates)
            if updates and highest is None:
                raise NothingToConfirm
        except WAITED_AFTER as error:
            failures += 1
            wait = backoff.wait(failures)
            if isinstance(error, TelegramSays):
                wait = max(wait, float(error.retry_after))
            log.warning("polling.waits", reason=_reason(error), seconds=round(wait, 1))
            await asyncio.sleep(wait)
            continue
        failures = 0
        if highest is not None:
            offset = highest + 1


async def _updates(bot: Bot, offset: int | None) -> list[msgspec.Raw]:
    """The next updates, each as it came: one that nobody understands must not hide the others."""
    if not isinstance(bot.session, AiohttpSession):
        raise TypeError("updates are asked for over aiohttp")
    session = await bot.session.create_session()
    question: dict[str, object] = {"timeout": HELD_OPEN, "allowed_updates": list(KINDS)}
    if offset is not None:
        question["offset"] = offset
    url = bot.session.api.api_url(token=bot.token, method="getUpdates")
    limit = aiohttp.ClientTimeout(total=HELD_OPEN + 15, sock_connect=10)
    with timed("telegram", "getUpdates"):
        async with session.post(url, json=question, timeout=limit) as response:
            answer = msgspec.json.decode(await response.read(), type=_Answer)
    if not answer.ok:
        raise TelegramSays(answer.error_code, answer.parameters.retry_after if answer.parameters else 0)
    return answer.result


def _reason(error: Exception) -> str:
    # The address of a request holds the token, and an error of aiohttp may quote it: only ours are quoted.
    if isinstance(error, TelegramSays) and error.code == CONFLICT:
        return "another process polls with this token, or a webhook is set"
    return str(error) if isinstance(error, TelegramSays | HandOffFailed) else type(error).__name__
