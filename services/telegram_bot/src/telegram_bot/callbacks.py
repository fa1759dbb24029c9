"""What is written on the back of a button: a verb, an id, a second id, a version; below Telegram's 64 bytes.

Nothing on a button is trusted: the api decides at the press whether the person may do it.
"""

import base64
import re
from enum import StrEnum, unique
from typing import NamedTuple
from uuid import UUID

ID_LENGTH = 22
VERSION = re.compile("[0-9]{1,10}")


@unique
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
    SEND_HELD = "tw"
    DROP_HELD = "tn"
    DECLINE = "de"
    CLOSE = "cl"
    CLOSE_FULFILLED = "cf"
    CLOSE_CANCELLED = "cc"
    KEEP = "kp"
    LANGUAGE = "la"
    JOIN = "jo"
    LEAVE = "le"
    SEND_ANYWAY = "ok"
    DO_NOT_SEND = "ns"
    TAKE = "ta"
    NOT_FOR_ME = "nm"
    SURE_DECLINE = "ds"
    FIRST_LINE = "fl"
    DONE = "dn"
    HOLD = "hd"
    PAUSE = "pa"
    PAUSE_FOR = "pf"
    RESUME = "rm"
    ZONE = "tz"
    OFFER_HELP = "of"
    OFFER_PLACE = "op"
    OFFER_SCENARIO = "os"
    LET_IN = "ma"
    TURN_DOWN = "mr"
    ARRIVED = "ry"
    NOT_YET = "rn"
    STILL_NEEDED = "sn"
    NO_LONGER = "ov"
    SEND = "se"
    CHANGE = "ch"
    RELEASE = "re"
    RELEASE_SURE = "rs"
    SHARE = "sh"
    SHARE_SURE = "sy"
    REPORT = "rp"
    HIDE = "hi"
    HIDE_SURE = "hs"
    HELPED = "yh"
    NOT_HELPED = "nh"
    REOPEN = "ro"
    PHONE = "ph"
    CARD_TAKE = "tk"
    CARD_MORE = "km"
    CARD_BACK = "kb"
    CARD_JOIN = "kj"
    TAKE_OVER = "ko"
    HAND = "kh"
    HAND_TO = "ht"
    PAUSE_HELPER = "kz"
    BREAK_HOUR = "z1"
    BREAK_DAY = "z2"
    BREAK_WEEK = "z3"
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


ABOUT_AN_ID = frozenset(Verb) - {
    Verb.NEW, Verb.CANCEL, Verb.NEXT, Verb.PAGE, Verb.KEEP, Verb.LANGUAGE,
    Verb.HOLD, Verb.PAUSE, Verb.PAUSE_FOR, Verb.RESUME, Verb.ZONE, Verb.OFFER_HELP, Verb.SEND_ANYWAY, Verb.DO_NOT_SEND,
    Verb.DROP_HELD, Verb.SEND, Verb.CHANGE, Verb.HIDE, Verb.HIDE_SURE, Verb.PHONE, Verb.BINDINGS,
}  # fmt: skip
ABOUT_TWO = frozenset({Verb.LET_IN, Verb.TURN_DOWN, Verb.HAND_TO})
"""Verbs about somebody's standing in a scenario: its id, then theirs; or about a demand that is given to somebody."""


class Press(NamedTuple):
    """A verb with what it is about: an id, or a short word such as an offset or a language.

    `version` is that of the demand when the button was made, for buttons that say it; `other` a second id, packed.
    """

    verb: Verb
    about: str = ""
    version: int | None = None
    other: str = ""

    @property
    def id(self) -> UUID:
        """The id it is about; raises ValueError when it is about none."""
        return unpack_id(self.about)

    @property
    def other_id(self) -> UUID:
        """The second id it is about; raises ValueError when it is about one."""
        return unpack_id(self.other)


def pack(verb: Verb, about: UUID | str | int = "", *more: int | UUID | None) -> str:
    """The callback data of a button; after what it is about a version, a second id, or that and then a version."""
    parts = (pack_id(one) if isinstance(one, UUID) else str(one) for one in (about, *more) if one is not None)
    return ":".join((verb, *parts))


def parse(data: str | None) -> Press | None:
    """The press behind callback data, or None for what no button of ours carries."""
    verb, colon, rest = (data or "").partition(":")
    about, has_more, more = rest.partition(":")
    if not colon or verb not in Verb.__members__.values():
        return None
    if verb in ABOUT_TWO:
        other, has_version, version = more.partition(":")
        if has_version and not VERSION.fullmatch(version):
            return None
        press = Press(Verb(verb), about, int(version) if has_version else None, other)
    elif has_more and not VERSION.fullmatch(more):
        return None
    else:
        press = Press(Verb(verb), about, int(more) if has_more else None)
    if press.verb in ABOUT_AN_ID:
        try:
            unpack_id(about)
            if press.verb in ABOUT_TWO:
                unpack_id(press.other)
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
