"""What a delivery looks like in a chat: whose words they are, the words exactly, and buttons where they help.

Everything is sent as plain text with entities, never through a parse mode: whatever people write stays what they wrote.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from aiogram.types import InlineKeyboardMarkup

from contracts.deliveries import Delivery, DemandTag
from contracts.kinds import AttachmentKind, Audience, EntryKind, Notice, Role
from contracts.notices import DATA, DemandUpdated, Membership, ReportMade, YouJoined, YouTookIt
from contracts.waiting_notices import Nudged, Offered
from telegram_bot import keyboards
from telegram_bot.callbacks import Verb
from telegram_bot.deliver import helping, times
from telegram_bot.deliver.parts import Carried, Part, laid_out
from telegram_bot.deliver.requester import for_requester
from telegram_bot.emergency import DIALLED
from telegram_bot.staff_keyboards import of_report
from telegram_bot.utf16 import LIMIT, Piece, split, units
from telegram_bot.words import Words

HERE: Final = "telegram"
"""The channel whose files the bot can show; those of another are told of in words."""

KNOWN_ENTRIES: Final = frozenset(map(str, EntryKind))
KNOWN_NOTICES: Final = frozenset(map(str, DATA))
KNOWN_FILES: Final = frozenset(map(str, AttachmentKind))
KNOWN_ROLES: Final = frozenset(map(str, Role))


class CannotBeShown(Exception):
    """A delivery of a shape this version does not know."""


def compose(words: Words, delivery: Delivery) -> list[Part]:
    """The messages a delivery becomes, in order; raises `CannotBeShown`."""
    # What this version cannot show is refused, and its author told: a heading alone would be a loss nobody notices.
    if delivery.entry not in KNOWN_ENTRIES:
        raise CannotBeShown
    if delivery.entry == EntryKind.NOTICE:
        return _notice(words, delivery)
    return _words(words, delivery)


def compose_changed(words: Words, delivery: Delivery, *, mark: bool = False) -> list[Part]:
    """The messages the words of an edit become; `mark` says in the heading that they are not new."""
    # The repeat of an edit is an edit: there is nothing for its reader to recognise.
    heading = _whose(words, delivery)
    return _under(words, f"{heading} · {words.say(delivery.locale, 'message-edited')}" if mark else heading, delivery)


def _words(words: Words, delivery: Delivery) -> list[Part]:
    return _under(words, _marked(words, delivery, _whose(words, delivery)), delivery)


def _whose(words: Words, delivery: Delivery) -> str:
    """The heading over somebody's words: who they are in the demand, and which demand it is."""
    role = delivery.author_role if delivery.author_role in KNOWN_ROLES else Role.MODERATOR
    key = f"from-{role}"
    if delivery.entry == EntryKind.NOTE:
        key = "from-whisper" if delivery.audience == Audience.PROVIDER else "from-note"
    heading = words.say(delivery.locale, key, alias=delivery.alias or "").strip()
    return heading if delivery.demand is None else f"{heading} · №{delivery.demand.number}"


def _under(words: Words, heading: str, delivery: Delivery) -> list[Part]:
    return laid_out(heading, _said(words, delivery), _carried(delivery))


def _said(words: Words, delivery: Delivery) -> Piece:
    """The words of a delivery, and after them in words what is no file or place here."""
    said = [delivery.text]
    if (contact := delivery.contact) is not None:
        said.append(
            words.say(delivery.locale, "contact-own" if contact.is_own else "contact-other", phone=contact.phone)
        )
    if elsewhere := sum(file.channel != HERE for file in delivery.attachments):
        said.append(words.say(delivery.locale, "files-elsewhere", count=elsewhere))
    return Piece("\n\n".join(filter(None, said)), tuple(delivery.entities))


def _carried(delivery: Delivery) -> Carried:
    files = [file for file in delivery.attachments if file.channel == HERE]
    if any(file.kind not in KNOWN_FILES for file in files):
        raise CannotBeShown
    return Carried(files, delivery.venue or delivery.location)


