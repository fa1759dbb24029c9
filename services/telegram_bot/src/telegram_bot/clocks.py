"""Clocks to choose one's own from: who does not know what their time zone is called knows what time it is."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from telegram_bot.callbacks import Verb
from telegram_bot.keyboards import Say, button, rows

NEAR: Final = (
    "Europe/London", "Europe/Berlin", "Europe/Kyiv", "Europe/Istanbul", "Asia/Tbilisi", "Asia/Tashkent", "Asia/Almaty",
    "America/New_York",
)  # fmt: skip
FAR: Final = (
    "Pacific/Honolulu", "America/Anchorage", "America/Los_Angeles", "America/Denver", "America/Chicago", "America/Halifax",
    "America/Sao_Paulo", "America/Noronha", "Atlantic/Azores", "Asia/Tehran", "Asia/Kabul", "Asia/Kolkata", "Asia/Kathmandu",
    "Asia/Omsk", "Asia/Novosibirsk", "Asia/Irkutsk", "Asia/Tokyo", "Asia/Vladivostok", "Asia/Magadan", "Asia/Kamchatka",
    "Pacific/Auckland",
)  # fmt: skip
ZONES: Final = NEAR + FAR
"""Buttons carry the place of a zone in it: more are added behind only."""

OTHERS: Final = "others"
"""What the button carries that shows those far away."""


def board(say: Say, now: datetime, *, far: bool = False) -> InlineKeyboardMarkup:
    """A clock a button, by its city: those near, with a way to the others, or the others from west to east."""
    shown = [
        button(f"{now.astimezone(ZoneInfo(zone)):%H:%M} · {city(zone)}", Verb.ZONE, at) for at, zone in enumerate(ZONES)
    ]
    near, others = shown[: len(NEAR)], shown[len(NEAR) :]
    if far:
        return rows(*(others[at : at + 2] for at in range(0, len(others), 2)))
    more: list[InlineKeyboardButton] = [button(say("button-zone-others"), Verb.ZONE, OTHERS)]
    return rows(*([one] for one in near), more)


def city(zone: str) -> str:
    """The city a time zone is named after, as people read it."""
    return zone.rpartition("/")[2].replace("_", " ")
