"""Buttons of staff: under cards in a staff chat, for binding one, and under reports."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from aiogram.types import InlineKeyboardMarkup

from contracts.chats import StaffChat
from contracts.kinds import DemandStatus
from contracts.notices import ReportMade
from contracts.scenarios import Scenario
from telegram_bot.callbacks import Verb
from telegram_bot.keyboards import Say, button, rows

CLOSING: Final = {
    Verb.CARD_FULFILLED: "fulfilled",
    Verb.CARD_CANCELLED: "cancelled",
    Verb.CARD_MODERATED: "moderated",
}
URGENCIES: Final = {Verb.CARD_NORMAL: "normal", Verb.CARD_URGENT: "urgent", Verb.CARD_CRITICAL: "critical"}
PAUSES: Final = {Verb.BREAK_HOUR: 1, Verb.BREAK_DAY: 24, Verb.BREAK_WEEK: 168}
"""Hours a helper is given off."""


def under_card(say: Say, demand: UUID, status: DemandStatus, version: int) -> InlineKeyboardMarkup | None:
    """The first buttons of a card; none once it is over."""
    if status is DemandStatus.CLOSED:
        return None
    take = [button(say("button-card-take"), Verb.CARD_TAKE, demand, version)] if status is DemandStatus.WAITING else []
    return rows([*take, button(say("button-more"), Verb.CARD_MORE, demand, version)])


def more(say: Say, demand: UUID, status: DemandStatus, version: int) -> InlineKeyboardMarkup:
    """What moderators may do from a card."""
    first = [
        button(say("button-join"), Verb.CARD_JOIN, demand, version),
        button(say("button-take-over"), Verb.TAKE_OVER, demand, version),
    ]
    second = [button(say("button-hand"), Verb.HAND, demand, version)]
    if status is DemandStatus.HELD:
        second.append(button(say("button-pause-helper"), Verb.PAUSE_HELPER, demand, version))
    return rows(
        first,
        second,
        [
            button(say("button-urgency"), Verb.CARD_URGENCY, demand, version),
            button(say("button-reset"), Verb.RESET, demand, version),
        ],
        [
            button(say("button-card-close"), Verb.CARD_CLOSE, demand, version),
            button(say("button-back"), Verb.CARD_BACK, demand, version),
        ],
    )


def choosing(say: Say, verbs: Sequence[Verb], demand: UUID, version: int) -> InlineKeyboardMarkup:
    """One of several ways to do it, each a row, and the way back."""
    return rows(
        *([button(say(f"button-{verb.name.lower().replace('_', '-')}"), verb, demand, version)] for verb in verbs),
        [button(say("button-back"), Verb.CARD_MORE, demand, version)],
    )


def binding(found: Sequence[Scenario], bound: Sequence[StaffChat]) -> InlineKeyboardMarkup:
    """A scenario a row: one that is not shown here can be, one that is has its settings."""
    shown = {chat.scenario for chat in bound}
    return rows(
        *([button(f"✓ {chat.place} · {chat.resource}", Verb.BOUND, chat.scenario)] for chat in bound),
        *([button(f"{one.place} · {one.resource}", Verb.BIND, one.id)] for one in found if one.id not in shown),
    )


def settings(say: Say, chat: StaffChat) -> InlineKeyboardMarkup:
    """What can be changed of a binding."""
    topics = say("button-topics-off" if chat.topics else "button-topics-on")
    grants = say("button-grants-off" if chat.group_grants_membership else "button-grants-on")
    return rows(
        [button(topics, Verb.TOPICS_OFF if chat.topics else Verb.TOPICS_ON, chat.scenario)],
        [button(grants, Verb.GRANTS_OFF if chat.group_grants_membership else Verb.GRANTS_ON, chat.scenario)],
        [button(say("button-unbind"), Verb.UNBIND, chat.scenario)],
        [button(say("button-back"), Verb.BINDINGS)],
    )


def of_report(say: Say, made: ReportMade) -> InlineKeyboardMarkup | None:
    """What can be done about a report; None where it does not say which one it is."""
    if made.report is None or made.demand is None:
        return None
    return rows(
        [button(say("button-join"), Verb.JOIN, made.demand)],
        [
            button(say("button-report-acted"), Verb.REPORT_ACTED, made.report),
            button(say("button-report-dismissed"), Verb.REPORT_DISMISSED, made.report),
        ],
    )
