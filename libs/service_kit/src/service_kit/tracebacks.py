"""An error as the log shows it: where it happened and of what kind, without the words it happened to."""

import traceback
from typing import Final

from service_kit.redaction import redact, safe_text

FRAMES: Final = 30
"""Frames kept of each traceback, the innermost ones: a runaway recursion must not fill the disk."""

ERRORS: Final = 20
"""Errors kept of one chain or group, for the same reason."""


def describe(error: BaseException) -> str:
    """Return the traceback in the order Python prints it, with every text that may hold people's words withheld.

    Frames show file, line, function and our own source line, never the values of variables.
    """
    seen: list[BaseException] = []
    return "\n".join(_chain(error, seen))


def _chain(error: BaseException, seen: list[BaseException]) -> list[str]:
    if len(seen) >= ERRORS or any(error is known for known in seen):
        return ["<more errors>"]
    seen.append(error)
    lines: list[str] = []
    if error.__cause__ is not None:
        lines += [*_chain(error.__cause__, seen), "", "which caused:", ""]
    elif error.__context__ is not None and not error.__suppress_context__:
        lines += [*_chain(error.__context__, seen), "", "and while that was handled:", ""]
    frames = traceback.format_tb(error.__traceback__, limit=-FRAMES)
    if frames:
        lines.append("Traceback (most recent call last):")
        lines += redact("".join(frames)).rstrip("\n").split("\n")
    lines.append(safe_text(error))
    if isinstance(error, BaseExceptionGroup):
        for number, member in enumerate(error.exceptions[:ERRORS], 1):
            lines.append(f"  member {number} of {len(error.exceptions)}:")
            lines += [f"    {line}" for line in _chain(member, seen)]
    return lines
