"""A group and the bot: what the api is asked for what somebody says or presses there, and what the group is told."""

from typing import Any
from uuid import UUID

import msgspec
import pytest
from aiogram.methods import AnswerCallbackQuery, EditMessageText

from contracts.deliveries import Located
from contracts.demands import Taken
from contracts.failures import Failure, NotFound
from contracts.kinds import MembershipKind, MembershipState
from contracts.messages import Edited, Sent
from telegram_bot.callbacks import Verb, pack
from unit.telegram_bot.talk import BOT, GROUP, NOW, PERSON, Talk, sample

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


@pytest.mark.parametrize(("elsewhere", "told"), [(1, "a coordinator can let you in"), (0, "press “I want to help”")])
async def test_who_does_not_help_there_is_told_what_they_can_do(elsewhere: int, told: str) -> None:
    talk = Talk(demands=["4F7K"], chat=GROUP)
    me = talk.api.replies["users.me"](None)
    kinds = [
        msgspec.structs.replace(one, kind=MembershipKind.PROVIDER, state=MembershipState.LIVE) for one in me.memberships
    ]
    talk.answers("users.me", msgspec.structs.replace(me, memberships=kinds[:elsewhere]))
    assert kinds
    talk.answers("demands.take", NotFound())
    talk.answers("memberships.apply", NotFound())
    await talk.presses(data=pack(Verb.CARD_TAKE, UUID(talk.demands[0])), on=5)
    [alert] = [one.text or "" for one in talk.telegram.requests if isinstance(one, AnswerCallbackQuery)]
    assert told in alert


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
    for command in ("/whisper be quick", "/takeback"):
        await talk.hears(TOPIC | {"from": bot, "sender_chat": channel, "text": command})
    await talk.hears({"from": bot, "sender_chat": channel, "text": "said beside any topic"})
    assert len(talk.said) == 1
    assert talk.calls("messages.send") == talk.calls("messages.note") == []


async def test_who_is_hidden_learns_the_number_of_the_group_and_why_it_is_not_bound() -> None:
    talk = Talk(demands=["4F7K"], chat=GROUP)
    hidden = {"from": {"id": 1087968824, "is_bot": True, "first_name": "Group"}, "sender_chat": GROUP}
    await talk.hears(hidden | {"text": "/chatid"})
    assert str(GROUP["id"]) in talk.said[-1]
    await talk.hears(hidden | {"text": "/bind"})
    assert "turn off anonymity for a moment" in talk.said[-1]
    assert len(talk.said) == 2


def opened_by(writer: dict[str, Any]) -> dict[str, Any]:
    """What is said in a topic answers the message that opened it."""
    opened = {"forum_topic_created": {"name": "№4F7K", "icon_color": 1}}
    said = {"message_id": 9, "date": NOW - 1, "chat": GROUP, "from": writer}
    return TOPIC | {"reply_to_message": said | TOPIC | opened}


async def test_what_is_said_in_a_topic_before_the_ledger_knows_of_it_is_sent_when_it_does() -> None:
    talk = Talk(demands=["4F7K"], chat=GROUP)
    mirrors(talk)
    known, asked = talk.api.replies["deliveries.locate"](None), talk.calls("deliveries.locate")
    talk.answers("deliveries.locate", lambda _: known if len(asked) > 2 else Located())
    await talk.hears(opened_by(BOT) | {"text": "I am calling you"})
    assert [one.text for one in talk.calls("messages.send")] == ["I am calling you"]
    assert talk.said == []


async def test_what_is_said_in_a_topic_the_ledger_never_hears_of_is_said_not_to_be_sent() -> None:
    talk = Talk(demands=["4F7K"], chat=GROUP)
    for words in ("I am calling you", "do you hear?"):
        await talk.hears(opened_by(BOT) | {"text": words})
    assert len(talk.said) == 1
    assert "write it once more" in talk.said[-1]
    await talk.hears(opened_by(PERSON) | {"text": "among ourselves"})
    assert len(talk.said) == 1, "a topic of somebody else's is theirs"
    assert talk.calls("messages.send") == []


async def test_what_a_moderator_writes_in_a_topic_that_says_who_somebody_is_waits_for_their_own_yes() -> None:
    talk = Talk(demands=["4F7K"], chat=GROUP)
    mirrors(talk)
    message = await talk.hears(TOPIC | {"text": "call 8 912 345 67 89"})
    assert "looks like a phone number" in talk.said[-1]
    assert talk.calls("messages.send") == []
    mine = talk.step.data["asked_here"][0]
    talk.step.data["asked_here"] = [mine | {"by": 12345}]
    await talk.presses("Send anyway")
    assert talk.calls("messages.send") == [], "nobody else decides"
    talk.step.data["asked_here"] = [mine]
    await talk.presses("Send anyway")
    [sent] = talk.calls("messages.send")
    assert (sent.text, sent.origin.channel_message_id) == ("call 8 912 345 67 89", str(message))
    assert sent.origin.address == f"{GROUP['id']}/9"
    await talk.presses("Send anyway")
    assert len(talk.calls("messages.send")) == 1
    assert "asked_here" not in talk.step.data


async def test_what_waits_in_a_topic_is_corrected_taken_back_and_not_sent_once_the_topic_leads_nowhere() -> None:
    talk = Talk(demands=["4F7K"], chat=GROUP)
    mirrors(talk)
    corrected = await talk.hears(TOPIC | {"text": "call 8 912 345 67 89"})
    changed = {"message_id": corrected, "edit_date": NOW}
    await talk.hears(TOPIC | changed | {"text": "call 8 912 345 67 80"}, kind="edited_message")
    assert talk.calls("messages.send") == []
    await talk.hears(TOPIC | changed | {"text": "I call you"}, kind="edited_message")
    assert [one.text for one in talk.calls("messages.send")] == ["I call you"]

    dropped = await talk.hears(TOPIC | {"text": "call 8 912 345 67 89"})
    own = {"message_id": dropped, "date": NOW, "chat": GROUP, "from": PERSON, "text": "call"}
    await talk.hears(TOPIC | {"text": "/takeback", "reply_to_message": own})
    assert "never went out" in talk.said[-1]

    await talk.hears(TOPIC | {"text": "write to @olga_secret"})
    mirrors(talk, demand=None, is_over=True)
    await talk.presses("Send anyway")
    assert len(talk.calls("messages.send")) == 1
    changed_to = [one.text for one in talk.telegram.requests if isinstance(one, EditMessageText)]
    assert "not shown here any more" in changed_to[-1]


async def test_an_edit_in_a_topic_that_adds_a_phone_waits_too_and_its_line_can_still_be_taken_back() -> None:
    talk = Talk(demands=["4F7K"], chat=GROUP)
    mirrors(talk, message=LINE, is_own=True)
    words = {"message_id": 5, "edit_date": NOW, "text": "come, 8 912 345 67 89"}
    await talk.hears(TOPIC | words, kind="edited_message")
    assert talk.calls("messages.edit") == []
    await talk.presses("Send anyway")
    assert [one.text for one in talk.calls("messages.edit")] == ["come, 8 912 345 67 89"]
    await talk.hears(TOPIC | words | {"text": "come, 8 912 345 67 80"}, kind="edited_message")
    own = {"message_id": 5, "date": NOW, "chat": GROUP, "from": PERSON, "text": "come"}
    await talk.hears(TOPIC | {"text": "/takeback", "reply_to_message": own})
    assert len(talk.calls("messages.take_back")) == 1
    await talk.presses("Send anyway")
    assert len(talk.calls("messages.edit")) == 1
