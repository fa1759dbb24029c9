"""What those who help, and those who wait for it, are shown beside the words: alerts, first lines, and the buttons below."""

from collections.abc import Sequence
from typing import Final

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from contracts.deliveries import DemandTag
from contracts.kinds import MembershipKind, Notice, OfferState
from contracts.messages import Entity
from contracts.notices import Membership, YouTookIt
from contracts.shapes import Reply
from contracts.waiting_notices import FirstReplyLate, Nudged, Offered, WentQuiet
from telegram_bot import keyboards
from telegram_bot.callbacks import Verb
from telegram_bot.deliver.times import span
from telegram_bot.keyboards import Say, button, rows
from telegram_bot.utf16 import Piece, units
from telegram_bot.words import Words

ALERT_WORDS: Final = 700
"""Characters of somebody's words in an alert: enough to decide; the rest comes with the seat."""

LISTED: Final = 15
"""Kinds of help named in one message."""


def alert(say: Say, heading: str, data: Offered) -> Piece:
    """A demand somebody could take: what, where, since when, how urgent, in which language, and the first of its words."""
    if data.state is not OfferState.OPEN:
        return Piece(heading)
    details = say(
        "alert-details",
        waited=span(say, data.minutes),
        urgency=data.urgency,
        speaks=keyboards.LANGUAGES.get(data.language, data.language),
    )
    own = "\n\n".join(filter(None, (data.title, data.description)))
    shown = own if len(own) <= ALERT_WORDS else own[:ALERT_WORDS].rstrip() + "…"
    return Piece("\n\n".join((f"{heading}\n{details}", shown)), (Entity(type="bold", offset=0, length=units(heading)),))


def first_line(words: Words, language: str | None, reader: str) -> str:
    """What a provider might write first, in the language of whoever asked."""
    return words.say(language or reader, "first-line")


def beginning_with(words: Words, reader: str, data: YouTookIt | Nudged) -> str:
    """How to begin: under which names, and a line to copy, which stands last."""
    own = words.locale_for(reader)
    hint = []
    if isinstance(data, YouTookIt):
        hint.append(words.say(own, "notice-you_took_it-hint"))
        if data.requester_alias and data.own_alias:
            hint.append(words.say(own, "took-aliases", requester=data.requester_alias, own=data.own_alias))
        if data.phone:
            hint.append(words.say(own, "took-phone", phone=data.phone))
    line = first_line(words, data.language, reader)
    if words.locale_for(data.language or reader) == own:
        hint.append(f"{words.say(own, 'first-line-here')}\n{line}")
    else:
        meaning = words.say(own, "first-line")
        hint.append(f"{words.say(own, 'first-line-theirs', meaning=meaning)}\n{line}")
    return "\n\n".join(hint)


def copyable(pieces: Sequence[Piece], line: str) -> list[Piece]:
    """The same pieces, with the line at their end to be copied by one tap."""
    *before, last = pieces
    style = Entity(type="code", offset=units(last.text) - units(line), length=units(line))
    return [*before, Piece(last.text, (*last.entities, style))]


def gains(say: Say, data: Membership) -> str:
    """Everything somebody may do now, in one sentence and a list."""
    named = [(data.place, data.resource), *((one.place, one.resource) for one in data.more)]
    lines = [f"• {place} · {resource}" for place, resource in named[:LISTED]]
    if len(named) > LISTED:
        lines.append(say("gains-more", count=len(named) - LISTED))
    # Joined here: Fluent shows nothing of a value that is too long for it.
    return "\n".join((say("gains", kind=data.kind), *lines, "", say("gains-then", kind=data.kind)))


def buttons(say: Say, data: Reply, notice: str, tag: DemandTag | None) -> InlineKeyboardMarkup | None:
    """What its reader will most likely want to do now; None where that is somebody else's to say."""
    if isinstance(data, Membership):
        return _about_membership(say, data, notice)
    if isinstance(data, FirstReplyLate | WentQuiet):
        late = isinstance(data, FirstReplyLate)
        return rows([button(say("button-join"), Verb.JOIN, data.demand)]) if late else None
    if notice == Notice.LAPSED:
        return rows([button(say("button-next"), Verb.NEXT)], [button(say("button-pause"), Verb.PAUSE)])
    return None if tag is None else _about_demand(say, data, notice, tag)


def _about_membership(say: Say, data: Membership, notice: str) -> InlineKeyboardMarkup | None:
    if notice == Notice.MEMBERSHIP_APPLIED and data.scenario is not None:
        decide = [
            keyboards.choice(say("button-let-in"), Verb.LET_IN, data.scenario, data.user),
            keyboards.choice(say("button-turn-down"), Verb.TURN_DOWN, data.scenario, data.user),
        ]
        return rows(decide)
    if data.state == "live" and data.kind is MembershipKind.PROVIDER:
        return rows([button(say("button-next"), Verb.NEXT)])
    return None


def _about_demand(say: Say, data: Reply, notice: str, tag: DemandTag) -> InlineKeyboardMarkup | None:
    def about(key: str, verb: Verb) -> InlineKeyboardButton:
        return button(say(key), verb, tag.id, tag.version)

    board: list[list[InlineKeyboardButton]] = []
    match notice:
        case Notice.OFFERED if isinstance(data, Offered) and data.state is OfferState.OPEN:
            refuse = [about("button-not-for-me", Verb.NOT_FOR_ME), button(say("button-pause"), Verb.PAUSE)]
            board = [[about("button-take", Verb.TAKE)], refuse]
        case Notice.YOU_TOOK_IT if tag.is_active:
            hands = [about("button-done", Verb.DONE), about("button-decline", Verb.DECLINE)]
            board = [[about("button-first-line", Verb.FIRST_LINE)], hands]
        case Notice.NUDGED if tag.is_active:
            board = [[about("button-first-line", Verb.FIRST_LINE)], [about("button-decline", Verb.DECLINE)]]
    return rows(*board) if board else None
