"""From nothing, again and again: `make test-containers LONG=1` does it ten times.

MUTUAL_AID_STARTS is another number of times. After everything else: nothing is kept.
"""

import os
import random
import sys

from containers.engine import House, docker

LONG = os.environ.get("MUTUAL_AID_CONTAINERS") == "long"
TIMES = int(os.environ.get("MUTUAL_AID_STARTS") or 10) if LONG else 1


def test_it_comes_up_from_nothing_every_time(house: House):
    took = []
    for _ in range(TIMES):
        house.down(volumes=True)
        took.append(round(house.up(), 1))
        sys.stdout.write(f"\n{house.name}: up from nothing in {took[-1]} s")
        sys.stdout.flush()
    assert len(took) == TIMES


def test_it_comes_up_in_whatever_order_it_is_started(house: House):
    """Each container is started by itself; one that misses something ends, and the engine starts it again."""
    seed = os.environ.get("MUTUAL_AID_SEED") or str(random.SystemRandom().randrange(2**32))
    sys.stdout.write(f"\nMUTUAL_AID_SEED={seed}\n")
    chance = random.Random(seed)  # noqa: S311 - an order, no secret
    for _ in range(TIMES):
        house.down(volumes=True)
        house.compose("create", "--no-build")
        order = house.containers()
        chance.shuffle(order)
        for one in order:
            docker("start", one["ID"], check=False)
        house.healthy()
        sys.stdout.write(f"\n{house.name}: started as {', '.join(one['Service'] for one in order)}")
        sys.stdout.flush()
