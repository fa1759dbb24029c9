"""Buttons pressed, and what the bot answered."""

import asyncio
import secrets
import time
from collections import OrderedDict

import msgspec

from telegram_simulator.refusals import bad_request

KEPT = 50_000
EXPIRY_SECONDS = 900.0
"""Telegram names no number; a query nobody answered for a quarter of an hour is taken for too old."""


class Answer(msgspec.Struct, kw_only=True):
    """What the person sees after pressing: a toast, or an alert to be closed."""

    text: str = ""
    show_alert: bool = False
    url: str = ""
    cache_time: int = 0


class Query(msgspec.Struct, kw_only=True):
    """An open question to a bot: a pressed button, or an inline query."""

    id: str
    bot_id: int
    person_id: int
    chat: str
    at: float
    answered: asyncio.Event
    answer: Answer | None = None
    results: list[dict[str, object]] = []


class Queries:
    """Questions to bots, the oldest forgotten above the bound."""

    def __init__(self, expiry_seconds: float = EXPIRY_SECONDS) -> None:
        self.expiry_seconds = expiry_seconds
        self._queries: OrderedDict[str, Query] = OrderedDict()

    def ask(self, bot_id: int, person_id: int, chat: str) -> Query:
        """Open a question."""
        query = Query(
            id=str(secrets.randbits(62)),
            bot_id=bot_id,
            person_id=person_id,
            chat=chat,
            at=time.monotonic(),
            answered=asyncio.Event(),
        )
        self._queries[query.id] = query
        while len(self._queries) > KEPT:
            self._queries.popitem(last=False)
        return query

    def get(self, query_id: str) -> Query | None:
        """Return a question, answered or not."""
        return self._queries.get(query_id)

    def open(self, query_id: str, bot_id: int) -> Query:
        """Return a question this bot may still answer, or refuse."""
        query = self._queries.get(query_id)
        late = query is not None and time.monotonic() - query.at > self.expiry_seconds
        if query is None or query.bot_id != bot_id or query.answered.is_set() or late:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        return query
