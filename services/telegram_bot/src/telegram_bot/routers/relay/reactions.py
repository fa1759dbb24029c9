"""A reaction to a line stands on it in the others' chats too."""

from aiogram import Router
from aiogram.types import MessageReactionUpdated, ReactionTypeEmoji

from contracts.failures import AlreadyClosed, InvalidRequest, NotFound
from contracts.messages import ReactToMessage
from contracts.operations.messages import MESSAGES_REACT
from telegram_bot.routers.relay.where import locate_by_id
from telegram_bot.turn import Turn


def router() -> Router:
    """The handler of reactions."""
    made = Router(name="relay.reactions")

    @made.message_reaction()
    async def reacted(reaction: MessageReactionUpdated, turn: Turn) -> None:
        emoji = [one.emoji for one in reaction.new_reaction if isinstance(one, ReactionTypeEmoji)]
        if reaction.new_reaction and not emoji:
            # A sign of one's own set, or a paid one: it would lead to whoever made it, and bots cannot give it.
            if not turn.step.data.get("told_of_signs"):
                turn.step.data["told_of_signs"] = True
                await turn.answer("reaction-own-sign")
            return
        located = await locate_by_id(turn, reaction.message_id, again=True)
        if located.demand is None or located.message is None:
            return
        one = ReactToMessage(demand=located.demand, message=located.message, emoji=emoji[-1] if emoji else None)
        try:
            await turn.call(MESSAGES_REACT, one)
        except InvalidRequest:
            pass  # to a notice or a note, which carry none: a thumb up for the bot is no question to it
        except (AlreadyClosed, NotFound):
            if emoji:
                await turn.answer("reaction-too-late")

    return made
