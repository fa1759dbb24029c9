"""The operator's command beside a world's servers, as in containers."""

import asyncio
import sys
from pathlib import Path

from world import World

WITHIN = 60.0  # s


def told(world: World, folder: Path) -> dict[str, str]:
    """The environment of an operator's container: the ledger's address in a file, the rest as it is."""
    address = folder / "postgres_url"
    address.write_text(f"{world.settings.postgres_url}\n")
    return {
        "POSTGRES_URL_FILE": str(address),
        "NATS_URL": world.settings.nats_url,
        "NATS_SEEDS_DIR": str(world.broker.nats_seeds["operator"].parent),
        "REDIS_URL": str(world.settings.redis_url),
        "MUTUAL_AID_STATE": str(folder / "state"),
        "COLUMNS": "200",
    }


async def command(world: World, folder: Path, *words: str, **more: str) -> tuple[int, str]:
    """Exit code and words of the command."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "mutual_aid", *words, cwd=folder, env=told(world, folder) | more,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(WITHIN):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    return process.returncode or 0, said.decode()