def _notice(words: Words, delivery: Delivery) -> list[Part]:
    if delivery.notice not in KNOWN_NOTICES:
        raise CannotBeShown
    try:
        data = msgspec.convert(delivery.data, DATA[Notice(delivery.notice)])
    except msgspec.ValidationError:
        raise CannotBeShown from None
    values = _about(delivery) | {name: _plain(value) for name, value in msgspec.to_builtins(data).items()}

    def say(key: str, /, **values: Any) -> str:  # noqa: ANN401 - numbers and texts of any sentence
        return words.say(delivery.locale, key, **values)

    values |= times.lengths(say, data) | times.until(data)
    said = helping.gains(say, data) if isinstance(data, Membership) and data.more else None
    heading = _marked(words, delivery, said or say(f"notice-{delivery.notice}", **values))
    board = helping.buttons(say, data, delivery.notice or "", delivery.demand) or _buttons(words, delivery)
    if isinstance(data, ReportMade):
        return _with_buttons(_stacked(heading, data.reason), of_report(say, data))
    if isinstance(data, Offered):
        return _with_buttons([helping.alert(say, heading, data)], board)
    if isinstance(data, YouTookIt | Nudged):
        own = "" if isinstance(data, Nudged) else "\n\n".join(filter(None, (data.title, data.description)))
        pieces = _stacked(heading, own, helping.beginning_with(words, delivery.locale, data))
        return _with_buttons(helping.copyable(pieces, helping.first_line(words, data.language, delivery.locale)), board)
    if isinstance(data, YouJoined):
        own = "\n\n".join(filter(None, (data.title, data.description)))
        hint = words.say(delivery.locale, f"notice-{delivery.notice}-hint")
        return _with_buttons(_stacked(heading, own, hint), board)
    if isinstance(data, DemandUpdated):
        return _with_buttons(_stacked(heading, "\n\n".join(filter(None, (data.title, data.description)))), board)
    return [Part(heading, keyboard=board, dated=times.dated(data))]


def _about(delivery: Delivery) -> dict[str, Any]:
    """What every notice may say of whom and what it is about."""
    values: dict[str, Any] = {"alias": delivery.alias or "", "role": delivery.author_role or "none"}
    if (tag := delivery.demand) is not None:
        values |= {
            "number": tag.number,
            "place": tag.place,
            "resource": tag.resource,
            "viewer": tag.viewer_role or "none",
        }
        if tag.emergency is not None and DIALLED.fullmatch(tag.emergency):
            values["emergency"] = tag.emergency
    return values


def _stacked(heading: str, own: str, hint: str = "") -> list[Piece]:
    whole = "\n\n".join(filter(None, (heading, own, hint)))
    if units(whole) <= LIMIT:
        return [Piece(whole)]
    return [Piece(heading), *split(own), *([Piece(hint)] if hint else [])]


def _with_buttons(pieces: Sequence[Piece], board: InlineKeyboardMarkup | None) -> list[Part]:
    last = len(pieces) - 1
    return [Part(piece.text, piece.entities, board if at == last else None) for at, piece in enumerate(pieces)]


def _marked(words: Words, delivery: Delivery, heading: str) -> str:
    if not delivery.repeat:
        return heading
    return f"{heading} · {words.say(delivery.locale, 'repeat', reference=delivery.reference)}"


def _plain(value: object) -> object:
    return "none" if value is None else value


def _buttons(words: Words, delivery: Delivery) -> InlineKeyboardMarkup | None:
    """What the reader will most likely want to do now."""

    def say(key: str, /, **values: Any) -> str:  # noqa: ANN401 - numbers and texts of any sentence
        return words.say(delivery.locale, key, **values)

    tag: DemandTag | None = delivery.demand
    if tag is None:
        return None
    if tag.viewer_role == Role.REQUESTER:
        return for_requester(say, delivery, tag)
    match delivery.notice:
        case Notice.YOU_JOINED if tag.is_active:
            return keyboards.rows([keyboards.button(say("button-leave"), Verb.LEAVE, tag.id)])
        case Notice.CLOSED if tag.viewer_role == Role.PROVIDER:
            return keyboards.rows([keyboards.button(say("button-next"), Verb.NEXT)])
        case _:
            return None
