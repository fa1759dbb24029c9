"""Keyboards: what may be sent as reply_markup."""

from typing import Any

from telegram_simulator.call import Call
from telegram_simulator.refusals import JsonObject, bad_request

MOST_CALLBACK_BYTES = 64
MOST_BUTTONS = 100
MOST_IN_ROW = 8
_ACTIONS = (
    "callback_data",
    "url",
    "login_url",
    "web_app",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
_SHOWN = ("style", "icon_custom_emoji_id", "disabled")
_STYLES = ("primary", "danger", "success")


def read_markup(call: Call) -> tuple[JsonObject | None, JsonObject | None]:
    """Return (inline keyboard, other keyboard) of the call; at most one of them is there."""
    asked = call.decoded("reply_markup", "reply keyboard markup")
    if asked is None:
        return None, None
    if not isinstance(asked, dict):
        raise bad_request("Object expected as reply markup")
    return parse_markup(asked)


def parse_markup(asked: JsonObject) -> tuple[JsonObject | None, JsonObject | None]:
    """Return (inline keyboard, other keyboard) in canonical shape, or refuse."""
    if "inline_keyboard" in asked:
        rows = _rows(asked["inline_keyboard"], "inline_keyboard", _inline_button)
        if sum(map(len, rows)) > MOST_BUTTONS or any(len(row) > MOST_IN_ROW for row in rows):
            raise bad_request("reply markup is too long")
        return ({"inline_keyboard": rows} if rows else None), None
    if "keyboard" in asked:
        rows = _rows(asked["keyboard"], "keyboard", _button)
        if not rows:
            raise bad_request("reply markup is empty")
        shown = {name: asked[name] for name in ("resize_keyboard", "one_time_keyboard", "is_persistent", "selective", "input_field_placeholder") if asked.get(name)}  # fmt: skip
        return None, {"keyboard": rows} | shown
    if asked.get("remove_keyboard"):
        return None, {"remove_keyboard": True}
    if asked.get("force_reply"):
        placeholder = str(asked.get("input_field_placeholder") or "")
        return None, {"force_reply": True, "input_field_placeholder": placeholder}
    if asked:
        raise bad_request("object expected as reply markup")
    return None, None


def _rows(asked: object, name: str, button: Any) -> list[list[JsonObject]]:  # noqa: ANN401 -- one of the two below
    """Return the rows that have buttons."""
    if not isinstance(asked, list) or not all(isinstance(row, list) for row in asked):
        raise bad_request(f'Field "{name}" must be an Array of Arrays')
    return [[button(one) for one in row] for row in asked if row]


def _inline_button(asked: object) -> JsonObject:
    if not isinstance(asked, dict):
        raise bad_request("InlineKeyboardButton must be an Object")
    text = asked.get("text")
    if not isinstance(text, str) or not text.strip():
        raise bad_request("can't parse inline keyboard button: Text buttons must be non-empty")
    actions = [name for name in _ACTIONS if asked.get(name) not in (None, False)]
    if not actions:
        raise bad_request("Text buttons are unallowed in the inline keyboard")
    button: JsonObject = {"text": text, actions[0]: asked[actions[0]]}
    data = asked.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= MOST_CALLBACK_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    url = str(asked.get("url", ""))
    if actions[0] == "url" and (" " in url or not ("." in url or url.startswith("tg://") or "://" in url)):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    if asked.get("style") not in (None, "", "default", *_STYLES):
        raise bad_request("invalid button style specified")
    return button | {name: asked[name] for name in _SHOWN if asked.get(name)}


def _button(asked: object) -> JsonObject:
    if isinstance(asked, str):
        asked = {"text": asked}
    if not isinstance(asked, dict):
        raise bad_request("KeyboardButton must be a String or an Object")
    if not isinstance(asked.get("text"), str) or not asked["text"]:
        raise bad_request('can\'t parse keyboard button: Field "text" must be of type String')
    return asked
