"""Write to everybody else in a demand."""

from api.call import HotCall
from contracts import wire
from contracts.failures import InvalidRequest
from contracts.messages import SendMessage, Sent

SEND = "SELECT failure, body FROM messages_send_v2($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"


async def send_message(call: HotCall, request: SendMessage) -> Sent:
    """The kept message with its place in the conversation and how many people are owed it now.

    `InvalidRequest` for a message in which nothing is said, shown or shared.
    """
    extras = _extras(request)
    if not request.text and extras is None:
        raise InvalidRequest(problem="the message is empty")
    origin = request.origin
    reply: Sent = await call.as_actor(
        SEND,
        request.demand,
        request.text,
        wire.encode(request.entities).decode(),
        extras,
        request.reply_to,
        origin.address if origin else None,
        origin.channel_message_id if origin else None,
    )
    return reply


def _extras(request: SendMessage) -> str | None:
    """What goes with the words, as JSON; None for words alone."""
    if not (request.attachments or request.location or request.venue or request.contact):
        return None
    found = {"location": request.location, "venue": request.venue, "contact": request.contact}
    there = {name: part for name, part in found.items() if part is not None}
    return wire.encode({"attachments": request.attachments, **there}).decode()
