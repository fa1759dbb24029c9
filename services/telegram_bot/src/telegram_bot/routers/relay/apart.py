"""What is for coordinators or for a helper alone, and our answers about it: what is added to that is not for everybody.

In the step, `apart` is by message what it is about and in which request: of what somebody wrote, and of what we answered.
"""

from typing import Final, Literal

from aiogram.types import Message

from contracts.kinds import Audience, Notice
from contracts.shapes import DemandId
from telegram_bot.routers.filters import says_a_note
from telegram_bot.turn import Turn

KEPT: Final = 50
"""Messages remembered, the newest."""

What = Literal["note", "whisper", "report", "report-ask"]

OF_NOTE: Final[dict[Audience, What]] = {Audience.MODERATORS: "note", Audience.PROVIDER: "whisper"}

AGAIN: Final = {"whisper": "whisper-again", "report": "report-not-added", "report-ask": "report-again"}
"""What is said to an answer that nothing can be done with."""

COORDINATORS: Final = "coordinators"
"""What a chat has heard from, in place of a demand, when coordinators were told something last."""

OF_NOTICE: Final[dict[str, str]] = {Notice.REPORT_MADE: "report-made-answered", Notice.REPORT_RESOLVED: "report-again"}


def set_apart(turn: Turn, what: What, demand: DemandId | None, *messages: Message | int | None) -> None:
    """Remember of messages of this chat that they are not for everybody in a request."""
    known: dict[str, list[str]] = turn.step.data.get("apart", {})
    for one in messages:
        if one:
            message_id = one.message_id if isinstance(one, Message) else one
            known.pop(str(message_id), None)
            known[str(message_id)] = [what, str(demand or "")]
    turn.step.data["apart"] = dict(list(known.items())[-KEPT:])


def answers_apart(turn: Turn, answered: Message) -> dict[str, str]:
    """Where an answer to this message belongs if that was not for everybody; nothing for any other message.

    That is a `note` for its audience, with the `demand` if it is known, or `apart`: it cannot go there, and this is said.
    """
    what, demand = turn.step.data.get("apart", {}).get(str(answered.message_id), ("", ""))
    if not what and says_a_note(answered):
        what = (answered.text or "").removeprefix("/").split()[0].partition("@")[0]
    if what in AGAIN:
        return {"apart": AGAIN[what]}
    if not what:
        return {}
    return {"note": Audience.MODERATORS.value} | ({"demand": demand} if demand else {})


def is_note(turn: Turn, message: Message) -> bool:
    """Whether a message of theirs is a note or a whisper, be it a command or an answer to one."""
    what, _ = turn.step.data.get("apart", {}).get(str(message.message_id), ("", ""))
    return what in OF_NOTE.values() or says_a_note(message)
