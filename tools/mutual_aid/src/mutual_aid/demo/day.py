"""The day: a crowd of volunteers, one story per row, so many at a time."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from mutual_aid.demo.count import marked
from mutual_aid.demo.crowd import Chat, Crowd, text
from mutual_aid.demo.rows import PLACES, Row
from mutual_aid.demo.story import WITHIN, Story, Unfinished
from telegram_simulator.journal import Entry

AT_ONCE = 40  # stories under way
HELPERS = 10  # volunteers a place: fifty people, some always free
REST = 0.2  # s between two questions of somebody for whom nothing waited
LATE = 2.0  # s a volunteer waits for what they were just given

NAMES = ("Alma", "Boris", "Chen", "Dalia", "Emil", "Farah", "Goran", "Hana", "Ivo", "Jana")


@dataclass
class Day:
    """What happened. `unfinished` says which stories did not come to their end, and where they stopped."""

    rows: list[Row]
    stories: dict[int, Story] = field(default_factory=dict)
    waiting: dict[str, asyncio.Queue[Story]] = field(
        default_factory=lambda: {place: asyncio.Queue() for place in PLACES}
    )
    unfinished: list[str] = field(default_factory=list)
    base: int = field(default_factory=lambda: 2**40 + secrets.randbelow(2**51))

    @property
    def over(self) -> int:
        """Stories that came to their end."""
        return sum(story.over.is_set() for story in self.stories.values())


async def volunteers(day: Day, crowd: Crowd) -> dict[str, list[Chat]]:
    """The volunteers of every place, new in the simulator."""
    numbers = iter(range(day.base, day.base + HELPERS * len(PLACES)))
    return {
        place: [await crowd.add(next(numbers), NAMES[at % len(NAMES)]) for at in range(HELPERS)] for place in PLACES
    }


async def play(day: Day, crowd: Crowd, helpers: dict[str, list[Chat]], advanced: Callable[[], None]) -> None:
    """Live through all stories; `advanced` is called at the end of each."""
    room = asyncio.Semaphore(AT_ONCE)
    async with _at_work(day, helpers), asyncio.TaskGroup() as stories:
        for row in day.rows:
            await room.acquire()
            stories.create_task(_tell(day, crowd, row, room, advanced))


@asynccontextmanager
async def _at_work(day: Day, helpers: dict[str, list[Chat]]) -> AsyncIterator[None]:
    """Volunteers who call for the next request as long as the block runs."""
    async with asyncio.TaskGroup() as work:
        tasks = [work.create_task(_help(day, place, one)) for place, chats in helpers.items() for one in chats]
        yield
        for task in tasks:
            task.cancel()


async def _tell(day: Day, crowd: Crowd, row: Row, room: asyncio.Semaphore, advanced: Callable[[], None]) -> None:
    """One row, from the person who needs help to the end of their demand."""
    try:
        chat = await crowd.add(day.base + 100_000 + row.number, f"Person {row.number}")
        story = day.stories[row.number] = Story(row, chat)
        async with asyncio.timeout(3 * WITHIN):
            await story.ask_for_help()
            day.waiting[row.place].put_nowait(story)
            await story.over.wait()
    except (TimeoutError, Unfinished) as error:
        day.unfinished.append(f"row {row.number}: {str(error) or 'nobody answered, or nobody came'}")
    finally:
        room.release()
        advanced()


async def _help(day: Day, place: str, volunteer: Chat) -> None:
    """Call for the next request whenever one waits in the place, and see it through."""
    declined: set[int] = set()
    while True:
        waits = await day.waiting[place].get()
        story, shown = None, None
        try:
            if waits.row.number not in declined:
                story, shown = await _next(day, volunteer)
            if story is None or shown is None:
                # Theirs to decline only, or somebody else was faster: the request is for another volunteer.
                day.waiting[place].put_nowait(waits)
                await asyncio.sleep(REST)
            elif not await story.helped_by(volunteer, shown):
                declined.add(story.row.number)
                day.waiting[place].put_nowait(story)
        except (TimeoutError, Unfinished) as error:
            stuck = story or waits
            day.unfinished.append(f"row {stuck.row.number}: {str(error) or 'no answer'}")
            stuck.over.set()
            return  # they still hold it, and can take no other


async def _next(day: Day, volunteer: Chat) -> tuple[Story, Entry] | tuple[None, None]:
    """The story the volunteer was given and the message that says so; two times None when nothing waited."""
    shown: Entry | None = await volunteer.ask("/next", lambda entry: bool(text(entry)), WITHIN)
    if shown is not None and marked(text(shown)) is None:
        # A late word about an earlier one may have come first.
        shown = await volunteer.until(lambda entry: marked(text(entry)) is not None, LATE)
    found = marked(text(shown)) if shown is not None else None
    story = day.stories.get(found[0]) if found is not None and found[1] == 0 else None
    return (None, None) if story is None or shown is None else (story, shown)
