"""Waiting on purpose."""

import asyncio


async def pause(seconds: float) -> None:
    """Let time pass: the only place where the simulator sleeps, because slowness was asked for or a retry is due."""
    await asyncio.sleep(seconds)
