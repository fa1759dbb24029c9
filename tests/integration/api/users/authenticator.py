"""The app on somebody's telephone that tells codes of a second factor."""

from typing import Final

import pyotp

MOMENT: Final = 1_800_000_015
"""When the tests of this folder happen, by the clock codes go by: the middle of a step, in seconds since 1970."""


def code_of(secret: str, steps: int = 0, *, at: int = MOMENT) -> str:
    """The code so many steps of 30 s after a moment."""
    return pyotp.TOTP(secret).at(at + 30 * steps)
