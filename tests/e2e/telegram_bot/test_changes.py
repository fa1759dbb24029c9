"""What was said is edited, taken back, reacted to: the reader's own screen shows it, in the same place."""

from dataclasses import dataclass
from typing import Any

import pytest

from contracts.demands import CloseDemand
from contracts.kinds import EntryKind
from contracts.messages import EditMessage, NoteMessage, ReactToMessage, SearchMessages, TakeBackMessage
from contracts.operations import Operation
from contracts.operations.demands import DEMANDS_CLOSE
from contracts.operations.messages import (
    MESSAGES_EDIT,
    MESSAGES_NOTE,
    MESSAGES_REACT,
    MESSAGES_SEARCH,
    MESSAGES_TAKE_BACK,
)
from contracts.shapes import DemandId, MessageId
from e2e.telegram_bot.town import Town
from telegram_simulator import Person, Seen
from world import OPERATOR, World, until


@dataclass
class Pair:
    """Somebody who asked and somebody who helps, talking."""

    world: World
    demand: DemandId
    olga: Person
    nino: Person

    async def call(self, person: Person, operation: Operation[Any, Any], request: object) -> Any:
        return await self.world.bot.call(operation, request, actor=f"telegram:{person.id}")

    async def last_said(self) -> MessageId:
        page = await self.call(self.olga, MESSAGES_SEARCH, SearchMessages(demand=self.demand))
        return [line.id for line in page.items if line.kind is EntryKind.MESSAGE][-1]

    async def says(self, text: str) -> tuple[MessageId, Seen]:
        """Olga says something; which message it is, and how Nino sees it."""
        await self.olga.say(text)
        seen = await self.nino.wait_for(text)
        return await self.last_said(), seen

    async def settled(self, message: MessageId, kind: str) -> tuple[str, str | None]:
        """What became of the change of a message, once that is known."""
        row = await until(
            lambda: self.world.ledger.fetchrow(
                "SELECT status, reason FROM deliveries WHERE message_id = $1 AND kind = $2 AND settled_at IS NOT NULL"
                " ORDER BY position DESC LIMIT 1",
                message, kind,
            )
        )  # fmt: skip
        return row["status"], row["reason"]


@pytest.fixture
async def pair(town: Town, world: World) -> Pair:
    scenario = await world.scenario("Saburtalo", "Medicine")
    olga, nino = await town.person("Olga"), await town.person("Nino", provider=scenario)
    await town.asks(olga, scenario, "insulin")
    await nino.say("/next")
    await nino.wait_for("You are helping now")
    await olga.wait_for("Somebody is here")
    [line] = (await town.me(olga)).demands
    return Pair(world, line.id, olga, nino)


async def edit(pair: Pair, message: MessageId, text: str) -> None:
    await pair.call(pair.olga, MESSAGES_EDIT, EditMessage(demand=pair.demand, message=message, text=text))


async def take_back(pair: Pair, message: MessageId) -> None:
    await pair.call(pair.olga, MESSAGES_TAKE_BACK, TakeBackMessage(demand=pair.demand, message=message))


async def test_an_edit_changes_the_words_where_they_stand(pair: Pair) -> None:
    message, seen = await pair.says("house 6")
    await edit(pair, message, "house 9")
    now = await pair.nino.wait_for("house 9", edited=True)
    assert now.message_id == seen.message_id
    assert now.text.split("\n")[0] == seen.text.split("\n")[0], "under the same heading"
    assert await pair.settled(message, "edit") == ("sent", None)
    await pair.olga.say("after")
    await pair.nino.wait_for("after")


async def test_words_that_grow_beyond_one_message_go_on_in_another_and_come_back(pair: Pair) -> None:
    message, seen = await pair.says("short")
    await edit(pair, message, "long " + "я" * 4095)
    await pair.nino.wait_for("я" * 4000)
    assert (await pair.settled(message, "edit"))[0] == "sent"
    await edit(pair, message, "short again")
    now = await pair.nino.wait_for("short again", edited=True)
    assert now.message_id == seen.message_id
    await until(lambda: _is_settled(pair, message, 2))
    assert "яяяя" not in "".join((await pair.nino.look()).texts), "nothing of the long words is left"


async def _is_settled(pair: Pair, message: MessageId, many: int) -> bool:
    settled = await pair.world.ledger.fetchval(
        "SELECT count(*) FROM deliveries WHERE message_id = $1 AND kind <> 'send' AND status = 'sent'", message
    )
    return bool(settled == many)


async def test_an_edit_after_the_reader_removed_the_message_or_that_changes_nothing_is_no_error(
    town: Town, pair: Pair
) -> None:
    message, seen = await pair.says("house 6")
    await town.simulator.fault(
        "answer", method="editMessageText", chat_id=pair.nino.id, code=400,
        description="Bad Request: message is not modified: specified new message content is the same",
    )  # fmt: skip
    await edit(pair, message, "house 7")
    assert await pair.settled(message, "edit") == ("sent", None)
    await pair.nino.delete(seen.message_id)
    await edit(pair, message, "house 8")
    await until(lambda: pair.world.ledger.fetchval("SELECT count(*) = 1 FROM deliveries WHERE status = 'refused'"))
    assert await pair.settled(message, "edit") == ("refused", "gone")
    await pair.olga.say("after")
    await pair.nino.wait_for("after")
    assert not any(
        "does not get messages" in text or "could not pass this on" in text for text in (await pair.olga.look()).texts
    )


