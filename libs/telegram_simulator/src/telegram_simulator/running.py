"""A simulator inside the current process."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from telegram_simulator.app import serve
from telegram_simulator.client import Simulator
from telegram_simulator.people import DEMO_TOKEN, bot_from_token
from telegram_simulator.world import World


@asynccontextmanager
async def running_simulator(
    *, tokens: Sequence[str] = (DEMO_TOKEN,), limits: bool = False, port: int = 0
) -> AsyncIterator[Simulator]:
    """Run a fresh simulator on a free loopback port inside the block, and give a client for it."""
    world = World((bot_from_token(token) for token in tokens), limits=limits)
    async with serve(world, port=port) as listening, Simulator(f"http://127.0.0.1:{listening}") as simulator:
        yield simulator
