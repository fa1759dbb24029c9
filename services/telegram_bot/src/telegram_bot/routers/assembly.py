"""The dispatcher with every router in the order they are asked."""

from aiogram import Dispatcher

from telegram_bot.routers import (
    alerts,
    close,
    current,
    demands,
    hands,
    help,  # noqa: A004 - /help and /next are words of ours
    helping,
    language,
    moderation,
    new,
    next,  # noqa: A004
    other,
    pause,
    relay,
    start,
)
from telegram_bot.routers.presses import Presses
from telegram_bot.routers.refusals import Refusals
from telegram_bot.routers.standing import Standing


def dispatcher(emergency_number: str) -> Dispatcher:
    """A dispatcher of its own; steps and order are kept by the intake, not by aiogram."""
    made = Dispatcher(disable_fsm=True)
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
        start.router(emergency_number),
        help.router(emergency_number),
        language.router(),
        next.router(),
        hands.router(),
        alerts.router(),
        pause.router(),
        current.router(),
        demands.router(),
        close.router(),
        moderation.router(),
        helping.router(),
        new.router(),
        relay.router(),
        other.router(),
    )
    return made
