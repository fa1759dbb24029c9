"""One update through the dispatcher, for one person, with their step."""

import contextlib
from typing import NamedTuple

from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.fsm.context import FSMContext
from aiogram.fsm.storage.base import StorageKey
from aiogram.types import Chat, ReplyParameters, Update, User

from contracts.client import Client
from telegram_bot.group_turn import GroupTurn
from telegram_bot.intake.heads import Head
from telegram_bot.intake.opening import LONGEST_DELAY
from telegram_bot.intake.step import Step
from telegram_bot.intake.steps import Steps
from telegram_bot.menus import Menus
from telegram_bot.turn import Turn
from telegram_bot.words import Words


class Dispatchers(NamedTuple):
    """Who handles what happens in private, and what in groups."""

    private: Dispatcher
    groups: Dispatcher


class Handling:
    """Everything a handler may need, put together once."""

    def __init__(
        self,
        bot: Bot,
        dispatchers: Dispatchers,
        client: Client,
        words: Words,
        steps: Steps,
        *,
        region: str = "RU",
        menus: Menus | None = None,
    ) -> None:
        self.bot = bot
        self.words = words
        self._dispatchers = dispatchers
        self._client = client
        self._steps = steps
        self._region = region
        self._menus = menus

    async def handle(self, raw: bytes, step: Step, *, reassured: bool, more_of_album: bool = False) -> None:
        """Handle an update; `step` is then the one after it.

        `reassured` says that the person was already told to wait, `more_of_album` that the next update of the chat belongs
        to the same album; until its last nothing of it is sent. Raises ValueError for what aiogram cannot decode, and
        whatever the handler raised.
        """
        update = Update.model_validate_json(raw, context={"bot": self.bot})
        found = who(update)
        if found is None:
            return
        person, chat = found
        is_group = chat.type != "private"
        turn = (GroupTurn if is_group else Turn)(
            self.bot,
            self._client,
            self.words,
            self._steps,
            update=update,
            step=step,
            person=person,
            # A group is not told that one of it waits.
            reassured=reassured or is_group,
            more_of_album=more_of_album,
            region=self._region,
        )
        context = FSMContext(step, StorageKey(bot_id=self.bot.id, chat_id=chat.id, user_id=person.id))
        dispatcher = self._dispatchers.groups if is_group else self._dispatchers.private
        await dispatcher.feed_update(
            self.bot, update, turn=turn, state=context, raw_state=step.state, steps=self._steps, words=self.words
        )
        if self._menus is not None and not is_group:
            await self._menus.fit_turn(turn)

    async def apologise(self, chat: int) -> None:
        """Tell the person of a private chat that something of theirs could not be done."""
        chosen = (await self._steps.read(chat)).data.get("locale", "")
        await self.bot.send_message(chat, self.words.say(chosen, "went-wrong"), parse_mode=None)

    async def refuse(self, head: Head, step: Step, *, is_first: bool) -> None:
        """Say to somebody who writes too fast that this does not arrive: at the first message of it, and at each press."""
        event = head.event
        if event is None:
            return
        hint = event.author.language_code if event.author else None
        locale = step.data.get("locale") or self.words.locale_for(hint)
        if head.callback_query is not None:
            with contextlib.suppress(TelegramBadRequest):
                await self.bot.answer_callback_query(str(event.id), text=self.words.say(locale, "too-fast-press"))
        if is_first:
            told = self.words.say(locale, "too-fast", seconds=round(LONGEST_DELAY))
            with contextlib.suppress(TelegramForbiddenError, TelegramBadRequest):
                await self.bot.send_message(head.chat, told, parse_mode=None, reply_parameters=_to(event.message_id))


def _to(message_id: int | None) -> ReplyParameters | None:
    return ReplyParameters(message_id=message_id, allow_sending_without_reply=True) if message_id else None


def who(update: Update) -> tuple[User, Chat] | None:
    """The person and the chat an update belongs to; None for channels, and for what other bots do."""
    person: User | None = None
    chat: Chat | None = None
    if message := update.message or update.edited_message:
        person, chat = message.from_user, message.chat
    elif query := update.callback_query:
        person, chat = query.from_user, query.message.chat if query.message else None
    elif reaction := update.message_reaction:
        person, chat = reaction.user, reaction.chat
    elif change := update.my_chat_member:
        person, chat = change.from_user, change.chat
    elif asked := update.inline_query:
        # Whatever chat it is typed in, which Telegram does not say: it is handled with the person's own step.
        person, chat = asked.from_user, Chat(id=asked.from_user.id, type="private")
    if person is None or chat is None or chat.type == "channel":
        return None
    # Who hides behind their group or a channel is a bot to us, and is to be told so; and where a group went we have to hear,
    # and that we came into it or left it, by whoever it was.
    is_heard = update.my_chat_member or (
        message and (message.sender_chat or message.migrate_to_chat_id or message.migrate_from_chat_id)
    )
    if person.is_bot and not is_heard:
        return None
    return person, chat
