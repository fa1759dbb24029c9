"""What people see, what bots did, and waiting for either."""

import msgspec

from telegram_simulator.actions.accounts import Nothing
from telegram_simulator.changes import Wanted
from telegram_simulator.journal import Entry
from telegram_simulator.methods.commands import shown_commands
from telegram_simulator.places import pick_bot, pick_chat
from telegram_simulator.refusals import JsonObject
from telegram_simulator.views import Seen, chats_of, history, see, standing_keyboard
from telegram_simulator.world import World

LONGEST_WAIT = 120.0
MOST_ENTRIES = 10_000


class Look(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A chat as a person sees it."""

    person: int
    chat: int = 0
    bot: str = ""
    after: int = 0
    limit: int = 100
    deleted: bool = False


class WaitFor(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which message somebody waits for, and how long."""

    person: int
    chat: int = 0
    bot: str = ""
    seconds: float = 10.0
    wanted: Wanted = msgspec.field(default_factory=Wanted)


class ReadJournal(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Calls above a number, optionally of a method and for a chat; `seconds`: wait for the first."""

    since: int = 0
    limit: int = 1_000
    method: str = ""
    chat: str = ""
    seconds: float = 0.0


def look(world: World, asked: Look) -> JsonObject:
    """Return the visible history, the standing reply keyboard and the command menu."""
    person = world.person(asked.person)
    chat = pick_chat(world, person, asked.chat, asked.bot)
    group = chat.type != "private"
    bots = world.bots_in(chat)
    return {
        "messages": history(chat, person.id, after=asked.after, limit=asked.limit, deleted=asked.deleted),
        "keyboard": standing_keyboard(chat),
        "commands": shown_commands(bots[0], chat.id, person.language_code, group=group) if bots else [],
        "blocked": chat.blocked,
        "pinned": list(chat.pinned),
        "number": world.changes.number,
    }


async def wait_for(world: World, asked: WaitFor) -> list[Seen]:
    """Return the first message that is wanted, old or new; nothing when time is up."""
    person = world.person(asked.person)
    chat = pick_chat(world, person, asked.chat, asked.bot)
    matches = asked.wanted.test(person.id)
    news = asked.wanted.edited or asked.wanted.deleted
    found = None
    for message in reversed(chat.messages.values()):
        if message.number <= asked.wanted.after and not news:
            break
        if matches(message):
            found = message
    if found is None:
        found = await world.changes.wait(chat.key, matches, min(asked.seconds, LONGEST_WAIT))
    return [] if found is None else [see(found, person.id)]


async def read_journal(world: World, asked: ReadJournal) -> list[Entry]:
    """Return calls in order."""
    journal = world.journal
    limit = min(asked.limit, MOST_ENTRIES)
    if asked.seconds <= 0:
        return list(journal.since(asked.since, limit, asked.method, asked.chat))
    seconds = min(asked.seconds, LONGEST_WAIT)
    return await journal.wait(asked.since, limit, asked.method, asked.chat, seconds)


def status(world: World, _asked: Nothing) -> JsonObject:
    """Return counts: what bots called, what waits for them."""
    return {
        "bots": [
            bot.user()
            | {
                "pending_updates": len(world.updates[bot.id].pending),
                "dropped_updates": world.updates[bot.id].dropped,
                "webhook": bot.webhook is not None,
            }
            for bot in world.bots_by_id.values()
        ],
        "people": len(world.people),
        "chats": len(world.chats),
        "number": world.changes.number,
        "journal": {"number": world.journal.number, "evicted": world.journal.evicted},
        "accepted": dict(world.journal.accepted),
        "refused": dict(world.journal.refused),
        "limits": {"on": world.limits.on, "refused": world.limits.refused},
        "faults": world.faults.armed,
    }


def overview(world: World, _asked: Nothing) -> JsonObject:
    """Return everybody and their chats, for the page."""
    bot = pick_bot(world, "")
    return {
        "bot": bot.user(),
        "people": list(world.people.values()),
        "groups": [
            world.chat_object(chat) | {"members": [one for one in chat.present() if one in world.people]}
            for chat in world.chats.values()
            if chat.type != "private" and not chat.migrated_to and not chat.deleted
        ],
        "chats": {person.id: [chat.key for chat in chats_of(world, person)] for person in world.people.values()},
        "number": world.changes.number,
    }


ACTIONS = {
    "look": (Look, look),
    "wait_for": (WaitFor, wait_for),
    "read_journal": (ReadJournal, read_journal),
    "status": (Nothing, status),
    "overview": (Nothing, overview),
}
