"""Which topics mirror a conversation, or did; and what is said there once a day, as it would be said of every line."""

import asyncio
from typing import Final

from aiogram.types import Message

from contracts.deliveries import Located, LocateDelivery
from contracts.operations.messages import DELIVERIES_LOCATE
from telegram_bot.group_turn import GroupTurn
from telegram_bot.routers.relay.where import ASKED_AGAIN, is_of

OVER: Final = "topic-over"


async def is_mirror(message: Message, turn: GroupTurn) -> bool | dict[str, Located]:
    """A filter for what is said in a topic that mirrors a conversation; the handler gets `located`.

    Of a topic that mirrors it no more, or not yet, `located` has no demand: nothing of it is for anybody outside the group.
    """
    if turn.thread is None or not message.is_topic_message:
        return False
    answered = message.reply_to_message
    # In a topic everything answers the message that opened it, unless it answers another one.
    asked = answered.message_id if answered is not None and answered.message_id != turn.thread else message.message_id
    located = await located_in(turn, asked)
    if answered is not None and is_of(answered, turn.bot.id):
        # Who writes within a moment may be faster than the ledger hears of the topic.
        for pause in ASKED_AGAIN:
            if is_known(located):
                break
            await asyncio.sleep(pause)
            located = await located_in(turn, asked)
    is_ours = answered is not None and answered.forum_topic_created is not None and is_of(answered, turn.bot.id)
    return {"located": located} if is_known(located) or is_ours else False


def is_known(located: Located) -> bool:
    """Whether the ledger knows the topic, be it as one that was a mirror."""
    return located.demand is not None or located.is_over


def why_nowhere(located: Located) -> str:
    """The sentence for what is said in a topic that leads nowhere."""
    return OVER if located.is_over else "topic-not-yet"


async def located_in(turn: GroupTurn, message_id: int) -> Located:
    """Which line of which conversation a message of the topic is."""
    asked = LocateDelivery(address=turn.topic, channel_message_id=str(message_id))
    return await turn.channel_call(DELIVERIES_LOCATE, asked)


async def tell_once(turn: GroupTurn, message: Message, key: str) -> None:
    """Say to the group why a message of a topic was not passed on; of more of them on the same day nothing is said."""
    if turn.is_new("told_in_topics", f"{key}:{turn.topic}:{message.date:%Y-%m-%d}"):
        await (tell_over(turn, message) if key == OVER else turn.post(turn.tell(key), reply_to=message.message_id))


async def tell_nowhere(turn: GroupTurn, message: Message, located: Located) -> None:
    """Say to the group that a topic leads to nobody, each time."""
    if located.is_over:
        await tell_over(turn, message)
    else:
        await turn.post(turn.tell(why_nowhere(located)), reply_to=message.message_id)


async def tell_over(turn: GroupTurn, message: Message) -> None:
    """Say to the group that a topic shows no conversation any more, with the way to the people in it."""
    await turn.post(turn.tell(OVER), await turn.opening("staff"), reply_to=message.message_id)
