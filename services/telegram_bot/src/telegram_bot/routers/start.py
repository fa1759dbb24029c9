"""/start, /help, /cancel: who we are, what one can do here, and the way out of a form."""

from aiogram import Router
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from contracts.kinds import MembershipKind
from contracts.operations.users import USERS_BOOTSTRAP_ADMIN
from contracts.users import BootstrapAdmin
from telegram_bot import keyboards
from telegram_bot.callbacks import Press, Verb
from telegram_bot.routers.filters import pressing
from telegram_bot.turn import Turn, holds

ADMIN = "admin_"
FORM = ("scenario", "place")


def router(emergency_number: str) -> Router:
    """The handlers of this file."""
    made = Router(name="start")

    @made.message(CommandStart(deep_link=True))
    async def start_with_word(message: Message, command: CommandObject, turn: Turn) -> None:
        word = command.args or ""
        if word.startswith(ADMIN) and len(word) > len(ADMIN):
            await turn.call(USERS_BOOTSTRAP_ADMIN, BootstrapAdmin(token=word.removeprefix(ADMIN)))
            await turn.answer("admin-now")
            return
        await start(message, turn)

    @made.message(CommandStart())
    async def start(message: Message, turn: Turn) -> None:
        del message
        me = await turn.me()
        if me.is_new or "locale" not in turn.step.data:
            turn.speak(me.user.locale)
        helps = holds(me, MembershipKind.PROVIDER)
        board = keyboards.beginning(turn.say, helps=helps)
        board.inline_keyboard.extend(keyboards.languages().inline_keyboard)
        await turn.answer("start", keyboard=board, emergency=emergency_number)

    @made.message(Command("help"))
    async def explain(message: Message, turn: Turn) -> None:
        del message
        me = await turn.me()
        lines = [turn.say("help-everybody")]
        if holds(me, MembershipKind.PROVIDER):
            lines.append(turn.say("help-provider"))
        if await turn.is_staff():
            lines += [turn.say("help-staff"), turn.say("help-staff-more")]
        lines.append(turn.say("help-relay"))
        lines.append(turn.say("help-end", emergency=emergency_number))
        await turn.send("\n".join(lines))

    @made.message(Command("cancel"))
    async def cancel(message: Message, turn: Turn, state: FSMContext) -> None:
        del message
        await leave_form(turn, state)

    @made.callback_query(pressing(Verb.CANCEL))
    async def cancel_pressed(query: CallbackQuery, press: Press, turn: Turn, state: FSMContext) -> None:
        del query, press
        await leave_form(turn, state)

    return made


async def leave_form(turn: Turn, state: FSMContext) -> None:
    """Drop a half-filled form and kept words, and say what there was."""
    had = await state.get_state() is not None or "held" in turn.step.data
    await state.set_state(None)
    for key in (*FORM, "held", "form_message"):
        turn.step.data.pop(key, None)
    await turn.answer("cancelled" if had else "nothing-to-cancel")
