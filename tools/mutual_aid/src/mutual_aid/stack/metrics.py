"""What the api and the bot measured since they started, as a few lines for the operator."""

import math
import time
from collections.abc import Iterable
from typing import Final

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from mutual_aid.stack.record import Record

WITHIN: Final = aiohttp.ClientTimeout(total=2)
MEASURED: Final = ("api", "bot")
SLOW: Final = 0.99
"""The share of calls that took at most what is shown as their time."""


class Measured:
    """The figures of one process, added up by name and labels."""

    def __init__(self, text: str) -> None:
        self._samples = [
            (sample.name.removeprefix("mutual_aid_"), sample.labels, sample.value)
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        ]

    def sum(self, name: str, **labels: str) -> float:
        """The sum of all figures of a name with these labels."""
        return sum(value for _, value in self._found(name, labels))

    def values(self, name: str, by: str, **labels: str) -> dict[str, float]:
        """The figures of a name with these labels, added up by another label."""
        found: dict[str, float] = {}
        for given, value in self._found(name, labels):
            found[given.get(by, "")] = found.get(given.get(by, ""), 0.0) + value
        return found

    def within(self, share: float, **labels: str) -> float:
        """Seconds within which this share of the calls with these labels ended, rounded up to a bound; NaN without any."""
        bounds: dict[float, float] = {}
        for given, value in self._found("call_seconds_bucket", labels):
            bounds[float(given["le"])] = bounds.get(float(given["le"]), 0.0) + value
        whole = bounds.get(math.inf, 0.0)
        return min((bound for bound, count in bounds.items() if whole and count >= share * whole), default=math.nan)

    def _found(self, name: str, labels: dict[str, str]) -> Iterable[tuple[dict[str, str], float]]:
        return (
            (given, value) for known, given, value in self._samples if known == name and labels.items() <= given.items()
        )


async def measured(found: Record) -> dict[str, Measured]:
    """What each process tells, by name; one that does not answer is left out."""
    told = {}
    async with aiohttp.ClientSession(timeout=WITHIN) as session:
        for name in MEASURED:
            line = found.process(name)
            if line is None or line.port is None:
                continue
            try:
                async with session.get(f"http://127.0.0.1:{line.port}/metrics") as response:
                    told[name] = Measured(await response.text())
            except (aiohttp.ClientError, TimeoutError, ValueError):
                continue
    return told


def lines(told: dict[str, Measured], now: float | None = None) -> list[str]:
    """Calls with their outcomes and speed, the bot's updates and deliveries, what the streams hold."""
    shown = []
    if api := told.get("api"):
        by_outcome = api.values("call_seconds_count", "outcome", system="api")
        calls = sum(by_outcome.values())
        since = max((now or time.time()) - api.sum("process_start_time_seconds"), 1.0)
        outcomes = ", ".join(f"{count:,.0f} {outcome}" for outcome, count in sorted(by_outcome.items()) if count)
        shown.append(
            f"Calls: {calls:,.0f} since the api started, {calls / since:,.1f}/s"
            + (f" ({outcomes}), 99 % within {_seconds(api.within(SLOW, system='api'))}" if outcomes else "")
        )
        oldest = api.sum("deliveries_oldest_seconds")
        streams = ", ".join(
            f"{name} {count:,.0f}" for name, count in sorted(api.values("stream_messages", "stream").items())
            if not math.isnan(count)
        )  # fmt: skip
        shown.append(f"Oldest delivery owed: {_seconds(oldest)} · streams hold: {streams or 'nobody can say'}")
    if bot := told.get("bot"):
        shown.append(
            f"Bot: {bot.sum('telegram_updates_handled_total'):,.0f} updates handled, "
            f"{bot.sum('telegram_updates_parked_total'):,.0f} parked, "
            f"{bot.sum('telegram_deliveries_total'):,.0f} sends, 99 % of requests to Telegram within "
            f"{_seconds(bot.within(SLOW, system='telegram', operation='sendMessage'))}"
        )
    return shown


def _seconds(value: float) -> str:
    if math.isnan(value):
        return "not known"
    return f"{value:.1f} s" if value >= 1 else f"{value * 1000:.0f} ms"
