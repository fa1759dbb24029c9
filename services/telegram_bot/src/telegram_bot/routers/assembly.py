"""The dispatcher with every router in the order they are asked."""

from aiogram import Dispatcher

from telegram_bot.routers import (
    close,
    coming,
    demands,
    hand,
    language,
    moderation,
    new,
    next,  # noqa: A004 - /next is a word of ours
    notes,
    other,
    relay,
    reporting,
    start,
)
from telegram_bot.routers.presses import Presses
from telegram_bot.routers.refusals import Refusals


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
    made.include_routers(
        coming.router(),
        start.router(emergency_number),
        language.router(),
        next.router(),
        demands.router(),
        close.router(),
        moderation.router(),
        notes.router(),
        hand.router(),
        reporting.router(),
        new.router(),
        relay.router(),
        other.router(),
    )
    return made
