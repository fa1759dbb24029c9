"""Keeping people, bots and conversations in a JSON file. Nothing else survives: no file bytes, journal or faults."""

import os
import sys
from pathlib import Path

import msgspec

from telegram_simulator.chats import Chat
from telegram_simulator.files import File
from telegram_simulator.pause import pause
from telegram_simulator.people import Bot, Person
from telegram_simulator.updates import Update
from telegram_simulator.world import World

SAVE_SECONDS = 3.0
"""How much may be lost when the process is killed."""
SKIPPED_IDS = 1_000
"""Ids given after the last save must not come twice: a restart leaves this many out."""
FORMAT = 1


class Snapshot(msgspec.Struct, kw_only=True):
    """What the file holds."""

    format: int
    number: int
    people: list[Person]
    bots: list[Bot]
    chats: list[Chat]
    pending: dict[int, list[Update]]
    files: list[File]


def save(world: World, path: Path) -> None:
    """Write the file; what was there before stays until the new one is complete."""
    snapshot = Snapshot(
        format=FORMAT,
        number=world.changes.number,
        people=list(world.people.values()),
        bots=list(world.bots_by_id.values()),
        chats=list(world.chats.values()),
        pending={bot_id: list(updates.pending) for bot_id, updates in world.updates.items()},
        files=list(world.files.known.values()),
    )
    beside = path.with_name(f".{path.name}.new")
    path.parent.mkdir(parents=True, exist_ok=True)
    with beside.open("wb") as file:
        file.write(msgspec.json.encode(snapshot))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def load(world: World, path: Path) -> bool:
    """Fill a fresh world from the file; False when there is none.

    ValueError when the file is not ours. Bots of the file keep their settings if their token is known here.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return False
    try:
        snapshot = msgspec.json.decode(content, type=Snapshot)
    except msgspec.MsgspecError as error:
        raise ValueError(f"{path} is no state of this simulator ({error}); delete it to begin anew") from error
    world.changes.number = snapshot.number + SKIPPED_IDS
    world.people = {person.id: person for person in snapshot.people}
    for chat in snapshot.chats:
        chat.next_message_id += SKIPPED_IDS
        world.chats[chat.key] = chat
    for bot in snapshot.bots:
        if bot.token in world.bots:
            bot.next_update_id += SKIPPED_IDS
            bot.closed = False
            world.add_bot(bot)
            for update in snapshot.pending.get(bot.id, []):
                world.updates[bot.id].push(update)
    for file in snapshot.files:
        world.files.remember(file)
    return True


async def keep(world: World, path: Path) -> None:
    """Save every few seconds when something changed, and once more when cancelled."""
    saved = -1
    try:
        while True:
            await pause(SAVE_SECONDS)
            saved = _save_if_changed(world, path, saved)
    finally:
        _save_if_changed(world, path, -1)


def _save_if_changed(world: World, path: Path, saved: int) -> int:
    """Save if something happened since; a full disk is said, and the chats go on in memory."""
    if world.changes.number != saved:
        try:
            save(world, path)
        except OSError as error:
            sys.stderr.write(f"telegram_simulator: the state was not saved: {error}\n")
    return world.changes.number
