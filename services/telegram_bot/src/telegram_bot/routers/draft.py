"""The card of a request that is not sent yet: what would be sent, and where to."""

from typing import Final

from aiogram.fsm.context import FSMContext

from telegram_bot import keyboards, shown
from telegram_bot.emergency import KEY, Emergency
from telegram_bot.form import Draft, Form, draft_of, is_plain, keep, way_out
from telegram_bot.routers.relay import revealed
from telegram_bot.turn import Turn

SHOWN: Final = 1200
"""Characters of one's own words on the card: enough to know them again."""


async def ask_words(turn: Turn, state: FSMContext, emergency: Emergency) -> None:
    """Ask for the person's own words, or show the card when they are written already."""
    draft = draft_of(turn)
    await state.set_state(Form.description)
    if draft.messages:
        await show(turn, draft)
        return
    number = emergency.number(turn.locale, {KEY: draft.emergency})
    leave = keyboards.cancel(turn.say, way_out(turn))
    phone = "known" if draft.phone_required else "none"
    said = turn.say("describe", place=draft.place, resource=draft.resource, emergency=number, phone=phone)
    asked = await turn.send(said, leave)
    if draft.asked:
        await turn.strip_buttons(draft.asked)
    draft.asked = asked.message_id if asked is not None else 0
    keep(turn, draft)


async def show(turn: Turn, draft: Draft) -> None:
    """Put the card under what was written last; there is one at a time."""
    if draft.asked:
        await turn.strip_buttons(draft.asked)
    before, draft.asked = draft.card, 0
    sent = await turn.send(await summary(turn, draft), keyboards.draft(turn.say, way_out(turn)))
    draft.card = sent.message_id if sent is not None else 0
    keep(turn, draft)
    if before:
        await shown.remove(turn.bot, turn.chat, before)


async def summary(turn: Turn, draft: Draft) -> str:
    """What would be sent, and what for."""
    words = "\n\n".join(one["text"] for one in draft.messages if one["text"])
    files = sum(not is_plain(one) for one in draft.messages)
    lines = [turn.say("draft-heading", place=draft.place, resource=draft.resource), ""]
    if words:
        lines += [words if len(words) <= SHOWN else words[:SHOWN] + "…", ""]
    if files:
        lines.append(turn.say("draft-files", count=files))
    if draft.phone_required and (phone := (await turn.me()).user.phone):
        lines.append(turn.say("draft-phone", phone=phone))
    return "\n".join([*lines, *reveals(turn, draft), turn.say("draft-nothing-sent")])


def reveals(turn: Turn, draft: Draft) -> list[str]:
    """What others would learn of who writes: said before anything is sent, so that Send is a yes to it."""
    found: dict[str, str] = {}
    for one in draft.messages:
        values = {"phone": one.get("contact", {}).get("phone", ""), "name": one.get("bears", "")}
        found |= {reason: turn.say(f"reveals-{reason}", **values) for reason in revealed(one, turn.region)}
    return ["", *found.values(), turn.say("draft-reveals"), ""] if found else []
