"""People and bots appear, block each other, go."""

import secrets

import msgspec

from telegram_simulator.people import LARGEST_ID, Person, bot_from_token
from telegram_simulator.places import pick_bot
from telegram_simulator.refusals import ControlError, JsonObject
from telegram_simulator.service import set_blocked
from telegram_simulator.world import World

MOST_PEOPLE = 100_000


class CreatePerson(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A new person, or new facts about a known `id`; without an id a random one is given."""

    first_name: str
    id: int = 0
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    is_premium: bool = False
    phone: str = ""
    label: str = ""


class One(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A person and a bot."""

    person: int
    bot: str = ""


class CreateBot(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A bot by its token."""

    token: str
    username: str = ""
    first_name: str = ""
    can_read_all_group_messages: bool = False


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """No arguments."""


def create_person(world: World, asked: CreatePerson) -> Person:
    """Add or change a person."""
    if not asked.first_name.strip():
        raise ControlError(400, "a person needs a first name")
    if not 0 <= asked.id <= LARGEST_ID:
        raise ControlError(400, "an id is a positive number of at most 52 bits")
    if len(world.people) >= MOST_PEOPLE:
        raise ControlError(409, f"more than {MOST_PEOPLE} people")
    person_id = asked.id or 100_000_000 + secrets.randbelow(6_000_000_000)
    if person_id in world.bots_by_id:
        raise ControlError(409, "a bot has this id")
    facts = {name: getattr(asked, name) for name in asked.__struct_fields__ if name != "id"}
    person = Person(id=person_id, **facts)
    world.people[person_id] = person
    world.changes.next()
    world.changes.tell("people", "")
    return person


def block(world: World, asked: One) -> bool:
    """Block the bot: it gets my_chat_member, and 403 from now on."""
    chat = world.private_chat(pick_bot(world, asked.bot), world.person(asked.person))
    set_blocked(world, chat, blocked=True)
    return True


def unblock(world: World, asked: One) -> bool:
    """Unblock the bot."""
    chat = world.private_chat(pick_bot(world, asked.bot), world.person(asked.person))
    set_blocked(world, chat, blocked=False)
    return True


def deactivate(world: World, asked: One) -> bool:
    """Delete the person's account: bots get "user is deactivated"."""
    world.person(asked.person).deactivated = True
    return True


def create_bot(world: World, asked: CreateBot) -> JsonObject:
    """Make a token known."""
    bot = bot_from_token(asked.token, asked.username, asked.first_name)
    if bot.id in world.bots_by_id:
        raise ControlError(409, "a bot with this id is known")
    bot.can_read_all_group_messages = asked.can_read_all_group_messages
    world.add_bot(bot)
    return bot.me()


def list_people(world: World, _asked: Nothing) -> list[Person]:
    """Return everybody."""
    return list(world.people.values())


ACTIONS = {
    "create_person": (CreatePerson, create_person),
    "list_people": (Nothing, list_people),
    "block": (One, block),
    "unblock": (One, unblock),
    "deactivate": (One, deactivate),
    "create_bot": (CreateBot, create_bot),
}
