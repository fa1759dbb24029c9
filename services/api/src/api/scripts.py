"""What the api asks of the store of sessions: one atomic script at a time, so that no two calls see half of each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

# The store's own clock, in milliseconds, so that apis on several machines agree.
NOW = """
    local clock = redis.call('TIME')
    local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
"""


@dataclass(frozen=True, slots=True)
class Script:
    """A Lua program for the store; `name` is what measurements call it."""

    name: str
    text: str


class Run(Protocol):
    """Runs a script and gives what it returns; raises `Busy` within a second where the store is away."""

    async def __call__(self, script: Script, keys: Sequence[str], args: Sequence[str | int]) -> Any:  # noqa: ANN401 - the script decides
        """What the script returns; texts as `str`."""
        ...
