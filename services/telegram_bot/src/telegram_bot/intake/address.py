"""Telling Telegram where to post: once, however many processes of the bot start."""

import hashlib
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest
from aiogram.types import BufferedInputFile
from redis.asyncio import Redis
from redis.exceptions import RedisError

from telegram_bot.intake.heads import KINDS
from telegram_bot.there import NotThere, away

log = structlog.get_logger(__name__)

TELLING: Final = 60
"""Seconds for which one process may keep the others from telling: longer than its two requests can take."""

# Keys: who tells now. Arguments: this process. Another may tell already, should this one have taken too long.
TOLD: Final = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


@dataclass(frozen=True)
class Place:
    """Where Telegram is to post: the address, the secret it shows there, the certificate it finds there.

    `certificate` is in PEM, "" for one of the usual authorities, which Telegram trusts by itself.
    """

    url: str
    secret: str
    certificate: str = ""


async def posted_to(bot: Bot, redis: Redis, place: Place) -> None:
    """Have Telegram post updates to this place; pending updates are never dropped.

    Telegram limits how often it is told, so what it says it knows is left alone. It does not say which secret and which
    certificate it knows: what was told last is kept beside it, as a digest. Raises `NotThere` while Telegram, Redis or another process that is
    telling it is waited for, and `TokenRefused`.
    """
    me, telling = uuid4().hex, f"telegram:{bot.id}:telling"
    try:
        if not await redis.set(telling, me, nx=True, ex=TELLING):
            raise NotThere("another process is telling Telegram where to post")
        try:
            await _told(bot, redis, place)
        finally:
            await redis.register_script(TOLD)(keys=[telling], args=[me])
    except TelegramBadRequest as error:
        raise NotThere(f"Telegram will not post to WEBHOOK_URL: {error.message}") from None
    except TelegramAPIError as error:
        raise away(error) from None
    except (RedisError, OSError) as error:
        raise NotThere(f"Redis does not answer: {type(error).__name__}") from None


async def _told(bot: Bot, redis: Redis, place: Place) -> None:
    kept = f"telegram:{bot.id}:posted_to"
    said = "\n".join((place.url, place.secret, place.certificate, *KINDS)).encode()
    digest = hashlib.blake2b(said, key=bot.token.encode()[:64], digest_size=16).hexdigest()
    info = await bot.get_webhook_info()
    known = await redis.get(kept)
    if info.url == place.url and known == digest.encode():
        log.info("webhook.known")
        return
    certificate = BufferedInputFile(place.certificate.encode(), "certificate.pem") if place.certificate else None
    await bot.set_webhook(
        place.url,
        certificate=certificate,
        secret_token=place.secret,
        allowed_updates=list(KINDS),
        drop_pending_updates=False,
    )
    await redis.set(kept, digest)
    log.info("webhook.told")
