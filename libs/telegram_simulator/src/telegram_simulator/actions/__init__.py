"""What can be done from the control side, by name."""

from collections.abc import Callable
from typing import Any

import msgspec

from telegram_simulator.actions import accounts, buttons, groups, looking, speaking, trouble
from telegram_simulator.world import World

Action = Callable[[World, Any], Any]

ACTIONS: dict[str, tuple[type[msgspec.Struct], Action]] = {
    name: action
    for module in (accounts, buttons, groups, looking, speaking, trouble)
    for name, action in module.ACTIONS.items()
}
"""Name -> (what it takes, what it does). An action may be a coroutine function."""
