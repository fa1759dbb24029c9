"""The dispatcher with every router in the order they are asked."""

from aiogram import Dispatcher

from telegram_bot.emergency import Emergency
from telegram_bot.routers import (
    alerts,
    asked,
    close,
    coming,
    current,
    demands,
    hand,
    hands,
    help,  # noqa: A004 - /help and /next are words of ours
    helping,
    inline,
    language,
    moderation,
    new,
    next,  # noqa: A004
    notes,
    other,
    pause,
    phone,
    relay,
    reporting,
    sending,
    start,
    whoami,
)
from telegram_bot.routers.presses import Presses
from telegram_bot.routers.refusals import Refusals
from telegram_bot.routers.standing import Standing


def dispatcher(emergency: Emergency) -> Dispatcher:
    """A dispatcher of its own; steps and order are kept by the intake, not by aiogram."""
    made = Dispatcher(disable_fsm=True)
    made["emergency"] = emergency
    # Outside the refusals, so that a refused press is answered and counts as used all the same.
    made.callback_query.outer_middleware(Presses())
    for observer in (
        made.message,
        made.edited_message,
        made.callback_query,
        made.message_reaction,
        made.my_chat_member,
    ):
        observer.outer_middleware(Refusals())
        observer.outer_middleware(relay.AlbumsFirst())
    made.message.outer_middleware(Standing())
    made.include_routers(
        inline.router(),
        coming.router(),
        start.router(),
        help.router(),
        language.router(),
        whoami.router(),
        phone.router(),
        next.router(),
        hands.router(),
        alerts.router(),
        pause.router(),
        current.router(),
        demands.router(),
        close.router(),
        moderation.router(),
        notes.router(),
        hand.router(),
        reporting.router(),
        helping.router(),
        asked.router(),
        new.router(),
        sending.router(),
        relay.router(),
        other.router(),
    )
    return made
