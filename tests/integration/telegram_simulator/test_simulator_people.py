"""What people do: buttons, edits, blocking, groups, topics, inline queries; every update decodes."""

import asyncio

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
    ReactionTypeEmoji,
)

from integration.telegram_simulator.talking import BOT_NAME, Fresh, make_bot
from telegram_simulator import ControlError, Person, Simulator

GO = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Go on", callback_data="go:1")]])


async def test_a_pressed_button_calls_the_bot_which_answers_once(bot: Bot, olga: Person, fresh: Fresh):
    await bot.send_message(olga.id, "choose", reply_markup=GO)
    message = await olga.wait_for("choose")
    async with asyncio.TaskGroup() as tasks:
        pressing = tasks.create_task(olga.press(message, "Go"))
        (update,) = await fresh()
        query = update.callback_query
        assert (query.data, query.from_user.id, query.message.text) == ("go:1", olga.id, "choose")
        await bot.answer_callback_query(query.id, "Done", show_alert=True)
    assert (pressing.result().answer.text, pressing.result().answer.show_alert) == ("Done", True)
    for query_id in (query.id, "123"):
        with pytest.raises(TelegramBadRequest, match="query is too old and response timeout expired"):
            await bot.answer_callback_query(query_id)
    with pytest.raises(ControlError, match="no such button"):
        await olga.press(message, "Stop")


async def test_a_late_answer_is_refused(bot: Bot, olga: Person, fresh: Fresh, simulator: Simulator):
    await simulator.do("set_limits", bool, callback_seconds=0.0)
    sent = await bot.send_message(olga.id, "choose", reply_markup=GO)
    await olga.press(sent.message_id, data="go:1", seconds=0)
    (update,) = await fresh()
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query(update.callback_query.id)


async def test_people_edit_and_forward(olga: Person, fresh: Fresh):
    said = await olga.say("helo")
    await olga.edit(said.message_id, "hello")
    await olga.forward(said.message_id)
    live = await olga.say(kind="location", content={"latitude": 1, "longitude": 2, "live_period": 60})
    await olga.edit(live.message_id, content={"latitude": 3})
    first, edited, forwarded, _, moved = await fresh()
    assert (first.message.text, edited.edited_message.text) == ("helo", "hello")
    assert edited.edited_message.message_id == first.message.message_id
    assert forwarded.message.forward_origin.sender_user.id == olga.id
    assert moved.edited_message.location.latitude == 3


async def test_people_edit_only_words_they_wrote(olga: Person):
    place = {"latitude": 1.0, "longitude": 2.0}
    said = await olga.say("hello")
    passed_on = await olga.forward(said.message_id)
    sticker, still = await olga.say(kind="sticker"), await olga.say(kind="location", content=place)
    for message, words in (
        (passed_on, "somebody else wrote"),
        (sticker, "no words to edit"),
        (still, "no words to edit"),
    ):
        with pytest.raises(ControlError, match=words):
            await olga.edit(message.message_id, "changed")
    with pytest.raises(ControlError, match="only a live location moves"):
        await olga.edit(still.message_id, content={"latitude": 3})


async def test_every_picture_of_an_album_may_have_its_words(olga: Person, fresh: Fresh):
    await olga.album(["photo", "video"], captions=["one", "two"])
    updates = await fresh()
    assert [update.message.caption for update in updates] == ["one", "two"]
    assert len({update.message.media_group_id for update in updates}) == 1
    with pytest.raises(ControlError, match="a caption for each"):
        await olga.album(["photo", "video"], captions=["one"])


async def test_blocking_is_told_at_once(olga: Person, fresh: Fresh):
    await olga.block()
    (update,) = await fresh()
    change = update.my_chat_member
    assert (change.old_chat_member.status, change.new_chat_member.status) == ("member", "kicked")
    with pytest.raises(ControlError, match="blocked"):
        await olga.say("hi")
    await olga.start("payload")
    back, start = await fresh()
    assert back.my_chat_member.new_chat_member.status == "member"
    assert start.message.text == "/start payload"


