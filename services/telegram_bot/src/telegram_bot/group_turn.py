"""One turn in a group: somebody among others did something there. Whoever pressed is answered alone, by an alert."""

from typing import Any, Final, NoReturn

import structlog
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramForbiddenError
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, Message, ReplyParameters

from contracts.failures import NotSignedIn
from contracts.users import Me
from telegram_bot import shown
from telegram_bot.shown import NO_PREVIEW
from telegram_bot.turn import Turn

log = structlog.get_logger(__name__)

ALERT: Final = 190
"""Characters of an alert; Telegram takes 200."""

REMEMBERED: Final = 30


class GroupTurn(Turn):
    """What a handler of a group has.

    Nobody is entered from here: who never opened the bot is not known, `NotSignedIn`, and cannot be written to. The step
    is the group's, and so is its language; the person's own is that of alerts.
    """

    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 - what a `Turn` takes
        super().__init__(*given, **named)
        shown = self.query.message if self.query else None
        self.pressed: int | None = shown.message_id if shown else None
        """The message whose button was pressed."""
        self.thread: int | None = None
        """The topic it happens in."""

    @property
    def locale(self) -> str:
        """The language of whoever did something, as the bot or their Telegram knows it."""
        if self._me is not None:
            return self._words.locale_for(self._me.user.locale)
        return self._words.locale_for(self.person.language_code)

    @property
    def group_locale(self) -> str:
        """The language the group is spoken to in."""
        spoken = self.step.data.get("locale")
        return spoken if isinstance(spoken, str) else self.locale

    def tell(self, key: str, /, **values: Any) -> str:  # noqa: ANN401 - numbers and texts of any sentence
        """A sentence in the group's language."""
        return self._words.say(self.group_locale, key, **values)

    async def alert(self, text: str) -> None:
        """Tell whoever pressed, and nobody else; too late is no fault."""
        query, self.query = self.query, None
        if query is None:
            return
        shown = text if len(text) <= ALERT else text[: ALERT - 1] + "…"
        try:
            await self.bot.answer_callback_query(query.id, text=shown, show_alert=True)
        except TelegramAPIError as refused:
            log.debug("press.unanswered", reason=type(refused).__name__)

    @property
    def topic(self) -> str:
        """The address of the topic it happens in."""
        return f"{self.chat}/{self.thread}"

    async def post(
        self, text: str, keyboard: InlineKeyboardMarkup | None = None, *, reply_to: int | None = None
    ) -> Message | None:
        """Say something to the whole group, in the topic it is about; None where the bot may not."""
        answered = ReplyParameters(message_id=reply_to, allow_sending_without_reply=True) if reply_to else None
        try:
            return await self.bot.send_message(
                self.chat, text, message_thread_id=self.thread, parse_mode=None, link_preview_options=NO_PREVIEW,
                reply_markup=keyboard, reply_parameters=answered,
            )  # fmt: skip
        except TelegramForbiddenError:
            log.info("group.unreachable")
        except TelegramBadRequest as refused:
            # A group may let the bot read and not write.
            log.info("group.refused", reason=refused.message)
        return None

    async def change(self, message_id: int, text: str, keyboard: InlineKeyboardMarkup | None) -> bool:
        """Change a message of the bot's; whether it says that now."""
        try:
            return await shown.edit(self.bot, self.chat, message_id, text, keyboard)
        except TelegramForbiddenError:
            return False

    async def show(self, keyboard: InlineKeyboardMarkup | None) -> None:
        """Put other buttons under the message whose button was pressed; one that is gone is left as it is."""
        if self.pressed is None:
            return
        try:
            await self.bot.edit_message_reply_markup(chat_id=self.chat, message_id=self.pressed, reply_markup=keyboard)
        except TelegramBadRequest as refused:
            log.debug("buttons.left", reason=refused.message)

    async def can_write_to_person(self) -> bool:
        """Whether the bot may write to whoever did something: not to those who never opened it, or sent it away."""
        try:
            await self.bot.send_chat_action(self.person.id, "typing")
        except TelegramForbiddenError:
            return False
        except TelegramBadRequest as refused:
            return "chat not found" not in refused.message.lower()
        return True

    async def link(self, payload: str) -> str:
        """A link that opens the bot in private and presses Start there."""
        return f"https://t.me/{(await self.bot.me()).username}?start={payload}"

    async def opening(self, payload: str) -> InlineKeyboardMarkup:
        """A button that opens the bot in private."""
        text = self.tell("button-open-bot")
        return InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text=text, url=await self.link(payload))]])

    def is_new(self, what: str, mark: str) -> bool:
        """Whether something is said for the first time, of the last few; noted in the group's step."""
        said: list[str] = self.step.data.get(what, [])
        if mark in said:
            return False
        self.step.data[what] = [*said, mark][-REMEMBERED:]
        return True

    async def _enter(self) -> NoReturn:
        raise NotSignedIn

    def _know(self, me: Me) -> None:
        self._me = me
