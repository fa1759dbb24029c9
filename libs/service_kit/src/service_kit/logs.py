"""Log lines one can follow and nobody is hurt by: JSON, one id per chain of calls, no words of people."""

import json
import logging
import sys
import warnings
from collections.abc import MutableMapping
from typing import Any, Final, Literal, TextIO

import structlog

from service_kit.correlation import correlation_id
from service_kit.redaction import is_sensitive, redact, redact_value, redact_words, safe_text
from service_kit.tracebacks import describe

QUIET: Final = ("aiogram", "aiohttp", "asyncio", "nats", "httpx", "httpcore", "sqlalchemy", "urllib3")
"""Libraries whose everyday lines hold requests and addresses: only their warnings are kept."""

_OURS: Final = ("timestamp", "level", "service", "logger", "correlation_id", "event", "exception")
_Line = MutableMapping[str, Any]


def configure_logs(
    service: str,
    *,
    format: Literal["json", "console"] = "json",  # noqa: A002 - the word of the setting
    level: str = "INFO",
    stream: TextIO | None = None,
) -> None:
    """Send every log line of the process, ours and the libraries', to a stream through one redacting pipeline.

    Each line has ``timestamp`` (UTC, ISO 8601), ``level``, ``service``, ``logger``, ``correlation_id`` (null outside any
    chain of calls) and ``event``. The stream is standard error unless one is given. Calling it again replaces the pipeline.
    An unknown level or format raises ValueError.
    """
    if format not in {"json", "console"}:
        raise ValueError("the format of logs is json or console")
    threshold = logging.getLevelNamesMapping().get(level.upper())
    if threshold is None:
        raise ValueError("the level of logs is one of DEBUG, INFO, WARNING, ERROR, CRITICAL")
    render = _to_json if format == "json" else structlog.dev.ConsoleRenderer(colors=(stream or sys.stderr).isatty())
    handler = _Handler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, structlog.stdlib.add_log_level],
            processors=[_Shape(service), render],
            use_get_message=False,
            pass_foreign_args=True,
        )
    )
    root = logging.getLogger()
    for known in root.handlers[:]:
        if isinstance(known, _Handler):
            root.removeHandler(known)
    root.addHandler(handler)
    root.setLevel(threshold)
    for library in QUIET:
        logging.getLogger(library).setLevel(max(threshold, logging.WARNING))
    if not sys.warnoptions:
        warnings.simplefilter("default")
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        # Loggers are made at import, before this runs: a cached one would keep the pipeline it saw first.
        cache_logger_on_first_use=False,
    )


class _Handler(logging.StreamHandler[TextIO]):
    """Writes lines; a line that cannot be written is counted aloud without what it held."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is the standard library's
        # The standard library's version prints the message and its arguments as they are.
        del record
        kind = sys.exc_info()[0]
        try:
            sys.__stderr__.write(f"a log line could not be written: {kind.__qualname__ if kind else 'unknown'}\n")  # type: ignore[union-attr]
        except (OSError, ValueError, AttributeError):
            return


class _Shape:
    """Turns whatever was logged into the fields a line may have."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)

    def __call__(self, logger: Any, method: str, line: _Line) -> _Line:  # noqa: ANN401 - structlog's protocol
        record: logging.LogRecord = line.pop("_record")
        ours: bool = line.pop("_from_structlog")
        line.pop("correlation_id", None)
        event = line.pop("event", "")
        shaped: _Line = {
            "level": line.pop("level", record.levelname.lower()),
            "service": self._service,
            "logger": line.pop("logger", record.name),
            "correlation_id": correlation_id(),
            "event": redact_words(str(event)) if ours else _foreign(record, line.pop("positional_args", ())),
        }
        error = _error(line.pop("exc_info", None))
        if line.pop("stack_info", None):
            shaped["stack"] = "<withheld>"
        for key, value in line.items():
            shaped[key if key not in _OURS else f"{key}_"] = redact_value(key, value)
        if error is not None:
            shaped["exception"] = describe(error)
        return self._stamp(logger, method, shaped)


def _foreign(record: logging.LogRecord, arguments: object) -> str:
    # The template was written by a library's author; what is filled in may be anybody's words, so it passes by type.
    template = record.msg
    if isinstance(template, BaseException):
        return safe_text(template)
    text = str(template)
    if record.name == "asyncio":
        # The lines after the first are representations of tasks, and those hold the error's text.
        text = text.partition("\n")[0]
    if record.name == "py.warnings":
        # "file:line: Category: message" without the message; it is the template or, in older Pythons, its argument.
        told = str(arguments[0]) if isinstance(arguments, tuple) and arguments else text
        return redact(": ".join(told.split(": ", 2)[:2]))
    filled: Any = ()
    if isinstance(arguments, dict):
        filled = {key: "<withheld>" if is_sensitive(str(key)) else _argument(value) for key, value in arguments.items()}
    elif arguments:
        filled = tuple(_argument(value) for value in (arguments if isinstance(arguments, tuple) else (arguments,)))
    try:
        return redact_words(text % filled if filled else text)
    except (TypeError, ValueError, KeyError):
        return redact_words(f"{text} <arguments withheld>")


def _argument(value: object) -> object:
    if isinstance(value, str):
        return f"<withheld {len(value)} characters>"
    return redact_value("argument", value)


def _error(given: object) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return given[1] if len(given) > 1 and isinstance(given[1], BaseException) else None
    return sys.exc_info()[1] if given else None


def _to_json(_logger: Any, _method: str, line: _Line) -> str:  # noqa: ANN401 - structlog's protocol
    return json.dumps(line, ensure_ascii=True, default=lambda value: f"<{type(value).__qualname__}>")
