"""What may stand in a log line: numbers, identifiers and words we wrote ourselves, never what people wrote or own.

A rule that only looks for known patterns cannot find a person's words. So values are let through by type, keys that are
known to carry words are withheld whatever their value, and the patterns of secrets are masked in every string that is left.
"""

import datetime as dt
import decimal
import enum
import ipaddress
import math
import pathlib
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

SENSITIVE: Final = re.compile(
    r"(?i:text|caption|names?|username|firstname|lastname|fullname|displayname|nick|alias|login|phones?|phonenumber|contacts?"
    r"|emails?|address|location|latitude|longitude|tokens?|password|passwd|secrets?|seed|nkey|key|cookie|authorization"
    r"|credentials|headers|actor|external|title|description|payload|body|contents?|words|answer|question|query|messages?|msg"
    r"|notes?)"
)
"""Parts of a key (``message_text`` has the parts message and text) that say the value is a person's or a secret."""

HARMLESS_KEYS: Final = frozenset({"logger", "level", "task_name", "message_id", "message_kind", "msg_id"})
"""Keys that hold a sensitive part and yet never a person's value: they name things of ours."""

MEASURES: Final = ("_length", "_count", "_bytes", "_ms", "_us", "_ns", "_seconds", "_at", "_total")
"""Endings that make a number a measure: ``text_length`` may be shown, and ``queued_ms`` may have ten digits."""

LONGEST: Final = 500
"""Characters of a string that are kept: enough for an address or a statement's name, too few for a letter."""

DEEPEST: Final = 4
WIDEST: Final = 50

_SECRETS: Final = (
    (re.compile(r"\d{6,}:[\w-]{30,}"), "<token>"),
    (re.compile(r"S[ACNOUX][A-Z2-7]{56}"), "<seed>"),
    (re.compile(r"(?i)([a-z][a-z0-9+.-]*://)[^\s\"'<>]*@"), r"\1<userinfo>@"),
    (
        re.compile(
            r"(?i)\b(\w*(?:password|passwd|token|secret|authorization|api[_-]?key|seed))(\s*[=:]\s*)(?:bearer\s+)?[^\s,;&]+"
        ),
        r"\1\2<withheld>",
    ),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "<email>"),
    (re.compile(r"(?<![\w@/.>])@[A-Za-z]\w{3,31}(?![\w.])"), "<username>"),
)
_NUMBERS: Final = re.compile(
    r"(?P<keep>"
    r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9a-fA-F])"  # a UUID
    r"|(?<![0-9a-fA-F])(?=[0-9]*[a-f])[0-9a-f]{16,64}(?![0-9a-fA-F])"  # a trace id or a digest
    r"|(?<!\d)\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?!\d)"  # a time
    r"|(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!\d{4})|(?![\d.]))){4}(?!\s?[-(]?\d)"  # perhaps an IPv4 address
    r")|(?P<phone>\+?\(?\d(?:[\s./()\-\u2010-\u2015]{0,3}\d){9,})"
)
_UNPRINTABLE: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_LINE_BREAKS: Final = re.compile(r"[\t\n]")
_PARTS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def redact(text: str) -> str:
    r"""Return the text with secrets masked and invisible characters escaped.

    Masked: bot tokens, NATS seeds, the user part of URLs, ``password=...`` and its like, e-mail addresses, @usernames and
    runs of ten or more digits (a phone or a Telegram id) unless they are a UUID, a digest, a time or an IPv4 address.
    Control and bidirectional characters become ``\xNN`` or ``\uNNNN``; tab and line feed stay, for tracebacks.
    """
    for pattern, mask in _SECRETS:
        text = pattern.sub(mask, text)
    return _UNPRINTABLE.sub(_escaped, _NUMBERS.sub(_number, text))


def redact_words(text: str) -> str:
    """Return a string value as one short line, or only its length when it holds letters that our own words never have.

    What we write ourselves is ASCII; most people who ask for help do not write in it, so this finds what no pattern does.
    """
    if any(letter > "\x7f" and letter.isalpha() for letter in text):
        return f"<withheld {len(text)} characters>"
    line = _LINE_BREAKS.sub(_escaped, redact(text))
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}<{len(line) - LONGEST} more>"


