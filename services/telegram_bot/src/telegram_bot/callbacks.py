"""What is written on the back of a button: a verb, at most one id, at most one version; far below Telegram's 64 bytes.

Nothing on a button is trusted: the api decides at the press whether the person may do it.
"""

import base64
import re
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

ID_LENGTH = 22
VERSION = re.compile("[0-9]{1,10}")


class Verb(StrEnum):
    """What a press asks for; the value is what Telegram carries."""

    NEW = "new"
    PLACE = "pl"
    RESOURCE = "sc"
    CANCEL = "no"
    NEXT = "nx"
    INSTEAD = "in"
    SHOW = "d"
    PAGE = "pg"
    WRITE = "to"
    DECLINE = "de"
    CLOSE = "cl"
    CLOSE_FULFILLED = "cf"
    CLOSE_CANCELLED = "cc"
    KEEP = "kp"
    LANGUAGE = "la"
    JOIN = "jo"
    LEAVE = "le"
    TAKE = "tk"
    CARD_MORE = "km"
    CARD_BACK = "kb"
    CARD_JOIN = "kj"
    TAKE_OVER = "ko"
    HAND = "kh"
    HAND_TO = "ht"
    PAUSE = "kz"
    PAUSE_HOUR = "z1"
    PAUSE_DAY = "z2"
    PAUSE_WEEK = "z3"
    RESET = "kr"
    CARD_CLOSE = "kc"
    CARD_FULFILLED = "k1"
    CARD_CANCELLED = "k2"
    CARD_MODERATED = "k3"
    CARD_URGENCY = "ku"
    CARD_NORMAL = "u1"
    CARD_URGENT = "u2"
    CARD_CRITICAL = "u3"
    BINDINGS = "bs"
    BIND = "bi"
    BOUND = "bo"
    UNBIND = "bu"
    TOPICS_ON = "b1"
    TOPICS_OFF = "b0"
    GRANTS_ON = "g1"
    GRANTS_OFF = "g0"
    REPORT_ACTED = "ra"
    REPORT_DISMISSED = "rd"


# A demand is handed to a person: the two ids stand side by side, which `Press.ids` takes apart.
ABOUT_AN_ID = frozenset(Verb) - {
    Verb.NEW, Verb.CANCEL, Verb.NEXT, Verb.PAGE, Verb.KEEP, Verb.LANGUAGE, Verb.HAND_TO, Verb.BINDINGS,
}  # fmt: skip


class Press(NamedTuple):
    """A verb with what it is about: an id, or a short word such as an offset or a language.

    `version` is that of the demand when the button was made, for buttons that say it.
    """

    verb: Verb
    about: str = ""
    version: int | None = None

    @property
    def id(self) -> UUID:
        """The id it is about; raises ValueError when it is about none."""
        return unpack_id(self.about)

    @property
    def ids(self) -> tuple[UUID, UUID]:
        """The two ids it is about; raises ValueError when it is about something else."""
        return unpack_id(self.about[:ID_LENGTH]), unpack_id(self.about[ID_LENGTH:])


def pack(verb: Verb, about: UUID | str | int = "", version: int | None = None) -> str:
    """The callback data of a button."""
    data = f"{verb}:{pack_id(about) if isinstance(about, UUID) else about}"
    return data if version is None else f"{data}:{version}"


def parse(data: str | None) -> Press | None:
    """The press behind callback data, or None for what no button of ours carries."""
    verb, colon, rest = (data or "").partition(":")
    about, has_version, version = rest.partition(":")
    if not colon or verb not in Verb.__members__.values() or (has_version and not VERSION.fullmatch(version)):
        return None
    press = Press(Verb(verb), about, int(version) if has_version else None)
    if press.verb in ABOUT_AN_ID:
        try:
            unpack_id(about)
        except ValueError:
            return None
    return press


def pack_id(value: UUID) -> str:
    """An id in 22 characters."""
    return base64.urlsafe_b64encode(value.bytes).decode().rstrip("=")


def unpack_id(text: str) -> UUID:
    """The id behind 22 characters; raises ValueError for anything else."""
    if len(text) != ID_LENGTH:
        raise ValueError("not an id")
    try:
        return UUID(bytes=base64.b64decode(text + "==", altchars=b"-_", validate=True))
    except ValueError:
        raise ValueError("not an id") from None
