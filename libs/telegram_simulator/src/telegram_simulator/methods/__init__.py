"""The methods of the Bot API, by name."""

from collections.abc import Callable
from typing import Any

from telegram_simulator.call import Call
from telegram_simulator.methods import (
    callbacks,
    chats,
    commands,
    copying,
    deleting,
    editing,
    identity,
    inline,
    media,
    places,
    polls,
    reactions,
    receiving,
    text,
    topics,
)

Handler = Callable[[Call], Any]

METHODS: dict[str, tuple[str, Handler]] = {
    name.lower(): (name, handler)
    for module in (
        callbacks,
        chats,
        commands,
        copying,
        deleting,
        editing,
        identity,
        inline,
        media,
        places,
        polls,
        reactions,
        receiving,
        text,
        topics,
    )
    for name, handler in module.METHODS.items()
}
"""Lower-case name -> (Telegram's spelling, what it does). A handler may be a coroutine function."""
