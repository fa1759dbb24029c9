"""People write, send things, change and take back what they wrote."""

import base64
import binascii
import time

import msgspec

from telegram_simulator.call import Upload
from telegram_simulator.chats import Chat
from telegram_simulator.content import CAPTIONED, MEDIA_KINDS, store
from telegram_simulator.entities import MOST_CAPTION_UNITS, MOST_TEXT_UNITS, fix_text, merge, units
from telegram_simulator.messages import Message
from telegram_simulator.methods.copying import copyable, origin_of
from telegram_simulator.methods.media import new_group_id
from telegram_simulator.people import Person
from telegram_simulator.places import pick_chat, pick_message
from telegram_simulator.refusals import BotApiError, ControlError, JsonObject
from telegram_simulator.samples import sample
from telegram_simulator.views import Seen, see
from telegram_simulator.world import World

_RAW = frozenset({"location", "venue", "contact", "dice", "poll"})
_MOST_IN_ALBUM = 10


class Say(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A message to the bot (`chat` 0) or to a group.

    `kind` is "text", a kind of media or one of location, venue, contact, dice, poll; `text` is the text or caption,
    `content` the raw object of the latter kinds, `file` the bytes of media in base64 (none: a small sample).
    """

    person: int
    chat: int = 0
    bot: str = ""
    kind: str = "text"
    text: str = ""
    entities: list[JsonObject] = []
    content: JsonObject = {}
    file: str = ""
    file_name: str = ""
    file_mime: str = ""
    reply_to: int = 0
    quote: str = ""
    thread_id: int = 0
    album: str = ""
    extra: JsonObject = {}


class SayAlbum(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Several files as one album; the caption stands under the first, or `captions` under each."""

    person: int
    chat: int = 0
    bot: str = ""
    kinds: list[str]
    text: str = ""
    reply_to: int = 0
    captions: list[str] = []


class Rewrite(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A new text or caption, or a new place of a live location, for an own message."""

    person: int
    message_id: int
    chat: int = 0
    bot: str = ""
    text: str = ""
    entities: list[JsonObject] = []
    content: JsonObject = {}


class OneMessage(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A message as a person sees it; `to_chat` and `to_bot` only for passing on."""

    person: int
    message_id: int
    chat: int = 0
    bot: str = ""
    to_chat: int = 0
    to_bot: str = ""


def say(world: World, asked: Say) -> Seen:
    """Write; the bots that may see it get a message update."""
    person = world.person(asked.person)
    chat = pick_chat(world, person, asked.chat, asked.bot)
    message = _say(world, person, chat, asked)
    return see(message, person.id)


def _say(world: World, person: Person, chat: Chat, asked: Say) -> Message:
    if person.deactivated or (chat.type == "private" and chat.blocked):
        raise ControlError(409, "the account is gone" if person.deactivated else "the person has blocked the bot")
    reply = pick_message(chat, asked.reply_to) if asked.reply_to else None
    extra = dict(asked.extra)
    if asked.quote:
        if reply is None or asked.quote not in reply.words:
            raise ControlError(400, "a quote is a piece of the message replied to")
        extra["quote"] = {"text": asked.quote, "position": reply.words.index(asked.quote), "is_manual": True}
    if asked.thread_id:
        topic = chat.topics.get(asked.thread_id)
        if topic is None or topic.closed:
            raise ControlError(404, f"no open topic {asked.thread_id}")
        extra |= {"message_thread_id": asked.thread_id, "is_topic_message": True}
    if asked.album:
        extra["media_group_id"] = asked.album
    content = _content(world, asked)
    chat.started = True
    message = world.post(chat, person.user(), content, reply=reply, **extra)
    world.tell_bots(chat, "message", message)
    return message


def _content(world: World, asked: Say) -> JsonObject:
    kind = asked.kind
    if kind == "text":
        return _words(asked.text, asked.entities, "text")
    if kind in _RAW:
        if not asked.content:
            raise ControlError(400, f"a {kind} needs its content")
        more = {"location": asked.content["location"]} if kind == "venue" else {}
        return {kind: asked.content} | more
    if kind not in MEDIA_KINDS:
        raise ControlError(400, f"{kind} is no kind of message")
    try:
        given = base64.b64decode(asked.file, validate=True)
    except binascii.Error as error:
        raise ControlError(400, f"file: {error}") from error
    name, content = sample(kind, world.changes.number % 4)
    upload = Upload(asked.file_name or name, asked.file_mime, given or content)
    try:
        media = store(world.files, kind, upload, asked.content)
    except BotApiError as error:
        raise ControlError(error.code, error.description) from error
    caption = _words(asked.text, asked.entities, "caption") if asked.text and kind in CAPTIONED else {}
    return media | caption


def _words(text: str, entities: list[JsonObject], field: str) -> JsonObject:
    try:
        text, given = fix_text(text, entities)
    except BotApiError as error:
        raise ControlError(400, error.description) from error
    most = MOST_TEXT_UNITS if field == "text" else MOST_CAPTION_UNITS
    if not text or units(text) > most:
        raise ControlError(400, f"a {field} has 1 to {most} UTF-16 units")
    found = merge(given, text)
    name = "entities" if field == "text" else "caption_entities"
    return {field: text, name: found} if found else {field: text}


def say_album(world: World, asked: SayAlbum) -> list[Seen]:
    """Send an album: one update for each file, in order."""
    if not 2 <= len(asked.kinds) <= _MOST_IN_ALBUM:  # noqa: PLR2004 -- one is no album
        raise ControlError(400, f"an album has 2 to {_MOST_IN_ALBUM} files")
    if len(asked.captions) not in (0, len(asked.kinds)):
        raise ControlError(400, "a caption for each of the files, or for none")
    captions = asked.captions or [asked.text] + [""] * (len(asked.kinds) - 1)
    group = new_group_id()
    return [
        say(
            world,
            Say(
                person=asked.person,
                chat=asked.chat,
                bot=asked.bot,
                kind=kind,
                text=caption,
                reply_to=asked.reply_to,
                album=group,
            ),
        )
        for kind, caption in zip(asked.kinds, captions, strict=True)
    ]


def rewrite(world: World, asked: Rewrite) -> Seen:
    """Edit an own message; the bots get edited_message."""
    person = world.person(asked.person)
    chat = pick_chat(world, person, asked.chat, asked.bot)
    message = pick_message(chat, asked.message_id)
    if message.author_id != person.id:
        raise ControlError(403, "only one's own messages can be edited")
    data = message.data
    if "forward_origin" in data or "via_bot" in data:
        raise ControlError(403, "what somebody else wrote cannot be edited")
    if asked.content and "live_period" not in data.get("location", {}):
        raise ControlError(403, "only a live location moves")
    if not asked.content and "text" not in data and CAPTIONED.isdisjoint(data):
        raise ControlError(403, "there are no words to edit in it")
    message.versions.append(message.words)
    if asked.content:
        data["location"] = data["location"] | asked.content
    elif "text" in data:
        data.pop("entities", None)
        data |= _words(asked.text, asked.entities, "text")
    else:
        data.pop("caption", None)
        data.pop("caption_entities", None)
        data |= _words(asked.text, asked.entities, "caption") if asked.text else {}
    data["edit_date"] = int(time.time())
    world.changed("edit", chat, message)
    world.tell_bots(chat, "edited_message", message)
    return see(message, person.id)


def take_back(world: World, asked: OneMessage) -> bool:
    """Delete a message; bots are never told."""
    person = world.person(asked.person)
    chat = pick_chat(world, person, asked.chat, asked.bot)
    message = pick_message(chat, asked.message_id)
    if message.author_id != person.id and chat.type != "private":
        raise ControlError(403, "only one's own messages can be deleted")
    message.deleted = True
    world.changed("delete", chat, message)
    return True


def pass_on(world: World, asked: OneMessage) -> Seen:
    """Forward a message to a bot or a group."""
    person = world.person(asked.person)
    source = pick_message(pick_chat(world, person, asked.chat, asked.bot), asked.message_id)
    if not copyable(source):
        raise ControlError(403, "the message cannot be forwarded")
    target = pick_chat(world, person, asked.to_chat, asked.to_bot or asked.bot)
    target.started = True
    message = world.post(target, person.user(), source.content(), forward_origin=origin_of(source))
    world.tell_bots(target, "message", message)
    return see(message, person.id)


ACTIONS = {
    "say": (Say, say),
    "say_album": (SayAlbum, say_album),
    "rewrite": (Rewrite, rewrite),
    "take_back": (OneMessage, take_back),
    "pass_on": (OneMessage, pass_on),
}
