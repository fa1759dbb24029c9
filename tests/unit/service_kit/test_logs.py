import asyncio
import contextlib
import io
import json
import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from service_kit.correlation import correlated
from service_kit.logs import configure_logs

CANARY = "Qanary"
"""Stands for a person's word: no key, type or route may bring it into a line."""

log = structlog.get_logger("ours")

Written = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in ("aiogram", "nats", "asyncio")}
    stream = io.StringIO()
    configure_logs("api", stream=stream, level="DEBUG")
    yield stream
    root.handlers, root.level = handlers, level
    for name, known in levels.items():
        logging.getLogger(name).setLevel(known)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.fixture
def written(stream: io.StringIO) -> Written:
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_every_line_has_the_same_frame(written: Written):
    with correlated(None) as trace:
        log.info("demand.taken", seq=7)
        logging.getLogger("library").warning("pool of %d is %s", 5, CANARY)
    log.info("outside")
    ours, foreign, outside = written()
    assert {"timestamp", "level", "service", "logger", "correlation_id", "event"} <= set(ours) & set(foreign)
    assert (ours["event"], ours["seq"], ours["logger"], ours["service"]) == ("demand.taken", 7, "ours", "api")
    assert ours["correlation_id"] == foreign["correlation_id"] == trace.trace_id
    assert outside["correlation_id"] is None
    assert ours["timestamp"].endswith("Z")
    assert foreign["event"] == f"pool of 5 is <withheld {len(CANARY)} characters>"
    assert (foreign["level"], foreign["logger"]) == ("warning", "library")


def test_a_field_cannot_pose_as_the_frame(written: Written):
    log.info("real", timestamp="forged", service="forged", correlation_id="forged", level="forged")
    (line,) = written()
    assert (line["service"], line["correlation_id"], line["event"]) == ("api", None, "real")
    assert line["timestamp"] != "forged"


SECRET_KEYS = ["text", "caption", "name", "first_name", "last_name", "username", "phone", "token", "password"]
SECRET_KEYS += ["description", "title", "payload", "body", "external_id", "message_text", "userName", "contact"]


class Opaque:
    def __repr__(self) -> str:
        return CANARY


def leak_by_key(key: str) -> None:
    log.info("event", **{key: CANARY})


def leak_nested(key: str) -> None:
    log.info("event", where={"list": [{key: {"deep": CANARY}}]})


def leak_by_repr(_: str) -> None:
    log.info("event", thing=Opaque(), things=[Opaque()], raw=CANARY.encode())


def fail() -> None:
    raise ValueError(CANARY)


def leak_by_error(_: str) -> None:
    try:
        fail()
    except ValueError:
        log.exception("event")


def leak_by_error_value(_: str) -> None:
    log.info("event", error=KeyError(CANARY))


def leak_by_library_argument(_: str) -> None:
    # pytest's own handler, which comes after ours, fails on arguments that do not fit.
    with contextlib.suppress(TypeError):
        logging.getLogger("library").error("got %s and %r and %(x)s", CANARY, Opaque())
    logging.getLogger("library").error("got %s and %r", CANARY, Opaque())
    logging.getLogger("library").error("got %(who)s", {"who": CANARY})


def leak_by_library_error(_: str) -> None:
    logging.getLogger("library").error(ValueError(CANARY))
    try:
        fail()
    except ValueError:
        logging.getLogger("library").exception("failed")


def leak_by_extra(key: str) -> None:
    logging.getLogger("library").error("event", extra={f"x_{key}": CANARY})


def leak_by_warning(_: str) -> None:
    logging.getLogger("py.warnings").warning("%s", f"/a/file.py:7: UserWarning: {CANARY}\n  line\n")


def leak_by_context(key: str) -> None:
    with structlog.contextvars.bound_contextvars(**{key: CANARY}):
        log.info("event")


def leak_by_position(_: str) -> None:
    log.info("event %s", CANARY.encode())


def leak_in_cyrillic(_: str) -> None:
    log.info(f"event \u0436{CANARY}", reason=f"\u0436{CANARY}")  # noqa: G004 - the slip that is looked for


