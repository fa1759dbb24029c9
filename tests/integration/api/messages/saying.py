"""Saying something in a conversation, and reading what stands there."""

from typing import Any

from contracts.kinds import EntryKind
from contracts.messages import (
    Message,
    SearchMessages,
    SendMessage,
)
from contracts.operations.messages import (
    MESSAGES_SEARCH,
    MESSAGES_SEND,
)
from contracts.shapes import MessageId
from integration.api.town import Seated
from world import Person


async def say(at: Seated, person: Person, text: str, **more: Any) -> MessageId:
    return (await person.call(MESSAGES_SEND, SendMessage(demand=at.demand, text=text, **more))).id


async def read(at: Seated, person: Person) -> list[Message]:
    """The messages of the conversation as somebody reads them."""
    page = await person.call(MESSAGES_SEARCH, SearchMessages(demand=at.demand, limit=1000))
    return [line for line in page.items if line.kind is EntryKind.MESSAGE]
