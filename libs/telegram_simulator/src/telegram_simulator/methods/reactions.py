"""Reactions of the bot."""

from telegram_simulator.access import find_chat, find_message
from telegram_simulator.call import Call
from telegram_simulator.refusals import JsonObject, bad_request

EMOJI = frozenset(
    [
        "❤",
        "👍",
        "👎",
        "🔥",
        "🥰",
        "👏",
        "😁",
        "🤔",
        "🤯",
        "😱",
        "🤬",
        "😢",
        "🎉",
        "🤩",
        "🤮",
        "💩",
        "🙏",
        "👌",
        "🕊",
        "🤡",
        "🥱",
        "🥴",
        "😍",
        "🐳",
        "❤\u200d🔥",
        "🌚",
        "🌭",
        "💯",
        "🤣",
        "⚡",
        "🍌",
        "🏆",
        "💔",
        "🤨",
        "😐",
        "🍓",
        "🍾",
        "💋",
        "🖕",
        "😈",
        "😴",
        "😭",
        "🤓",
        "👻",
        "👨\u200d💻",
        "👀",
        "🎃",
        "🙈",
        "😇",
        "😨",
        "🤝",
        "✍",
        "🤗",
        "🫡",
        "🎅",
        "🎄",
        "☃",
        "💅",
        "🤪",
        "🗿",
        "🆒",
        "💘",
        "🙉",
        "🦄",
        "😘",
        "💊",
        "🙊",
        "😎",
        "👾",
        "🤷\u200d♂",
        "🤷",
        "🤷\u200d♀",
        "😡",
    ]
)
"""The emoji Telegram takes for reactions."""


def set_message_reaction(call: Call) -> bool:
    """React to a message with at most one emoji; with none the reaction goes."""
    asked = call.items("reaction", "reaction types", "ReactionType")
    reactions = [read_reaction(one) for one in asked]
    if len(reactions) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    chat = find_chat(call)
    message = find_message(call, chat, "message to react")
    if message.is_service:
        raise bad_request("message can't be reacted")
    if reactions:
        message.reactions[call.bot.id] = reactions
    else:
        message.reactions.pop(call.bot.id, None)
    call.world.changed("reaction", chat, message)
    return True


def read_reaction(asked: object) -> JsonObject:
    """Return a ReactionType in canonical shape; only emoji Telegram knows."""
    if not isinstance(asked, dict):
        raise bad_request("invalid reaction type specified")
    if asked.get("type") == "custom_emoji" and asked.get("custom_emoji_id"):
        return {"type": "custom_emoji", "custom_emoji_id": str(asked["custom_emoji_id"])}
    if asked.get("type") != "emoji":
        raise bad_request("invalid reaction type specified")
    emoji = str(asked.get("emoji", "")).replace("\ufe0f", "")
    if emoji not in EMOJI:
        raise bad_request("REACTION_INVALID")
    return {"type": "emoji", "emoji": emoji}


METHODS = {"setMessageReaction": set_message_reaction}
