"""A group and the bot: what the api is asked for what somebody says or presses there, and what the group is told."""

from typing import Any
from uuid import UUID

from contracts.deliveries import Located
from contracts.demands import Taken
from contracts.failures import Failure, NotFound
from contracts.messages import Edited, Sent
from telegram_bot.callbacks import Verb, pack
from unit.telegram_bot.talk import GROUP, NOW, PERSON, Talk, sample

LINE = "01920000-f0c0-7eec-8377-bb88cb704dd7"
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


async def test_what_was_never_sent_is_not_sent_by_changing_it() -> None:
    talk = Talk(demands=["4F7K"], chat=GROUP)
    mirrors(talk)
    await talk.hears(TOPIC | {"message_id": 5, "edit_date": NOW, "text": "come to Lenina 15"}, kind="edited_message")
    assert "was never sent" in talk.said[-1]
    place = {"location": {"latitude": 41.7, "longitude": 44.8, "live_period": 600}}
    await talk.hears(TOPIC | {"message_id": 6, "edit_date": NOW} | place, kind="edited_message")
    assert len(talk.said) == 1, "a place that moves is no correction"
    assert talk.calls("messages.edit") == []


async def test_a_change_that_cannot_be_passed_on_is_said_to_be_one() -> None:
    talk = Talk(demands=["4F7K"], chat=GROUP)
    mirrors(talk, message=LINE, is_own=True)
    named = {"type": "text_mention", "offset": 0, "length": 4, "user": PERSON}
    words = {"message_id": 5, "edit_date": NOW, "text": "Olga is ill", "entities": [named]}
    await talk.hears(TOPIC | words, kind="edited_message")
    assert "cannot pass this change on" in talk.said[-1]
    talk.answers("messages.edit", sample("messages.edit", Edited, relayed=False))
    await talk.hears(TOPIC | words | {"entities": []}, kind="edited_message")
    assert "do not see the change" in talk.said[-1]


async def test_in_a_topic_that_mirrors_no_more_nothing_is_changed_or_taken_back() -> None:
    talk = Talk(demands=["4F7K"], chat=GROUP)
    mirrors(talk, demand=None, is_over=True)
    await talk.hears(TOPIC | {"message_id": 5, "edit_date": NOW, "text": "she lies"}, kind="edited_message")
    own = {"message_id": 5, "date": NOW, "chat": GROUP, "from": PERSON, "text": "she lies"}
    await talk.hears(TOPIC | {"text": "/takeback", "reply_to_message": own})
    assert ["not shown here any more" in text for text in talk.said] == [True, True]
    assert talk.calls("messages.edit") == talk.calls("messages.take_back") == []


async def test_what_is_said_in_the_name_of_a_channel_or_by_another_bot_is_nobodys() -> None:
    talk = Talk(demands=["4F7K"], chat=GROUP)
    mirrors(talk)
    bot = {"id": 136817688, "is_bot": True, "first_name": "Channel"}
    await talk.hears(TOPIC | {"from": bot, "text": "news"})
    assert talk.said == [], "bots are not answered"
    channel = {"id": -1002, "type": "channel", "title": "News"}
    await talk.hears(TOPIC | {"from": bot, "sender_chat": channel, "text": "news"})
    assert "turn off anonymity" in talk.said[-1]
    for command in ("/bind", "/whisper be quick", "/takeback"):
        await talk.hears(TOPIC | {"from": bot, "sender_chat": channel, "text": command})
    await talk.hears({"from": bot, "sender_chat": channel, "text": "said beside any topic"})
    assert len(talk.said) == 1
    assert talk.calls("messages.send") == talk.calls("messages.note") == []
