"""A group and the bot: what the api is asked for what somebody says or presses there, and what the group is told."""

from typing import Any
from uuid import UUID

from contracts.deliveries import Located
from contracts.demands import Taken
from contracts.failures import Failure, NotFound
from contracts.messages import Sent
from telegram_bot.callbacks import Verb, pack
from unit.telegram_bot.talk import GROUP, Talk, sample

TOPIC = {"message_thread_id": 9, "is_topic_message": True}


def mirrors(talk: Talk, **changes: Any) -> None:
    """Every topic of the group mirrors the first demand."""
    found: dict[str, Any] = {"demand": talk.demands[0], "message": None, "is_own": False, "is_over": False}
    talk.answers("deliveries.locate", sample("deliveries.locate", Located, **{**found, **changes}))


class Ledger:
    """What takes effect once for each key, but not before the person belongs there."""

    def __init__(self, talk: Talk, doing: str, belonging: str, done: Any) -> None:
        self.belongs = False
        self.effects: set[str] = set()
        self._talk, self._done = talk, done
        talk.answers(doing, self._do)
        talk.answers(belonging, self._belong)

    def _do(self, _: Any) -> Any:
        refused: Failure = NotFound()
        if not self.belongs:
            return refused
        self.effects.add(self._talk.api.keys[-1])
        return self._done

    def _belong(self, _: Any) -> None:
        self.belongs = True


async def test_what_a_moderator_says_in_a_topic_is_sent_once_though_it_is_handled_twice() -> None:
    talk = Talk(demands=["4F7K"], chat=GROUP)
    mirrors(talk)
    ledger = Ledger(talk, "messages.send", "participants.add", sample("messages.send", Sent))
    await talk.hears(TOPIC | {"text": "I am calling you"})
    assert len(ledger.effects) == 1
    talk.repeat_from(1)
    await talk.hears(TOPIC | {"text": "I am calling you"})
    assert len(ledger.effects) == 1


async def test_who_becomes_a_helper_by_pressing_take_takes_once_though_it_is_handled_twice() -> None:
    talk = Talk(demands=["4F7K"], chat=GROUP)
    ledger = Ledger(talk, "demands.take", "memberships.apply", sample("demands.take", Taken))
    take = pack(Verb.CARD_TAKE, UUID(talk.demands[0]))
    for _ in range(2):
        talk.repeat_from(1)
        await talk.presses(data=take, on=5)
        assert len(ledger.effects) == 1
