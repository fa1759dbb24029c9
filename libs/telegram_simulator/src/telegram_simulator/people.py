"""People and bots: the two sorts of Telegram users."""

import re
from typing import Any

import msgspec

from telegram_simulator.refusals import ControlError, JsonObject

DEMO_TOKEN = "4242424242:SIMULATOR-demo-bot-is-not-a-secret1"  # noqa: S105 -- opens nothing but this simulator
TOKEN = re.compile(r"[0-9]{1,16}:[A-Za-z0-9_-]{35}\Z")
LARGEST_ID = 1 << 52
"""Telegram promises that identifiers have at most 52 significant bits."""


class Person(msgspec.Struct, kw_only=True):
    """A human with an account. `label` is shown on the page only; `phone` leaves by sharing a contact only."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    is_premium: bool = False
    phone: str = ""
    label: str = ""
    deactivated: bool = False

    def user(self) -> JsonObject:
        """Return the Bot API's User object."""
        user: JsonObject = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        if self.last_name:
            user["last_name"] = self.last_name
        if self.username:
            user["username"] = self.username
        if self.language_code:
            user["language_code"] = self.language_code
        if self.is_premium:
            user["is_premium"] = True
        return user


class Webhook(msgspec.Struct, kw_only=True):
    """Where a bot wants its updates posted, and how the last attempts went.

    `certificate` is the one it was handed for that address in PEM, the only one trusted there; "" for those of everybody.
    """

    url: str
    certificate: str = ""
    secret_token: str = ""
    max_connections: int = 40
    has_custom_certificate: bool = False
    last_error_date: int = 0
    last_error_message: str = ""


class Bot(msgspec.Struct, kw_only=True):
    """A bot account with its settings; commands and texts are keyed by (scope, language) and language."""

    id: int
    token: str
    username: str
    first_name: str
    can_read_all_group_messages: bool = False
    webhook: Webhook | None = None
    allowed_updates: list[str] | None = None
    next_update_id: int = 1
    commands: dict[str, list[dict[str, str]]] = {}
    texts: dict[str, str] = {}
    settings: dict[str, Any] = {}
    closed: bool = False

    def user(self) -> JsonObject:
        """Return the User object other users see."""
        return {"id": self.id, "is_bot": True, "first_name": self.first_name, "username": self.username}

    def me(self) -> JsonObject:
        """Return what getMe answers: the User object with what only the bot itself is told."""
        return self.user() | {
            "can_join_groups": True,
            "can_read_all_group_messages": self.can_read_all_group_messages,
            "supports_inline_queries": True,
            "can_connect_to_business": False,
            "has_main_web_app": False,
            "has_topics_enabled": False,
            "allows_users_to_create_topics": False,
        }


def bot_from_token(token: str, username: str = "", first_name: str = "") -> Bot:
    """Return the bot a well-formed token belongs to; ControlError when the token cannot be one."""
    if not TOKEN.match(token):
        raise ControlError(400, "a bot token is <digits>:<35 letters, digits, _ or ->")
    number = token.split(":", 1)[0]
    return Bot(
        id=int(number),
        token=token,
        username=username or ("mutual_aid_demo_bot" if token == DEMO_TOKEN else f"simulated_{number}_bot"),
        first_name=first_name or ("Mutual Aid" if token == DEMO_TOKEN else f"Bot {number}"),
    )
