"""/demands [words]: the requests one is in, or for staff those they look after, a page at a time."""

from typing import Final

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from contracts.demands import Demand, DemandLine, GetDemand, SearchDemands
from contracts.kinds import DemandStatus, Role
from contracts.operations.demands import DEMANDS_GET, DEMANDS_SEARCH
from contracts.shapes import DemandId
from telegram_bot import keyboards
from telegram_bot.callbacks import Press, Verb
from telegram_bot.pinned import card_board
from telegram_bot.routers.filters import pressing
from telegram_bot.turn import Turn

PAGE: Final = 10
FURTHEST: Final = 10_000


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="demands")

    @made.message(Command("demands"))
    async def search(message: Message, command: CommandObject, turn: Turn) -> None:
        del message
        words = (command.args or "").strip()[:256]
        turn.step.data["search"] = words
        text, board = await page(turn, words, 0)
        await turn.send(text, board)

    @made.callback_query(pressing(Verb.PAGE))
    async def turn_page(query: CallbackQuery, press: Press, turn: Turn) -> None:
        del query
        if not press.about.isdecimal() or int(press.about) > FURTHEST:
            return
        await turn.edit(*await page(turn, str(turn.step.data.get("search", "")), int(press.about)))

    @made.callback_query(pressing(Verb.SHOW))
    async def show(query: CallbackQuery, press: Press, turn: Turn) -> None:
        del query
        found = await turn.call(DEMANDS_GET, GetDemand(demand=DemandId(press.id)))
        await turn.send(card(turn, found), await actions(turn, found))

    return made


async def page(turn: Turn, words: str, offset: int) -> tuple[str, InlineKeyboardMarkup | None]:
    """One page of a search with its buttons."""
    mine = None if await turn.is_staff() else True
    found = await turn.call(DEMANDS_SEARCH, SearchDemands(query=words, mine=mine, limit=PAGE, offset=offset))
    if not found.items:
        return turn.say("demands-none-found" if words else "demands-none"), None
    browse = []
    if offset:
        browse.append(keyboards.button(turn.say("button-earlier"), Verb.PAGE, max(0, offset - PAGE)))
    if found.more:
        browse.append(keyboards.button(turn.say("button-later"), Verb.PAGE, offset + PAGE))
    board = keyboards.demands(Verb.SHOW, found.items, lambda one: in_list(turn, one))
    board.inline_keyboard.extend([browse] if browse else [])
    return turn.say("demands-found", first=offset + 1, last=offset + len(found.items)), board


def in_list(turn: Turn, one: DemandLine) -> str:
    """A request in a list: number, place, kind of help, state."""
    return f"№{one.number} · {one.place} · {one.resource} · {turn.say(f'status-{one.status}')}"


def card(turn: Turn, found: Demand) -> str:
    """A request in full, cut to what one message holds."""
    heading = f"№{found.number} · {found.place} · {found.resource}"
    words = [heading, turn.say(f"status-{found.status}"), "", *filter(None, (found.title, found.description))]
    text = "\n".join(words)
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


async def actions(turn: Turn, found: Demand) -> InlineKeyboardMarkup | None:
    """What this person may do with a request from here."""
    rows = []
    if found.status is DemandStatus.CLOSED:
        return None
    if found.role is not None:
        rows.append([keyboards.button(turn.say("button-write"), Verb.WRITE, found.id)])
    if found.role is Role.PROVIDER:
        rows.append([keyboards.button(turn.say("button-decline"), Verb.DECLINE, found.id)])
    if found.role is Role.REQUESTER and (board := card_board(turn.say, found)):
        rows += board.inline_keyboard
    if found.role is Role.MODERATOR:
        rows.append([keyboards.button(turn.say("button-close"), Verb.CLOSE, found.id)])
    if found.role is Role.MODERATOR:
        rows.append([keyboards.button(turn.say("button-leave"), Verb.LEAVE, found.id)])
    if found.role is None and await turn.is_staff():
        rows.append([keyboards.button(turn.say("button-join"), Verb.JOIN, found.id)])
    return keyboards.rows(*rows) if rows else None


SHOWN: Final = 2000
"""Characters of a card: half of what Telegram takes, as an emoji counts twice there."""
