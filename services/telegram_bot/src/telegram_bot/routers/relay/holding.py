"""Words kept until their writer says which conversation they are for.

What is said in one breath is asked about by one question, which answers the first of it and shows by that what it is about.
Its buttons send these words and no others: what was said later, after somebody else spoke, may well be for another.

In the step, `held` are the words, each with the `batch` it was asked about with, which is the message the question answers;
`whose` are the questions by batch.
"""

import time
from typing import Any, Final

from aiogram.types import InlineKeyboardMarkup

from contracts.demands import DemandLine
from contracts.failures import Failure
from contracts.shapes import DemandId
from telegram_bot import keyboards
from telegram_bot.callbacks import Verb
from telegram_bot.intake.steps import Steps
from telegram_bot.routers.next import one_line
from telegram_bot.routers.refusals import TRIED_AGAIN, refused
from telegram_bot.routers.relay.apart import COORDINATORS
from telegram_bot.routers.relay.asking import ask_or_pass_on
from telegram_bot.routers.relay.written import joined
from telegram_bot.turn import Turn

KEPT: Final = 20
"""Messages kept while we wait to hear which conversation they are for."""

BREATH: Final = 60
"""Seconds after a question for which it is about what is said next too, unless something else was said meanwhile."""

QUOTED: Final = 3
QUOTED_CHARACTERS: Final = 60


async def hold(turn: Turn, steps: Steps, kept: dict[str, Any], active: list[DemandLine]) -> None:
    """Keep a message and ask which conversation it is for, if that was not asked just now."""
    held: list[dict[str, Any]] = turn.step.data.setdefault("held", [])
    of_album = next((at for at, one in enumerate(held) if "album" in one and one["album"] == kept.get("album")), None)
    if of_album is not None:
        held[of_album] = joined(held[of_album], kept)
        return
    batch = await asked_just_now(turn, steps)
    if len(held) >= KEPT:
        await ask_whose(turn, steps, held[-1].get("batch", 0), active, "choose-first")
        return
    held.append(kept | {"batch": batch or kept["message"]})
    if batch is None:
        await ask_whose(turn, steps, kept["message"], active, await why(turn, steps, kept, active))


async def why(turn: Turn, steps: Steps, kept: dict[str, Any], active: list[DemandLine]) -> str:
    """The name of the question about a message: it says what makes it doubtful whom that is for."""
    if (await steps.heard(turn.chat)).partition("@")[0] == COORDINATORS:
        return "write-to-after-report"
    if "unsure" in kept:
        return "write-to-unsure"
    return "write-to-which" if len(active) > 1 else "write-to-this"


async def asked_just_now(turn: Turn, steps: Steps) -> int | None:
    """The batch of the newest question, while whoever writes on has it before their eyes."""
    whose: dict[str, dict[str, Any]] = turn.step.data.get("whose", {})
    if not whose:
        return None
    batch, question = list(whose.items())[-1]
    said: list[list[int]] = turn.step.data.get("said", [])
    is_last = bool(said) and said[-1][0] == question["message"] and await steps.heard(turn.chat) == question["heard"]
    if not is_last or question["at"] < time.time() - BREATH or not of_batch(turn, int(batch)):
        return None
    return int(batch)


async def ask_whose(turn: Turn, steps: Steps, batch: int, active: list[DemandLine], key: str) -> None:
    """Ask which conversation the words of a batch are for; an earlier question about them loses its buttons."""
    await forget_question(turn, batch)
    words = of_batch(turn, batch)
    heard = await steps.heard(turn.chat)
    text = turn.say(key, count=len(words), words=quoted(words))
    sent = await turn.send(text, board(turn, batch, active), about=batch or None)
    question = {"message": sent.message_id if sent else 0, "at": int(time.time()), "heard": heard}
    turn.step.data.setdefault("whose", {})[str(batch)] = question


async def ask_about_the_rest(turn: Turn, steps: Steps, active: list[DemandLine]) -> None:
    """Ask about whatever is kept from before a conversation was chosen; it holds nothing up any more."""
    rest: list[dict[str, Any]] = turn.step.data.get("held", [])
    if not rest or not active:
        return
    for batch in {one.get("batch", 0) for one in rest}:
        await forget_question(turn, batch)
    first = rest[0]["message"]
    turn.step.data["held"] = [one | {"batch": first, "left": True} for one in rest]
    await ask_whose(turn, steps, first, active, "held-still")


async def send_held(turn: Turn, steps: Steps, demand: DemandId, batch: int) -> int:
    """Send a batch to this conversation; how many went out. What cannot go now is asked about again."""
    sent = 0
    try:
        for one in of_batch(turn, batch):
            sent += await ask_or_pass_on(turn, {**one, "demand": str(demand)})
            let_go(turn, [one])
    except TRIED_AGAIN:
        raise
    except Failure as refusal:
        await turn.send(refused(turn, refusal))
        turn.forget_me()
        await ask_whose(turn, steps, batch, (await turn.me()).demands, "write-to-which")
    else:
        turn.step.data.get("whose", {}).pop(str(batch), None)
    return sent


async def settle(turn: Turn, kept: dict[str, Any]) -> None:
    """Keep no longer what went out as an answer to a line, word for word."""
    same = [one for one in turn.step.data.get("held", []) if content(one) == content(kept)]
    if same:
        let_go(turn, same)
        for batch in {one.get("batch", 0) for one in same}:
            if not of_batch(turn, batch):
                await forget_question(turn, batch)
    # What is said after it is said in another breath.
    for question in turn.step.data.get("whose", {}).values():
        question["at"] = 0


def let_go(turn: Turn, words: list[dict[str, Any]]) -> None:
    """Keep some words no longer."""
    gone = {one["message"] for one in words}
    left = [one for one in turn.step.data.get("held", []) if one["message"] not in gone]
    turn.step.data.pop("held", None)
    if left:
        turn.step.data["held"] = left


async def forget_question(turn: Turn, batch: int) -> None:
    """Take the buttons off the question about a batch, if there is one."""
    question = turn.step.data.get("whose", {}).pop(str(batch), None)
    if question and question["message"]:
        await turn.strip_buttons(question["message"])


def of_batch(turn: Turn, batch: int) -> list[dict[str, Any]]:
    """The words that were asked about together."""
    return [one for one in turn.step.data.get("held", []) if one.get("batch", 0) == batch]


def board(turn: Turn, batch: int, active: list[DemandLine]) -> InlineKeyboardMarkup:
    """A conversation a row, and none of them."""
    none = [keyboards.button(turn.say("button-do-not-send"), Verb.DROP_HELD, batch)]
    return keyboards.rows(*([keyboards.button(one_line(one), Verb.SEND_HELD, one.id, batch)] for one in active), none)


def content(kept: dict[str, Any]) -> tuple[object, ...]:
    """What somebody reads or sees of a message."""
    files = tuple(file["unique_id"] for file in kept.get("files", ()))
    return (kept["text"].strip(), files, *(str(kept.get(part, "")) for part in ("location", "venue", "contact")))


def quoted(words: list[dict[str, Any]]) -> str:
    """The beginning of some words, to recognise them by."""
    lines = [" ".join(one["text"].split()) or "📎" for one in words[:QUOTED]]
    shown = [line if len(line) <= QUOTED_CHARACTERS else line[: QUOTED_CHARACTERS - 1] + "…" for line in lines]
    return "\n".join([*(f"– {line}" for line in shown), *["…"] * (len(words) > QUOTED)])
