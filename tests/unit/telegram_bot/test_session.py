"""The lean way to Telegram says the same as aiogram's own, and reads the same errors."""

import datetime as dt
import json
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramMigrateToChat,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import (
    EditMessageText,
    GetMe,
    SendMediaGroup,
    SendMessage,
    SendPoll,
    SetMessageReaction,
    SetMyCommands,
    TelegramMethod,
)
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LinkPreviewOptions,
    MessageEntity,
    ReactionTypeEmoji,
    ReplyParameters,
    User,
)

from telegram_bot.session import LeanSession, Saying, _NotPlain, asked

BOARD = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Да", callback_data="x:1")]])
METHODS: list[TelegramMethod[Any]] = [
    GetMe(),
    SendMessage(
        chat_id=1, text="я <b>", parse_mode=None, entities=[MessageEntity(type="bold", offset=0, length=1)],
        link_preview_options=LinkPreviewOptions(is_disabled=True), reply_markup=BOARD, disable_notification=False,
        reply_parameters=ReplyParameters(message_id=7, allow_sending_without_reply=True),
    ),
    SendMessage(chat_id="@a", text="plain"),
    SendMessage(chat_id=1, text="plain", business_connection_id=""),
    EditMessageText(chat_id=-5, message_id=3, text="new", parse_mode=None, entities=[]),
    SetMessageReaction(chat_id=1, message_id=2, reaction=[ReactionTypeEmoji(emoji="👍")]),
    SetMessageReaction(chat_id=1, message_id=2, reaction=[]),
    SetMyCommands(commands=[BotCommand(command="new", description="ask")], language_code="uk"),
    SendPoll(chat_id=1, question="?", options=["a", "b"]),
    SendMediaGroup(chat_id=1, media=[InputMediaPhoto(media="id", caption="c", parse_mode=None)]),
]  # fmt: skip


@pytest.fixture
def bot() -> Bot:
    return Bot("1:" + "t" * 35, session=LeanSession(), default=DefaultBotProperties(protect_content=True))


@pytest.mark.parametrize("method", METHODS, ids=lambda method: type(method).__name__)
def test_it_asks_what_aiogram_would(bot: Bot, method: TelegramMethod[Any]) -> None:
    fields = bot.session.build_form_data(bot, method)._fields  # type: ignore[attr-defined] # of AiohttpSession
    theirs = {options["name"]: value for options, _, value in fields}
    ours = asked(method, bot)
    assert {name: _as_form(value) for name, value in ours.items()} == {
        name: json.loads(value) if value[:1] in "[{" else value for name, value in theirs.items()
    }


def _as_form(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str | list | dict) else str(value)


def test_what_brings_a_file_or_a_time_goes_as_a_form(bot: Bot) -> None:
    photo = InputMediaPhoto(media=BufferedInputFile(b"x", "x.png"))
    with pytest.raises(_NotPlain):
        asked(SendMediaGroup(chat_id=1, media=[photo]), bot)
    with pytest.raises(_NotPlain):
        asked(SendPoll(chat_id=1, question="?", options=["a"], close_date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)), bot)


def read(bot: Bot, method: TelegramMethod[Any], status: int, answer: object) -> Any:
    session = bot.session
    assert isinstance(session, LeanSession)
    return session._read(bot, method, status, answer if isinstance(answer, bytes) else json.dumps(answer).encode())


def test_it_reads_what_it_names(bot: Bot) -> None:
    message = {"message_id": 5, "date": 1, "chat": {"id": 1, "type": "private"}, "text": "x"}
    assert read(bot, Saying(chat_id=1, text="x"), 200, {"ok": True, "result": message}).message_id == 5
    assert read(bot, SendMessage(chat_id=1, text="x"), 200, {"ok": True, "result": message}).text == "x"
    assert read(bot, METHODS[3], 200, {"ok": True, "result": True}) is True
    me = {"id": 1, "is_bot": True, "first_name": "B"}
    user = read(bot, GetMe(), 200, {"ok": True, "result": me})
    assert isinstance(user, User)
    assert (user.id, user.first_name) == (1, "B")


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (400, {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}, TelegramBadRequest),
        (429, {"ok": False, "description": "x", "parameters": {"retry_after": 3}}, TelegramRetryAfter),
        (400, {"ok": False, "description": "x", "parameters": {"migrate_to_chat_id": -10}}, TelegramMigrateToChat),
        (502, {"ok": False, "error_code": 502, "description": "Bad Gateway"}, TelegramServerError),
        (502, b"<html>Bad Gateway</html>", TelegramServerError),
        (200, b"<html>", ClientDecodeError),
    ],
)
def test_it_raises_what_aiogram_would(bot: Bot, status: int, answer: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        read(bot, Saying(chat_id=1, text="x"), status, answer)
