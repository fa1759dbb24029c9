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

LONGEST_URL: Final = 2048
LONGEST_LANGUAGE: Final = 64
"""Characters of what the contract takes beside a stretch; Telegram sets no such limit."""


def styles(entities: Sequence[MessageEntity] | None) -> list[dict[str, Any]]:
    """The stretches that may travel on, as JSON."""
    return [plain(entity) for entity in entities or () if may_pass(entity)][:MOST]


def may_pass(entity: MessageEntity) -> bool:
    """Whether a styled stretch may be shown to others."""
    if entity.type == "text_link":
        url = entity.url or ""
        return url.startswith(("https://", "http://")) and len(url) <= LONGEST_URL
    return entity.type in STYLES


def plain(entity: MessageEntity) -> dict[str, Any]:
    """A stretch as JSON."""
    kept: dict[str, Any] = {"type": entity.type, "offset": entity.offset, "length": entity.length}
    if entity.url:
        kept["url"] = entity.url
    if entity.language and len(entity.language) <= LONGEST_LANGUAGE:
        kept["language"] = entity.language
    return kept
