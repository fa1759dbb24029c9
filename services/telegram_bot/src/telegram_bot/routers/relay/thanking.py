"""What is said of a request after its end: it travels to whoever helped, and so waits for a yes like any other words."""

from collections.abc import Mapping
from typing import Any, Final

from contracts.demand_life import FeedbackDemand
from contracts.failures import AlreadyExists
from contracts.operations.demands import DEMANDS_FEEDBACK
from contracts.shapes import DemandId
from telegram_bot.turn import Turn

LONGEST: Final = 1000
"""Characters of what is said after the end."""


async def thank(turn: Turn, kept: Mapping[str, Any]) -> bool:
    """Pass on kept words that say how it was; when that was done before, say so and return False."""
    words = FeedbackDemand(demand=DemandId(kept["demand"]), helped=kept["helped"], words=kept["text"][:LONGEST])
    try:
        await turn.call(DEMANDS_FEEDBACK, words)
    except AlreadyExists:
        await turn.answer("press-used")
        return False
    await turn.answer("feedback-words-passed-on")
    return True
