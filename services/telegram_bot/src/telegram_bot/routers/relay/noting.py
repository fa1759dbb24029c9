"""Notes: what coordinators write for each other, or for the helper alone."""

from contracts.demands import GetDemand
from contracts.failures import WrongStatus
from contracts.kinds import Audience
from contracts.messages import NoteMessage, Origin
from contracts.operations.demands import DEMANDS_GET
from contracts.operations.messages import MESSAGES_NOTE
from contracts.shapes import DemandId
from telegram_bot.routers.relay.apart import OF_NOTE, set_apart
from telegram_bot.turn import Turn


async def noted(turn: Turn, demand: DemandId, words: str, audience: Audience, origin: Origin) -> str:
    """Write what stands in the message of this `origin`; the name of the sentence that says what came of it."""
    try:
        note = NoteMessage(demand=demand, text=words, audience=audience, origin=origin)
        written = await turn.call(MESSAGES_NOTE, note)
    except WrongStatus:
        return "whisper-nobody"
    if audience is Audience.PROVIDER:
        return "whispered" if written.recipients else "whispered-later"
    return "noted" if written.recipients else "noted-alone"


async def note_down(turn: Turn, demand: DemandId, words: str, audience: Audience, message_id: int) -> None:
    """Write what a message says, and say in which request and what came of it; both are known as apart from now on."""
    origin = Origin(address=str(turn.chat), channel_message_id=str(message_id))
    said = await noted(turn, demand, words, audience, origin)
    told = await turn.answer(f"{said}-in", number=await number_of(turn, demand))
    set_apart(turn, OF_NOTE[audience], demand, message_id, told)


async def number_of(turn: Turn, demand: DemandId) -> str:
    """The number of a demand of theirs, or of one they look after."""
    own = next((one.number for one in (await turn.me()).demands if one.id == demand), None)
    return own or (await turn.call(DEMANDS_GET, GetDemand(demand=demand))).number
