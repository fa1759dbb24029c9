"""Texts as Telegram measures them: in UTF-16 units, with styled stretches that survive shifting and splitting."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.messages import Entity

LIMIT = 4096
"""UTF-16 units of one message's text; Bot API, sendMessage."""

LAST_OF_BASIC_PLANE = 0xFFFF

# Characters that belong to the one before them: cutting there would tear an emoji or a letter apart.
_JOINERS = frozenset("\u200d\ufe0f\u20e3") | {chr(tone) for tone in range(0x1F3FB, 0x1F400)}


@dataclass(frozen=True, slots=True)
class Piece:
    """A text with the styled stretches inside it, offsets counted from its own beginning."""

    text: str
    entities: tuple[Entity, ...] = ()


def units(text: str) -> int:
    """How many UTF-16 units a text has; a character beyond the basic plane counts twice."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def shifted(entities: Sequence[Entity], by: int) -> tuple[Entity, ...]:
    """The same stretches for a text with `by` units put before it."""
    return tuple(_moved(entity, entity.offset + by, entity.length) for entity in entities)


def split(text: str, entities: Sequence[Entity] = (), *, limit: int = LIMIT) -> list[Piece]:
    """Pieces of at most `limit` units that together are exactly the text.

    Cuts after a line break where there is one in the second half, else after a blank, else between two characters.
    A stretch that is cut goes on in the next piece.
    """
    pieces: list[Piece] = []
    start, start_units = 0, 0
    while start < len(text):
        end = _cut(text, start, limit)
        part = text[start:end]
        size = units(part)
        pieces.append(Piece(part, _clipped(entities, start_units, start_units + size)))
        start, start_units = end, start_units + size
    return pieces


def _cut(text: str, start: int, limit: int) -> int:
    room, end = limit, start
    while end < len(text):
        size = 2 if ord(text[end]) > LAST_OF_BASIC_PLANE else 1
        if size > room:
            break
        room -= size
        end += 1
    if end == len(text):
        return end
    half = start + (end - start) // 2
    for mark in ("\n", " "):
        found = text.rfind(mark, half, end)
        if found >= 0:
            return found + 1
    whole = end
    while whole > half and (text[whole] in _JOINERS or text[whole - 1] == "\u200d"):
        whole -= 1
    return whole if whole > half else end


def _clipped(entities: Sequence[Entity], start: int, end: int) -> tuple[Entity, ...]:
    kept = []
    for entity in entities:
        first, last = max(entity.offset, start), min(entity.offset + entity.length, end)
        if first < last:
            kept.append(_moved(entity, first - start, last - first))
    return tuple(kept)


def _moved(entity: Entity, offset: int, length: int) -> Entity:
    return Entity(type=entity.type, offset=offset, length=length, url=entity.url, language=entity.language)
