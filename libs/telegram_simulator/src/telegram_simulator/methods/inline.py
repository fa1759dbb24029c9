"""Answers to inline queries."""

from telegram_simulator.call import Call
from telegram_simulator.entities import MOST_TEXT_UNITS, units
from telegram_simulator.keyboards import parse_markup
from telegram_simulator.refusals import JsonObject, bad_request

_MOST = 50
_LONGEST_ID = 64


def answer_inline_query(call: Call) -> bool:
    """Offer up to 50 results."""
    results = call.items("results", "inline query results", "inline query results")
    if len(results) > _MOST:
        raise bad_request("Too many inline query results specified")
    seen: set[str] = set()
    for one in results:
        if not isinstance(one, dict):
            raise bad_request("Inline query result must be an object")
        result_id = str(one.get("id", ""))
        if not 1 <= len(result_id.encode()) <= _LONGEST_ID:
            raise bad_request("RESULT_ID_INVALID")
        if result_id in seen:
            raise bad_request("RESULT_ID_DUPLICATE")
        seen.add(result_id)
        _check_result(one)
    query = call.world.queries.open(call.text("inline_query_id"), call.bot.id)
    query.results = list(results)
    query.answered.set()
    return True


def _check_result(one: JsonObject) -> None:
    content = one.get("input_message_content")
    if one.get("type") == "article" and not isinstance(content, dict):
        raise bad_request("Input message content is not specified")
    if isinstance(content, dict) and "message_text" in content:
        text = str(content["message_text"])
        if not text.strip():
            raise bad_request("message text is empty")
        if units(text) > MOST_TEXT_UNITS:
            raise bad_request("MESSAGE_TOO_LONG")
    if one.get("reply_markup"):
        parse_markup(one["reply_markup"])


METHODS = {"answerInlineQuery": answer_inline_query}
