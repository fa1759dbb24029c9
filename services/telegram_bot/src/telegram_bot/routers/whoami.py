"""/whoami: what the system knows of whoever asks."""

from typing import Final

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from contracts.kinds import MembershipState
from telegram_bot.turn import Turn

LISTED: Final = 10
"""Scenarios named; with the longest names of places and of help they fit into one message."""


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="whoami")

    @made.message(Command("whoami"))
    async def tell(message: Message, turn: Turn) -> None:
        del message
        me = await turn.me()
        lines = [
            turn.say("whoami-alias" if me.user.alias else "whoami-no-alias", alias=me.user.alias or ""),
            turn.say("whoami-language"),
            turn.say("whoami-phone" if me.user.phone else "whoami-no-phone", phone=me.user.phone or ""),
        ]
        if me.user.is_admin:
            lines.append(turn.say("whoami-admin"))
        live = [one for one in me.memberships if one.state is MembershipState.LIVE]
        lines += [turn.say(f"whoami-{one.kind}", place=one.place, resource=one.resource) for one in live[:LISTED]]
        if len(live) > LISTED:
            lines.append(turn.say("gains-more", count=len(live) - LISTED))
        lines += [turn.say("whoami-open", count=len(me.demands)), "", turn.say("whoami-kept")]
        await turn.send("\n".join(lines))

    return made
