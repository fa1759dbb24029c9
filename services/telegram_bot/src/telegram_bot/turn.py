"""One turn of a talk with one person: their update, what the api says to it, and our answer in their language."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final, TypeVar

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
)
from aiogram.types import (
    CallbackQuery,
    InlineKeyboardMarkup,
    Message,
    Update,
    User,
)

from contracts.client import Client
from contracts.failures import NotSignedIn
from contracts.kinds import MembershipKind, Writes
from contracts.operations import Operation
from contracts.operations.users import USERS_ENTER, USERS_ME
from contracts.users import EnterUser, GetMe, Me
from telegram_bot import shown
from telegram_bot.intake.step import Step
from telegram_bot.intake.steps import Steps
from telegram_bot.keyboards import Board
from telegram_bot.memberships import holds
from telegram_bot.patience import answered
from telegram_bot.requests import is_unsent
from telegram_bot.when import Dated
from telegram_bot.words import Words

log = structlog.get_logger(__name__)

Q = TypeVar("Q")
A = TypeVar("A")
V = TypeVar("V")

PATIENCE: Final = 2.0
"""Seconds a person waits for the api before they are told, once, that we are still at it."""

ALERT_LIMIT: Final = 200
"""Characters Telegram shows in the answer to a press."""


class Turn:
    """What a handler has: the person, their step, the api on their behalf, and answers to their chat.

    Every changing call carries a key of the update and its place among the calls of this turn, so that handling the
    update again repeats the same keys and nothing takes effect twice. An answer that may have been sent before, by a
    process that died since, says so. `more_of_album` says that the next update of the chat belongs to the same album,
    `region` is where phones without a country's code are.
    """

    def __init__(
        self,
        bot: Bot,
        client: Client,
        words: Words,
        steps: Steps,
        *,
        update: Update,
        step: Step,
        person: User,
        reassured: bool = False,
        more_of_album: bool = False,
        region: str = "RU",
    ) -> None:
        self.bot = bot
        self.step = step
        self.person = person
        self.chat = step.chat
        self.query: CallbackQuery | None = update.callback_query
        self.more_of_album = more_of_album
        self.region = region
        self.keeps_buttons = False
        """Set by a handler of a press that came to nothing: the same button may be pressed again."""
        self._client = client
        self._words = words
        self._steps = steps
        self._answered: Counter[str] = Counter()
        self.update_id = update.update_id
        self._changes = 0
        self._me: Me | None = None
        self._reassured = reassured
        self._still_working = "still-working" if update.message or update.edited_message else "still-working-press"

    @property
    def locale(self) -> str:
        """The language the person chose, or the one their Telegram speaks."""
        chosen = self.step.data.get("locale")
        return chosen if isinstance(chosen, str) else self._words.locale_for(self.person.language_code)

    def say(self, key: str, /, **values: Any) -> str:  # noqa: ANN401 - numbers and texts of any sentence
        """A sentence in the person's language."""
        return self._words.say(self.locale, key, **values)

    async def call(self, operation: Operation[Q, A], request: Q, *, wish: str = "") -> A:
        """The api's reply on the person's behalf; somebody new is entered on the way. Raises the api's `Failure`.

        `wish` names what is to happen once, though a turn may ask for it again after it was refused.
        """
        writes = operation.writes is not Writes.NO
        key = f"telegram:{self.bot.id}:{self.update_id}:{wish or self._changes}" if writes else None
        self._changes += writes and not wish
        try:
            return await self._patiently(operation, request, key)
        except NotSignedIn:
            await self._enter()
            return await self._patiently(operation, request, key)

    async def once(self, about: str, value: V) -> V:
        """A value of JSON as it was when this update was first handled, and for that noted before it is used.

        What a call is made of, and is read anew each time, goes through here: the same key takes no other request.
        """
        found: V = json.loads(await self._steps.once(self.update_id, about, json.dumps(value)))
        return found

    async def channel_call(self, operation: Operation[Q, A], request: Q) -> A:
        """The api's reply to what the channel asks for itself, on nobody's behalf."""
        return await self._client.call(operation, request)

    async def me(self) -> Me:
        """The person as the api knows them, asked once a turn."""
        if self._me is None:
            try:
                self._know(await self._patiently(USERS_ME, GetMe(), None))
            except NotSignedIn:
                await self._enter()
        if self._me is None:
            raise RuntimeError("entering makes somebody known")
        return self._me

    @property
    def known(self) -> Me | None:
        """The person as the api knew them when this turn asked last; None while it had no need to."""
        return self._me

    def forget_me(self) -> None:
        """Ask the api anew who the person is, the next time: something about them has changed."""
        self._me = None

    async def is_staff(self) -> bool:
        """Whether the person is an admin or moderates any scenario."""
        me = await self.me()
        return me.user.is_admin or holds(me, MembershipKind.MODERATOR)

    def speak(self, locale: str) -> None:
        """Answer in this language from now on."""
        self.step.data["locale"] = self._words.locale_for(locale)

    async def answer(
        self,
        key: str,
        /,
        keyboard: Board | None = None,
        dated: Iterable[Dated] = (),
        **values: Any,  # noqa: ANN401
    ) -> Message | None:
        """Send a sentence to the person's chat; None when they cannot be written to."""
        return await self.send(self.say(key, **values), keyboard, dated=dated)

    async def send(
        self, text: str, keyboard: Board | None = None, *, about: int | None = None, dated: Iterable[Dated] = ()
    ) -> Message | None:
        """Send a text of ours to the person's chat, `about` a message of theirs; None when they cannot be written to.

        `dated`: the moments in it that they see by their own clock.
        """
        answer = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
        self._answered[answer] += 1
        answer = f"{answer}:{self._answered[answer]}"
        if not await self._steps.answers(self.update_id, answer):
            text = f"{text}\n\n{self.say('repeat', reference=f'{self.update_id & 0xFFFF:04X}')}"
        try:
            sent = await shown.say(self.bot, self.chat, text, keyboard, about=about, dated=dated)
        except (TelegramRetryAfter, TelegramNetworkError) as error:
            if is_unsent(error):
                await self._steps.unanswer(self.update_id, answer)
            raise
        except TelegramForbiddenError:
            log.info("answer.unreachable")
        except TelegramBadRequest as refused:
            if "chat not found" not in refused.message:
                raise
            log.info("answer.unreachable")
        else:
            shown.note(self.step.data, sent.message_id)
            return sent
        return None

    async def edit(self, text: str, keyboard: InlineKeyboardMarkup | None) -> None:
        """Change the message whose button was pressed; where that is no longer possible, send a new one."""
        pressed = self.query.message if self.query else None
        if pressed is None or not await shown.edit(self.bot, self.chat, pressed.message_id, text, keyboard):
            await self.send(text, keyboard)

    async def strip_buttons(self, message_id: int) -> None:
        """Take the buttons off a message; an old or vanished one is left as it is."""
        await shown.put_buttons(self.bot, self.chat, message_id, None)

    async def answer_press(self, key: str | None = None, *, alert: bool = False, **values: Any) -> None:  # noqa: ANN401
        """Stop the waiting sign on the pressed button, with a sentence or, as an `alert`, one to be confirmed.

        Too late is no fault; only the first answer of a press is shown.
        """
        query, self.query = self.query, None
        if query is None:
            return
        try:
            text = self.say(key, **values)[:ALERT_LIMIT] if key else None
            await self.bot.answer_callback_query(query.id, text=text, show_alert=alert)
        except TelegramAPIError as refused:
            log.debug("press.unanswered", reason=type(refused).__name__)

    async def _enter(self) -> None:
        request = EnterUser(
            display_name=self.person.first_name.strip()[:128] or "?",
            username=self.person.username,
            locale=self._words.locale_for(self.person.language_code),
        )
        self._know(await self._patiently(USERS_ENTER, request, f"telegram:{self.bot.id}:{self.update_id}:enter"))

    def _know(self, me: Me) -> None:
        self._me = me
        self.speak(me.user.locale)

    async def _patiently(self, operation: Operation[Q, A], request: Q, key: str | None) -> A:
        """Call the api; after `PATIENCE` seconds tell the person once that we are still at it."""
        asked = self._client.call(operation, request, actor=f"telegram:{self.person.id}", key=key)
        return await (asked if self._reassured else answered(asked, PATIENCE, self._reassure))

    async def _reassure(self) -> None:
        self._reassured = True
        try:
            await self.bot.send_message(self.chat, self.say(self._still_working), parse_mode=None)
        except TelegramAPIError as refused:
            log.debug("reassurance.unsent", reason=type(refused).__name__)
