"""Edits, take-backs and reactions: who has the message on their screen sees the change, nobody else and nothing more."""

from uuid import uuid4

import pytest

from contracts.deliveries import Delivery
from contracts.demands import CloseDemand, DeclineDemand
from contracts.failures import AlreadyClosed, Forbidden, InvalidRequest, NotFound
from contracts.kinds import DeliveryKind, EntryKind, SendOutcome
from contracts.messages import (
    EditMessage,
    ReactToMessage,
    SearchMessages,
    TakeBackMessage,
)
from contracts.operations.demands import DEMANDS_CLOSE, DEMANDS_DECLINE, PARTICIPANTS_ADD
from contracts.operations.messages import (
    MESSAGES_EDIT,
    MESSAGES_REACT,
    MESSAGES_SEARCH,
    MESSAGES_TAKE_BACK,
)
from contracts.operations.users import USERS_BAN
from contracts.participants import AddParticipant
from contracts.people import BanUser
from contracts.shapes import MessageId
from integration.api.messages.saying import read, say
from integration.api.town import Seated, begin, chat_of, receive, seated, settle
from world import OPERATOR, World


def did(deliveries: list[Delivery]) -> list[tuple[str, str]]:
    return [(delivery.kind, delivery.text) for delivery in deliveries]


def edit(at: Seated, message: MessageId, text: str) -> EditMessage:
    return EditMessage(demand=at.demand, message=message, text=text)


async def test_who_has_the_message_is_shown_the_new_words_on_the_very_same_one(world: World) -> None:
    at = await seated(world)
    message = await say(at, at.requester, "House 6")
    [*_, first] = await receive(at.provider)
    done = await at.requester.call(MESSAGES_EDIT, edit(at, message, "House 9"))
    assert (done.version, done.relayed, done.recipients) == (2, True, 1)
    [change] = await receive(at.provider)
    assert (change.kind, change.text) == (DeliveryKind.EDIT, "House 9")
    assert [(target.part, target.channel_message_id) for target in change.targets] == [(1, f"m-{first.id}")]
    assert EntryKind.MESSAGE not in {delivery.entry for delivery in await receive(at.requester)}, "no echo"
    same = await at.requester.call(MESSAGES_EDIT, edit(at, message, "House 9"))
    assert (same.version, same.recipients) == (2, 0)
    for person in (at.requester, at.provider):
        [line] = await read(at, person)
        assert (line.text, line.version, line.edited_at is not None) == ("House 9", 2, True)


async def test_who_has_not_got_it_yet_gets_only_the_new_words(world: World) -> None:
    at = await seated(world)
    await receive(at.provider)
    message = await say(at, at.requester, "House 6")
    for number in (7, 8, 9):
        await at.requester.call(MESSAGES_EDIT, edit(at, message, f"House {number}"))
    assert did(await receive(at.provider)) == [("send", "House 9")]
    assert await begin(at.provider) is None
    assert await world.ledger.fetch(
        "SELECT DISTINCT status, reason FROM deliveries WHERE message_id = $1 AND kind = 'edit'", message
    ) == [("withdrawn", "up to date")]


async def test_words_on_their_way_while_they_change_are_followed_by_the_change(world: World) -> None:
    at = await seated(world)
    await receive(at.provider)
    message = await say(at, at.requester, "House 6")
    under_way = await begin(at.provider)
    assert under_way is not None
    assert under_way.text == "House 6"
    await at.requester.call(MESSAGES_EDIT, edit(at, message, "House 7"))
    await at.requester.call(MESSAGES_EDIT, edit(at, message, "House 8"))
    assert await begin(at.provider) is None, "one at a time"
    await settle(world, under_way, parts=["77"])
    assert did(await receive(at.provider)) == [("edit", "House 8")], "the newest words, once"


