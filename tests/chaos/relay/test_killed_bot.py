"""The bot dies again and again: what Telegram was told is ours has been handled, and nothing took effect twice."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from chaos.api.crowd import LONG, contradictions, rounds
from chaos.relay.books import judge
from chaos.relay.chance import drawn_from, seed
from chaos.relay.stage import staged
from chaos.relay.talks import Talk, talks
from local_servers import Servers

pytestmark = pytest.mark.chaos

TALKS = rounds(4, 50)
EACH = rounds(8, 20)  # of each: words both ways, and questions that the bot answers itself
KILLS = rounds(2, 60)
PAUSES = (1.0, 3.0) if LONG else (0.1, 0.6)  # s of work between deaths


async def test_a_bot_killed_again_and_again_handles_every_update_once(breakable: Servers, tmp_path: Path) -> None:
    number = seed()
    chance = drawn_from(number)
    async with staged(breakable, tmp_path, apis=1, seed=number) as stage:
        held = await talks(stage, TALKS)
        simulator = stage.town.simulator
        before = (await simulator.status())["journal"]["number"]
        said = []

        async def write(talk: Talk) -> None:
            for place in range(EACH):
                for speaker in (talk.asks, talk.helps):
                    one = talk.saying(speaker, place)
                    await speaker.telegram.say(f"words {one.mark}")
                    said.append(one)
                await talk.asks.telegram.say("/language")
                await asyncio.sleep(chance.uniform(0, rounds(1, 6) * 2 / EACH))

        async def kill() -> None:
            for _ in range(KILLS):
                await asyncio.sleep(chance.uniform(*PAUSES))
                await stage.break_bot()

        await asyncio.gather(kill(), *(write(talk) for talk in held))
        await stage.finished(within=rounds(150, 600))
        verdict = judge(said, await stage.lines(), await stage.owed(), await stage.arrivals(), stage.deaths)
        assert verdict.wrong == []
        assert await contradictions(stage.world.ledger) == []
        for talk in held:
            entries = await simulator.journal(before, method="sendMessage", chat=talk.asks.telegram.id)
            own = [str(one.params["text"]) for one in entries if "English" in str(one.params.get("reply_markup", ""))]
            flagged = [text for text in own if "may be a repeat" in text]
            assert len(own) - len(flagged) <= EACH <= len(own), Counter(own)
            assert len(flagged) <= KILLS
