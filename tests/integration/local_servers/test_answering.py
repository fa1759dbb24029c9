import asyncio
import contextlib
import gc
import warnings
from collections.abc import Awaitable, Callable

import pytest

from local_servers import Addresses, ServerFailed
from local_servers.answering import nats_answers, postgres_answers, redis_answers

MOST = 20_000  # turns of the loop: an answer takes some hundreds

PROBES: dict[str, Callable[[Addresses, "Alive"], Awaitable[None]]] = {
    "postgres": lambda servers, alive: postgres_answers(servers.postgres_url, alive, within=20),
    "nats": lambda servers, alive: nats_answers(servers.nats_url, servers.nats_seeds["api"], alive, within=20),
    "redis": lambda servers, alive: redis_answers(servers.redis_url, alive, within=20),
}


class Alive:
    """A server that runs."""

    def alive(self) -> bool:
        return True

    def failure(self, reason: str) -> ServerFailed:
        return ServerFailed("redis", reason, "", "")


async def answered_within(turns: int, probe: Awaitable[None]) -> bool:
    """Whether the probe ended by itself; else it is cancelled after so many turns of the loop."""
    asking = asyncio.ensure_future(probe)  # noqa: TID251 - awaited below
    for _ in range(turns):
        if asking.done():
            break
        await asyncio.sleep(0)
    ended = asking.done()
    asking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asking
    return ended


@pytest.mark.parametrize("name", PROBES)
async def test_a_probe_given_up_at_any_moment_leaves_nothing_open(name: str, servers: Addresses):
    with warnings.catch_warnings(record=True) as left:
        warnings.simplefilter("always", ResourceWarning)
        turns = 0
        while not await answered_within(turns, PROBES[name](servers, Alive())):
            turns += 1 + turns // 50
            assert turns < MOST
        assert turns > 5, "it was never given up"
        await asyncio.sleep(0)
        gc.collect()
    assert [str(one.message) for one in left] == []
