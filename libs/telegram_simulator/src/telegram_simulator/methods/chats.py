"""Looking at chats and their members, and leaving."""

from telegram_simulator.access import find_chat
from telegram_simulator.call import Call
from telegram_simulator.chats import Chat, Member
from telegram_simulator.refusals import JsonObject, bad_request, forbidden
from telegram_simulator.service import set_status

_MOST_TITLE = 128


def get_chat(call: Call) -> JsonObject:
    """Return the ChatFullInfo object."""
    chat = find_chat(call, write=False)
    info = call.world.chat_object(chat) | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }
    if chat.type != "private":
        info["permissions"] = {"can_send_messages": True}
        if chat.has_protected_content:
            info["has_protected_content"] = True
    pinned = chat.message(chat.pinned[-1]) if chat.pinned else None
    if pinned is not None:
        info["pinned_message"] = pinned.as_reply()
    return info


def get_member(call: Call) -> JsonObject:
    """Return the standing of a user in a chat."""
    chat = find_chat(call, write=False)
    user_id = call.integer("user_id")
    user = call.world.user(user_id)
    if user is None:
        raise bad_request("invalid user_id specified")
    if chat.type == "private":
        member = Member("member") if user_id in (chat.person_id, chat.bot_id) else Member("left")
    else:
        member = chat.member(user_id)
    return member.view(user)


def get_administrators(call: Call) -> list[JsonObject]:
    """Return the administrators that are not bots, and this bot if it is one."""
    chat = find_chat(call, write=False)
    if chat.type == "private":
        raise bad_request("there are no administrators in the private chat")
    return [
        member.view(user)
        for user_id, member in chat.members.items()
        if member.status in ("creator", "administrator") and (user := call.world.user(user_id)) is not None
    ]


def get_count(call: Call) -> int:
    """Return how many are in the chat."""
    return len(find_chat(call, write=False).present())


def leave(call: Call) -> bool:
    """Leave a group."""
    chat = find_chat(call)
    if chat.type == "private":
        raise bad_request("chat member status can't be changed in private chats")
    set_status(call.world, chat, call.bot.id, Member("left"), by=call.bot.user())
    return True


def _need(call: Call, right: str, what: str) -> Chat:
    chat = find_chat(call)
    if chat.type == "private":
        raise bad_request("method is available only for groups and supergroups")
    if not chat.member(call.bot.id).may(right):
        raise bad_request(f"not enough rights to {what}")
    return chat


def _target(call: Call, chat: Chat) -> int:
    user_id = call.integer("user_id")
    if call.world.user(user_id) is None:
        raise bad_request("invalid user_id specified")
    if chat.member(user_id).status in ("creator", "administrator"):
        raise bad_request("user is an administrator of the chat")
    return user_id


def ban(call: Call) -> bool:
    """Remove a user from a group for good."""
    chat = _need(call, "can_restrict_members", "restrict/unrestrict chat member")
    set_status(call.world, chat, _target(call, chat), Member("kicked"), by=call.bot.user())
    return True


def unban(call: Call) -> bool:
    """Let a removed user come back."""
    chat = _need(call, "can_restrict_members", "restrict/unrestrict chat member")
    user_id = _target(call, chat)
    if chat.member(user_id).status == "kicked" or not call.flag("only_if_banned"):
        set_status(call.world, chat, user_id, Member("left"), by=call.bot.user())
    return True


def set_title(call: Call) -> bool:
    """Rename a group."""
    title = call.text("title").strip()
    if not 1 <= len(title) <= _MOST_TITLE:
        raise bad_request("chat title must be non-empty" if not title else "chat title is too long")
    chat = _need(call, "can_change_info", "change chat title")
    chat.title = title
    call.world.post(chat, call.bot.user(), {"new_chat_title": title})
    return True


def invite_link(call: Call) -> str:
    """Return a new invite link; nobody outside this simulator can follow it."""
    chat = _need(call, "can_invite_users", "manage chat invite link")
    if chat.member(call.bot.id).status == "left":
        raise forbidden("bot is not a member of the chat")
    return f"https://t.me/+simulator{abs(chat.id)}"


METHODS = {
    "getChat": get_chat,
    "getChatMember": get_member,
    "getChatAdministrators": get_administrators,
    "getChatMemberCount": get_count,
    "leaveChat": leave,
    "banChatMember": ban,
    "unbanChatMember": unban,
    "setChatTitle": set_title,
    "exportChatInviteLink": invite_link,
}
