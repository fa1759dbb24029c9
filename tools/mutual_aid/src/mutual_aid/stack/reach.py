"""The servers for a command that runs once: those of the running stack, or started for as long as it takes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mutual_aid.place import Place
from mutual_aid.settings import OperatorSettings
from mutual_aid.stack import record
from mutual_aid.stack.backing import Backing, backing


@asynccontextmanager
async def reach(place: Place, settings: OperatorSettings) -> AsyncIterator[Backing]:
    """Servers that answer inside the block; raises Trouble when they cannot be had."""
    found = record.running(place)
    if found is not None and found.environment:
        yield Backing(found.environment, None)
        return
    async with backing(place, settings) as started:
        yield started
