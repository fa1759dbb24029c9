"""Texts in UTF-16 units: nothing lost at a cut, nothing torn, styles in place."""

import hypothesis.strategies as st
from hypothesis import given

from contracts.messages import Entity
from telegram_bot.utf16 import LIMIT, shifted, split, units

ALPHABET = st.sampled_from(["a", "я", " ", "\n", "💉", "👩\u200d👧", "é́", "👍🏽", "<", "&", "𝔘"])
TEXTS = st.lists(ALPHABET, min_size=1, max_size=300).map("".join)


def test_an_emoji_counts_twice() -> None:
    assert units("a") == 1
    assert units("я") == 1
    assert units("💉") == 2
    assert units("👩\u200d👧") == 5


@given(text=TEXTS, limit=st.integers(2, 60))
def test_pieces_are_the_text_and_fit(text: str, limit: int) -> None:
    pieces = split(text, limit=limit)
    assert "".join(piece.text for piece in pieces) == text
    assert all(0 < units(piece.text) <= limit for piece in pieces)


@given(text=TEXTS, limit=st.integers(2, 60), data=st.data())
def test_a_stretch_covers_the_same_characters_after_a_cut(text: str, limit: int, data: st.DataObject) -> None:
    size = units(text)
    start = data.draw(st.integers(0, size - 1))
    length = data.draw(st.integers(1, size - start))
    entity = Entity(type="bold", offset=start, length=length)
    covered, before = [], 0
    for piece in split(text, [entity], limit=limit):
        covered += [before + at for one in piece.entities for at in range(one.offset, one.offset + one.length)]
        before += units(piece.text)
    assert covered == list(range(start, start + length))


def test_a_cut_prefers_a_line_end_then_a_blank_then_a_whole_emoji() -> None:
    assert [piece.text for piece in split("one two\nthree four", limit=10)] == ["one two\n", "three four"]
    assert [piece.text for piece in split("one two three", limit=10)] == ["one two ", "three"]
    assert [piece.text for piece in split("aaaa👩\u200d👧", limit=7)] == ["aaaa", "👩\u200d👧"]


def test_an_ordinary_text_stays_whole() -> None:
    assert [piece.text for piece in split("x" * LIMIT)] == ["x" * LIMIT]
    assert len(split("💉" * LIMIT)) == 2


def test_shifting_moves_and_keeps_the_rest() -> None:
    link = Entity(type="text_link", offset=2, length=3, url="https://example.org")
    assert shifted([link], 5) == (Entity(type="text_link", offset=7, length=3, url="https://example.org"),)
