"""`@bot words` in any chat: kinds of help, each with a button that leads whoever presses it to the bot's form."""

from typing import Final

import structlog
from aiogram import Router
from aiogram.exceptions import TelegramAPIError
from aiogram.fsm.context import FSMContext
from aiogram.types import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    Message,
)

from contracts.operations.scenarios import SCENARIOS_SEARCH
from contracts.scenarios import Scenario, SearchScenarios
from telegram_bot.callbacks import pack_id
from telegram_bot.emergency import Emergency
from telegram_bot.routers.start import SCENARIO, chosen_elsewhere
from telegram_bot.shown import NO_PREVIEW
from telegram_bot.turn import Turn
from telegram_bot.words import Words

log = structlog.get_logger(__name__)

MOST: Final = 10
"""Kinds of help offered at once."""

CACHED: Final = 60
"""Seconds Telegram may give the same answer to everybody who types the same words."""

LONGEST: Final = 200
"""Characters of a description in the list."""


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="inline")
    made.inline_query.register(_search)
    made.message.register(_chosen_here, _is_via_us)
    return made


async def _search(query: InlineQuery, turn: Turn, words: Words) -> None:
    """Nobody is looked up and nothing is about the person who types, so that the answer is everybody's."""
    found = await turn.channel_call(SCENARIOS_SEARCH, SearchScenarios(query=query.query[:256], limit=MOST))
    username = (await turn.bot.me()).username or ""
    nothing = InlineQueryResultsButton(text=words.say("", "inline-nothing"), start_parameter="new")
    try:
        await turn.bot.answer_inline_query(
            query.id,
            [_result(words, one, username) for one in found.items],
            cache_time=CACHED,
            is_personal=False,
            button=None if found.items else nothing,
        )
    except TelegramAPIError as refused:
        # Whoever types on has asked again by now; an answer that comes late is of no use to anybody.
        log.info("inline.unanswered", reason=type(refused).__name__)


def _result(words: Words, one: Scenario, username: str) -> InlineQueryResultArticle:
    heading = f"{one.place} · {one.resource}"
    link = f"https://t.me/{username}?start={SCENARIO}{pack_id(one.id)}"
    ask = InlineKeyboardButton(text=words.say("", "inline-ask"), url=link)
    said = "\n".join(filter(None, (heading, one.description[:LONGEST])))
    return InlineQueryResultArticle(
        id=pack_id(one.id),
        title=heading,
        description=one.description[:LONGEST] or None,
        input_message_content=InputTextMessageContent(
            message_text=said, parse_mode=None, link_preview_options=NO_PREVIEW
        ),
        reply_markup=InlineKeyboardMarkup(inline_keyboard=[[ask]]),
    )


async def _is_via_us(message: Message, turn: Turn) -> bool:
    return message.via_bot is not None and message.via_bot.id == turn.bot.id


async def _chosen_here(message: Message, turn: Turn, state: FSMContext, emergency: Emergency) -> None:
    """What was looked for and chosen in the chat with the bot itself is chosen."""
    rows = message.reply_markup.inline_keyboard if message.reply_markup else []
    links = [button.url or "" for row in rows for button in row]
    word = next((link.partition(f"?start={SCENARIO}")[2] for link in links), "")
    await chosen_elsewhere(turn, state, emergency, word)
