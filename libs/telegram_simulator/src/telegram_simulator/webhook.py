"""Posts updates to a bot's webhook: lanes in order, lanes side by side, again until it says 2xx."""

import asyncio
import ssl
from collections import deque
from itertools import takewhile

import aiohttp

from telegram_simulator.bot_side import perform
from telegram_simulator.forms import read_answer
from telegram_simulator.methods.receiving import note_failure
from telegram_simulator.pause import pause
from telegram_simulator.people import Bot, Webhook
from telegram_simulator.refusals import BotApiError
from telegram_simulator.updates import Update
from telegram_simulator.world import World

FIRST_DELAY_SECONDS = 0.2
"""Telegram waits a second before its first repeat; tests should not."""
LONGEST_DELAY_SECONDS = 60.0
ANSWER_SECONDS = 60.0
_UNANSWERABLE = frozenset({"deletewebhook", "setwebhook", "close", "logout"})


class Delivery:
    """Posts one bot's updates while it has a webhook. Updates of one chat (their lane) go one after another."""

    def __init__(self, world: World, bot: Bot, session: aiohttp.ClientSession) -> None:
        self._world = world
        self._bot = bot
        self._updates = world.updates[bot.id]
        self._session = session
        self._lanes: dict[int, deque[Update]] = {}
        self._sorted = 0

    async def run(self) -> None:
        """Deliver until cancelled."""
        kick = self._updates.kick
        while True:
            webhook = self._bot.webhook
            if webhook is None:
                kick.clear()
                await kick.wait()
                continue
            self._lanes.clear()
            self._sorted = 0
            slots = asyncio.Semaphore(webhook.max_connections)
            async with asyncio.TaskGroup() as tasks:
                running: set[asyncio.Task[None]] = set()
                while self._bot.webhook is webhook:
                    for number in self._sort():
                        task = tasks.create_task(self._empty(number, webhook, slots))
                        running.add(task)
                        task.add_done_callback(running.discard)
                    kick.clear()
                    await kick.wait()
                # What was being posted to the old address is not confirmed: it goes to the new one, or to getUpdates.
                for task in running:
                    task.cancel()

    def _sort(self) -> list[int]:
        """Put new updates into their lanes and return the lanes that had nothing before."""
        self._updates.expire()
        fresh = list(takewhile(lambda update: update.id > self._sorted, reversed(self._updates.pending)))
        fresh.reverse()
        if fresh:
            self._sorted = fresh[-1].id
        fresh = list(self._updates.again) + fresh
        self._updates.again.clear()
        new = []
        for update in fresh:
            if update.lane not in self._lanes:
                self._lanes[update.lane] = deque()
                new.append(update.lane)
            self._lanes[update.lane].append(update)
        return new

    async def _empty(self, number: int, webhook: Webhook, slots: asyncio.Semaphore) -> None:
        """Post a lane's updates one after another until there are none."""
        lane = self._lanes[number]
        delay = FIRST_DELAY_SECONDS
        while lane:
            async with slots:
                taken = await self._post(webhook, lane[0])
            if taken:
                self._updates.done(lane.popleft())
                delay = FIRST_DELAY_SECONDS
            else:
                await pause(delay)
                delay = min(delay * 2, LONGEST_DELAY_SECONDS)
        del self._lanes[number]

    async def _post(self, webhook: Webhook, update: Update) -> bool:
        """Post one update; a method call in the answer is carried out."""
        headers = {"Content-Type": "application/json"}
        if webhook.secret_token:
            headers["X-Telegram-Bot-Api-Secret-Token"] = webhook.secret_token
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        try:
            async with self._session.post(
                webhook.url, data=bytes(update.body), headers=headers, timeout=timeout, ssl=_trusted(webhook)
            ) as response:
                if not response.ok:
                    note_failure(webhook, f"Wrong response from the webhook: {response.status} {response.reason}")
                    return False
                await self._obey(response)
                return True
        except (aiohttp.ClientError, TimeoutError, ssl.SSLError) as error:
            note_failure(webhook, _why(error))
            return False

    async def _obey(self, response: aiohttp.ClientResponse) -> None:
        """Carry out the call an answer holds; its result goes nowhere, as in life."""
        try:
            values, uploads = await read_answer(response)
        except BotApiError:
            return
        method = str(values.get("method", "")).lower()
        if method and method not in _UNANSWERABLE and not method.startswith("get"):
            asked = {name: value for name, value in values.items() if name != "method"}
            await perform(self._world, self._bot, method, asked, uploads)


def _trusted(webhook: Webhook) -> ssl.SSLContext | bool:
    """What the server at the address must show: the certificate handed over for it, else one of the usual authorities."""
    if not webhook.certificate or not webhook.url.startswith("https://"):
        return True
    context = ssl.create_default_context(cadata=webhook.certificate)
    # Telegram asks for a name that fits, not for every extension of the standard.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _why(error: Exception) -> str:
    """What getWebhookInfo says of a failed post."""
    if isinstance(error, TimeoutError):
        return "Read timeout expired"
    if isinstance(error, (ssl.SSLError, aiohttp.ClientSSLError)):
        return "SSL error {certificate verify failed}"
    return "Connection refused"
