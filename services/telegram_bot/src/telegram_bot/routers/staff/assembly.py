"""The dispatcher of groups; nothing of a private talk is ever answered there."""

from aiogram import Dispatcher

from telegram_bot.routers.staff import (
    arriving,
    asking,
    binding,
    card,
    corrections,
    decisions,
    hidden,
    moving,
    settings,
    steering,
    taking,
    topics,
)
from telegram_bot.routers.staff.alerts import Alerts


def group_dispatcher() -> Dispatcher:
    """A dispatcher of its own. What nobody here answers to was said among people, and is theirs."""
    made = Dispatcher(disable_fsm=True)
    for observer in (made.message, made.edited_message, made.callback_query, made.my_chat_member):
        observer.outer_middleware(Alerts())
    made.include_routers(
        moving.router(),
        hidden.router(),
        arriving.router(),
        binding.router(),
        settings.router(),
        taking.router(),
        card.router(),
        decisions.router(),
        steering.router(),
        asking.router(),
        corrections.router(),
        topics.router(),
    )
    return made
