"""Which places and kinds of help are offered first: those somebody used last."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from contracts.demands import SearchDemands
from contracts.kinds import Role
from contracts.operations.demands import DEMANDS_SEARCH
from telegram_bot.callbacks import pack_id
from telegram_bot.turn import Turn

RECENT: Final = 6
"""Kinds of help remembered as used, the newest."""


async def recent(turn: Turn) -> list[dict[str, Any]]:
    """What the person asked for before, the latest first: place, resource and id of each scenario."""
    known: list[dict[str, Any]] | None = turn.step.data.get("recent")
    if known is None:
        page = await turn.call(DEMANDS_SEARCH, SearchDemands(mine=True, is_active=None, limit=100))
        asked = [one for one in page.items if one.role is Role.REQUESTER]
        known = []
        for one in sorted(asked, key=lambda one: one.submitted_at):
            known = used_now(known, pack_id(one.scenario), one.place, one.resource)
        turn.step.data["recent"] = known
    return known


def used_now(known: list[dict[str, Any]], scenario: str, place: str, resource: str) -> list[dict[str, Any]]:
    """The scenarios used before with one more, the latest first."""
    others = [one for one in known if one["id"] != scenario]
    return [{"id": scenario, "place": place, "resource": resource}, *others][:RECENT]


def first_of_each(found: Iterable[tuple[UUID, str]]) -> Iterable[tuple[UUID, str]]:
    """One id for each name, in the order the names came."""
    by_name: dict[str, UUID] = {}
    for about, name in found:
        by_name.setdefault(name, about)
    return ((about, name) for name, about in by_name.items())


def last_used_first(
    found: list[tuple[UUID, str]], used: list[tuple[UUID, str]], *, closed: bool
) -> Iterable[tuple[UUID, str]]:
    """What was found, with what was used before at its head; where `closed`, only what was found."""
    names = {name for _, name in found}
    return first_of_each([*((about, name) for about, name in used if not closed or name in names), *found])


async def can_search(turn: Turn) -> bool:
    """Whether people can look among all scenarios by the bot's name; its owner decides that at BotFather."""
    return bool((await turn.bot.me()).supports_inline_queries)
