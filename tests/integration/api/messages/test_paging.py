"""A long conversation read in small pages while people go on writing: each line once, and no number missing."""

import asyncio
from uuid import uuid4

import pytest

from contracts import wire
from contracts.demands import DeclineDemand
from contracts.failures import InvalidRequest, NotFound
from contracts.kinds import Order
from contracts.messages import (
    EditMessage,
    Message,
    ReactToMessage,
    ReadMessages,
    SearchMessages,
    SendMessage,
    TakeBackMessage,
    WrittenEntity,
)
from contracts.operations.demands import DEMANDS_DECLINE
from contracts.operations.messages import (
    MESSAGES_EDIT,
    MESSAGES_REACT,
    MESSAGES_READ,
    MESSAGES_SEARCH,
    MESSAGES_SEND,
    MESSAGES_TAKE_BACK,
)
from contracts.operations.users import USERS_ERASE_ME
from contracts.own_data import EraseMe
from integration.api.town import Seated, seated
from world import Person, World

FILL = """
    WITH moved AS (
      UPDATE conversations SET last_seq = last_seq + $2, revision = revision + $2 WHERE demand_id = $1 RETURNING last_seq),
    said AS (
      INSERT INTO messages (demand_id, seq, revision, kind, author_id, author_role, alias, text)
      SELECT $1, last_seq - $2 + n, last_seq - $2 + n, 'message', $3, 'provider', 'x', 'old ' || n
      FROM moved, generate_series(1, $2::integer) n)
    SELECT 1
"""
MANY = 1000


async def filled(world: World, many: int) -> Seated:
    """A conversation of this many lines and a notice."""
    at = await seated(world)
    await world.ledger.execute(FILL, at.demand, many, at.provider.user)
    return at


async def chatter(at: Seated, many: int, *people: Person) -> None:
    """People writing, each one thing after the other."""

    async def talk(person: Person) -> None:
        for number in range(many):
            await person.call(MESSAGES_SEND, SendMessage(demand=at.demand, text=f"{person.telegram_id}:{number}"))

    await asyncio.gather(*(talk(person) for person in people))


@pytest.mark.parametrize("order", list(Order))
async def test_a_thousand_lines_of_one_instant_by_seven_while_others_write(world: World, order: Order) -> None:
    at = await filled(world, MANY - 1)
    await world.ledger.execute("UPDATE messages SET created_at = now()")
    seen: list[Message] = []
    async with asyncio.TaskGroup() as group:
        writing = group.create_task(chatter(at, 30, at.requester, at.provider))
        more = True
        while more:
            cursor = {} if not seen else {"after" if order is Order.OLDEST_FIRST else "before": seen[-1].id}
            asked = SearchMessages(demand=at.demand, order=order, limit=7, **cursor)  # type: ignore[arg-type]
            page = await at.requester.call(MESSAGES_SEARCH, asked)
            assert len(page.items) <= 7
            seen += page.items
            more = page.more
            if not more and not writing.done():
                await writing
                more = order is Order.OLDEST_FIRST
    numbers = [line.seq for line in seen]
    assert len({line.id for line in seen}) == len(seen)
    if order is Order.OLDEST_FIRST:
        assert numbers == list(range(1, MANY + 61))
    else:
        assert numbers == list(range(numbers[0], 0, -1)), "all there was when the reading began"
        assert numbers[0] >= MANY


async def test_two_who_write_at_once_leave_no_number_out(world: World) -> None:
    at = await seated(world)
    await chatter(at, 200, at.requester, at.provider)
    page = await at.requester.call(MESSAGES_SEARCH, SearchMessages(demand=at.demand, limit=1000))
    assert [line.seq for line in page.items] == list(range(1, 402))
    for person in (at.requester, at.provider):
        own = [line.text for line in page.items if line.text.startswith(f"{person.telegram_id}:")]
        assert own == [f"{person.telegram_id}:{number}" for number in range(200)], "each in the order they wrote"


async def test_a_page_never_outgrows_a_reply_and_its_successor_goes_on_from_it(world: World) -> None:
    at = await filled(world, 60)
    await world.ledger.execute("UPDATE messages SET text = repeat('я', 8192) WHERE kind = 'message'")
    styles = [WrittenEntity(type="text_link", offset=0, length=1, url="https://x.org/" + "y" * 2000)] * 100
    for _ in range(3):
        await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="я" * 8192, entities=styles))
    for order, cursor in ((Order.OLDEST_FIRST, "after"), (Order.NEWEST_FIRST, "before")):
        seen: list[Message] = []
        more, pages = True, 0
        while more:
            last = {cursor: seen[-1].id} if seen else {}
            asked = SearchMessages(demand=at.demand, order=order, limit=1000, **last)  # type: ignore[arg-type]
            answer = await world.connections["telegram"].request(
                "api.v1.telegram.messages.search", wire.encode(asked), timeout=5, headers={"Actor": at.requester.actor}
            )
            assert len(answer.data) <= 512 * 1024
            page = await at.requester.call(MESSAGES_SEARCH, asked)
            seen += page.items
            more, pages = page.more, pages + 1
        assert len(seen) == len({line.id for line in seen}) == 64
        assert pages >= 3