async def test_privacy_mode_hides_what_is_not_for_the_bot(
    bot: Bot, simulator: Simulator, olga: Person, david: Person, fresh: Fresh
):
    chat = await simulator.group("Block 5", [olga, david], bots=[BOT_NAME], bots_are_administrators=False)
    joined, _ = await fresh()
    assert joined.my_chat_member.new_chat_member.status == "member"
    asked = await bot.send_message(chat, "who is there?")
    await olga.say("just us", chat=chat)
    await olga.say("/help", chat=chat)
    await olga.say("/help@other_bot", chat=chat)
    await david.say("me", chat=chat, reply_to=asked.message_id)
    await david.say(f"hey @{BOT_NAME}", chat=chat)
    assert [one.message.text for one in await fresh()] == ["/help", "me", f"hey @{BOT_NAME}"]
    await simulator.set_member(chat, status="administrator")
    await olga.say("just us", chat=chat)
    assert [one.message.text for one in await fresh() if one.message] == ["just us"]


async def test_a_general_command_is_for_the_bot_that_spoke_last(bot: Bot, simulator: Simulator, olga: Person):
    token = "77:" + "b" * 35
    await simulator.bot(token, username="other_bot")
    chat = await simulator.group("Two bots", [olga], bots=[BOT_NAME, "other_bot"], bots_are_administrators=False)
    async with make_bot(simulator.url, token) as other:
        await other.get_updates(offset=-1)
        await bot.send_message(chat, "mine")
        await olga.say("/help", chat=chat)
        await other.send_message(chat, "now mine")
        await olga.say("/settings", chat=chat)
        heard = [[one.message.text for one in await each.get_updates() if one.message] for each in (bot, other)]
    assert [texts[-1] for texts in heard] == ["/help", "/settings"]
    assert "/help" not in heard[1]


async def test_members_are_seen_and_counted(bot: Bot, simulator: Simulator, olga: Person, david: Person):
    chat = await simulator.group("Block 5", [olga], bots=[BOT_NAME])
    await bot.get_updates(offset=-1, allowed_updates=["message", "chat_member"])
    await simulator.set_member(chat, user=david.id, status="administrator")
    update = (await bot.get_updates())[-2]
    assert update.chat_member.new_chat_member.user.id == david.id
    assert await bot.get_chat_member_count(chat) == 3
    assert {one.user.id for one in await bot.get_chat_administrators(chat)} == {olga.id, david.id, bot.id}
    assert (await bot.get_chat_member(chat, david.id)).status == "administrator"
    assert (await bot.get_chat(chat)).title == "Block 5"
    await bot.leave_chat(chat)
    assert (await olga.look(chat=chat)).messages[-1].message["left_chat_member"]["id"] == bot.id
    assert bot.id in {one["user"]["id"] for one in [await simulator.set_member(chat, status="restricted")]}
    with pytest.raises(TelegramBadRequest, match="not enough rights to send text messages"):
        await bot.send_message(chat, "hi")
    assert (await bot.get_chat_member(chat, bot.id)).can_send_messages is False
    await bot.leave_chat(chat)
    with pytest.raises(TelegramForbiddenError, match="bot is not a member"):
        await bot.send_message(chat, "hi")


async def test_topics(bot: Bot, simulator: Simulator, olga: Person, fresh: Fresh):
    chat = await simulator.group("Cases", [olga], bots=[BOT_NAME], is_forum=True)
    topic = await bot.create_forum_topic(chat, "4F7K")
    sent = await bot.send_message(chat, "in it", message_thread_id=topic.message_thread_id)
    assert (sent.message_thread_id, sent.is_topic_message) == (topic.message_thread_id, True)
    await fresh()
    await olga.say("here", chat=chat, thread_id=topic.message_thread_id)
    assert (await fresh())[-1].message.message_thread_id == topic.message_thread_id
    await bot.edit_forum_topic(chat, topic.message_thread_id, name="4F7K closed")
    await bot.close_forum_topic(chat, topic.message_thread_id)
    with pytest.raises(TelegramBadRequest, match="TOPIC_NOT_MODIFIED"):
        await bot.close_forum_topic(chat, topic.message_thread_id)
    await bot.reopen_forum_topic(chat, topic.message_thread_id)
    await simulator.delete_topic(chat, topic.message_thread_id)
    with pytest.raises(TelegramBadRequest, match="message thread not found"):
        await bot.send_message(chat, "in it", message_thread_id=topic.message_thread_id)
    opened = await olga.create_topic(chat, "Another")
    await bot.delete_forum_topic(chat, opened)
    plain = await simulator.group("Plain", [olga], bots=[BOT_NAME])
    with pytest.raises(TelegramBadRequest, match="the chat is not a forum"):
        await bot.create_forum_topic(plain, "x")


