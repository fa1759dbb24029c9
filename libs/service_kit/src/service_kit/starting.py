"""Coming up while something a process cannot do without is away: alive, not ready, saying what is missing, and waiting.

To end instead would leave it to whoever starts processes how long a server may take to come back, and would say nothing
on the health port meanwhile.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, TypeVar

import structlog

from service_kit.health import Health, Unhealthy
from service_kit.process import Stop
from service_kit.redaction import redact
from service_kit.supervise import Backoff

log = structlog.get_logger(__name__)

T = TypeVar("T")

PAUSES: Final = Backoff(first=0.2, longest=2.0)


class StoppedWhileStarting(Exception):
    """The end was asked for before everything was there."""


class Starting:
    """What a process needs, by name: each a check of its health, which fails until it is there."""

    def __init__(self, stop: Stop, health: Health, *needs: str) -> None:
        """Make readiness depend on every one of ``needs`` from now on."""
        self._stop = stop
        self._why = dict.fromkeys(needs, "not there yet")
        self._checks: dict[str, Callable[[], Awaitable[object]]] = {}
        for name in needs:
            health.add(name, partial(self._check, name))

    def there(self, name: str, check: Callable[[], Awaitable[object]]) -> None:
        """From now on ``check`` says how it stands with what is needed under this name."""
        self._checks[name] = check

    async def waited_for(
        self, name: str, attempt: Callable[[], Awaitable[T]], is_away: Callable[[Exception], bool]
    ) -> T:
        """Return what ``attempt`` returns, trying it again and again while it raises what ``is_away``.

        Raises anything else it raises at once, and StoppedWhileStarting as soon as the process is asked to end. Each new
        reason is logged; the error's text has to be fit for the operator.
        """
        failures = 0
        try:
            async with self._until_stopped():
                while not self._stop.requested:
                    try:
                        opened = await attempt()
                    except Exception as error:
                        if not is_away(error):
                            raise
                        failures += 1
                        self._told(name, redact(str(error)))
                        await asyncio.sleep(PAUSES.wait(failures))
                    else:
                        if failures:
                            log.info("start.goes_on", came=name, attempts=failures + 1)
                        return opened
        except TimeoutError:
            if not self._stop.requested:
                raise
        raise StoppedWhileStarting

    def _until_stopped(self) -> asyncio.Timeout:
        """A block that is broken off with TimeoutError at the moment the end is asked for."""
        limit = asyncio.timeout(None)
        loop = asyncio.get_running_loop()

        def break_off() -> None:
            try:
                limit.reschedule(loop.time())
            except RuntimeError:
                log.debug("start.over")  # what was waited for is there, or another limit was quicker

        def stopping() -> None:
            loop.call_soon(break_off)

        self._stop.on_request(stopping)
        return limit

    def _told(self, name: str, why: str) -> None:
        if self._why[name] != why:
            log.warning("start.waits", for_what=name, why=why)
        self._why[name] = why

    async def _check(self, name: str) -> None:
        check = self._checks.get(name)
        if check is None:
            raise Unhealthy(self._why[name])
        await check()
