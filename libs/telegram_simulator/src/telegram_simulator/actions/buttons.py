"""People press buttons, react, vote and ask bots inline."""

import asyncio
import secrets
import time

import msgspec

from telegram_simulator.callbacks import Answer, Query
from telegram_simulator.chats import Chat
from telegram_simulator.keyboards import parse_markup
from telegram_simulator.methods.reactions import read_reaction
from telegram_simulator.people import Person
from telegram_simulator.places import pick_bot, pick_chat, pick_message
from telegram_simulator.refusals import BotApiError, ControlError, JsonObject
from telegram_simulator.views import Seen, see
from telegram_simulator.world import World

LONGEST_WAIT = 120.0


class Press(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An inline button by its `data` or its `text`; waits up to `seconds` for the bot's answer (0: not at all)."""

    person: int
    message_id: int
    chat: int = 0
    bot: str = ""
    text: str = ""
    data: str = ""
    seconds: float = 0.0


class React(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An emoji for a message, or a sign of somebody's own set by its id; none takes the reaction away."""

    person: int
    message_id: int
    chat: int = 0
    bot: str = ""
    emoji: list[str] = []
    custom_emoji: str = ""


class Vote(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Chosen options of a poll, by index."""

    person: int
    message_id: int
    options: list[int]
    chat: int = 0
    bot: str = ""


class AskInline(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`@bot query` typed in a chat."""

    person: int
    query: str = ""
    chat: int = 0
    bot: str = ""
    offset: str = ""
    seconds: float = 5.0


class ChooseInline(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One of the results the bot offered."""

    person: int
    query_id: str
    result_id: str
    chat: int = 0
    bot: str = ""


async def press(world: World, asked: Press) -> JsonObject:
    """Press a button: the bot gets callback_query. Returns query_id and, when it came in time, the answer."""
    person = world.person(asked.person)
    chat = pick_chat(world, person, asked.chat, asked.bot)
    message = pick_message(chat, asked.message_id)
    rows = message.data.get("reply_markup", {}).get("inline_keyboard", [])
    buttons = [one for row in rows for one in row if asked.data in ("", one.get("callback_data"))]
    exact = [one for one in buttons if asked.text in ("", one["text"])]
    found = exact or [one for one in buttons if asked.text in one["text"]]
    if not found:
        raise ControlError(
            404, f"the message has no such button; it has {[one['text'] for row in rows for one in row]}"
        )
    button = found[0]
    if button.get("disabled") or "callback_data" not in button:
        raise ControlError(409, "the button does not call the bot")
    via: JsonObject = message.data.get("via_bot") or message.data["from"]
    query = world.queries.ask(via["id"], person.id, chat.key)
    payload: JsonObject = {
        "id": query.id,
        "from": person.user(),
        "message": message.data,
        "chat_instance": str(hash((via["id"], chat.key)) & ((1 << 62) - 1)),
        "data": button["callback_data"],
    }
    inline_id = next((one for one, place in world.inline_messages.items() if place == (chat.key, message.id)), None)
    if inline_id is not None:
        del payload["message"]
        payload["inline_message_id"] = inline_id
    world.updates[via["id"]].add("callback_query", payload, person.id)
    return {"query_id": query.id, "answer": await _answer(query, asked.seconds)}


async def _answer(query: Query, seconds: float) -> Answer | None:
    if seconds <= 0:
        return None
    try:
        async with asyncio.timeout(min(seconds, LONGEST_WAIT)):
            await query.answered.wait()
    except TimeoutError:
        return None
    return query.answer


def react(world: World, asked: React) -> Seen:
    """React: bots that asked for message_reaction get it, in groups only administrators."""
    person = world.person(asked.person)
    chat = pick_chat(world, person, asked.chat, asked.bot)
    message = pick_message(chat, asked.message_id)
    try:
        signs: list[JsonObject] = [{"type": "emoji", "emoji": emoji} for emoji in asked.emoji]
        if asked.custom_emoji:
            signs.append({"type": "custom_emoji", "custom_emoji_id": asked.custom_emoji})
        now = [read_reaction(sign) for sign in signs]
    except BotApiError as error:
        raise ControlError(400, error.description) from error
    before = message.reactions.get(person.id, [])
    if now:
        message.reactions[person.id] = now
    else:
        message.reactions.pop(person.id, None)
    world.changed("reaction", chat, message)
    payload = {
        "chat": world.chat_object(chat),
        "message_id": message.id,
        "user": person.user(),
        "date": int(time.time()),
        "old_reaction": before,
        "new_reaction": now,
    }
    for bot in world.bots_in(chat):
        if chat.type == "private" or chat.member(bot.id).status == "administrator":
            world.updates[bot.id].add("message_reaction", payload, chat.id)
    return see(message, person.id)


def vote(world: World, asked: Vote) -> Seen:
    """Vote in a bot's poll: it gets poll, and poll_answer when the poll is not anonymous."""
    person = world.person(asked.person)
    chat = pick_chat(world, person, asked.chat, asked.bot)
    message = pick_message(chat, asked.message_id)
    poll = message.data.get("poll")
    if poll is None or poll["is_closed"]:
        raise ControlError(409, "the message is no open poll")
    for index in asked.options:
        if not 0 <= index < len(poll["options"]):
            raise ControlError(400, f"the poll has no option {index}")
        poll["options"][index]["voter_count"] += 1
    poll["total_voter_count"] += 1
    world.changed("edit", chat, message)
    updates = world.updates.get(message.author_id)
    if updates is not None:
        updates.add("poll", poll, chat.id)
        if not poll["is_anonymous"]:
            answer = {
                "poll_id": poll["id"],
                "user": person.user(),
                "option_ids": asked.options,
                "option_persistent_ids": [poll["options"][index]["persistent_id"] for index in asked.options],
            }
            updates.add("poll_answer", answer, person.id)
    return see(message, person.id)


async def ask_inline(world: World, asked: AskInline) -> JsonObject:
    """Ask a bot inline: it gets inline_query. Returns query_id and the results it offered in time."""
    person = world.person(asked.person)
    bot = pick_bot(world, asked.bot)
    query = world.queries.ask(bot.id, person.id, "")
    payload: JsonObject = {"id": query.id, "from": person.user(), "query": asked.query, "offset": asked.offset}
    payload["chat_type"] = "sender" if asked.chat == 0 else "supergroup"
    world.updates[bot.id].add("inline_query", payload, person.id)
    await _answer(query, asked.seconds)
    return {"query_id": query.id, "results": query.results}


def choose_inline(world: World, asked: ChooseInline) -> Seen:
    """Send a result: the chat gets a message via the bot, the bot chosen_inline_result."""
    person = world.person(asked.person)
    query = world.queries.get(asked.query_id)
    found = [one for one in query.results if one.get("id") == asked.result_id] if query is not None else []
    if query is None or not found:
        raise ControlError(404, "the bot offered no such result")
    result: JsonObject = found[0]
    bot = world.bots_by_id[query.bot_id]
    chat = pick_chat(world, person, asked.chat, asked.bot)
    return _send_result(world, person, chat, result, bot.user())


def _send_result(world: World, person: Person, chat: Chat, result: JsonObject, via: JsonObject) -> Seen:
    said = result.get("input_message_content") or {"message_text": result.get("title") or result["id"]}
    content = {"text": str(said.get("message_text", ""))} if "message_text" in said else {"location": said}
    inline, _ = parse_markup(result.get("reply_markup") or {})
    chat.started = True
    message = world.post(chat, person.user(), content, via_bot=via, reply_markup=inline)
    world.tell_bots(chat, "message", message)
    chosen: JsonObject = {"result_id": result["id"], "from": person.user(), "query": ""}
    if inline is not None:
        inline_id = secrets.token_urlsafe(20)
        world.inline_messages[inline_id] = (chat.key, message.id)
        chosen["inline_message_id"] = inline_id
    world.updates[via["id"]].add("chosen_inline_result", chosen, person.id)
    return see(message, person.id)


ACTIONS = {
    "press": (Press, press),
    "react": (React, react),
    "vote": (Vote, vote),
    "ask_inline": (AskInline, ask_inline),
    "choose_inline": (ChooseInline, choose_inline),
}
