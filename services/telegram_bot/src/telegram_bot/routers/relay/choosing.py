"""The buttons that choose a conversation: under the question whom kept words are for, and wherever conversations are shown."""

from aiogram import Router
from aiogram.types import CallbackQuery

from contracts.demands import DemandLine
from contracts.shapes import DemandId
from telegram_bot.callbacks import Press, Verb
from telegram_bot.intake.steps import Steps
from telegram_bot.routers.filters import pressing
from telegram_bot.routers.relay.holding import (
    ask_about_the_rest,
    ask_whose,
    let_go,
    of_batch,
    send_held,
)
from telegram_bot.turn import Turn


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="relay.choosing")
    made.callback_query.register(_chosen, pressing(Verb.WRITE))
    made.callback_query.register(_answered, pressing(Verb.SEND_HELD))
    made.callback_query.register(_dropped, pressing(Verb.DROP_HELD))
    return made


async def _chosen(query: CallbackQuery, press: Press, turn: Turn, steps: Steps) -> None:
    """Only what is written from now on goes there: what was kept was never shown beside this button."""
    del query
    found = await choose(turn, steps, DemandId(press.id))
    if found is not None:
        await turn.answer("writing-to", number=found.number)
        await ask_about_the_rest(turn, steps, (await turn.me()).demands)


async def _answered(query: CallbackQuery, press: Press, turn: Turn, steps: Steps) -> None:
    del query
    batch = press.version or 0
    if not of_batch(turn, batch):
        await turn.answer("asked-gone")
        return
    found = await choose(turn, steps, DemandId(press.id))
    if found is None:
        if active := (await turn.me()).demands:
            await ask_whose(turn, steps, batch, active, "held-still")
        else:
            let_go(turn, of_batch(turn, batch))
        return
    if sent := await send_held(turn, steps, found.id, batch):
        await turn.answer("writing-to-sent", number=found.number, count=sent)
    if not of_batch(turn, batch):
        await ask_about_the_rest(turn, steps, (await turn.me()).demands)


async def _dropped(query: CallbackQuery, press: Press, turn: Turn) -> None:
    del query
    batch = int(press.about) if press.about.isdecimal() else 0
    let_go(turn, of_batch(turn, batch))
    turn.step.data.get("whose", {}).pop(str(batch), None)
    await turn.edit(turn.say("asked-not-sent"), None)


async def choose(turn: Turn, steps: Steps, demand: DemandId) -> DemandLine | None:
    """Let plain words go to this conversation from now on; None, and they are told, when they are not in it any more."""
    found = next((one for one in (await turn.me()).demands if one.id == demand), None)
    if found is None:
        await turn.answer("not-in-it-any-more")
        return None
    turn.step.data["demand"] = str(demand)
    # Choosing is the newest thing said about it: an older word from another conversation no longer raises a doubt.
    await steps.hear(turn.chat, str(demand))
    return found
