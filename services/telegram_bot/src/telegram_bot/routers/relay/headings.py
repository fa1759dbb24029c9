"""The heading over words we passed on, read again: by it an answer finds its conversation where the ledger knows nothing."""

import re
from functools import cache
from typing import Final

from contracts.demands import DemandLine
from contracts.kinds import Audience
from telegram_bot.words import LOCALES, Words

NOTES: Final = {"from-note": Audience.MODERATORS, "from-whisper": Audience.PROVIDER}
WORDS: Final = ("from-requester", "from-provider", "from-moderator")

ANYTHING: Final = "\0"
"""Stands for what differs from one heading to the next."""


def headed(text: str, active: list[DemandLine]) -> dict[str, str]:
    """The `demand` whose words a message of ours says in its first line that it passes on; of a note its audience, too.

    Of a message that was sent by a process that died before it could say so the ledger knows nothing, until it is sent
    again: its thread is lost, but whoever answers it must not be heard in another conversation. What we say ourselves
    about a request names it too and is nobody's words: an answer to that is not for everybody in it.
    """
    first = text.partition("\n")[0]
    found = next(((key, match[1]) for key, heading in _headings() if (match := heading.fullmatch(first))), None)
    if found is None:
        return {}
    key, number = found
    # A note is one of whatever request, also of one that is over.
    note = {"note": NOTES[key].value} if key in NOTES else {}
    demand = next((one.id for one in active if one.number == number), None)
    return note | ({"demand": str(demand)} if demand is not None else {})


@cache
def _headings() -> list[tuple[str, re.Pattern[str]]]:
    words = Words()
    marks = [words.say(locale, "repeat", reference=ANYTHING) for locale in LOCALES]
    marks += [words.say(locale, "message-edited") for locale in LOCALES]
    mark = "|".join(re.escape(one).replace(re.escape(ANYTHING), "[0-9A-Za-z]+") for one in marks)
    # Somebody may be called like a number: theirs is the last one, before the marks.
    return [
        (key, re.compile(rf"{_beginning(words, locale, key)} · №([0-9A-Z]+)(?: · (?:{mark}))*"))
        for key in (*NOTES, *WORDS)
        for locale in LOCALES
    ]


def _beginning(words: Words, locale: str, key: str) -> str:
    before, has_alias, _ = words.say(locale, key, alias=ANYTHING).partition(ANYTHING)
    return re.escape(before.rstrip()) + (".*" if has_alias else "")
