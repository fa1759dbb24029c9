"""/help: the commands that answer for whoever asks, and nothing else."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from telegram_bot.commands import answering, standing
from telegram_bot.emergency import Emergency
from telegram_bot.turn import Turn


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="help")

    @made.message(Command("help"))
    async def explain(message: Message, turn: Turn, emergency: Emergency) -> None:
        del message
        lines = [f"/{name} — {turn.say(f'menu-{name}')}" for name in answering(standing(await turn.me()))]
        await turn.send("\n".join([*lines, "", turn.say("help-end", emergency=emergency.number(turn.locale))]))

    return made