async def test_what_never_arrived_is_neither_edited_nor_removed_nor_reacted_to(world: World) -> None:
    at = await seated(world)
    await receive(at.provider)
    message = await say(at, at.requester, "House 6")
    under_way = await begin(at.provider)
    assert under_way is not None
    await at.requester.call(MESSAGES_EDIT, edit(at, message, "House 7"))
    await at.requester.call(MESSAGES_TAKE_BACK, TakeBackMessage(demand=at.demand, message=message))
    await settle(world, under_way, SendOutcome.REFUSED, reason="bad_request")
    assert await begin(at.provider) is None
    rows = await world.ledger.fetch(
        "SELECT kind, status, reason FROM deliveries WHERE message_id = $1 AND kind <> 'send' ORDER BY position",
        message,
    )
    assert [tuple(row) for row in rows] == [
        ("edit", "withdrawn", "taken back"), ("delete", "withdrawn", "never sent")
    ]  # fmt: skip


async def test_a_message_taken_back_is_gone_for_readers_and_kept_for_staff(world: World) -> None:
    at = await seated(world)
    message = await say(at, at.requester, "My door code is 4711")
    await at.requester.call(MESSAGES_EDIT, edit(at, message, "My door code is 4712"))
    [*_, first] = await receive(at.provider)
    taken = await at.requester.call(MESSAGES_TAKE_BACK, TakeBackMessage(demand=at.demand, message=message))
    again = await at.requester.call(MESSAGES_TAKE_BACK, TakeBackMessage(demand=at.demand, message=message))
    assert (taken.recipients, again.recipients, taken.at) == (1, 0, again.at)
    [removal] = await receive(at.provider)
    assert (removal.kind, removal.text) == (DeliveryKind.DELETE, "")
    assert [target.channel_message_id for target in removal.targets] == [f"m-{first.id}"]
    for person in (at.requester, at.provider, at.moderator):
        [line] = await read(at, person)
        assert (line.text, line.entities, line.taken_back_at) == ("", [], taken.at)
    versions = SearchMessages(demand=at.demand, versions_of=message)
    said = (await at.moderator.call(MESSAGES_SEARCH, versions)).items
    assert [(line.version, line.text) for line in said] == [(1, "My door code is 4711"), (2, "My door code is 4712")]
    later = await at.moderator.call(MESSAGES_SEARCH, SearchMessages(demand=at.demand, versions_of=message, since=1))
    assert [line.version for line in later.items] == [2]
    for person in (at.requester, at.provider):
        with pytest.raises(Forbidden):
            await person.call(MESSAGES_SEARCH, versions)
    with pytest.raises(NotFound):
        await at.requester.call(MESSAGES_EDIT, edit(at, message, "back"))


async def test_what_is_taken_back_in_time_is_never_shown_to_anybody(world: World) -> None:
    at = await seated(world)
    await receive(at.provider)
    message = await say(at, at.requester, "The key is under the sunflower")
    await at.requester.call(MESSAGES_TAKE_BACK, TakeBackMessage(demand=at.demand, message=message))
    assert await begin(at.provider) is None
    await at.moderator.call(PARTICIPANTS_ADD, AddParticipant(demand=at.demand))
    assert "sunflower" not in str(await receive(at.moderator))
    owed = "SELECT count(*) FROM deliveries WHERE message_id = $1 AND recipient_id = $2"
    assert await world.ledger.fetchval(owed, message, at.moderator.user) == 0, "there is nothing left to owe"


async def test_a_removal_reaches_also_the_chat_of_who_has_left_and_of_a_closed_demand(world: World) -> None:
    at = await seated(world)
    one, two = [await say(at, at.requester, text) for text in ("one", "two")]
    await receive(at.provider)
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    await at.requester.call(MESSAGES_EDIT, edit(at, one, "changed"))
    await at.requester.call(MESSAGES_TAKE_BACK, TakeBackMessage(demand=at.demand, message=one))
    assert did(await receive(at.provider)) == [("delete", "")]
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    await at.requester.call(MESSAGES_TAKE_BACK, TakeBackMessage(demand=at.demand, message=two))
    assert did(await receive(at.provider)) == [("delete", "")]


