"""One call of a bot: its parameters, whatever way they came."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from telegram_simulator.people import Bot
from telegram_simulator.refusals import JsonObject, bad_request

if TYPE_CHECKING:
    from telegram_simulator.world import World

_TRUE = frozenset({"true", "1", "yes"})


@dataclass(slots=True, frozen=True)
class Upload:
    """A file that came with the call."""

    name: str
    mime: str
    content: bytes


@dataclass(slots=True)
class Call:
    """A bot's call: the world it happens in, who calls, what with.

    `values` are strings from a form, or whatever a JSON body held; the readers below take both.
    """

    world: "World"
    bot: Bot
    method: str
    values: Mapping[str, Any]
    uploads: Mapping[str, Upload]

    def text(self, name: str) -> str:
        """Return a string; empty when absent."""
        value = self.values.get(name)
        if value is None:
            return ""
        if isinstance(value, str):
            return value
        return msgspec.json.encode(value).decode()

    def integer(self, name: str, default: int = 0) -> int:
        """Return a number; `default` when absent or not a number, as the real server does."""
        value = self.values.get(name)
        if value is None or isinstance(value, bool):
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            return default

    def number(self, name: str) -> float | None:
        """Return a float; None when absent, empty or not a number."""
        value = self.values.get(name)
        try:
            return None if value is None or value == "" else float(value)
        except (TypeError, ValueError):
            return None

    def flag(self, name: str) -> bool:
        """Return a Boolean; False when absent."""
        value = self.values.get(name)
        return value is True or str(value).lower() in _TRUE

    def decoded(self, name: str, what: str) -> Any:  # noqa: ANN401 -- any JSON value; the caller checks its shape
        """Return a value which a form carries as JSON; None when absent. `what` names it in the refusal."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return msgspec.json.decode(value)
        except msgspec.DecodeError as error:
            raise bad_request(f"Can't parse {what} JSON object") from error

    def items(self, name: str, what: str, of: str) -> list[Any]:
        """Return a list; empty when absent. `what` and `of` name it and its items in the refusal."""
        value = self.decoded(name, what)
        if value is None:
            return []
        if not isinstance(value, list):
            raise bad_request(f"Expected an Array of {of}")
        return value

    def object(self, name: str, what: str) -> JsonObject | None:
        """Return an object; None when absent."""
        value = self.decoded(name, what)
        if value is not None and not isinstance(value, dict):
            raise bad_request(f"Object expected as {what}")
        return value
