"""Take: whoever is quicker gets it, the other is told why not."""

from aiogram import Router
from aiogram.types import CallbackQuery

from contracts.demands import TakeDemand, Taken
from contracts.failures import Failure, Forbidden, NotFound, NotSignedIn
from contracts.kinds import MembershipKind
from contracts.memberships import ApplyMembership
from contracts.operations.demands import DEMANDS_TAKE
from contracts.operations.scenarios import MEMBERSHIPS_APPLY
from contracts.shapes import DemandId
from telegram_bot.callbacks import Press, Verb, pack_id
from telegram_bot.group_turn import GroupTurn
from telegram_bot.memberships import holds
from telegram_bot.routers.filters import pressing


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="taking")

    @made.callback_query(pressing(Verb.CARD_TAKE))
    async def take_pressed(query: CallbackQuery, press: Press, turn: GroupTurn) -> None:
        del query
        demand = DemandId(press.id)
        # Whom the bot cannot write to would hold it and know nothing of it.
        if not await turn.can_write_to_person():
            await unopened(turn, demand)
            return
        try:
            taken = await take(turn, demand)
        except NotSignedIn:
            await unopened(turn, demand)
        except (NotFound, Forbidden):
            await turn.alert(turn.say(await why_not(turn)))
        else:
            await turn.alert(turn.say("take-yours-now", number=taken.number))

    return made


async def take(turn: GroupTurn, demand: DemandId) -> Taken:
    """Take it; who is no helper there yet becomes one first, where the group is trusted with that."""
    try:
        return await turn.call(DEMANDS_TAKE, TakeDemand(demand=demand), wish="take")
    except (NotFound, Forbidden) as refusal:
        try:
            await turn.call(MEMBERSHIPS_APPLY, ApplyMembership(demand=demand, chat=str(turn.chat)))
        except NotSignedIn:
            raise
        except Failure:
            raise refusal from None
    # The same wish: handled again after a crash, the first of the two finds it done.
    return await turn.call(DEMANDS_TAKE, TakeDemand(demand=demand), wish="take")


async def why_not(turn: GroupTurn) -> str:
    """What is said to whoever does not help there: only who helps nowhere yet is shown a button that offers it."""
    return "take-not-yours-here" if holds(await turn.me(), MembershipKind.PROVIDER) else "take-not-yours"


async def unopened(turn: GroupTurn, demand: DemandId) -> None:
    """Why it still waits, and the way to the bot: for whoever pressed, and once for the group."""
    await turn.alert(turn.say("open-first"))
    if turn.is_new("unopened", f"{pack_id(demand)}:{turn.person.id}"):
        await turn.post(turn.tell("taker-not-known"), await turn.opening(f"take_{pack_id(demand)}"))
