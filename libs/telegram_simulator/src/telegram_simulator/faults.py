"""Trouble on demand: answers Telegram gives on bad days, lost connections, slowness."""

from typing import Literal

import msgspec

from telegram_simulator.refusals import BotApiError, ControlError

FaultKind = Literal["answer", "drop_before", "drop_after", "delay"]
MOST_FAULTS = 1_000


class Fault(msgspec.Struct, kw_only=True):
    """What happens to the next `times` calls (0: to all until cleared) of a method, optionally for one chat.

    With `every` above 1 it strikes only each so-manieth of them. `used` counts strikes, `met` calls it looked at.
    answer: refuse with `code` (429 carries `retry_after`). drop_before: the connection ends, nothing was done.
    drop_after: it is done, and the answer is lost. delay: it is done after `seconds`.
    """

    kind: FaultKind
    method: str = "*"
    chat_id: int | None = None
    times: int = 1
    code: int = 500
    description: str = ""
    retry_after: int = 1
    seconds: float = 0.0
    every: int = 1
    id: int = 0
    used: int = 0
    met: int = 0

    def meets(self, method: str, chat_id: str) -> bool:
        """Whether it strikes this call."""
        if self.method not in ("*", method):
            return False
        return self.chat_id is None or str(self.chat_id) == chat_id

    def refusal(self) -> BotApiError:
        """Return the answer it gives."""
        if self.code == 429:  # noqa: PLR2004 -- Too Many Requests
            text = self.description or f"Too Many Requests: retry after {self.retry_after}"
            return BotApiError(429, text, {"retry_after": self.retry_after})
        usual = {
            400: "Bad Request: chat not found",
            401: "Unauthorized",
            403: "Forbidden: bot was blocked by the user",
            404: "Not Found",
            409: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
            413: "Request Entity Too Large",
            502: "Bad Gateway",
            503: "Service Unavailable",
        }
        return BotApiError(self.code, self.description or usual.get(self.code, "Internal Server Error"))


class Faults:
    """The faults that are armed, oldest first; the first that meets a call strikes it."""

    def __init__(self) -> None:
        self.armed: list[Fault] = []
        self._last_id = 0

    def arm(self, fault: Fault) -> Fault:
        """Arm a fault and return it with its id."""
        if len(self.armed) >= MOST_FAULTS:
            raise ControlError(409, f"more than {MOST_FAULTS} faults are armed")
        self._last_id += 1
        fault.id = self._last_id
        fault.method = fault.method.lower()
        self.armed.append(fault)
        return fault

    def strike(self, method: str, chat_id: str) -> Fault | None:
        """Return the fault that strikes this call, used up by one; `method` in lower case."""
        for fault in self.armed:
            if fault.meets(method, chat_id):
                fault.met += 1
                if fault.every > 1 and fault.met % fault.every:
                    continue
                fault.used += 1
                if fault.times and fault.used >= fault.times:
                    self.armed.remove(fault)
                return fault
        return None

    def clear(self, fault_id: int | None = None) -> int:
        """Disarm one fault, or all; return how many."""
        before = len(self.armed)
        self.armed = [] if fault_id is None else [fault for fault in self.armed if fault.id != fault_id]
        return before - len(self.armed)
