"""The bot comes into a group, gets other rights there, or is sent away."""

from typing import Final

from aiogram import Router
from aiogram.types import (
    ChatMemberAdministrator,
    ChatMemberBanned,
    ChatMemberLeft,
    ChatMemberMember,
    ChatMemberOwner,
    ChatMemberRestricted,
    ChatMemberUpdated,
)

from contracts.failures import NotSignedIn
from contracts.operations.users import USERS_SET_REACHABLE
from contracts.users import SetReachable
from telegram_bot.group_turn import GroupTurn
from telegram_bot.routers.staff.binding import board

Member = (
    ChatMemberOwner
    | ChatMemberAdministrator
    | ChatMemberMember
    | ChatMemberRestricted
    | ChatMemberLeft
    | ChatMemberBanned
)
RIGHTS: Final = ("send", "pin", "topics")


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="arriving")

    @made.my_chat_member()
    async def changed(change: ChatMemberUpdated, turn: GroupTurn) -> None:
        now: Member = change.new_chat_member
        is_here = not isinstance(now, ChatMemberLeft | ChatMemberBanned)
        request = SetReachable(address=str(turn.chat), reachable=is_here and "send" not in missing(now))
        await turn.channel_call(USERS_SET_REACHABLE, request)
        if is_here:
            await greet(turn, change)
        else:
            turn.step.data.pop("greeting", None)

    return made


def missing(member: Member) -> list[str]:
    """What the bot would need in a group and may not do there."""
    match member:
        case ChatMemberOwner():
            return []
        case ChatMemberAdministrator():
            may = {"send": True, "pin": member.can_pin_messages, "topics": member.can_manage_topics}
        case ChatMemberRestricted():
            may = {"send": member.can_send_messages, "pin": member.can_pin_messages, "topics": member.can_manage_topics}
        case _:
            may = {"send": True, "pin": False, "topics": False}
    return [right for right in RIGHTS if not may[right]]


async def greet(turn: GroupTurn, change: ChatMemberUpdated) -> None:
    """Say in one message what the group's number is, which rights are missing, and how it is bound; changed as they change.

    Whoever brought the bot gets their scenarios as buttons, if they look after any.
    """
    if not turn.person.is_bot:
        turn.step.data.setdefault("locale", turn.locale)
    lacking = missing(change.new_chat_member)
    if "send" in lacking:
        return  # nothing can be said here; cards wait until it can
    lines = [turn.tell("group-hello", chat=str(turn.chat))]
    # Only a group with topics has any to manage.
    lines += [turn.tell(f"group-may-not-{right}") for right in lacking if right != "topics" or change.chat.is_forum]
    try:
        buttons = await board(turn)
    except NotSignedIn:
        buttons = None
    lines.append(turn.tell("group-bind-which" if buttons else "group-bind-how"))
    text = "\n\n".join(lines)
    greeting = turn.step.data.get("greeting")
    if isinstance(greeting, int) and await turn.change(greeting, text, buttons):
        return
    said = await turn.post(text, buttons)
    if said is not None:
        turn.step.data["greeting"] = said.message_id
