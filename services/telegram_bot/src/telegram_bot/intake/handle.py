"""One update through the dispatcher, for one person, with their step."""

from typing import NamedTuple

from aiogram import Bot, Dispatcher
from aiogram.fsm.context import FSMContext
from aiogram.fsm.storage.base import StorageKey
from aiogram.types import Chat, Update, User

from contracts.client import Client
from telegram_bot.group_turn import GroupTurn
from telegram_bot.intake.steps import Step, Steps
from telegram_bot.turn import Turn
from telegram_bot.words import Words


class Dispatchers(NamedTuple):
    """Who handles what happens in private, and what in groups."""

    private: Dispatcher
    groups: Dispatcher


class Handling:
    """Everything a handler may need, put together once."""

    def __init__(self, bot: Bot, dispatchers: Dispatchers, client: Client, words: Words, steps: Steps) -> None:
        self.bot = bot
        self.words = words
        self._dispatchers = dispatchers
        self._client = client
        self._steps = steps

    async def handle(self, raw: bytes, step: Step, *, reassured: bool) -> None:
        """Handle an update; `step` is then the one after it.

        `reassured` says that the person was already told to wait. Raises ValueError for what aiogram cannot decode, and
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
        )
        context = FSMContext(step, StorageKey(bot_id=self.bot.id, chat_id=chat.id, user_id=person.id))
        dispatcher = self._dispatchers.groups if is_group else self._dispatchers.private
        await dispatcher.feed_update(
            self.bot, update, turn=turn, state=context, raw_state=step.state, steps=self._steps
        )

    async def apologise(self, chat: int) -> None:
        """Tell the person of a private chat that something of theirs could not be done."""
        chosen = (await self._steps.read(chat)).data.get("locale", "")
        await self.bot.send_message(chat, self.words.say(chosen, "went-wrong"), parse_mode=None)


def who(update: Update) -> tuple[User, Chat] | None:
    """The person and the chat an update belongs to; None for channels, and for what other bots do."""
    person: User | None = None
    chat: Chat | None = None
    if message := update.message or update.edited_message:
        person, chat = message.from_user, message.chat
    elif query := update.callback_query:
        person, chat = query.from_user, query.message.chat if query.message else None
    elif change := update.my_chat_member:
        person, chat = change.from_user, change.chat
    if person is None or chat is None or chat.type == "channel":
        return None
    # An administrator who hides is a bot to us. What they say we do not hear, but where the group went we have to.
    if person.is_bot and not (message and (message.migrate_to_chat_id or message.migrate_from_chat_id)):
        return None
    return person, chat