async def test_who_is_banned_is_owed_no_removal(world: World) -> None:
    at = await seated(world)
    message = await say(at, at.requester, "one")
    await receive(at.provider)
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    await world.operator.call(USERS_BAN, BanUser(user=at.provider.user, reason="Rude"), actor=OPERATOR)
    taken = await at.requester.call(MESSAGES_TAKE_BACK, TakeBackMessage(demand=at.demand, message=message))
    assert taken.recipients == 0
    assert [delivery.notice for delivery in await receive(at.provider)] == ["banned"]


async def test_a_chat_that_keeps_the_words_is_told_that_they_are_taken_back(world: World) -> None:
    at = await seated(world)
    message = await say(at, at.requester, "old words")
    [*_, first] = await receive(at.provider)
    await at.requester.call(MESSAGES_TAKE_BACK, TakeBackMessage(demand=at.demand, message=message))
    removal = await begin(at.provider)
    assert removal is not None
    await settle(world, removal, SendOutcome.REFUSED, reason="cannot_delete")
    [told] = await receive(at.provider)
    assert (told.notice, told.reply_to) == ("taken_back", f"m-{first.id}")
    assert "message_refused" not in [delivery.notice for delivery in await receive(at.requester)]


async def test_after_the_end_an_edit_is_written_down_and_passed_on_to_nobody(world: World) -> None:
    at = await seated(world)
    message = await say(at, at.requester, "before")
    await at.requester.call(DEMANDS_CLOSE, CloseDemand(demand=at.demand))
    await receive(at.provider)
    late = await at.requester.call(MESSAGES_EDIT, edit(at, message, "after"))
    assert (late.version, late.relayed, late.recipients) == (2, False, 0)
    assert await begin(at.provider) is None
    assert [line.text for line in await read(at, at.moderator)] == ["after"]
    with pytest.raises(AlreadyClosed):
        await at.provider.call(MESSAGES_REACT, ReactToMessage(demand=at.demand, message=message, emoji="🙏"))


async def test_nobody_changes_the_words_of_others_or_of_another_conversation(world: World) -> None:
    at, other = await seated(world), await seated(world)
    message = await say(at, at.requester, "mine")
    foreign = await say(other, other.requester, "theirs")
    for person in (at.provider, at.moderator):
        with pytest.raises(Forbidden):
            await person.call(MESSAGES_EDIT, edit(at, message, "x"))
        with pytest.raises(Forbidden):
            await person.call(MESSAGES_TAKE_BACK, TakeBackMessage(demand=at.demand, message=message))
    for strange in (foreign, MessageId(uuid4())):
        for operation, request in (
            (MESSAGES_EDIT, edit(at, strange, "x")),
            (MESSAGES_TAKE_BACK, TakeBackMessage(demand=at.demand, message=strange)),
            (MESSAGES_REACT, ReactToMessage(demand=at.demand, message=strange)),
        ):
            with pytest.raises(NotFound):
                await at.requester.call(operation, request)  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        await at.moderator.call(MESSAGES_REACT, ReactToMessage(demand=at.demand, message=message, emoji="👍"))
    with pytest.raises(InvalidRequest):
        await at.requester.call(MESSAGES_EDIT, edit(at, message, ""))
    words = await say(at, at.provider, "soon")
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    for late in (edit(at, words, "never"), TakeBackMessage(demand=at.demand, message=words)):
        with pytest.raises(NotFound):
            await at.provider.call(MESSAGES_EDIT if isinstance(late, EditMessage) else MESSAGES_TAKE_BACK, late)  # type: ignore[arg-type]


async def test_a_change_for_a_chat_that_is_away_comes_when_it_is_back(world: World) -> None:
    at = await seated(world)
    message = await say(at, at.requester, "House 6")
    await receive(at.provider)
    await world.ledger.execute("UPDATE destinations SET reachable = false WHERE id = $1", await chat_of(at.provider))
    done = await at.requester.call(MESSAGES_EDIT, edit(at, message, "House 9"))
    assert (done.relayed, done.recipients) == (True, 0)
    await world.ledger.execute("SELECT destination_reachable_v1($1, '')", await chat_of(at.provider))
    assert did(await receive(at.provider)) == [("edit", "House 9")]
