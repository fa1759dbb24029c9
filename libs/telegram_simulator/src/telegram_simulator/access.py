"""Which chat a call means, and whether the bot may touch it."""

from telegram_simulator.call import Call
from telegram_simulator.chats import Chat
from telegram_simulator.messages import Message
from telegram_simulator.refusals import BotApiError, bad_request, forbidden


def find_chat(call: Call, name: str = "chat_id", *, write: bool = True) -> Chat:
    """Return the chat a parameter names; refuses what Telegram refuses, `write` also a bot that was blocked."""
    asked = call.text(name)
    if not asked:
        raise bad_request(f"{name} is empty")
    chat = _named(call, asked) if asked.startswith("@") else _numbered(call, asked)
    if chat.type == "private":
        _check_private(call, chat, write=write)
    else:
        _check_group(call, chat, write=write)
    return chat


def _named(call: Call, asked: str) -> Chat:
    name = asked[1:].lower()
    for chat in call.world.chats.values():
        if chat.username and chat.username.lower() == name:
            return chat
    raise bad_request("chat not found")


def _numbered(call: Call, asked: str) -> Chat:
    try:
        chat_id = int(asked)
    except ValueError:
        raise bad_request("chat not found") from None
    world = call.world
    if chat_id in world.bots_by_id:
        raise forbidden("bot can't send messages to bots")
    chat = world.chats.get(f"{call.bot.id}:{chat_id}" if chat_id > 0 else str(chat_id))
    if chat is not None and (chat.started or chat.type != "private"):
        return chat
    met = any(group.member(chat_id).present and group.member(call.bot.id).present for group in world.chats.values())
    if chat_id in world.people and met:
        raise forbidden("bot can't initiate conversation with a user")
    raise bad_request("chat not found")


def _check_private(call: Call, chat: Chat, *, write: bool) -> None:
    if call.world.people[chat.person_id].deactivated:
        raise forbidden("user is deactivated")
    if chat.blocked and write:
        raise forbidden("bot was blocked by the user")


def _check_group(call: Call, chat: Chat, *, write: bool) -> None:
    word = "group" if chat.type == "group" else chat.type
    if chat.migrated_to:
        if not write:
            return
        raise BotApiError(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            {"migrate_to_chat_id": chat.migrated_to},
        )
    if chat.deleted:
        raise forbidden("the group chat was deleted")
    if call.bot.id not in chat.members:
        raise bad_request("chat not found")
    member = chat.member(call.bot.id)
    if member.status == "kicked":
        raise forbidden(f"bot was kicked from the {word} chat")
    if not member.present and (write or not chat.username):
        raise forbidden(f"bot is not a member of the {word} chat")


def find_message(call: Call, chat: Chat, what: str, name: str = "message_id") -> Message:
    """Return the message a parameter names; `what` completes "message to ... not found"."""
    message_id = call.integer(name)
    if message_id <= 0:
        raise bad_request("Message identifier is not specified")
    message = chat.message(message_id)
    if message is None:
        raise bad_request(f"{what} not found")
    return message


def find_thread(call: Call, chat: Chat) -> int | None:
    """Return the topic the call is for; None for no topic."""
    thread_id = call.integer("message_thread_id")
    if thread_id == 0 or (chat.is_forum and thread_id == 1):
        return None
    topic = chat.topics.get(thread_id)
    if topic is None:
        raise bad_request("message thread not found")
    if topic.closed and not chat.member(call.bot.id).may("can_manage_topics"):
        raise bad_request("TOPIC_CLOSED")
    return thread_id


def find_reply(call: Call, chat: Chat) -> tuple[Message | None, dict[str, object]]:
    """Return the message the call replies to, and the fields a quote adds."""
    parameters = call.object("reply_parameters", "reply parameters")
    if parameters:
        message_id, lenient = parameters.get("message_id", 0), bool(parameters.get("allow_sending_without_reply"))
    else:
        message_id, lenient = call.integer("reply_to_message_id"), call.flag("allow_sending_without_reply")
        parameters = {}
    if not message_id:
        return None, {}
    other = parameters.get("chat_id")
    if other not in (None, "") and str(other) != str(chat.id):
        raise bad_request("message to be replied not found")
    try:
        message = chat.message(int(message_id))
    except (TypeError, ValueError):
        raise bad_request("Can't parse reply parameters JSON object") from None
    if message is None:
        if lenient:
            return None, {}
        raise bad_request("message to be replied not found")
    quote = str(parameters.get("quote") or "")
    if not quote:
        return message, {}
    if quote not in message.words:
        raise bad_request("QUOTE_TEXT_INVALID")
    position = int(parameters.get("quote_position") or message.words.index(quote))
    return message, {"quote": {"text": quote, "position": position}}