async def test_reactions_of_the_bot(bot: Bot, olga: Person):
    said = await olga.say("thanks")
    await bot.set_message_reaction(olga.id, said.message_id, [ReactionTypeEmoji(emoji="👍")])
    seen = (await olga.look()).messages[-1]
    assert seen.reactions == {bot.id: [{"type": "emoji", "emoji": "👍"}]}
    with pytest.raises(TelegramBadRequest, match="REACTION_INVALID"):
        await bot.set_message_reaction(olga.id, said.message_id, [ReactionTypeEmoji(emoji="🪑")])


async def test_inline_queries(bot: Bot, olga: Person, fresh: Fresh):
    content = InputTextMessageContent(message_text="chosen words")
    results = [InlineQueryResultArticle(id="1", title="One", input_message_content=content, reply_markup=GO)]
    async with asyncio.TaskGroup() as tasks:
        asking = tasks.create_task(olga.ask_inline("one"))
        (update,) = await fresh()
        assert update.inline_query.query == "one"
        await bot.answer_inline_query(update.inline_query.id, results)
    asked = asking.result()
    assert [one["title"] for one in asked["results"]] == ["One"]
    sent = await olga.choose_inline(asked["query_id"], "1")
    message, chosen = await fresh()
    assert (message.message.text, message.message.via_bot.id) == ("chosen words", bot.id)
    inline_id = chosen.chosen_inline_result.inline_message_id
    assert await bot.edit_message_text("other words", inline_message_id=inline_id) is True
    assert (await olga.look()).messages[-1].text == "other words"
    assert sent.message_id == message.message.message_id


async def test_the_command_menu_by_scope_and_language(bot: Bot, olga: Person):
    def menu(text: str) -> list[BotCommand]:
        return [BotCommand(command="help", description=text)]

    await bot.set_my_commands(menu("Help"))
    await bot.set_my_commands(menu("Помощь"), language_code="ru")
    assert (await olga.look()).commands == [{"command": "help", "description": "Помощь"}]
    await bot.set_my_commands(menu("Olga"), scope=BotCommandScopeChat(chat_id=olga.id))
    assert (await olga.look()).commands[0]["description"] == "Olga"
    assert (await bot.get_my_commands())[0].description == "Help"
    await bot.delete_my_commands(scope=BotCommandScopeChat(chat_id=olga.id))
    assert (await olga.look()).commands[0]["description"] == "Помощь"
    with pytest.raises(TelegramBadRequest, match="BOT_COMMAND_INVALID"):
        await bot.set_my_commands([BotCommand(command="Help", description="x")])


async def test_waiting_never_returns_the_same_message_twice(bot: Bot, olga: Person):
    for text in ("a1", "b", "a2"):
        await bot.send_message(olga.id, text)
    assert (await olga.wait_for("a")).text == "a1"
    assert (await olga.wait_for("a")).text == "a2"
    with pytest.raises(TimeoutError, match=r"waited 0\.05 s"):
        await olga.wait_for("a", seconds=0.05)


async def test_people_are_checked(simulator: Simulator, olga: Person):
    with pytest.raises(ControlError, match="first name"):
        await simulator.person(" ")
    with pytest.raises(ControlError, match="52 bits"):
        await simulator.person("Big", id=1 << 53)
    with pytest.raises(ControlError, match="1 to 4096"):
        await olga.say("a" * 4097)
    with pytest.raises(ControlError, match="there is no action"):
        await simulator.do("nothing", bool)
    with pytest.raises(ControlError, match="unknown field"):
        await simulator.do("say", bool, person=olga.id, words="x")
