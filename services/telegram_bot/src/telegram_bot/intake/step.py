"""Where a private chat stands in a form, while one update of it is handled."""

import json
from collections.abc import Mapping
from typing import Any, Self

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey


class Step(BaseStorage):
    """The state and data of a private chat while one update is handled; nothing is written before `Steps.commit`.

    It is the storage that aiogram's FSMContext works on, with one key in it.
    """

    def __init__(self, chat: int, state: str | None, data: dict[str, Any]) -> None:
        self.chat = chat
        self.state = state
        self.data = data

    @classmethod
    def of(cls, chat: int, kept: bytes | str | None) -> Self:
        """The step of a chat from what was kept of it."""
        found = json.loads(kept) if kept else {}
        return cls(chat, found.get("state"), found.get("data", {}))

    def to_keep(self) -> str:
        """The step as it is kept; empty when there is nothing to keep."""
        return json.dumps({"state": self.state, "data": self.data}) if self.state is not None or self.data else ""

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        """Go to a state, for now in memory."""
        del key
        self.state = state.state if isinstance(state, State) else state

    async def get_state(self, key: StorageKey) -> str | None:
        """The state as this update sees it."""
        del key
        return self.state

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        """Replace the data, for now in memory."""
        del key
        self.data = dict(data)

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        """The data as this update sees it."""
        del key
        return dict(self.data)

    async def close(self) -> None:
        """Nothing to close: the connection belongs to `Steps`."""