async def test_since_a_revision_comes_everything_new_or_changed_and_nothing_else(world: World) -> None:
    at = await seated(world)
    said = [
        (await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text=f"{number}"))).id
        for number in range(6)
    ]

    async def since(revision: int, limit: int = 100) -> tuple[list[str], int, bool]:
        asked = SearchMessages(demand=at.demand, since=revision, limit=limit)
        page = await at.provider.call(MESSAGES_SEARCH, asked)
        return [line.notice or line.text for line in page.items], page.revision, page.more

    everything, now, _ = await since(0)
    assert everything == ["provider_joined", *"012345"]
    assert (await since(now))[0] == []
    await at.requester.call(MESSAGES_EDIT, EditMessage(demand=at.demand, message=said[1], text="one"))
    await at.requester.call(MESSAGES_TAKE_BACK, TakeBackMessage(demand=at.demand, message=said[3]))
    await at.provider.call(MESSAGES_REACT, ReactToMessage(demand=at.demand, message=said[0], emoji="👍"))
    await at.requester.call(MESSAGES_EDIT, EditMessage(demand=at.demand, message=said[1], text="uno"))
    await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="6"))
    changed, later, more = await since(now)
    assert (changed, more) == (["", "0", "uno", "6"], False), "each once, in the order of its last change"
    assert (await since(later))[0] == []
    replayed, at_revision, more = [], now, True
    while more:
        part, at_revision, more = await since(at_revision, 1)
        replayed += part
    assert (replayed, at_revision) == (changed, later)
    await at.provider.call(MESSAGES_READ, ReadMessages(demand=at.demand, seq=3))
    assert (await since(later))[1] > later, "a read mark moves the conversation on, too"


async def test_nothing_is_missed_by_who_replays_while_others_write_and_change(world: World) -> None:
    at = await seated(world)
    known: dict[object, str] = {}
    revision = 0

    async def replay() -> None:
        nonlocal revision
        more = True
        while more:
            asked = SearchMessages(demand=at.demand, since=revision, limit=5)
            page = await at.requester.call(MESSAGES_SEARCH, asked)
            known.update({line.id: line.text for line in page.items})
            revision, more = page.revision, page.more

    async def write(person: Person) -> None:
        for number in range(25):
            said = await person.call(MESSAGES_SEND, SendMessage(demand=at.demand, text=f"{number}"))
            await person.call(MESSAGES_EDIT, EditMessage(demand=at.demand, message=said.id, text=f"{number} changed"))

    async with asyncio.TaskGroup() as group:
        writing = group.create_task(asyncio.wait_for(asyncio.gather(write(at.requester), write(at.provider)), 60))
        while not writing.done():
            await replay()
    await replay()
    whole = await at.requester.call(MESSAGES_SEARCH, SearchMessages(demand=at.demand, limit=1000))
    assert known == {line.id: line.text for line in whole.items}


async def test_rights_are_asked_for_each_page_and_cursors_belong_to_their_conversation(world: World) -> None:
    at, other = await filled(world, 20), await filled(world, 20)
    first = await at.provider.call(MESSAGES_SEARCH, SearchMessages(demand=at.demand, limit=7))
    assert first.more
    for cursor in (first.items[-1].id, uuid4()):
        for field in ("after", "before", "versions_of"):
            asked = SearchMessages(demand=other.demand, **{field: cursor})  # type: ignore[arg-type]
            with pytest.raises(NotFound):
                await other.moderator.call(MESSAGES_SEARCH, asked)
    for wrong in ({"after": first.items[0].id}, {"before": first.items[0].id}, {"order": Order.NEWEST_FIRST}):
        with pytest.raises(InvalidRequest):
            await at.provider.call(MESSAGES_SEARCH, SearchMessages(demand=at.demand, since=0, **wrong))  # type: ignore[arg-type]
    await at.provider.call(DEMANDS_DECLINE, DeclineDemand(demand=at.demand))
    with pytest.raises(NotFound):
        await at.provider.call(MESSAGES_SEARCH, SearchMessages(demand=at.demand, after=first.items[-1].id, limit=7))


async def test_since_a_revision_no_line_of_somebody_forgotten_is_passed_over(world: World) -> None:
    at = await seated(world)
    for n in range(6):
        await at.requester.call(MESSAGES_SEND, SendMessage(demand=at.demand, text=f"line {n}"))
    theirs = await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="Coming"))
    await at.requester.call(
        MESSAGES_REACT, ReactToMessage(demand=at.demand, message=theirs.id, emoji="\N{THUMBS UP SIGN}")
    )
    asked = SearchMessages(demand=at.demand, since=0)
    known = (await at.provider.call(MESSAGES_SEARCH, asked)).revision
    await at.requester.call(USERS_ERASE_ME, EraseMe(confirm="erase"))
    found: list[Message] = []
    page = None
    while page is None or page.more:
        asked = SearchMessages(demand=at.demand, since=page.revision if page else known, limit=2)
        page = await at.provider.call(MESSAGES_SEARCH, asked)
        found += page.items
    assert len({line.id for line in found}) == len(found) == len({line.revision for line in found})
    assert sorted(line.text for line in found if line.kind == "message") == ["", "", "", "", "", "", "Coming"]
    assert next(line for line in found if line.id == theirs.id).reactions == []
    assert page.revision >= max(line.revision for line in found)
