"""Logins: the names people sign in with on the web."""

import unicodedata

SHORTEST, LONGEST = 3, 64


def normalised(login: str) -> str | None:
    """The login as it is kept and compared, in NFC and without case; None for what cannot be one.

    From 3 to 64 characters, all of them visible; no colon, which is in the made-up logins of guests.
    """
    name = unicodedata.normalize("NFC", unicodedata.normalize("NFC", login).casefold())
    if not SHORTEST <= len(name) <= LONGEST or ":" in name:
        return None
    return name if all(letter.isprintable() and not letter.isspace() for letter in name) else None
