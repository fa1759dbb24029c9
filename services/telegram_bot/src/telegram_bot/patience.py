"""Waiting for an answer, and a word to whoever waits with us."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import TypeVar

A = TypeVar("A")


async def answered(asked: Awaitable[A], patience: float, reassure: Callable[[], Coroutine[None, None, None]]) -> A:
    """What was asked for, or its error; `reassure` is called when it takes longer than `patience` seconds."""
    # Errors are carried out by hand: a task group would wrap them.
    outcome: A | Exception
    reassuring: list[asyncio.Task[None]] = []
    async with asyncio.TaskGroup() as group:
        # A timer and not a task that sleeps: nearly every call is answered long before, and a task costs ten of it.
        timer = asyncio.get_running_loop().call_later(
            patience, lambda: reassuring.append(group.create_task(reassure()))
        )
        try:
            outcome = await asked
        except Exception as error:  # noqa: BLE001 - raised again below
            outcome = error
        finally:
            timer.cancel()
            for task in reassuring:
                task.cancel()
    if isinstance(outcome, Exception):
        raise outcome
    return outcome
