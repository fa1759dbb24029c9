"""Somebody with two requests hears that a helper came to one of them: whether what they write next is for that one."""

from uuid import UUID

import msgspec

from contracts.kinds import Notice, Role
from contracts.shapes import DemandId
from telegram_bot.deliver.compose import compose
from telegram_bot.words import Words
from unit.telegram_bot.talk import Talk
from unit.telegram_bot.test_compose import notice, tag
from unit.telegram_bot.test_where import sent

HERE = "Write here"


def joined(talk: Talk, role: Role = Role.REQUESTER, *, is_active: bool = True) -> dict[str, str]:
    """What the buttons say and carry under word of a helper in the first request."""
    told = msgspec.structs.replace(tag(role, is_active=is_active), id=DemandId(UUID(talk.demands[0])))
    talk.noted.heard_from = talk.demands[0]
    [part] = compose(Words(), notice(Notice.PROVIDER_JOINED, {}, demand=told, locale="en"))
    board = part.keyboard
    return {one.text: one.callback_data or "" for row in board.inline_keyboard for one in row} if board else {}


async def test_one_tap_lets_words_go_to_the_request_a_helper_came_to() -> None:
    talk = Talk(demands=["4F7K", "9E76"])
    await talk.presses(data=joined(talk)[HERE], on=800)
    await talk.hears({"text": "the door code is 12"})
    assert sent(talk) == [("the door code is 12", talk.demands[0])]
    assert talk.said == ["What you write now goes to №4F7K."]


async def test_without_the_tap_nothing_is_guessed() -> None:
    talk = Talk(demands=["4F7K", "9E76"])
    joined(talk)
    await talk.hears({"text": "the door code is 12"})
    assert sent(talk) == []
    assert "Who is this for?" in talk.said[-1]


def test_nobody_else_gets_the_button_and_no_request_that_is_over() -> None:
    talk = Talk(demands=["4F7K"])
    assert joined(talk, is_active=False) == {}
    assert joined(talk, Role.MODERATOR) == {}
