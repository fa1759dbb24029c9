"""The demo reads the bot's repeat mark: it must be the one the bot writes."""

from mutual_aid.demo.count import REPEAT, mark
from telegram_bot.words import Words


def test_the_bots_repeat_mark_is_recognised() -> None:
    said = Words("en").say("en", "repeat", reference="0F3A")
    assert REPEAT.search(f"Helper BNZZR · №4F7K · {said}\n{mark(7, 2)} words")
    assert not REPEAT.search(f"Helper BNZZR · №4F7K\n{mark(7, 2)} words · {said}")