LEAKS = [leak_by_key, leak_nested, leak_by_repr, leak_by_error, leak_by_error_value, leak_by_library_argument]
LEAKS += [leak_by_library_error, leak_by_extra, leak_by_warning, leak_by_context, leak_by_position, leak_in_cyrillic]


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.__name__)
@pytest.mark.parametrize("key", SECRET_KEYS)
def test_no_route_brings_a_persons_words_into_a_line(leak: Callable[[str], None], key: str, stream: io.StringIO):
    leak(key)
    assert stream.getvalue(), "the line itself must be there"
    # Source lines of a traceback name the constant; what it holds is what must not be there.
    assert CANARY not in stream.getvalue()


TOKEN = st.from_regex(r"\A[0-9]{8,10}:[A-Za-z0-9_-]{35}\Z")
PHONE = st.from_regex(r"\A\+[1-9][0-9]{10,13}\Z")
AROUND = st.text(alphabet="abc xyz,.:", max_size=10)


@given(secret=st.one_of(TOKEN, PHONE), before=AROUND, after=AROUND)
def test_no_secret_survives_in_any_text(secret: str, before: str, after: str):
    stream = io.StringIO()
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        configure_logs("api", stream=stream)
        log.info(f"{before} {secret} {after}", reason=f"{before}{secret}", other=[{secret: secret}])  # noqa: G004 - the slip
        logging.getLogger("library").warning(f"{before}/{secret}/{after}")  # noqa: G004 - libraries do
        log.error("failed", exc_info=OSError(1, f"{before} {secret}"))
    finally:
        logging.getLogger().handlers, logging.getLogger().level = handlers, level
        logging.captureWarnings(capture=False)
        structlog.reset_defaults()
    assert len(stream.getvalue().splitlines()) == 3
    assert secret not in stream.getvalue()
    assert secret.lstrip("+") not in stream.getvalue()


def test_a_traceback_is_one_line_of_json_with_its_frames(written: Written):
    def somewhere() -> None:
        raise ConnectionResetError(104, "Connection reset by peer")

    try:
        somewhere()
    except OSError:
        log.exception("send.failed")
    (line,) = written()
    assert "in somewhere" in line["exception"]
    assert line["exception"].endswith("ConnectionResetError: [104] Connection reset by peer")


async def test_a_task_nobody_awaited_does_not_tell_its_error(stream: io.StringIO):
    async def fail_later() -> None:
        fail()

    async with asyncio.timeout(5):
        loop = asyncio.get_running_loop()
        task = loop.create_task(fail_later())
        await asyncio.wait([task])
        loop.default_exception_handler(
            {"message": "Task exception was never retrieved", "future": task, "exception": task.exception()}
        )
    assert "never retrieved" in stream.getvalue()
    assert CANARY not in stream.getvalue()


def test_libraries_are_quiet_below_warnings(written: Written):
    for name in ("aiogram.event", "aiohttp.access", "nats.aio.client"):
        logging.getLogger(name).info("update %s", CANARY)
        logging.getLogger(name).warning("trouble")
    assert [line["event"] for line in written()] == ["trouble"] * 3


def test_a_warning_tells_its_place_and_category(stream: io.StringIO):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn(CANARY, DeprecationWarning, stacklevel=1)
    assert "test_logs.py" in stream.getvalue()
    assert "DeprecationWarning" in stream.getvalue()
    assert CANARY not in stream.getvalue()


def test_the_level_is_a_threshold_and_configuring_again_replaces(stream: io.StringIO):
    again = io.StringIO()
    configure_logs("bot", stream=again, level="warning")
    log.info("hidden")
    log.warning("shown")
    assert [json.loads(line)["service"] for line in again.getvalue().splitlines()] == ["bot"]
    assert not stream.getvalue()


def test_the_console_format_is_one_readable_line(stream: io.StringIO):
    console = io.StringIO()
    configure_logs("bot", format="console", stream=console)
    log.info("demand.taken", seq=7, text=CANARY, why="a\nb")
    (line,) = console.getvalue().splitlines()
    assert "demand.taken" in line
    assert "seq=7" in line
    assert CANARY not in line
    assert not stream.getvalue()


def test_unknown_levels_and_formats_are_refused():
    with pytest.raises(ValueError, match="DEBUG, INFO"):
        configure_logs("api", level="loud")
    with pytest.raises(ValueError, match="json or console"):
        configure_logs("api", format="xml")  # type: ignore[arg-type]


def test_a_line_that_cannot_be_written_tells_nothing_of_what_it_held(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO
):
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "__stderr__", stderr)
    stream.close()
    log.warning(CANARY)
    assert stderr.getvalue() == "a log line could not be written: ValueError\n"
