"""The whole life of demands against a dictionary: no step may come to anything else than the model says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from api.app import running
from chaos.api.crowd import LONG, rounds
from chaos.life.asking_steps import Asking
from chaos.life.changing_steps import Changing
from chaos.life.claiming_steps import Claiming
from chaos.life.deciding_steps import Deciding
from chaos.life.player import CAME_TO, town
from chaos.life.talking_steps import Talking
from local_servers import Addresses, Servers
from service_kit.process import Stop
from world import World, made_world

pytestmark = pytest.mark.chaos

PLAY = settings(
    max_examples=rounds(20, 2000),
    stateful_step_count=rounds(30, 50),
    deadline=None,
    print_blob=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# What some call has to come to in any run worth its name; and in a long one, where it is no matter of chance.
REACHED = {"Created", "NotFound"}
REACHED_LONG = {
    "Taken", "Closed", "Forbidden", "Sent", "Edited", "TakenBack", "Reacted", "Noted", "Reported", "Paused", "AtCapacity",
}  # fmt: skip


class Life(Asking, Claiming, Talking, Changing, Deciding):
    """Everything that can happen to a demand."""


@asynccontextmanager
async def two_apis(servers: Addresses, broker: Servers) -> AsyncIterator[World]:
    """A world with a second api: calls go to either, and a call made again perhaps to the other (I19)."""
    async with made_world(servers, broker) as world, running(world.settings, Stop()):
        yield world


def test_random_lives_of_demands_go_as_the_model_says(servers: Addresses, broker: Servers) -> None:
    with town(two_apis(servers, broker)) as at:
        run_state_machine_as_test(type("LifeHere", (Life,), {"at": at}), settings=PLAY)
    # A machine that gives its examples up is green as well; these have to have been lived.
    assert at.steps >= PLAY.max_examples * PLAY.stateful_step_count / 2, f"{at.steps} steps of {at.lives} lives"
    missed = (REACHED | REACHED_LONG if LONG else REACHED) - {answer for _, answer in CAME_TO}
    assert not missed, f"never reached: {missed}"
