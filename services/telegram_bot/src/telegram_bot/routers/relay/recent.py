"""Albums that went out: where to, for a picture that comes late, and whose caption is which, for an edit of one."""

from collections.abc import Mapping
from typing import Any, Final

from telegram_bot.routers.relay.written import parts
from telegram_bot.turn import Turn

ALBUMS: Final = 10
"""Albums remembered, the newest."""


def remember(turn: Turn, kept: Mapping[str, Any]) -> None:
    """Note where an album went."""
    if "album" not in kept:
        return
    noted = {key: kept[key] for key in ("album", "message", "demand", "reply_to") if key in kept}
    albums: list[dict[str, Any]] = turn.step.data.get("albums", [])
    turn.step.data["albums"] = [*albums, {**noted, "parts": parts(kept)}][-ALBUMS:]


def where_it_went(turn: Turn, album: str) -> dict[str, str]:
    """Where the album of this group went, as `demand` and `reply_to`; nothing when it is not known."""
    albums: list[dict[str, Any]] = turn.step.data.get("albums", [])
    found: dict[str, Any] = next((one for one in reversed(albums) if one["album"] == album), {})
    return {key: found[key] for key in ("demand", "reply_to") if key in found}
