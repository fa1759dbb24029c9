"""Sending: what arrives, and what is refused in Telegram's words."""

import asyncio

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramRetryAfter,
)
from aiogram.types import (
    BufferedInputFile,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)

from integration.telegram_simulator.talking import BOT_NAME, Fresh, refused
from telegram_simulator import Person, Simulator

PHOTO = BufferedInputFile(b"jpeg", "photo.jpg")


def keyboard(*texts: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text=text, callback_data=text)] for text in texts]
    )


async def test_whom_a_bot_cannot_reach(bot: Bot, simulator: Simulator, olga: Person):
    assert await refused(bot.send_message(424242, "hi")) == "chat not found"
    nino = await simulator.person("Nino")
    assert await refused(bot.send_message(nino.id, "hi")) == "chat not found"
    await simulator.group("Neighbours", [olga, nino], bots=[BOT_NAME])
    not_started = bot.send_message(nino.id, "hi")
    assert await refused(not_started, TelegramForbiddenError) == "bot can't initiate conversation with a user"
    await olga.block()
    assert await refused(bot.send_message(olga.id, "hi"), TelegramForbiddenError) == "bot was blocked by the user"
    await olga.start()
    await bot.send_message(olga.id, "hi")
    await olga.deactivate()
    assert await refused(bot.send_message(olga.id, "hi"), TelegramForbiddenError) == "user is deactivated"


async def test_groups_a_bot_cannot_reach(bot: Bot, simulator: Simulator, olga: Person):
    chat = await simulator.group("Neighbours", [olga], bots=[BOT_NAME], type="group")
    await bot.send_message(chat, "hi")
    upgraded = await simulator.migrate_group(chat)
    with pytest.raises(TelegramMigrateToChat) as refusal:
        await bot.send_message(chat, "hi")
    assert refusal.value.migrate_to_chat_id == upgraded
    await bot.send_message(upgraded, "hi")
    await simulator.set_member(upgraded, status="kicked")
    kicked = bot.send_message(upgraded, "hi")
    assert await refused(kicked, TelegramForbiddenError) == "bot was kicked from the supergroup chat"
    await simulator.set_member(upgraded, status="left")
    left = bot.send_message(upgraded, "hi")
    assert await refused(left, TelegramForbiddenError) == "bot is not a member of the supergroup chat"


async def test_replies(bot: Bot, olga: Person, fresh: Fresh):
    said = await olga.say("question")
    sent = await bot.send_message(olga.id, "answer", reply_parameters=ReplyParameters(message_id=said.message_id))
    assert sent.reply_to_message.text == "question"
    lost = ReplyParameters(message_id=999_999)
    assert await refused(bot.send_message(olga.id, "a", reply_parameters=lost)) == "message to be replied not found"
    lost = ReplyParameters(message_id=999_999, allow_sending_without_reply=True)
    assert (await bot.send_message(olga.id, "a", reply_parameters=lost)).reply_to_message is None
    await olga.say("thanks", reply_to=sent.message_id, quote="swer")
    update = (await fresh())[-1]
    assert update.message.reply_to_message.message_id == sent.message_id
    assert (update.message.quote.text, update.message.quote.position) == ("swer", 2)


async def test_edits(bot: Bot, olga: Person):
    sent = await bot.send_message(olga.id, "one", reply_markup=keyboard("Go"))
    await olga.wait_for("one", button="Go")
    edited = await bot.edit_message_text("two", chat_id=olga.id, message_id=sent.message_id)
    assert (edited.text, edited.reply_markup, edited.edit_date is not None) == ("two", None, True)
    assert (await olga.wait_for("two", edited=True)).button_texts == []
    again = bot.edit_message_text("two", chat_id=olga.id, message_id=sent.message_id)
    assert (await refused(again)).startswith("message is not modified: specified new message content")
    await bot.edit_message_reply_markup(chat_id=olga.id, message_id=sent.message_id, reply_markup=keyboard("Stop"))
    assert (await olga.wait_for(button="Stop", edited=True)).text == "two"
    lost = bot.edit_message_text("x", chat_id=olga.id, message_id=999_999)
    assert await refused(lost) == "message to edit not found"
    said = await olga.say("mine")
    others = bot.edit_message_text("x", chat_id=olga.id, message_id=said.message_id)
    assert await refused(others) == "message can't be edited"
    keys = ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="a")]])
    for markup in (keys, ReplyKeyboardRemove(), ForceReply()):
        sent = await bot.send_message(olga.id, "with keys", reply_markup=markup)
        keyed = bot.edit_message_text("x", chat_id=olga.id, message_id=sent.message_id)
        assert await refused(keyed) == "message can't be edited"


async def test_reply_keyboards_stand_until_removed(bot: Bot, olga: Person):
    keys = ReplyKeyboardMarkup(
        keyboard=[[KeyboardButton(text="Next"), KeyboardButton(text="Share", request_contact=True)]]
    )
    sent = await bot.send_message(olga.id, "choose", reply_markup=keys)
    assert sent.reply_markup is None
    assert (await olga.wait_for("choose")).key_texts == ["Next", "Share"]
    await bot.send_message(olga.id, "later")
    assert (await olga.look()).keyboard["keyboard"][0][0] == {"text": "Next"}
    await bot.send_message(olga.id, "gone", reply_markup=ReplyKeyboardRemove())
    assert (await olga.look()).keyboard is None


async def test_deleting(bot: Bot, olga: Person):
    sent = await bot.send_message(olga.id, "oops")
    await olga.wait_for("oops")
    await bot.delete_message(olga.id, sent.message_id)
    await olga.wait_for("oops", deleted=True)
    assert "oops" not in (await olga.look()).texts
    assert await refused(bot.delete_message(olga.id, sent.message_id)) == "message to delete not found"


