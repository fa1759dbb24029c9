"""An alias somebody chose: a name for strangers that leads to nobody."""

import re
import unicodedata

from contracts.failures import InvalidRequest

# An address of any kind, or enough digits to be a number somebody answers.
LEADS_SOMEWHERE = re.compile(r"[@/\\:]|\w\.\w")
DIGITS = 5
SHORTEST, LONGEST = 2, 32


def usable_alias(wanted: str) -> str:
    """The alias in plain characters and single spaces; `InvalidRequest` for one that could identify or cannot be read."""
    alias = " ".join(unicodedata.normalize("NFKC", wanted).split())
    if not SHORTEST <= len(alias) <= LONGEST:
        raise InvalidRequest(problem="an alias has 2 to 32 characters")
    # Joiners hold emoji and some scripts together; everything else that cannot be seen only deceives.
    if any(unicodedata.category(letter).startswith("C") and letter not in "\u200c\u200d" for letter in alias):
        raise InvalidRequest(problem="an alias consists of characters that can be seen")
    if LEADS_SOMEWHERE.search(alias) or sum(letter.isdigit() for letter in alias) >= DIGITS:
        raise InvalidRequest(problem="an alias must not lead to anybody: no @, no address, no number")
    if not any(letter.isalnum() or unicodedata.category(letter) == "So" for letter in alias):
        raise InvalidRequest(problem="an alias needs something to be told by")
    return alias
