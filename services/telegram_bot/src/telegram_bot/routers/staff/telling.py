"""Why something said in a group was not passed on."""

from contracts.failures import AlreadyClosed, Failure, Forbidden, NotFound, NotSignedIn
from telegram_bot.group_turn import GroupTurn
from telegram_bot.routers.refusals import TRIED_AGAIN, refused


async def tell_why(turn: GroupTurn, refusal: Failure, message_id: int) -> None:
    """Answer the message it is about; what passes by itself goes up to be tried again."""
    if isinstance(refusal, TRIED_AGAIN):
        raise refusal
    match refusal:
        case NotSignedIn():
            said = turn.say("topic-open-first")
        case NotFound() | Forbidden():
            said = turn.say("topic-not-yours")
        case AlreadyClosed():
            said = turn.say("closed-not-sent")
        case _:
            said = refused(turn, refusal)
    await turn.post(said, reply_to=message_id)
