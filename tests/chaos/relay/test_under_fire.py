"""Conversations while everything under them is killed in turn: each word once, in order, to its reader alone."""

import asyncio
import time
from collections import Counter
from pathlib import Path

import pytest

from chaos.api.crowd import LONG, contradictions, rounds
from chaos.relay.books import MARK, judge
from chaos.relay.chance import drawn_from, seed
from chaos.relay.stage import staged
from chaos.relay.talks import Pace, speak, talks
from local_servers import Servers

pytestmark = pytest.mark.chaos

TALKS = rounds(6, 200)
EACH = rounds(8, 50)  # messages of one side of one talk
ROUNDS = rounds(1, 8)  # how often each of them is killed
UNANSWERED = rounds(4, 10)  # one in so many sends is taken by Telegram and never answered, for a while or always


async def test_every_word_arrives_once_and_in_order_whatever_is_killed(breakable: Servers, tmp_path: Path) -> None:
    number = seed()
    chance = drawn_from(number)
    async with staged(breakable, tmp_path, apis=2 if LONG else 1, seed=number) as stage:
        held = await talks(stage, TALKS)
        simulator = stage.town.simulator
        # What greets everybody is not what this is about: the lost answers are to be those of words.
        await stage.finished(within=150)
        await simulator.fault("drop_after", method="sendMessage", times=rounds(12, 0), every=UNANSWERED)
        await simulator.fault(
            "answer", method="sendMessage", code=429, retry_after=1, times=rounds(5, 200), every=rounds(7, 40)
        )
        faults = [stage.break_api, stage.break_bot, stage.break_nats, stage.break_postgres] * ROUNDS
        chance.shuffle(faults)
        faults.insert(chance.randrange(len(faults)), stage.erase_jetstream)
        pace = Pace(len(faults) + 1)
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            speaking = [
                group.create_task(speak(talk, speaker, EACH, pace, drawn_from(chance.random())))
                for talk in held
                for speaker in (talk.asks, talk.helps)
            ]
            await pace.open()
            for fault in faults:
                await pace.open()
                await asyncio.sleep(chance.uniform(0.05, 0.3))
                print(f"{time.monotonic() - began:.1f} s: {fault.__name__}")  # noqa: T201 - what happened when
                stage.troubles.append(time.time())
                await fault()
        # In the short run most may go out only after the last fault: its few lost answers are still to come.
        if LONG:
            await simulator.clear_faults()
        await stage.finished(within=rounds(150, 900))
        said = [one for task in speaking for one in task.result()]
        arrivals = await stage.arrivals()
        verdict = judge(said, await stage.lines(), await stage.owed(), arrivals, stage.deaths, troubles=stage.troubles)
        print(  # noqa: T201 - the figures of the run
            f"{len(said)} messages in {time.monotonic() - began:.0f} s,"
            f" {verdict.repeats} flagged repeats, {verdict.parked} parked, {len(stage.deaths)} deaths of the bot,"
            f" wrong: {Counter(MARK.sub('X', wrong) for wrong in verdict.wrong)}"
        )
        assert verdict.wrong == []
        assert any(one.unanswered and one.mark for one in arrivals), "no answer was lost: nothing was tried"
        assert await contradictions(stage.world.ledger) == []
