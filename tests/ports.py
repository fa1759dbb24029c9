"""Ports for servers that a test starts by number, or takes away and brings back.

One the system gave and got back may be anybody's outgoing connection a moment later. These lie below those it draws from
and below those `local_servers` does, and each worker of a run has its own.
"""

import itertools
import os

from local_servers.state import free

FIRST, EACH, WORKERS = 10_000, 1_200, 8
_drawn = itertools.count(os.getpid() * 7)


def free_port() -> int:
    """A port of loopback nobody listens on now, and no other worker of this run is given."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS
    ours = (FIRST + EACH * worker + next(_drawn) % EACH for _ in range(EACH))
    return next(port for port in ours if free(port))
