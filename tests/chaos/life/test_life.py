"""The whole life of demands against a dictionary: no step may come to anything else than the model says."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from chaos.api.crowd import rounds
from chaos.life.asking_steps import Asking
from chaos.life.claiming_steps import Claiming
from chaos.life.deciding_steps import Deciding
from chaos.life.player import CAME_TO, town
from chaos.life.talking_steps import Talking
from local_servers import Addresses, Servers
from world import made_world

pytestmark = pytest.mark.chaos

PLAY = settings(
    max_examples=rounds(20, 2000),
    stateful_step_count=rounds(30, 50),
    deadline=None,
    print_blob=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# What some call has to come to in any run worth its name.
REACHED = {"Created", "Taken", "Closed", "NotFound", "Forbidden"}


class Life(Asking, Claiming, Talking, Deciding):
    """Everything that can happen to a demand."""


def test_random_lives_of_demands_go_as_the_model_says(servers: Addresses, broker: Servers) -> None:
    with town(made_world(servers, broker)) as at:
        run_state_machine_as_test(type("LifeHere", (Life,), {"at": at}), settings=PLAY)
    # A machine that gives its examples up is green as well; these have to have been lived.
    assert at.steps >= PLAY.max_examples * PLAY.stateful_step_count / 2, f"{at.steps} steps of {at.lives} lives"
    assert {answer for _, answer in CAME_TO} >= REACHED, f"never reached: {REACHED - {answer for _, answer in CAME_TO}}"
