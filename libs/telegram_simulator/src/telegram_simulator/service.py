"""What happens around membership: updates to the bots, service messages to the chat."""

import time

from telegram_simulator.chats import Chat, Member
from telegram_simulator.refusals import JsonObject
from telegram_simulator.world import World


def set_status(world: World, chat: Chat, user_id: int, now: Member, *, by: JsonObject) -> None:
    """Change a user's standing in a group, tell the bots, and let the group say who came or went."""
    before = chat.member(user_id)
    user = world.user(user_id)
    if user is None:
        return
    watchers = {bot.id for bot in world.bots_in(chat)} | ({user_id} if user["is_bot"] else set())
    chat.members[user_id] = now
    payload = {
        "chat": world.chat_object(chat),
        "from": by,
        "date": int(time.time()),
        "old_chat_member": before.view(user),
        "new_chat_member": now.view(user),
    }
    for bot_id in watchers:
        if bot_id == user_id:
            world.updates[bot_id].add("my_chat_member", payload, chat.id)
        elif chat.member(bot_id).status in ("creator", "administrator"):
            world.updates[bot_id].add("chat_member", payload, chat.id)
    if before.present != now.present:
        content: JsonObject = {"new_chat_members": [user]} if now.present else {"left_chat_member": user}
        message = world.post(chat, by, content)
        world.tell_bots(chat, "message", message)
    world.changes.next()
    world.changes.tell("chat", chat.key)


def set_blocked(world: World, chat: Chat, *, blocked: bool) -> None:
    """Let a person block or unblock the bot of a private chat."""
    if chat.blocked == blocked:
        return
    chat.blocked = blocked
    bot = world.bots_by_id[chat.bot_id]
    before, now = (Member("member"), Member("kicked")) if blocked else (Member("kicked"), Member("member"))
    payload = {
        "chat": world.chat_object(chat),
        "from": world.people[chat.person_id].user(),
        "date": int(time.time()),
        "old_chat_member": before.view(bot.user()),
        "new_chat_member": now.view(bot.user()),
    }
    world.updates[bot.id].add("my_chat_member", payload, chat.id)
    world.changes.next()
    world.changes.tell("chat", chat.key)
