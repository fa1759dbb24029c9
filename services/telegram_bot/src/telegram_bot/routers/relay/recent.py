"""What went out lately: where an album went, for a picture that comes late; its captions and files, for edits of them."""

from collections.abc import Mapping
from typing import Any, Final

from telegram_bot.routers.relay.written import parts
from telegram_bot.turn import Turn

FILES: Final = 30
"""Messages whose file is remembered, the newest."""

ALBUMS: Final = 5
"""Albums remembered, the newest."""


def remember(turn: Turn, kept: Mapping[str, Any]) -> None:
    """Note where an album went, and which file a message showed."""
    for file, part in zip(kept.get("files", ()), parts(kept), strict=False):
        shown: dict[str, str] = turn.step.data.setdefault("shown", {})
        shown[str(part["message"])] = file["unique_id"]
        if len(shown) > FILES:
            del shown[next(iter(shown))]
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


def album_with(turn: Turn, message_id: int) -> dict[str, Any] | None:
    """The album a message of this id went out in, if that is known."""
    albums: list[dict[str, Any]] = turn.step.data.get("albums", [])
    return next((one for one in albums if any(part["message"] == message_id for part in one["parts"])), None)


def is_another_file(turn: Turn, kept: Mapping[str, Any]) -> bool:
    """Whether an edited message shows another file than when it went out, as far as that is known."""
    before = turn.step.data.get("shown", {}).get(str(kept["message"]))
    return before is not None and [before] != [file["unique_id"] for file in kept.get("files", ())]
