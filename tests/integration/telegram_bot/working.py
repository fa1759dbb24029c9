"""A worker at work, and what a test waits for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from integration.telegram_bot.conftest import WayIn
from telegram_bot.intake.consume import Worker


@asynccontextmanager
async def working(way_in: WayIn) -> AsyncIterator[Worker]:
    """A worker at work for as long as the block runs."""
    worker = Worker(way_in.connection, way_in.intake, way_in.steps, way_in.handling())
    async with asyncio.TaskGroup() as group:
        taking = group.create_task(worker.take())
        try:
            yield worker
        finally:
            taking.cancel()
            await worker.drain(within=5)


async def is_empty(way_in: WayIn) -> bool:
    """Whether the stream holds no update."""
    return await way_in.stored("INTAKE") == 0
