"""From nothing, again and again: `make test-containers LONG=1` does it ten times, or
MUTUAL_AID_STARTS times. After everything else: nothing is kept.
"""

import os
import random
import sys
from pathlib import Path

from containers.engine import House, docker

LONG = os.environ.get("MUTUAL_AID_CONTAINERS") == "long"
COLD_STARTS = int(os.environ.get("MUTUAL_AID_STARTS") or 10)


def test_it_comes_up_in_whatever_order_it_is_started(house: House, tmp_path: Path):
    """Ten times from nothing in the long form, and each container started by itself in an order of chance."""
    seed = os.environ.get("MUTUAL_AID_SEED") or str(random.SystemRandom().randrange(2**32))
    sys.stdout.write(f"\nMUTUAL_AID_SEED={seed}\n")
    chance = random.Random(seed)  # noqa: S311 - an order, no secret
    took = []
    for _ in range(COLD_STARTS if LONG else 0):
        house.down(volumes=True)
        took.append(round(house.up(), 1))
    for _ in range(COLD_STARTS if LONG else 1):
        house.down(volumes=True)
        house.compose("create", "--no-build")
        order = [one["ID"] for one in house.containers()]
        chance.shuffle(order)
        for one in order:
            docker("start", one, check=False)  # those that miss something are started again by the engine
        house.healthy()
    sys.stdout.write(f"{house.name}: cold starts {took} s\n")
