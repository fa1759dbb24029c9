"""Words as Telegram keeps them: exactly, with their styles and moments, or refused."""

from aiogram import Bot
from aiogram.types import BufferedInputFile, MessageEntity

from integration.telegram_simulator.talking import refused
from telegram_simulator import Person

PHOTO = BufferedInputFile(b"jpeg", "photo.jpg")


async def test_texts_arrive_exactly(bot: Bot, olga: Person):
    for text in ("Кириллица, emoji 👩‍👩‍👧 and a<b>&", "😀" * 2048, "я" * 4096):
        sent = await bot.send_message(olga.id, text)
        assert sent.text == text
        assert (await olga.wait_for(equals=text)).text == text


async def test_html_becomes_entities(bot: Bot, olga: Person):
    sent = await bot.send_message(olga.id, "<b>a</b> <i>я</i> /help", parse_mode="HTML")
    assert sent.html_text == "<b>a</b> <i>я</i> /help"
    assert [one.type for one in sent.entities] == ["bold", "italic", "bot_command"]


async def test_entities_are_checked_in_utf16_units(bot: Bot, olga: Person):
    sent = await bot.send_message(olga.id, "😀ab", entities=[MessageEntity(type="bold", offset=2, length=1)])
    assert sent.entities[0].extract_from(sent.text) == "a"
    wrong = bot.send_message(olga.id, "😀ab", entities=[MessageEntity(type="bold", offset=1, length=1)])
    assert await refused(wrong) == "entity begins in a middle of a UTF-16 symbol at byte offset 1"


async def test_a_moment_in_a_text_is_kept_and_its_format_is_checked(bot: Bot, olga: Person):
    def noon(**more: object) -> MessageEntity:
        return MessageEntity(type="date_time", offset=3, length=4, **more)

    sent = await bot.send_message(olga.id, "at noon", entities=[noon(unix_time=1_800_000_000, date_time_format="wdt")])
    assert (sent.entities[0].type, sent.entities[0].unix_time) == ("date_time", 1_800_000_000)
    for wrong in (
        noon(date_time_format="dt"),
        noon(unix_time=1, date_time_format="td"),
        noon(unix_time=1, date_time_format="rd"),
    ):
        refusal = await refused(bot.send_message(olga.id, "at noon", entities=[wrong]))
        assert refusal == "can't parse entities: wrong date_time specified"


async def test_texts_telegram_refuses(bot: Bot, olga: Person):
    assert await refused(bot.send_message(olga.id, "")) == "message text is empty"
    assert await refused(bot.send_message(olga.id, " \n ")) == "text must be non-empty"
    assert await refused(bot.send_message(olga.id, "😀" * 2048 + "a")) == "message is too long"
    assert await refused(bot.send_photo(olga.id, PHOTO, caption="😀" * 513)) == "message caption is too long"
    wrong = bot.send_message(olga.id, "<3", parse_mode="HTML")
    assert await refused(wrong) == "can't parse entities: Unclosed start tag at byte offset 0"
    await bot.send_message(olga.id, "<b>" + "a" * 4096 + "</b>", parse_mode="HTML")
