"""Answers to pressed buttons."""

from telegram_simulator.call import Call
from telegram_simulator.callbacks import Answer
from telegram_simulator.refusals import bad_request

_LONGEST = 200


def answer_callback_query(call: Call) -> bool:
    """Stop the button's progress bar, with a toast or an alert of up to 200 characters."""
    query = call.world.queries.open(call.text("callback_query_id"), call.bot.id)
    text = call.text("text")
    if len(text) > _LONGEST:
        raise bad_request("MESSAGE_TOO_LONG")
    query.answer = Answer(
        text=text,
        show_alert=call.flag("show_alert"),
        url=call.text("url"),
        cache_time=call.integer("cache_time"),
    )
    query.answered.set()
    call.world.changes.tell("answer", query.chat, person=query.person_id, text=text, alert=query.answer.show_alert)
    return True


METHODS = {"answerCallbackQuery": answer_callback_query}
