"""A contact card: its number and whose it is; the name on it stays behind."""

import re
from typing import Any, Final

from aiogram.types import Contact, Message
from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, parse

PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}")


def card(message: Message) -> dict[str, Any]:
    """The phone on a card, and whether it is the writer's own."""
    if message.contact is None:
        return {}
    # Telegram names the owner only where it knows them: who typed a card by hand is not said to own it.
    is_own = message.from_user is not None and message.contact.user_id == message.from_user.id
    return {"contact": {"phone": phone_on(message.contact), "is_own": is_own}}


def phone_on(contact: Contact) -> str:
    """The number of a card in E.164; empty when it is none."""
    # Telegram leaves the plus away.
    digits = "+" + re.sub("[^0-9]", "", contact.phone_number)
    try:
        number = format_number(parse(digits), PhoneNumberFormat.E164)
    except NumberParseException:
        return ""
    return number if PHONE.fullmatch(number) else ""
