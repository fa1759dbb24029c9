"""The life of a process: it starts or says why not, and stops when asked without dropping what it holds.

That it is ready is told by ``GET /ready`` (see health); there is no second way that could say something else.
"""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Final, NoReturn

import structlog

from service_kit.redaction import redact
from service_kit.settings import SettingsError
from service_kit.tracebacks import describe

log = structlog.get_logger(__name__)

GRACE: Final = 3.0
"""Seconds between the cancelling of a main that did not stop in time and the hard end of the process."""


class Stop:
    """The wish that the process ends, and whether that wish is a failure."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []
        self.failure: str | None = None

    @property
    def requested(self) -> bool:
        """Whether the process is to end."""
        return self._event.is_set()

    def request(self, reason: str) -> None:
        """Ask the process to end in an orderly way; only the first asking counts."""
        if not self._event.is_set():
            log.info("process.stopping", reason=reason)
            self._event.set()
            for listener in self._listeners:
                listener()

    def fail(self, reason: str) -> None:
        """Ask the process to end in an orderly way and with exit code 1, because it cannot do its work any more."""
        if self.failure is None and not self.requested:
            self.failure = reason
            log.error("process.failing", reason=reason)
        self.request(reason)

    async def wait(self) -> None:
        """Return when the process is to end."""
        await self._event.wait()

    def on_request(self, listener: Callable[[], None]) -> None:
        """Call a plain function at the moment the end is asked for, or now when it already was."""
        if self.requested:
            listener()
        else:
            self._listeners.append(listener)


def run(main: Callable[[Stop], Awaitable[None]], *, stop_within: float = 25.0) -> NoReturn:
    """Run a process and exit with its code; never returns.

    SIGTERM, SIGINT or SIGHUP (a closed terminal) asks ``main`` to stop, a second one ends the process at once with 128 + its number. ``main`` gets
    ``stop_within`` seconds, then it is cancelled, and three seconds later the process ends whatever it does.

    Exit codes: 0 stopped as asked; 1 failed (``stop.fail``, an error, or not stopping in time); 2 the settings are wrong,
    and standard error has the list. An error whose class has a true ``safe_to_log`` is told in its own words, any other is
    logged with its traceback.
    """
    sys.excepthook = _log_uncaught
    sys.unraisablehook = _log_unraisable
    threading.excepthook = _log_thread
    code = 1
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            code = runner.run(_drive(main, stop_within))
    except SettingsError as error:
        _say(f"the settings are wrong, nothing was started:\n{error}")
        code = 2
    except KeyboardInterrupt:
        code = 128 + signal.SIGINT
    except Exception as error:
        if getattr(error, "safe_to_log", False) is True:
            _say(redact(str(error)))
        else:
            log.critical("process.failed", exc_info=error)
    sys.exit(code)


async def _drive(main: Callable[[Stop], Awaitable[None]], stop_within: float) -> int:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_log_from_loop)
    stop = Stop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup means that a closed terminal ends nothing
            loop.add_signal_handler(number, _signalled, stop, number)
    limit = asyncio.timeout(None)
    try:
        async with limit:

            def hurry() -> None:
                limit.reschedule(loop.time() + stop_within)
                # A daemon thread and not the loop: what keeps the loop from ending may keep it from calling, too.
                guard = threading.Timer(stop_within + GRACE, _end, (1,))
                guard.daemon = True
                guard.start()

            stop.on_request(hurry)
            await main(stop)
    except TimeoutError:
        if not limit.expired():
            raise
        log.error("process.stop_too_slow", waited_seconds=stop_within)  # noqa: TRY400 - there is nothing to trace
        return 1
    return 1 if stop.failure else 0


def _signalled(stop: Stop, number: signal.Signals) -> None:
    if stop.requested:
        log.warning("process.stopped_at_once", signal=number.name)
        _end(128 + number)
    stop.request(number.name)


def _end(code: int) -> NoReturn:
    sys.stderr.flush()
    os._exit(code)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    # Optional because it has no wheel everywhere; asyncio's own loop is slower and otherwise the same.
    try:
        import uvloop  # noqa: PLC0415 - may be missing
    except ImportError:
        return None
    return uvloop.new_event_loop


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _log_from_loop(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    # asyncio's own handler writes representations of tasks and futures, and those hold the error's text.
    log.error("process.loop_error", asyncio=context.get("message", ""), exc_info=context.get("exception"))


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    del kind, trace
    if structlog.is_configured():
        log.critical("process.failed", exc_info=error)
    else:
        _say(describe(error))


def _log_unraisable(unraisable: "sys.UnraisableHookArgs") -> None:
    log.error("process.unraisable", exc_info=unraisable.exc_value)


def _log_thread(arguments: threading.ExceptHookArgs) -> None:
    log.error("process.thread_failed", exc_info=arguments.exc_value)
