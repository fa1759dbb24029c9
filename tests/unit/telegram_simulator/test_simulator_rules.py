"""Limits, keyboards and the queue of updates, without a server."""

import contextlib
from collections.abc import Iterable

import pytest

from telegram_simulator.keyboards import parse_markup
from telegram_simulator.limits import Limits
from telegram_simulator.people import DEMO_TOKEN, bot_from_token
from telegram_simulator.refusals import BotApiError, ControlError
from telegram_simulator.updates import Updates


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def accepted(limits: Limits, chats: Iterable[int]) -> int:
    count = 0
    for chat in chats:
        with contextlib.suppress(BotApiError):
            limits.spend(1, chat)
            count += 1
    return count


def test_a_private_chat_takes_a_short_burst_then_one_a_second():
    clock = Clock()
    limits = Limits(on=True, clock=clock)
    assert accepted(limits, [7] * 20) == 5
    clock.now = 3.0
    assert accepted(limits, [7] * 20) == 3


def test_a_group_takes_twenty_a_minute():
    clock = Clock()
    limits = Limits(on=True, clock=clock)
    assert accepted(limits, [-7] * 40) == 20
    with pytest.raises(BotApiError) as refusal:
        limits.spend(1, -7)
    assert refusal.value.code == 429
    assert refusal.value.description == "Too Many Requests: retry after 3"
    assert refusal.value.parameters == {"retry_after": 3}
    clock.now = 3.0
    assert accepted(limits, [-7] * 2) == 1


def test_thirty_a_second_over_all_chats():
    limits = Limits(on=True, clock=Clock())
    assert accepted(limits, range(1, 100)) == 30


def test_a_refused_message_costs_nothing():
    clock = Clock()
    limits = Limits(on=True, clock=clock)
    assert accepted(limits, [7] * 500) == 5
    assert accepted(limits, range(100, 200)) == 25


def test_an_album_counts_each_of_its_messages():
    limits = Limits(on=True, clock=Clock())
    limits.spend(1, 7, 10)
    assert accepted(limits, [7]) == 0


@pytest.mark.parametrize(
    ("button", "wording"),
    [
        ({"text": "a", "callback_data": "я" * 33}, "Bad Request: BUTTON_DATA_INVALID"),
        ({"text": "a", "callback_data": ""}, "Bad Request: BUTTON_DATA_INVALID"),
        ({"text": "a"}, "Bad Request: text buttons are unallowed in the inline keyboard"),
        ("a", "Bad Request: inlineKeyboardButton must be an Object"),
    ],
)
def test_buttons_telegram_refuses(button: object, wording: str):
    with pytest.raises(BotApiError) as refusal:
        parse_markup({"inline_keyboard": [[button]]})
    assert refusal.value.description == wording


def test_callback_data_of_64_bytes_is_taken_and_a_101st_button_is_not():
    row = [{"text": "a", "callback_data": "я" * 32}]
    inline, other = parse_markup({"inline_keyboard": [row] * 100})
    assert inline == {"inline_keyboard": [row] * 100}
    assert other is None
    with pytest.raises(BotApiError, match="reply markup is too long"):
        parse_markup({"inline_keyboard": [row] * 101})


def queue() -> Updates:
    bot = bot_from_token(DEMO_TOKEN)
    bot.next_update_id = 100
    return Updates(bot)


def test_updates_wait_until_a_later_offset_confirms_them():
    updates = queue()
    for _ in range(3):
        updates.add("message", {}, 1)
    assert [one.id for one in updates.take(0, 100)] == [100, 101, 102]
    assert [one.id for one in updates.take(0, 2)] == [100, 101]
    assert [one.id for one in updates.take(102, 100)] == [102]
    assert [one.id for one in updates.take(0, 100)] == [102]
    assert updates.take(103, 100) == []


def test_a_negative_offset_keeps_only_the_last():
    updates = queue()
    for _ in range(3):
        updates.add("message", {}, 1)
    assert [one.id for one in updates.take(-1, 100)] == [102]


def test_an_offset_from_another_life_confirms_nothing():
    updates = queue()
    updates.add("message", {}, 1)
    assert [one.id for one in updates.take(5_000, 100)] == [100]


def test_reactions_and_members_come_only_when_named():
    updates = queue()
    assert updates.add("message_reaction", {}, 1) is None
    assert updates.add("chat_member", {}, 1) is None
    updates.bot.allowed_updates = ["message_reaction"]
    assert updates.add("message_reaction", {}, 1) == 100
    assert updates.add("message", {}, 1) is None


def test_a_confirmed_update_can_come_twice():
    updates = queue()
    updates.add("message", {}, 1)
    updates.take(101, 100)
    assert updates.repeat(100) == 100
    assert updates.repeat(99) is None
    assert [one.id for one in updates.take(101, 100)] == [100]
    assert updates.take(101, 100) == []


def test_nobody_takes_an_update_for_a_day_and_it_is_gone():
    updates = queue()
    for _ in range(2):
        updates.add("message", {}, 1)
    updates.pending[0].at -= 24 * 3600 + 1
    assert [one.id for one in updates.take(0, 100)] == [101]


@pytest.mark.parametrize("token", ["", "1:short", "x:" + "a" * 35, "1:" + "a" * 34 + "!"])
def test_what_cannot_be_a_token(token: str):
    with pytest.raises(ControlError):
        bot_from_token(token)
