"""Files under another name: their own would travel with Telegram's id of them, so they are fetched and sent anew, once.

One after the other and within a deadline, because they pass through our memory.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from io import BytesIO
from typing import Final

import aiohttp
from aiogram import Bot
from aiogram.exceptions import TelegramNetworkError, TelegramServerError
from aiogram.types import BufferedInputFile, Message

from contracts.attachments import SentAttachment
from contracts.kinds import AttachmentKind

AT_ONCE: Final = 2
"""Files or albums in memory at once."""

FETCHED_WITHIN: Final = 6.0
"""Seconds for all files of a part; with `ANSWERED_WITHIN` and `HELD_WITHIN` inside what the ledger waits for a delivery."""

REMEMBERED: Final = 5000
"""Files whose new id is known, the newest."""


class NotFetched(Exception):
    """A file could not be fetched; nothing of the part was sent."""


class Renaming:
    """The files of one bot that go out under another name."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._known: OrderedDict[str, str] = OrderedDict()

    @asynccontextmanager
    async def media(self, bot: Bot, files: tuple[SentAttachment, ...]) -> AsyncIterator[list[str | BufferedInputFile]]:
        """What to send for each file: its id, or its bytes under its new name, in memory for as long as this is open.

        Raises `NotFetched`, also when it was not our turn in time.
        """
        if not any(file.name and file.file_id not in self._known for file in files):
            yield [self._known.get(file.file_id, file.file_id) for file in files]
            return
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(FETCHED_WITHIN):
                    await stack.enter_async_context(self._turn)
                    found = [await self._medium(bot, file) for file in files]
            except (TimeoutError, aiohttp.ClientError, TelegramNetworkError, TelegramServerError) as error:
                raise NotFetched from error
            yield found

    def learn(self, files: tuple[SentAttachment, ...], sent: list[Message]) -> None:
        """Remember the ids the renamed files were given: whoever gets them later gets them by these."""
        for file, message in zip(files, sent, strict=True):
            if file.name and (new := _id_of(file, message)):
                self._known[file.file_id] = new
                if len(self._known) > REMEMBERED:
                    self._known.popitem(last=False)

    async def _medium(self, bot: Bot, file: SentAttachment) -> str | BufferedInputFile:
        if not file.name:
            return file.file_id
        if known := self._known.get(file.file_id):
            return known
        content = BytesIO()
        await bot.download(file.file_id, content)
        return BufferedInputFile(content.getvalue(), filename=file.name)


def _id_of(file: SentAttachment, message: Message) -> str | None:
    # A document may come back as what Telegram takes it for; then it is sent anew each time.
    found = message.document if file.kind == AttachmentKind.DOCUMENT else getattr(message, file.kind, None)
    return str(found.file_id) if found is not None else None
