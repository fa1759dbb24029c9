"""Plain words: they go to the others in the right conversation, or we ask which one that is. Never to a wrong person."""

import asyncio
import re
from datetime import datetime, timedelta
from typing import Any, Final

from aiogram import Router
from aiogram.types import CallbackQuery, Message, MessageEntity

from contracts.deliveries import Located, LocateDelivery
from contracts.demands import DemandLine
from contracts.failures import AlreadyClosed, NotFound
from contracts.kinds import MembershipKind
from contracts.messages import Origin, SendMessage, WrittenEntity
from contracts.operations.messages import DELIVERIES_LOCATE, MESSAGES_SEND
from contracts.shapes import DemandId, MessageId
from telegram_bot import keyboards
from telegram_bot.callbacks import Press, Verb
from telegram_bot.intake.steps import Steps
from telegram_bot.routers.filters import pressing, says_words
from telegram_bot.routers.next import one_line
from telegram_bot.turn import Turn, holds

STYLES: Final = frozenset(
    {
        "bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "blockquote", "expandable_blockquote",
        "text_link",
    }
)  # fmt: skip
"""What passes of a person's styling. Mentions would name somebody, and only web addresses may hide behind a word."""

ENTITIES: Final = 100
KEPT: Final = 20
"""Messages kept while we wait to hear which conversation they are for."""

FRESH: Final = timedelta(seconds=10)
"""How long a message of ours may be on its way into the ledger."""

ASKED_AGAIN: Final = (0.05, 0.15, 0.4)
"""Seconds between questions for a message that may be on its way into the ledger."""

NUMBER: Final = re.compile(r"№([0-9A-Z]+)")

TOLD: Final = 30
"""Requests remembered as told that nobody reads yet."""


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="relay")

    @made.message(says_words)
    async def words(message: Message, turn: Turn, steps: Steps) -> None:
        if await relayed_reply(message, turn):
            return
        me = await turn.me()
        if not me.demands:
            board = keyboards.beginning(turn.say, helps=holds(me, MembershipKind.PROVIDER))
            await turn.answer("nobody-to-tell", keyboard=board)
            return
        demand = await meant(turn, steps, me.demands)
        if demand is not None:
            await relay(turn, written(message), demand)
            return
        kept: list[dict[str, Any]] = turn.step.data.setdefault("held", [])
        if len(kept) >= KEPT:
            await turn.answer("choose-first")
            return
        kept.append(written(message))
        if len(kept) == 1:
            await turn.answer("write-to-which", keyboard=keyboards.demands(Verb.WRITE, me.demands, one_line))

    @made.callback_query(pressing(Verb.WRITE))
    async def chosen(query: CallbackQuery, press: Press, turn: Turn, steps: Steps) -> None:
        del query
        demand = DemandId(press.id)
        found = next((one for one in (await turn.me()).demands if one.id == demand), None)
        if found is None:
            await turn.answer("not-in-it-any-more")
            return
        turn.step.data["demand"] = str(demand)
        # Choosing is the newest thing said about it: an older word from another conversation no longer raises a doubt.
        await steps.hear(turn.chat, str(demand))
        kept: list[dict[str, Any]] = turn.step.data.pop("held", [])
        for one in kept:
            await relay(turn, one, demand)
        await turn.answer("writing-to-sent" if kept else "writing-to", number=found.number, count=len(kept))

    return made


async def relayed_reply(message: Message, turn: Turn) -> bool:
    """Whether a message was a reply to a line of a conversation; then it went there, whatever form is open."""
    if message.reply_to_message is None:
        return False
    located = await locate(turn, message.reply_to_message, message.date)
    demand = located.demand
    if demand is None and is_of(message.reply_to_message, turn.bot.id):
        demand = named(message.reply_to_message.text or "", (await turn.me()).demands)
    if demand is None:
        return False
    await relay(turn, written(message), demand, located.message)
    return True


def named(text: str, active: list[DemandLine]) -> DemandId | None:
    """The conversation that the first line of a message of ours names.

    Of a message that was sent by a process that died before it could say so the ledger knows nothing, until it is sent
    again: its thread is lost, but whoever answers it must not be heard in another conversation.
    """
    numbers = set(NUMBER.findall(text.partition("\n")[0]))
    found = [one.id for one in active if one.number in numbers]
    return found[0] if len(found) == 1 else None


async def locate(turn: Turn, answered: Message, at: datetime) -> Located:
    """Which line of which conversation a message is.

    Who answers within a moment may be faster than the ledger hears of the delivery: then it is asked again.
    """
    asked = LocateDelivery(address=str(turn.chat), channel_message_id=str(answered.message_id))
    is_fresh = is_of(answered, turn.bot.id) and at - answered.date < FRESH
    for pause in ASKED_AGAIN if is_fresh else ():
        located = await turn.channel_call(DELIVERIES_LOCATE, asked)
        if located.demand is not None:
            return located
        await asyncio.sleep(pause)
    return await turn.channel_call(DELIVERIES_LOCATE, asked)


def is_of(message: Message, user: int) -> bool:
    """Whether somebody wrote a message."""
    return message.from_user is not None and message.from_user.id == user


async def meant(turn: Turn, steps: Steps, active: list[DemandLine]) -> DemandId | None:
    """The conversation plain words are for: the only one, or the chosen one if nothing else was heard since."""
    if len(active) == 1:
        return active[0].id
    if "held" in turn.step.data:
        return None
    chosen = turn.step.data.get("demand")
    if all(str(one.id) != chosen for one in active) or await steps.heard(turn.chat) not in {None, chosen}:
        return None
    return next(one.id for one in active if str(one.id) == chosen)


def written(message: Message) -> dict[str, Any]:
    """A message as it is kept and sent: its words, its styling and where it came from."""
    styles = [plain(entity) for entity in message.entities or () if may_pass(entity)]
    return {"text": message.text or "", "styles": styles[:ENTITIES], "message": message.message_id}


def may_pass(entity: MessageEntity) -> bool:
    """Whether a styled stretch may be shown to others."""
    if entity.type == "text_link":
        return (entity.url or "").startswith(("https://", "http://"))
    return entity.type in STYLES


def plain(entity: MessageEntity) -> dict[str, Any]:
    """A stretch as JSON."""
    kept = {"type": entity.type, "offset": entity.offset, "length": entity.length}
    return kept | {key: value for key in ("url", "language") if (value := getattr(entity, key))}


async def relay(turn: Turn, one: dict[str, Any], demand: DemandId, reply_to: MessageId | None = None) -> None:
    """Send words to everybody else in a conversation."""
    message = SendMessage(
        demand=demand,
        text=one["text"],
        entities=[WrittenEntity(**style) for style in one["styles"]],
        reply_to=reply_to,
        origin=Origin(address=str(turn.chat), channel_message_id=str(one["message"])),
    )
    try:
        sent = await turn.call(MESSAGES_SEND, message)
    except AlreadyClosed:
        await turn.answer("closed-not-sent")
        return
    except NotFound:
        await turn.answer("not-in-it-any-more")
        return
    told: list[str] = turn.step.data.get("told", [])
    if sent.recipients == 0 and str(demand) not in told:
        turn.step.data["told"] = [*told, str(demand)][-TOLD:]
        await turn.answer("nobody-reads-yet")
