"""The page in a real browser: one person plays several, nothing people write becomes markup."""

import pytest
from aiogram import Bot
from aiogram.types import (
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    MessageEntity,
    ReplyKeyboardMarkup,
)

from integration.telegram_simulator.browser import CHROMIUM, open_page
from integration.telegram_simulator.talking import BOT_NAME, Fresh
from telegram_simulator import Person, Simulator

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")

EVIL = "<script>document.title='taken'</script><img src=x onerror=document.title='taken'>"
GO = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Go on", callback_data="go")]])
KEYS = ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="Next request")]])


def column(person: Person) -> str:
    return f"document.getElementById('column-p{person.id}')"


async def test_a_conversation_on_the_page(bot: Bot, simulator: Simulator, olga: Person, david: Person, fresh: Fresh):
    await bot.set_my_commands([BotCommand(command="help", description=EVIL)])
    await bot.send_message(olga.id, EVIL, reply_markup=GO)
    async with open_page(simulator.url) as page:
        await page.size(1440, 900)
        mine = column(olga)
        await page.until(f"{mine}?.innerText.includes('<script>')")
        await page.run(f"{mine}.querySelector('textarea').focus()")
        await page.write(EVIL)
        await page.until(f"{mine}.querySelectorAll('.message').length === 3")
        (said,) = await fresh()
        assert said.message is not None
        assert said.message.text == EVIL
        assert await page.run("document.title") == "Telegram simulator"
        assert await page.run(f"{mine}.querySelectorAll('.words script, .words img').length") == 0

        await page.run(f"{mine}.querySelector('.inline button').click()")
        (pressed,) = await fresh()
        assert pressed.callback_query is not None
        await bot.answer_callback_query(pressed.callback_query.id, EVIL, show_alert=True)
        await page.until(f"{mine}.querySelector('.toast.alert')?.innerText.includes('<img')")
        await page.run(f"{mine}.querySelector('.toast button').click()")

        await page.run(f"{mine}.querySelector('.message .tools button').click()")
        await page.write("a reply")
        (replied,) = await fresh()
        assert replied.message is not None
        assert replied.message.reply_to_message is not None

        moment = MessageEntity(type="date_time", offset=6, length=4, unix_time=1_800_000_000, date_time_format="dt")
        await bot.send_message(olga.id, "until then", entities=[moment])
        await page.until(f"{mine}.querySelector('time[title=then]')?.innerText.includes('2027')")

        await bot.send_message(david.id, "take one?", reply_markup=KEYS)
        await page.until(f"{column(david)}.querySelector('.keys button')?.innerText === 'Next request'")
        await page.run(f"{column(david)}.querySelector('.keys button').click()")
        (tapped,) = await fresh()
        assert tapped.message is not None
        assert (tapped.message.text, tapped.message.chat.id) == ("Next request", david.id)

        await page.run(f"{mine}.querySelector('.slash').click()")
        await page.until(f"{mine}.querySelector('.menu').innerText.includes('/help')")
        await page.run(f"{mine}.querySelector('.menu button').click()")
        (command,) = await fresh()
        assert command.message is not None
        assert command.message.text == "/help"
        assert page.errors == []


async def test_people_and_groups_appear_by_themselves_and_fit_a_phone(simulator: Simulator, olga: Person):
    async with open_page(simulator.url) as page:
        await page.size(390, 844)
        await page.until(f"{column(olga)}?.classList.contains('current')")
        chat = await simulator.group("Neighbours", [olga], bots=[BOT_NAME])
        await page.until(f"document.getElementById('column-g{chat}')")
        await page.run("document.getElementById('people').click()")
        await page.run("document.querySelector('#people-form [name=first_name]').focus()")
        await page.write("Nino <b>")
        await page.until("document.querySelector('[role=tab][aria-selected=true]').innerText.includes('Nino <b>')")
        assert "Nino <b>" in {one.first_name for one in await simulator.people()}
        assert await page.run("document.documentElement.scrollWidth") == 390
        begin = "[...document.querySelectorAll('.start')].find((one) => one.offsetParent)"
        await page.until(begin)  # the tab is there before what is under it
        await page.run(f"{begin}.click()")
        nino = next(one for one in await simulator.people() if one.first_name == "Nino <b>")
        await page.until(f"document.getElementById('column-p{nino.id}').innerText.includes('/start')")
        assert page.errors == []