def redact_value(key: str, value: object, depth: int = 0) -> object:
    """Return what may be shown of a value under a key: itself, a masked form, or its type.

    Only numbers, truth values, times, UUIDs, paths, enums, strings and containers of them are shown. Anything else shows as
    ``<Type>``: the representation of a request holds all that is in it.
    """
    if value is None or isinstance(value, bool):
        return value
    if is_sensitive(key) and not (isinstance(value, int | float) and key.endswith(MEASURES)):
        return "<withheld>"
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, int | float):
        return _redact_number(key, value)
    for kinds, show in _SHOWN:
        if isinstance(value, kinds):
            return show(value)
    return _redact_container(key, value, depth)


def is_sensitive(key: str) -> bool:
    """Say whether a key's name tells that its value is a person's or a secret."""
    return key not in HARMLESS_KEYS and any(SENSITIVE.fullmatch(part) for part in _PARTS.findall(key))


def safe_text(error: BaseException) -> str:
    """Return an error's type and as much of its text as cannot hold people's words.

    A text is shown for the types whose text is written by the system or by us: operating system errors, time-outs, NATS
    errors, misuse of names and types, and any class with a true attribute ``safe_to_log``. Errors of PostgreSQL quote the
    values that offended it, so of them only the state and the names of constraint, table and column are shown.
    """
    kind = type(error)
    shown = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
    named = [
        f"{field}={found}"
        for field in _DATABASE_FIELDS
        if isinstance(found := getattr(error, field, None), str) and found
    ]
    if named:
        return f"{shown}({redact_words(', '.join(named))})"
    if isinstance(error, OSError) and error.strerror:
        return f"{shown}: [{error.errno}] {redact_words(error.strerror)}"
    text = str(error)
    if not text:
        return shown
    if isinstance(error, _SAFE) or kind.__module__.startswith("nats.") or getattr(error, "safe_to_log", False) is True:
        return f"{shown}: {redact(text)[:LONGEST]}"
    return f"{shown}: <withheld {len(text)} characters>"


_SAFE: Final = (
    OSError,
    TypeError,
    AttributeError,
    NameError,
    ImportError,
    NotImplementedError,
    RecursionError,
    MemoryError,
)
_DATABASE_FIELDS: Final = ("sqlstate", "constraint_name", "table_name", "column_name")


_SHOWN: Final[tuple[tuple[type | tuple[type, ...], Callable[[Any], str]], ...]] = (
    (str, redact_words),
    (uuid.UUID, str),
    (pathlib.PurePath, lambda path: _LINE_BREAKS.sub(_escaped, redact(str(path)))),
    ((dt.date, dt.time), lambda moment: moment.isoformat()),
    ((decimal.Decimal, dt.timedelta, ipaddress.IPv4Address, ipaddress.IPv6Address), lambda value: redact(str(value))),
    (BaseException, safe_text),
    (type, lambda kind: kind.__qualname__),
)


def _redact_number(key: str, value: float) -> float | str:
    if isinstance(value, int):
        return value if abs(value) < 10**9 or key == "update_id" or key.endswith(MEASURES) else "<number>"
    # JSON has no word for infinity.
    return value if math.isfinite(value) else str(value)


def _redact_container(key: str, value: object, depth: int) -> object:
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value)} bytes>"
    if depth >= DEEPEST:
        return f"<{type(value).__qualname__}>"
    if isinstance(value, Mapping):
        return {redact_words(str(k)): redact_value(str(k), v, depth + 1) for k, v in list(value.items())[:WIDEST]}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact_value(key, item, depth + 1) for item in list(value)[:WIDEST]]
    return f"<{type(value).__qualname__}>"


def _number(found: re.Match[str]) -> str:
    kept: str | None = found["keep"]
    return "<number>" if kept is None else kept


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return {9: "\\t", 10: "\\n", 13: "\\r"}.get(code) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")  # noqa: PLR2004 - Latin-1 ends there
