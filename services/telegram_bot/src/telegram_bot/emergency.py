"""Whom to call when a life is in danger: a number per language, and another where a scenario names one."""

import re
from collections.abc import Mapping
from typing import Any, Final

KEY: Final = "emergency_number"
"""The key of a scenario's payload."""

DIALLED: Final = re.compile(r"[0-9+ ()/-]{2,40}")


class Emergency:
    """The numbers of one installation."""

    def __init__(self, default: str, by_locale: str = "") -> None:
        self._default = default
        self._by_locale = dict(pair.split("=", 1) for pair in by_locale.split(",") if pair)

    def number(self, locale: str, payload: Mapping[str, Any] | None = None) -> str:
        """The number to show somebody who speaks `locale`, in a scenario with this payload."""
        own = (payload or {}).get(KEY)
        if isinstance(own, str) and DIALLED.fullmatch(own):
            return own
        return self._by_locale.get(locale, self._default)
