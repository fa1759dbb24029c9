"""What the container tests write is nothing a bot asks about: a line that waits for a yes never arrives."""

import pytest

from containers.talk import Talk
from telegram_bot.routers.relay import revealed
from telegram_simulator import Person, Simulator
from telegram_simulator.answers import PersonFacts

NUMBERS = (1, 9, 10, 99, 100, 999, 1_000, 9_999, 99_999)  # where another digit begins


def talk(tag: str = "") -> Talk:
    olena, daniel = [Person(Simulator(""), PersonFacts(id=id_, first_name="Somebody")) for id_ in (1, 2)]
    return Talk(olena, daniel, tag=tag) if tag else Talk(olena, daniel)


def waiting(words: str) -> list[str]:
    return revealed({"text": words, "styles": []}, "RU")


def test_no_line_of_a_talk_waits_for_its_writers_yes() -> None:
    talks = [talk() for _ in range(100)]
    assert not [one.words(number) for one in talks for number in NUMBERS if waiting(one.words(number))]
    assert len({one.tag for one in talks}) == len(talks)


@pytest.mark.parametrize(("tag", "number"), [("7e302892", 100), ("a2807327", 10), ("38843300", 1)])
def test_a_mark_whose_digits_add_up_to_a_phones_would(tag: str, number: int) -> None:
    assert waiting(talk(tag=tag).words(number)) == ["phone"]
    assert number == 1 or not waiting(talk(tag=tag).words(number - 1))
