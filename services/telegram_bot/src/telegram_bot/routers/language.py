"""/language: the language of every answer from now on."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from contracts.operations.users import USERS_UPDATE_ME
from contracts.users import UpdateMe
from telegram_bot import keyboards
from telegram_bot.callbacks import Press, Verb
from telegram_bot.emergency import Emergency
from telegram_bot.routers.filters import pressing
from telegram_bot.routers.start import ask_again
from telegram_bot.turn import Turn
from telegram_bot.words import LOCALES


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="language")

    @made.message(Command("language"))
    async def ask(message: Message, turn: Turn) -> None:
        del message
        await turn.answer("language-which", keyboard=keyboards.languages())

    @made.callback_query(pressing(Verb.LANGUAGE))
    async def switch(query: CallbackQuery, press: Press, turn: Turn, state: FSMContext, emergency: Emergency) -> None:
        del query
        if press.about not in LOCALES:
            return
        await turn.call(USERS_UPDATE_ME, UpdateMe(locale=press.about))
        turn.speak(press.about)
        await turn.answer("language-chosen", emergency=emergency.number(press.about))
        await ask_again(turn, state, emergency)

    return made
