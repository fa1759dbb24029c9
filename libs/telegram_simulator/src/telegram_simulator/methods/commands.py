"""The bot's command menu, by scope and language."""

import re

from telegram_simulator.access import find_chat
from telegram_simulator.call import Call
from telegram_simulator.people import Bot
from telegram_simulator.refusals import bad_request

_NAME = re.compile(r"[a-z0-9_]{1,32}\Z")
_MOST = 100
_LONGEST = 256
_SCOPES = frozenset(
    {
        "default",
        "all_private_chats",
        "all_group_chats",
        "all_chat_administrators",
        "chat",
        "chat_administrators",
        "chat_member",
    }
)


def _key(call: Call) -> str:
    scope = call.object("scope", "BotCommandScope") or {"type": "default"}
    kind = scope.get("type")
    if kind not in _SCOPES:
        raise bad_request("Unsupported type specified")
    place = ""
    if kind.startswith("chat"):
        if scope.get("chat_id") in (None, ""):
            raise bad_request("Empty chat_id specified")
        inner = Call(call.world, call.bot, call.method, {"chat_id": scope["chat_id"]}, {})
        place = str(find_chat(inner, write=False).id)
        if kind == "chat_member":
            place += f"/{scope.get('user_id', 0)}"
    return f"{kind}:{place}:{call.text('language_code')}"


def set_commands(call: Call) -> bool:
    """Set the commands of a scope and language."""
    asked = call.items("commands", "commands", "BotCommand")
    if len(asked) > _MOST:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    commands = []
    for one in asked:
        name = str(one.get("command", "")).removeprefix("/") if isinstance(one, dict) else ""
        text = str(one.get("description", "")).strip() if isinstance(one, dict) else ""
        if not _NAME.match(name):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(text) <= _LONGEST:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        commands.append({"command": name, "description": text})
    call.bot.commands[_key(call)] = commands
    call.world.changes.tell("commands", "")
    return True


def get_commands(call: Call) -> list[dict[str, str]]:
    """Return the commands of exactly this scope and language."""
    return call.bot.commands.get(_key(call), [])


def delete_commands(call: Call) -> bool:
    """Forget the commands of a scope and language."""
    call.bot.commands.pop(_key(call), None)
    call.world.changes.tell("commands", "")
    return True


def shown_commands(bot: Bot, chat_id: int, language: str, *, group: bool) -> list[dict[str, str]]:
    """Return what a person sees in the menu: the narrowest scope, there their language before any."""
    wide = "all_group_chats" if group else "all_private_chats"
    for scope in (f"chat:{chat_id}", f"{wide}:", "default:"):
        for code in (language[:2], ""):
            found = bot.commands.get(f"{scope}:{code}")
            if found:
                return found
    return []


METHODS = {"setMyCommands": set_commands, "getMyCommands": get_commands, "deleteMyCommands": delete_commands}
