"""Who the bot is, and leaving the server."""

from telegram_simulator.call import Call
from telegram_simulator.refusals import JsonObject, bad_request

_MOST = {"name": 64, "description": 512, "short_description": 120}


def get_me(call: Call) -> JsonObject:
    """Return the bot itself."""
    return call.bot.me()


def log_out(_call: Call) -> bool:
    """Leave the cloud server: nothing to leave here."""
    return True


def close(call: Call) -> bool:
    """Close the bot instance; a second time is refused."""
    if call.bot.closed:
        raise bad_request("the bot has already been closed")
    call.bot.closed = True
    return True


def _key(call: Call, what: str) -> str:
    return f"{what}:{call.text('language_code')}"


def _set(call: Call, what: str) -> bool:
    text = call.text(what)
    if len(text) > _MOST[what]:
        raise bad_request(f"bot {what.replace('_', ' ')} is too long")
    if what == "name" and text and not call.text("language_code"):
        call.bot.first_name = text
    call.bot.texts[_key(call, what)] = text
    return True


def _get(call: Call, what: str) -> JsonObject:
    texts = call.bot.texts
    default = call.bot.first_name if what == "name" else ""
    return {what: texts.get(_key(call, what)) or texts.get(f"{what}:") or default}


def set_default_rights(call: Call) -> bool:
    """Remember the rights the bot asks for when it is added."""
    kind = "channels" if call.flag("for_channels") else "groups"
    call.bot.settings[f"rights:{kind}"] = call.object("rights", "ChatAdministratorRights") or {}
    return True


def set_menu_button(call: Call) -> bool:
    """Remember the menu button of a chat, or of all."""
    button = call.object("menu_button", "menu button") or {"type": "default"}
    call.bot.settings[f"menu:{call.text('chat_id')}"] = button
    return True


def get_menu_button(call: Call) -> JsonObject:
    """Return the menu button of a chat, or of all."""
    settings = call.bot.settings
    found = settings.get(f"menu:{call.text('chat_id')}") or settings.get("menu:") or {"type": "commands"}
    return dict(found)


METHODS = {
    "getMe": get_me,
    "logOut": log_out,
    "close": close,
    "setMyName": lambda call: _set(call, "name"),
    "getMyName": lambda call: _get(call, "name"),
    "setMyDescription": lambda call: _set(call, "description"),
    "getMyDescription": lambda call: _get(call, "description"),
    "setMyShortDescription": lambda call: _set(call, "short_description"),
    "getMyShortDescription": lambda call: _get(call, "short_description"),
    "setMyDefaultAdministratorRights": set_default_rights,
    "setChatMenuButton": set_menu_button,
    "getChatMenuButton": get_menu_button,
}
