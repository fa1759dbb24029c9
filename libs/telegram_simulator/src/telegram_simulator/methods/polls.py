"""Polls."""

import secrets

from telegram_simulator.access import find_chat, find_message
from telegram_simulator.call import Call
from telegram_simulator.refusals import JsonObject, bad_request
from telegram_simulator.sending import send

_MOST_QUESTION = 300
_MOST_OPTION = 100
_MOST_OPTIONS = 12


def send_poll(call: Call) -> JsonObject:
    """Ask a question with 2 to 12 answers."""
    question = call.text("question").strip()
    if not question:
        raise bad_request("poll question must be non-empty")
    if len(question) > _MOST_QUESTION:
        raise bad_request("poll question length must not exceed 300")
    asked = call.items("options", "options", "String as options")
    texts = [str(one.get("text", "") if isinstance(one, dict) else one).strip() for one in asked]
    if len(texts) < 2:  # noqa: PLR2004 -- a choice needs two
        raise bad_request("poll must have at least 2 option")
    if len(texts) > _MOST_OPTIONS:
        raise bad_request(f"poll can't have more than {_MOST_OPTIONS} options")
    if not all(texts):
        raise bad_request("poll options must be non-empty")
    if any(len(text) > _MOST_OPTION for text in texts):
        raise bad_request("poll options length must not exceed 100")
    kind = call.text("type") or "regular"
    if kind not in ("regular", "quiz"):
        raise bad_request("Unsupported poll type specified")
    poll: JsonObject = {
        "id": str(secrets.randbits(62)),
        "question": question,
        "options": [{"persistent_id": secrets.token_hex(8), "text": text, "voter_count": 0} for text in texts],
        "total_voter_count": 0,
        "is_closed": call.flag("is_closed"),
        "is_anonymous": "is_anonymous" not in call.values or call.flag("is_anonymous"),
        "type": kind,
        "allows_multiple_answers": call.flag("allows_multiple_answers"),
        "allows_revoting": kind == "regular",
        "members_only": False,
    }
    message = send(call, {"poll": poll})
    chat = find_chat(call)
    call.world.polls[poll["id"]] = (chat.key, message["message_id"])
    return message


def stop_poll(call: Call) -> JsonObject:
    """Close a poll of the bot and return its result."""
    chat = find_chat(call)
    message = find_message(call, chat, "message with poll to stop")
    poll = message.data.get("poll")
    if poll is None or message.author_id != call.bot.id:
        raise bad_request("message with poll to stop not found")
    if poll["is_closed"]:
        raise bad_request("poll has already been closed")
    poll["is_closed"] = True
    call.world.changed("edit", chat, message)
    return dict(poll)


METHODS = {"sendPoll": send_poll, "stopPoll": stop_poll}
