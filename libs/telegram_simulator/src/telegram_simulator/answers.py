"""What the control side answers, as the client gives it."""

import msgspec

from telegram_simulator.callbacks import Answer
from telegram_simulator.refusals import JsonObject
from telegram_simulator.views import Seen


class PressAnswer(msgspec.Struct, kw_only=True):
    """A pressed button: the id of its query and, if the bot answered in time, the answer."""

    query_id: str
    answer: Answer | None = None


class Screen(msgspec.Struct, kw_only=True):
    """A chat as somebody sees it; `keyboard` stands under it, `commands` are in the menu."""

    messages: list[Seen]
    number: int
    keyboard: JsonObject | None = None
    commands: list[dict[str, str]] = []
    blocked: bool = False
    pinned: list[int] = []

    @property
    def texts(self) -> list[str]:
        """What the visible messages say, oldest first."""
        return [message.text for message in self.messages]


class PersonFacts(msgspec.Struct, kw_only=True):
    """What is known about a person."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    phone: str = ""
    label: str = ""
