"""What people type that would tell others who they are or how to find them: they are asked before it goes out."""

import re
from collections.abc import Mapping
from typing import Any, Final

from phonenumbers import Leniency, PhoneNumberMatcher

REASONS: Final = ("phone", "username", "link", "email", "mention", "name", "file", "own_contact", "other_contact")
"""Why a message waits for its writer's yes, in the order in which it is said."""

FEWEST_DIGITS: Final = 7
DIGITS: Final = re.compile(r"[0-9]")
LOOKED_AT: Final = 50
"""Stretches of a text that are looked at as phones, in the order in which they stand."""

LONG_NUMBER: Final = re.compile(
    r"(?<![0-9])\+?(?:[0-9][ ()\u00a0-]{0,2}){9,}|(?<![0-9-])[0-9]{3}[ -][0-9]{2}[ -][0-9]{2}(?![0-9-])"
)
"""So many digits in a row are a phone somewhere, a card or a document; so grouped, a phone of the same town."""

MOMENT: Final = re.compile(
    r"(?<![0-9.])[0-9]{1,2}\.[0-9]{1,2}\.(?:19|20)[0-9]{2}(?![0-9.])|(?<![0-9])[0-9]{1,2}:[0-9]{2}(?![0-9])"
)
"""A day or a time of day, of which a phone could be made up too."""

NAME: Final = r"@[A-Za-z][A-Za-z0-9_]{3,31}(?![A-Za-z0-9_])"
USERNAME: Final = re.compile(rf"(?<!\w){NAME}|{NAME}(?!\.\w)")
"""A @name after anything but a word, or after one where it is no e-mail address."""

EMAIL: Final = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.\w")
LINK: Final = re.compile(
    r"(?:tg|viber|whatsapp|skype):|(?<=[\w-])\.t\.me(?!\w)|(?<![\w-])(?:t\.me|telegram\.(?:me|dog)|wa\.me|api\.whatsapp\.com"
    r"|signal\.me|m\.me|vk\.com|ok\.ru|facebook\.com|fb\.com|instagram\.com)/",
    re.IGNORECASE,
)


def revealed(kept: Mapping[str, Any], region: str) -> list[str]:
    """Which of `REASONS` a kept message gives to ask before it goes out; `region` is where numbers without a code are."""
    text = "\n".join([kept["text"], *(str(kept.get("venue", {}).get(part, "")) for part in ("title", "address"))])
    links = " ".join(str(style.get("url", "")) for style in kept["styles"])
    contact = kept.get("contact")
    found = {
        "phone": has_phone(text, region),
        "username": bool(USERNAME.search(text)),
        "link": bool(LINK.search(f"{text} {links}")),
        "email": bool(EMAIL.search(f"{text} {links}")),
        "mention": "mentions" in kept,
        "name": "bears" in kept,
        "file": any(file["kind"] == "document" for file in kept.get("files", ())),
        "own_contact": contact is not None and contact["is_own"],
        "other_contact": contact is not None and not contact["is_own"],
    }
    return [reason for reason in REASONS if found[reason]]


def has_phone(text: str, region: str) -> bool:
    """Whether a text holds what looks like a phone."""
    # Looking for phones takes longer than all else the bot does with a message: only where there can be one.
    text = MOMENT.sub(" ", text)
    if len(DIGITS.findall(text)) < FEWEST_DIGITS:
        return False
    return bool(LONG_NUMBER.search(text)) or has_number(text, region)


def has_number(text: str, region: str) -> bool:
    """Whether a text holds a number that is somebody's phone in its country, or in this one."""
    return PhoneNumberMatcher(text, region, leniency=Leniency.VALID, max_tries=LOOKED_AT).has_next()
