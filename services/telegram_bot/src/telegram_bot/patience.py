"""Waiting for an answer, and a word to whoever waits with us."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

A = TypeVar("A")


async def answered(asked: Awaitable[A], patience: float, reassure: Callable[[], Awaitable[None]]) -> A:
    """What was asked for, or its error; `reassure` is called when it takes longer than `patience` seconds."""

    async def wait_and_reassure() -> None:
        await asyncio.sleep(patience)
        await reassure()

    # Errors are carried out by hand: a task group would wrap them.
    outcome: A | Exception
    async with asyncio.TaskGroup() as group:
        reassuring = group.create_task(wait_and_reassure())
        try:
            outcome = await asked
        except Exception as error:  # noqa: BLE001 - raised again below
            outcome = error
        finally:
            reassuring.cancel()
    if isinstance(outcome, Exception):
        raise outcome
    return outcome
