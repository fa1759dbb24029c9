"""Commands of the api that run once and end: migrations, and the token for the first admin."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping

from local_servers.process import rotate
from mutual_aid.place import Place
from mutual_aid.stack.child import handed_on
from mutual_aid.trouble import of_process

WITHIN = 180.0  # s; a migration of a large ledger rewrites no table, but may wait for one that does


async def run(place: Place, name: str, arguments: tuple[str, ...], environment: Mapping[str, str]) -> str:
    """What a module printed; raises Trouble with its last lines when it fails or takes longer than three minutes."""
    log = place.log(name)
    rotate(log)
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *arguments,
            stdin=DEVNULL, stdout=PIPE, stderr=output, env=handed_on(environment), start_new_session=True,
        )  # fmt: skip
        try:
            async with asyncio.timeout(WITHIN):
                printed, _ = await process.communicate()
        except TimeoutError:
            raise of_process(name, f"did not end within {WITHIN:.0f} s", log) from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if process.returncode != 0:
        raise of_process(name, f"ended with status {process.returncode}", log)
    return printed.decode().strip()
