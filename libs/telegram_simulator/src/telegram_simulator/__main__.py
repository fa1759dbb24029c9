"""python -m telegram_simulator: the simulator as a process."""

import argparse
import asyncio
import signal
import sys
import time
from pathlib import Path

import uvloop

from telegram_simulator.actions.accounts import CreatePerson, create_person
from telegram_simulator.app import serve
from telegram_simulator.people import DEMO_TOKEN, bot_from_token
from telegram_simulator.persistence import keep, load
from telegram_simulator.refusals import ControlError
from telegram_simulator.world import World

_FIRST_SECOND = 1_767_225_600
"""1 January 2026: message ids of a process count from the seconds since, so that a restart does not repeat them."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="telegram_simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--token", action="append", default=[], help="a bot's token; may be given several times")
    parser.add_argument("--real-limits", action="store_true", help="refuse calls above Telegram's rates")
    parser.add_argument("--state", default="", help="a file that keeps people and chats over restarts")
    parser.add_argument(
        "--person",
        action="append",
        default=[],
        metavar="ID:NAME:LANGUAGE:LABEL",
        help="somebody who is there from the start, such as 7001:Olga:ru:asks for help; may be given several times",
    )
    return parser.parse_args()


def read_person(line: str) -> CreatePerson:
    """Return the person a --person argument describes; ControlError when it does not."""
    match line.split(":", 3):
        case [number, name, language, label] if number.isdigit():
            return CreatePerson(id=int(number), first_name=name, language_code=language, label=label)
        case _:
            pass
    raise ControlError(400, f"--person {line}: ID:NAME:LANGUAGE:LABEL is expected")


async def _run(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    bots = [bot_from_token(token) for token in arguments.token or [DEMO_TOKEN]]
    world = World(bots, limits=arguments.real_limits, first_message_id=int(time.time()) - _FIRST_SECOND)
    state = Path(arguments.state) if arguments.state else None
    if state is not None:
        load(world, state)
    for line in arguments.person:
        create_person(world, read_person(line))
    async with serve(world, arguments.host, arguments.port) as port, asyncio.TaskGroup() as tasks:
        keeping = tasks.create_task(keep(world, state), name="state") if state is not None else None
        sys.stdout.write(f"Telegram simulator at http://{arguments.host}:{port}/\n")
        sys.stdout.flush()
        await stop.wait()
        if keeping is not None:
            keeping.cancel()


def main() -> int:
    """Run until SIGTERM; 2 when the arguments cannot work."""
    arguments = _arguments()
    try:
        uvloop.run(_run(arguments))
    except (ControlError, OSError, ValueError) as error:
        sys.stderr.write(f"telegram_simulator: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
