"""A process that starts servers and stays: python owner.py STATE [deaf]. Prints one line of JSON when they answer.

deaf: as on a system where a child cannot ask to be told of its parent's death.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

from local_servers import AlreadyRunning, NatsUser, process, start


def tell(what: dict[str, object]) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


async def main(state: Path) -> None:
    try:
        servers = await start(state, [NatsUser("talker", ("talk.>",))])
    except AlreadyRunning as refused:
        tell({"refused_by": refused.pid})
        return
    tell({"processes": servers.processes(), "ports": servers.state.ports})
    async with servers:
        raise await servers.failed()


if __name__ == "__main__":
    if "deaf" in sys.argv[2:]:
        told = process.LAUNCH.read_text(encoding="utf-8")
        deaf = told.replace("prctl(PR_SET_PDEATHSIG", "(lambda *_: None)(PR_SET_PDEATHSIG")
        if deaf == told:
            raise SystemExit("launch.py no longer asks the way this expects")
        process.LAUNCH = Path(sys.argv[1]).parent / "deaf.py"
        process.LAUNCH.write_text(deaf, encoding="utf-8")
    asyncio.run(main(Path(sys.argv[1])))
