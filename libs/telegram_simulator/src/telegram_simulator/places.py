"""Where a person acts: their private chat with a bot, or a group they are in."""

from telegram_simulator.chats import Chat
from telegram_simulator.messages import Message
from telegram_simulator.people import Bot, Person
from telegram_simulator.refusals import ControlError
from telegram_simulator.world import World


def pick_bot(world: World, bot: str) -> Bot:
    """Return the bot with this username or id; the first one when none is named."""
    if not bot:
        return next(iter(world.bots_by_id.values()))
    for known in world.bots_by_id.values():
        if bot in (known.username, str(known.id)):
            return known
    raise ControlError(404, f"no bot is called {bot}")


def pick_group(world: World, chat_id: int) -> Chat:
    """Return a group by its id."""
    chat = world.chats.get(str(chat_id))
    if chat is None:
        raise ControlError(404, f"no group has the id {chat_id}")
    return chat


def pick_chat(world: World, person: Person, chat_id: int, bot: str) -> Chat:
    """Return the group with this id the person is in, or (0) their chat with the bot."""
    if chat_id == 0:
        return world.private_chat(pick_bot(world, bot), person)
    chat = pick_group(world, chat_id)
    if not chat.member(person.id).present:
        raise ControlError(403, f"{person.first_name} is not in the group {chat_id}")
    return chat


def pick_message(chat: Chat, message_id: int) -> Message:
    """Return a message of the chat that still exists."""
    message = chat.message(message_id)
    if message is None:
        raise ControlError(404, f"the chat has no message {message_id}")
    return message
