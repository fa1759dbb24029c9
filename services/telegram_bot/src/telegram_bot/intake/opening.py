"""What comes of opening an update: a step to handle it with, or why it is not handled now."""

from dataclasses import dataclass
from typing import Final

from telegram_bot.intake.step import Step

AT_ONCE: Final = 20
"""Updates a person may send at once; an album is ten."""

LONGEST_DELAY: Final = 20.0
"""Seconds an update of somebody who writes faster waits at most; what would wait longer is refused, for as long again."""


@dataclass(frozen=True, slots=True)
class Written:
    """Who wrote an update and when, in seconds since 1970: what is counted against their pace."""

    person: int
    at: float


@dataclass(frozen=True, slots=True)
class Opened:
    """The chat's step, and the seconds its person is too fast by."""

    step: Step
    delay: float


@dataclass(frozen=True, slots=True)
class Refused:
    """Its person writes too fast for too long; they are told at the first one."""

    step: Step
    is_first: bool


@dataclass(frozen=True, slots=True)
class Handled:
    """The update was handled before."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another process works on the chat."""


@dataclass(frozen=True, slots=True)
class Later:
    """An earlier update of the chat has to be handled first."""

    first: int
