"""Which of a person's styling may travel on."""

from collections.abc import Sequence
from typing import Any, Final

from aiogram.types import MessageEntity

STYLES: Final = frozenset(
    {
        "bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "blockquote", "expandable_blockquote",
        "text_link",
    }
)  # fmt: skip
"""What passes of a person's styling. Mentions would name somebody, and only web addresses may hide behind a word."""

MOST: Final = 100
"""Styled stretches of one message."""


def styles(entities: Sequence[MessageEntity] | None) -> list[dict[str, Any]]:
    """The stretches that may travel on, as JSON."""
    return [plain(entity) for entity in entities or () if may_pass(entity)][:MOST]


def may_pass(entity: MessageEntity) -> bool:
    """Whether a styled stretch may be shown to others."""
    if entity.type == "text_link":
        return (entity.url or "").startswith(("https://", "http://"))
    return entity.type in STYLES


def plain(entity: MessageEntity) -> dict[str, Any]:
    """A stretch as JSON."""
    kept = {"type": entity.type, "offset": entity.offset, "length": entity.length}
    return kept | {key: value for key in ("url", "language") if (value := getattr(entity, key))}
