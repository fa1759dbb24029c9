"""What a delivery is made of: the messages of a chat it becomes, and how words and files share them.

The order is the same for every version of a line, so that an edit finds each part under its old number: first what stands
under the heading, then the files and the place, then the words that found no room.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from aiogram.types import InlineKeyboardMarkup

from contracts.attachments import Location, SentAttachment, Venue
from contracts.kinds import AttachmentKind
from contracts.messages import Entity
from telegram_bot.utf16 import LIMIT, Piece, shifted, split, units
from telegram_bot.when import Dated

CAPTION: Final = 1024
"""UTF-16 units of the words under a file; Bot API, sendPhoto."""

ALBUM: Final = 10
"""Files of one album; Bot API, sendMediaGroup."""

ALBUM_BYTES: Final = 20 * 2**20
"""Bytes to be sent anew with one album: what is to be renamed passes through our memory."""

TOGETHER: Final = {
    AttachmentKind.PHOTO: "seen", AttachmentKind.VIDEO: "seen", AttachmentKind.DOCUMENT: "document",
    AttachmentKind.AUDIO: "audio",
}  # fmt: skip
"""What stands in an album with its like; everything else stands alone."""

BARE: Final = frozenset({AttachmentKind.STICKER, AttachmentKind.VIDEO_NOTE})
"""Files that no words can stand under."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one request puts into a chat: words, a file or an album with words under its first, or a place.

    `dated`: the moments in the words that each reader sees by their own clock.
    """

    text: str
    entities: tuple[Entity, ...] = ()
    keyboard: InlineKeyboardMarkup | None = None
    files: tuple[SentAttachment, ...] = ()
    place: Location | Venue | None = None
    dated: tuple[Dated, ...] = ()

    @property
    def messages(self) -> int:
        """How many messages of the chat it becomes."""
        return max(1, len(self.files))

    @property
    def is_empty(self) -> bool:
        """Whether nothing of it would be seen."""
        return not (self.text.strip() or self.files or self.place)


@dataclass(frozen=True, slots=True)
class Carried:
    """What stands beside the words."""

    files: Sequence[SentAttachment] = ()
    place: Location | Venue | None = None


def laid_out(heading: str, words: Piece, carried: Carried) -> list[Part]:
    """A heading in bold, the words under it, and what goes with them.

    Where they do not fit under the heading the words follow, so that none is torn: Telegram lets nobody write more than it
    shows at once, and only longer words, from elsewhere, are cut at all.
    """
    albums = chunked(carried.files)
    under_file = bool(albums) and albums[0][0].kind not in BARE
    bold = Entity(type="bold", offset=0, length=units(heading))
    whole = f"{heading}\n{words.text}" if words.text else heading
    fits = units(whole) <= (CAPTION if under_file else LIMIT)
    first = Piece(whole, (bold, *shifted(words.entities, bold.length + 1))) if fits else Piece(heading, (bold,))
    lead = Part(first.text, first.entities, files=albums.pop(0) if under_file else ())
    shown = [*(Part("", files=files) for files in albums), *([Part("", place=carried.place)] if carried.place else [])]
    return [
        lead,
        *shown,
        *(Part(piece.text, piece.entities) for piece in ([] if fits else split(words.text, words.entities))),
    ]


def chunked(files: Sequence[SentAttachment]) -> list[tuple[SentAttachment, ...]]:
    """Files in order, as many together as an album takes."""
    chunks: list[list[SentAttachment]] = []
    for file in files:
        last = chunks[-1] if chunks else []
        alike = last and TOGETHER.get(file.kind, "") == TOGETHER.get(last[0].kind)
        if alike and len(last) < ALBUM and to_rename([*last, file]) <= ALBUM_BYTES:
            last.append(file)
        else:
            chunks.append([file])
    return [tuple(chunk) for chunk in chunks]


def to_rename(files: Sequence[SentAttachment]) -> int:
    """Bytes that have to be sent anew, because the file is to bear another name."""
    return sum(file.size or 0 for file in files if file.name)


def numbered(parts: Sequence[Part]) -> Iterator[tuple[Part, int]]:
    """Every message of the chat in order: the part it belongs to, and which of its files it is."""
    return ((part, at) for part in parts for at in range(part.messages))