async def test_albums(bot: Bot, olga: Person, fresh: Fresh):
    sent = await bot.send_media_group(
        olga.id, [InputMediaPhoto(media=BufferedInputFile(bytes([n]), f"{n}.jpg")) for n in range(1, 4)]
    )
    assert len({one.media_group_id for one in sent}) == 1
    assert [one.message_id for one in sent] == list(range(sent[0].message_id, sent[0].message_id + 3))
    mixed = [InputMediaPhoto(media=PHOTO), InputMediaDocument(media=PHOTO)]
    assert (
        await refused(bot.send_media_group(olga.id, mixed)) == "can't use the media of the specified type in the album"
    )
    too_many = [InputMediaPhoto(media=sent[0].photo[0].file_id)] * 11
    assert await refused(bot.send_media_group(olga.id, too_many)) == "too many messages to send as an album"
    await olga.album(["photo", "video", "photo"], "three")
    updates = await fresh()
    assert len({one.message.media_group_id for one in updates}) == 1
    assert [one.message.caption for one in updates] == ["three", None, None]


async def test_files_go_both_ways(bot: Bot, olga: Person, fresh: Fresh):
    sent = await bot.send_document(olga.id, BufferedInputFile("тест".encode(), "заметка.txt"), caption="c")
    assert (sent.document.file_name, sent.document.mime_type) == ("заметка.txt", "text/plain")
    file = await bot.get_file(sent.document.file_id)
    assert (await bot.download_file(file.file_path)).read() == "тест".encode()
    again = await bot.send_document(olga.id, sent.document.file_id)
    assert again.document.file_unique_id == sent.document.file_unique_id
    as_photo = bot.send_photo(olga.id, sent.document.file_id)
    assert await refused(as_photo) == "can't use file of type Document as Photo"
    assert await refused(bot.send_photo(olga.id, "nonsense")) == "wrong file identifier/HTTP URL specified"
    await olga.say("look", kind="photo")
    (update,) = await fresh()
    assert (await bot.download(update.message.photo[-1])).read().startswith(b"\x89PNG")
    too_large = bot.send_document(olga.id, BufferedInputFile(bytes(50 * 1024 * 1024 + 1), "big.bin"))
    await refused(too_large, TelegramEntityTooLarge)


@pytest.mark.parametrize("kind", ["photo", "video", "video_note", "voice", "audio", "document", "animation", "sticker"])
async def test_every_kind_of_media_is_decoded_and_copied(
    kind: str, bot: Bot, olga: Person, david: Person, fresh: Fresh
):
    said = await olga.say("words", kind=kind)
    (update,) = await fresh()
    assert update.message.content_type == kind
    copied = await bot.copy_message(david.id, olga.id, said.message_id)
    seen = await david.wait_for(kind=kind)
    assert seen.message_id == copied.message_id
    assert seen.message[kind] == said.message[kind]
    assert "forward_origin" not in seen.message
    assert seen.message["from"]["id"] == bot.id


async def test_places_contacts_dice_and_polls_are_decoded(bot: Bot, olga: Person, fresh: Fresh):
    point = {"latitude": 41.7, "longitude": 44.8}
    await olga.say(kind="location", content=point | {"live_period": 600})
    await olga.say(kind="venue", content={"location": point, "title": "Home", "address": "1 Street"})
    await olga.share_contact()
    found = [one.message for one in await fresh()]
    while len(found) < 3:
        found += [one.message for one in await fresh()]
    assert [one.content_type for one in found] == ["location", "venue", "contact"]
    assert found[2].contact.user_id == olga.id
    await bot.send_location(olga.id, 1, 2)
    await bot.send_venue(olga.id, 1, 2, "t", "a")
    await bot.send_contact(olga.id, "+1", "n")
    assert 1 <= (await bot.send_dice(olga.id)).dice.value <= 6
    assert await refused(bot.send_location(olga.id, 91, 2)) == "wrong location coordinates specified"
    poll = await bot.send_poll(olga.id, "?", ["a", "b"], is_anonymous=False)
    await olga.vote(poll.message_id, 1)
    kinds = {one.event_type for one in await fresh()}
    assert kinds == {"poll", "poll_answer"}
    assert (await bot.stop_poll(olga.id, poll.message_id)).options[1].voter_count == 1


async def test_copies_and_forwards(bot: Bot, olga: Person, david: Person):
    first, second = await olga.say("one"), await olga.say("two")
    ids = [first.message_id, second.message_id]
    copied = await bot.copy_messages(david.id, olga.id, ids)
    assert [one.text for one in (await david.look()).messages if one.message_id in {c.message_id for c in copied}] == [
        "one",
        "two",
    ]
    forwarded = await bot.forward_message(david.id, olga.id, first.message_id)
    assert forwarded.forward_origin.sender_user.id == olga.id
    assert await refused(bot.copy_message(david.id, olga.id, 999_999)) == "message to copy not found"
    protected = await bot.send_message(olga.id, "secret", protect_content=True)
    assert await refused(bot.copy_message(david.id, olga.id, protected.message_id)) == "message can't be copied"
    assert await refused(bot.forward_message(david.id, olga.id, protected.message_id)) == "message can't be forwarded"
    backwards = bot.copy_messages(david.id, olga.id, ids[::-1])
    assert await refused(backwards) == "message identifiers must be in a strictly increasing order"


async def test_limits_answer_429(bot: Bot, simulator: Simulator, olga: Person):
    await simulator.limits(on=True)
    with pytest.raises(TelegramRetryAfter) as refusal:
        await asyncio.gather(*(bot.send_message(olga.id, "again") for _ in range(20)))
    assert refusal.value.retry_after == 1
    await simulator.limits(on=False)
    await bot.send_message(olga.id, "again")
