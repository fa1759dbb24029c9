"""A running simulator, for a test or another program, over HTTP."""

from collections.abc import Mapping, Sequence
from typing import Any, Self, TypeVar

import aiohttp
import msgspec

from telegram_simulator.answers import PersonFacts
from telegram_simulator.faults import Fault, FaultKind
from telegram_simulator.journal import Entry
from telegram_simulator.person import Person
from telegram_simulator.refusals import ControlError, JsonObject

T = TypeVar("T")


class Simulator:
    """A running simulator at `url` (without a slash at the end). Use as an async context manager, or call `close`.

    Refusals of the control side raise `ControlError` with their sentence.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do(self, action: str, reply: type[T], **asked: object) -> T:
        """Do any action of the control side; `reply` is the type its result is decoded to."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=1_000)
            self._session = aiohttp.ClientSession(connector=connector)
        body = msgspec.json.encode(asked)
        timeout = aiohttp.ClientTimeout(total=180)
        async with self._session.post(f"{self.url}/control/{action}", data=body, timeout=timeout) as response:
            answer = await response.read()
            if response.status != 200:  # noqa: PLR2004 -- OK
                error = msgspec.json.decode(answer)
                raise ControlError(response.status, str(error.get("error", error)))
            result: T = msgspec.json.decode(answer, type=reply)
            return result

    async def person(
        self,
        first_name: str,
        *,
        id: int = 0,  # noqa: A002 -- Telegram's word
        last_name: str = "",
        username: str = "",
        language_code: str = "",
        phone: str = "",
        label: str = "",
        bot: str = "",
    ) -> Person:
        """Add a person (or rename the one with this id) and return them; `bot` is whom they talk to by default."""
        facts = await self.do(
            "create_person",
            PersonFacts,
            first_name=first_name,
            id=id,
            last_name=last_name,
            username=username,
            language_code=language_code,
            phone=phone,
            label=label,
        )
        return Person(self, facts, bot=bot)

    async def people(self) -> list[PersonFacts]:
        """Return everybody."""
        return await self.do("list_people", list[PersonFacts])

    async def bot(self, token: str, *, username: str = "", can_read_all_group_messages: bool = False) -> JsonObject:
        """Make another bot's token known."""
        return await self.do(
            "create_bot",
            dict[str, Any],
            token=token,
            username=username,
            can_read_all_group_messages=can_read_all_group_messages,
        )

    async def group(
        self,
        title: str,
        members: Sequence[Person],
        *,
        type: str = "supergroup",  # noqa: A002 -- Telegram's word
        is_forum: bool = False,
        bots: Sequence[str] = (),
        bots_are_administrators: bool = True,
        id: int = 0,  # noqa: A002 -- Telegram's word
        has_protected_content: bool = False,
    ) -> int:
        """Make a group, let bots (by username) join it, and return its id; the first member is its creator."""
        made = await self.do(
            "create_group",
            dict[str, Any],
            title=title,
            members=[member.id for member in members],
            type=type,
            is_forum=is_forum,
            bots=list(bots),
            bots_are_administrators=bots_are_administrators,
            id=id,
            has_protected_content=has_protected_content,
        )
        return int(made["id"])

    async def set_member(
        self,
        chat: int,
        *,
        user: int = 0,
        bot: str = "",
        status: str = "member",
        rights: Mapping[str, bool] | None = None,
        by: int = 0,
    ) -> JsonObject:
        """Add, promote, remove ("left") or ban ("kicked") a user or bot (default: the first bot)."""
        return await self.do(
            "set_member", dict[str, Any], chat=chat, user=user, bot=bot, status=status, rights=rights, by=by
        )

    async def migrate_group(self, chat: int) -> int:
        """Upgrade a basic group and return the id of the supergroup."""
        return int((await self.do("migrate_group", dict[str, Any], chat=chat))["id"])

    async def delete_topic(self, chat: int, thread_id: int) -> None:
        """Delete a topic behind the bot's back."""
        await self.do("delete_topic", bool, chat=chat, thread_id=thread_id)

    async def fault(
        self,
        kind: FaultKind,
        *,
        method: str = "*",
        chat_id: int | None = None,
        times: int = 1,
        code: int = 500,
        description: str = "",
        retry_after: int = 1,
        seconds: float = 0.0,
        every: int = 1,
    ) -> Fault:
        """Arm a fault for the next calls (times=0: until cleared): answer, drop_before, drop_after or delay.

        With `every` it strikes only each so-manieth of the calls it is for.
        """
        return await self.do(
            "arm_fault",
            Fault,
            kind=kind,
            method=method,
            chat_id=chat_id,
            times=times,
            code=code,
            description=description,
            retry_after=retry_after,
            seconds=seconds,
            every=every,
        )

    async def clear_faults(self) -> int:
        """Disarm all faults and return how many there were."""
        return await self.do("clear_faults", int)

    async def limits(self, *, on: bool) -> None:
        """Switch rate limits."""
        await self.do("set_limits", bool, on=on)

    async def repeat_update(self, update_id: int | None = None, *, bot: str = "") -> int:
        """Deliver a confirmed update (default: the last) again under its old id, and return that id."""
        return await self.do("repeat_update", int, update_id=update_id, bot=bot)

    async def inject_update(self, kind: str, payload: JsonObject, *, bot: str = "") -> int:
        """Queue an update of any shape, even a broken one; returns its id, 0 when the bot does not want the kind."""
        return await self.do("inject_update", int, kind=kind, payload=payload, bot=bot)

    async def journal(
        self, since: int = 0, *, method: str = "", chat: int | str = "", limit: int = 10_000, seconds: float = 0.0
    ) -> list[Entry]:
        """Return the bots' calls above number `since`; with `seconds`, wait for the first of them."""
        return await self.do(
            "read_journal",
            list[Entry],
            since=since,
            method=method,
            chat=str(chat),
            limit=limit,
            seconds=seconds,
        )

    async def status(self) -> JsonObject:
        """Return counts of calls by method, of waiting updates, of people."""
        return await self.do("status", dict[str, Any])
