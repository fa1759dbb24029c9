"""What a call is told when its handler breaks, runs out of time, or both."""

import asyncio
from typing import Any

import pytest
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi as Driver

from api.attempts import Asked, persistent
from contracts.failures import DeadlineExceeded, NotFound
from contracts.operations.demands import DEMANDS_NEXT

ASKED = Asked(DEMANDS_NEXT, None, None, "key", "", 0)


async def broken(asked: Asked, why: BaseException | None, *, undoing: float) -> Any:
    """A handler that breaks and takes so many seconds to undo what it did, as a busy ledger does."""
    del asked
    async with asyncio.timeout(0.01):
        try:
            if why is not None:
                raise why
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(undoing)


@pytest.mark.parametrize("undoing", [0, 5])
async def test_a_fault_is_told_as_one_however_long_it_takes_to_undo(undoing: float) -> None:
    with pytest.raises(ZeroDivisionError):
        await persistent(lambda asked: broken(asked, ZeroDivisionError("a fault of ours"), undoing=undoing), ASKED)


@pytest.mark.parametrize(
    "why", [None, NotFound(), TimeoutError(), ConnectionResetError(), Driver.Error("connection is closed")]
)
async def test_time_that_ran_out_is_told_as_that(why: BaseException | None) -> None:
    with pytest.raises(DeadlineExceeded):
        await persistent(lambda asked: broken(asked, why, undoing=0 if why is None else 5), ASKED)
