"""Which handler a command or a press belongs to."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiogram.types import CallbackQuery, Message

from telegram_bot.callbacks import Verb, parse

Check = Callable[[CallbackQuery], Awaitable[bool | dict[str, Any]]]

SERVICE: Final = frozenset(
    {
        "pinned_message",
        "message_auto_delete_timer_changed",
        "new_chat_title",
        "write_access_allowed",
        "chat_background_set",
        "boost_added",
        "checklist_tasks_done",
        "checklist_tasks_added",
    }
)
"""Notes of Telegram's own that nobody wrote to us."""

NOTE = re.compile(r"/(?:note|whisper)(?:@\w+)?(?:\s|$)")
NUMBER = re.compile(r"[A-Z0-9]{3,12}")


def pressing(*verbs: Verb) -> Check:
    """A filter for presses of buttons with one of these verbs; the handler gets `press`."""

    async def check(query: CallbackQuery) -> bool | dict[str, Any]:
        press = parse(query.data)
        return {"press": press} if press is not None and press.verb in verbs else False

    return check


# Coroutines and not aiogram's `F`: it runs every plain function in a thread, which costs more than all else it does.
async def says_words(message: Message) -> bool:
    """A filter for texts that are no command."""
    return bool(message.text) and not says_a_command(message)


async def says_something(message: Message) -> bool:
    """A filter for what somebody says or shows: no command, and no note of Telegram's own."""
    return message.content_type not in SERVICE and not says_a_command(message)


async def is_command(message: Message) -> bool:
    """A filter for texts that begin like a command."""
    return says_a_command(message)


def says_a_command(message: Message) -> bool:
    """Whether a message begins like a command."""
    return (message.text or "").startswith("/")


def says_a_note(message: Message) -> bool:
    """Whether a message is what coordinators write for each other, or for the helper alone."""
    return NOTE.match(message.text or "") is not None


def number_in(words: str | None) -> str:
    """A demand's number as people type it: `4f7k`, `№4F7K`, `#4F7K`; empty when there is none."""
    typed = (words or "").strip().lstrip("№#").strip().upper()
    return typed if NUMBER.fullmatch(typed) else ""
