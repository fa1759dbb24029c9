"""The bot stands still under load: nothing is lost, and the api does not notice."""

import asyncio
import statistics
import time
from collections import Counter
from pathlib import Path

import pytest

from chaos.api.crowd import contradictions, rounds
from chaos.relay.books import Said, judge
from chaos.relay.chance import seed
from chaos.relay.stage import staged
from chaos.relay.talks import Talk, accepted, talks
from local_servers import Servers

pytestmark = pytest.mark.chaos

TALKS = rounds(4, 50)
STILL = rounds(2.0, 60.0)  # s; the stream gives up on a signal in 5 and offers it again


class Load:
    """Everybody writes through the api for some seconds; how long each of their calls took, in milliseconds."""

    def __init__(self, held: list[Talk]) -> None:
        self.said: list[Said] = []
        self._held = held
        self._places: Counter[tuple[int, str]] = Counter()

    async def go(self, seconds: float) -> list[float]:
        took: list[float] = []
        end = time.monotonic() + seconds

        async def write(talk: Talk) -> None:
            while time.monotonic() < end:
                for speaker in (talk.asks, talk.helps):
                    one = talk.saying(speaker, self._places[talk.number, speaker.side])
                    self._places[talk.number, speaker.side] += 1
                    began = time.perf_counter()
                    await accepted(talk, speaker, one)
                    took.append((time.perf_counter() - began) * 1000)
                    self.said.append(one)
                await asyncio.sleep(0.2)

        await asyncio.gather(*(write(talk) for talk in self._held))
        return took


async def test_a_bot_that_stands_still_costs_others_nothing_and_nobody_a_word(
    breakable: Servers, tmp_path: Path
) -> None:
    async with staged(breakable, tmp_path, apis=1, seed=seed()) as stage:
        load = Load(await talks(stage, TALKS))
        before = await load.go(STILL)
        stage.bot.freeze()
        stage.troubles.append(time.time())
        try:
            during = await load.go(STILL)
        finally:
            stage.bot.thaw()
        await stage.finished(within=rounds(150, 300))
        # What it was sending when it froze outlived its lease: that counts as a death.
        verdict = judge(load.said, await stage.lines(), await stage.owed(), await stage.arrivals(), stage.troubles)
        assert verdict.wrong == []
        assert await contradictions(stage.world.ledger) == []
        for name, took in (("moving", before), ("still", during)):
            p99 = statistics.quantiles(took, n=100)[98]
            print(f"bot {name}: {len(took)} sends, p50 {statistics.median(took):.1f} ms, p99 {p99:.1f} ms")  # noqa: T201