async def test_what_cannot_be_edited_is_said_anew_and_marked(town: Town, pair: Pair) -> None:
    message, seen = await pair.says("house 6")
    await town.simulator.fault(
        "answer",
        method="editMessageText",
        chat_id=pair.nino.id,
        code=400,
        description="Bad Request: message can't be edited",
    )
    await edit(pair, message, "house 7")
    anew = await pair.nino.wait_for("house 7")
    assert "changed" in anew.text.split("\n")[0]
    assert anew.message["reply_to_message"]["message_id"] == seen.message_id


async def test_an_edit_whose_answer_was_lost_is_made_again_without_a_word(town: Town, pair: Pair) -> None:
    message, _ = await pair.says("house 6")
    await town.simulator.fault("drop_after", method="editMessageText", chat_id=pair.nino.id)
    await edit(pair, message, "house 7")
    now = await pair.nino.wait_for("house 7", edited=True)
    assert "repeat" not in now.text
    assert await pair.settled(message, "edit") == ("sent", None)


async def test_a_message_taken_back_leaves_the_readers_screen(pair: Pair) -> None:
    message, seen = await pair.says("my door code is 4711")
    await take_back(pair, message)
    gone = await pair.nino.wait_for("4711", deleted=True)
    assert gone.message_id == seen.message_id
    assert "4711" not in "".join((await pair.nino.look()).texts)
    assert await pair.settled(message, "delete") == ("sent", None)


TOO_OLD = "Bad Request: message can't be deleted"


async def test_what_is_too_old_to_be_removed_loses_its_words(town: Town, pair: Pair) -> None:
    message, seen = await pair.says("my door code is 4711")
    await town.simulator.fault("answer", method="deleteMessage", chat_id=pair.nino.id, code=400, description=TOO_OLD)
    await take_back(pair, message)
    now = await pair.nino.wait_for("taken back", edited=True)
    assert now.message_id == seen.message_id
    assert await pair.settled(message, "delete") == ("sent", None)


async def test_who_keeps_the_words_all_the_same_is_told(town: Town, pair: Pair) -> None:
    message, seen = await pair.says("my door code is 4711")
    for method, words in (("deleteMessage", TOO_OLD), ("editMessageText", "Bad Request: message can't be edited")):
        await town.simulator.fault("answer", method=method, chat_id=pair.nino.id, code=400, description=words)
    await take_back(pair, message)
    told = await pair.nino.wait_for("was taken back")
    assert told.message["reply_to_message"]["message_id"] == seen.message_id
    assert await pair.settled(message, "delete") == ("refused", "cannot_delete")
    assert not any(
        "does not get messages" in text or "could not pass this on" in text for text in (await pair.olga.look()).texts
    )


async def test_a_removal_reaches_the_chat_of_a_closed_demand(pair: Pair) -> None:
    message, _ = await pair.says("my door code is 4711")
    await pair.call(pair.olga, DEMANDS_CLOSE, CloseDemand(demand=pair.demand))
    await pair.nino.wait_for("is closed")
    await take_back(pair, message)
    await pair.nino.wait_for("4711", deleted=True, after=0)


async def reacts(pair: Pair, person: Person, message: MessageId, emoji: str | None) -> None:
    await pair.call(person, MESSAGES_REACT, ReactToMessage(demand=pair.demand, message=message, emoji=emoji))


async def shown(pair: Pair, person: Person, message_id: int) -> list[str]:
    screen = await person.look()
    [seen] = [one for one in screen.messages if one.message_id == message_id]
    return [str(one["emoji"]) for made in seen.reactions.values() for one in made]


async def test_a_reaction_stands_on_what_its_author_wrote_and_goes_again(pair: Pair) -> None:
    said = await pair.olga.say("thank you")
    copy = await pair.nino.wait_for("thank you")
    message = await pair.last_said()
    await reacts(pair, pair.nino, message, "👍")
    await until(lambda: _is_shown(pair, pair.olga, said.message_id, ["👍"]))
    await reacts(pair, pair.nino, message, "🙏")
    await until(lambda: _is_shown(pair, pair.olga, said.message_id, ["🙏"]))
    await reacts(pair, pair.nino, message, None)
    await until(lambda: _is_shown(pair, pair.olga, said.message_id, []))
    await reacts(pair, pair.olga, message, "❤")
    await until(lambda: _is_shown(pair, pair.nino, copy.message_id, ["❤"]))


async def _is_shown(pair: Pair, person: Person, message_id: int, emoji: list[str]) -> bool:
    return await shown(pair, person, message_id) == emoji


async def test_a_sign_telegram_does_not_take_troubles_nobody(pair: Pair) -> None:
    message, _ = await pair.says("thank you")
    await reacts(pair, pair.nino, message, "🧿")
    assert (await pair.settled(message, "react"))[0] == "refused"
    await pair.nino.say("after")
    await pair.olga.wait_for("after")
    assert not any(
        "does not get messages" in text or "could not pass this on" in text for text in (await pair.olga.look()).texts
    )


async def test_a_whisper_says_for_whom_it_is(pair: Pair) -> None:
    whisper = NoteMessage(demand=pair.demand, text="go in pairs", audience="provider")  # type: ignore[arg-type]
    await pair.world.operator.call(MESSAGES_NOTE, whisper, actor=OPERATOR)
    seen = await pair.nino.wait_for("go in pairs")
    assert seen.text.startswith("Only for you, from a coordinator")
    await pair.nino.say("noted")
    await pair.olga.wait_for("noted")
    assert not any("go in pairs" in text for text in (await pair.olga.look()).texts)
