"""What is written on buttons."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegram_bot.callbacks import ABOUT_AN_ID, ABOUT_TWO, Press, Verb, pack, parse, unpack_id

LONGEST = UUID(int=(1 << 128) - 1)


@pytest.mark.parametrize("verb", list(Verb))
def test_every_button_is_far_below_telegrams_64_bytes(verb: Verb) -> None:
    assert len(pack(verb, LONGEST, 2**31 - 1).encode()) <= 48
    assert len(pack(verb, LONGEST, LONGEST, 2**31 - 1).encode()) <= 60


@given(
    one=st.uuids(),
    other=st.uuids(),
    verb=st.sampled_from(sorted(ABOUT_TWO)),
    version=st.none() | st.integers(0, 2**31 - 1),
)
def test_two_ids_and_a_version_come_back(one: UUID, other: UUID, verb: Verb, version: int | None) -> None:
    press = parse(pack(verb, one, other, version))
    assert press is not None
    assert (press.verb, press.id, press.other_id, press.version) == (verb, one, other, version)
    assert parse(f"{pack(verb, one, other)}:x") is None
    assert parse(pack(verb, one)) is None
    assert parse(pack(verb, one, 7)) is None


@given(
    value=st.uuids(),
    verb=st.sampled_from(sorted(ABOUT_AN_ID - ABOUT_TWO)),
    version=st.none() | st.integers(0, 2**31 - 1),
)
def test_an_id_and_a_version_come_back(value: UUID, verb: Verb, version: int | None) -> None:
    press = parse(pack(verb, value, version))
    assert press is not None
    assert (press.verb, press.id, press.version) == (verb, value, version)


def test_words_come_back() -> None:
    assert parse(pack(Verb.LANGUAGE, "uk")) == Press(Verb.LANGUAGE, "uk")
    assert parse(pack(Verb.PAGE, 20)) == Press(Verb.PAGE, "20")


@pytest.mark.parametrize(
    "data", [None, "", "zz:", "de", "de:", "de:short", "de:" + "!" * 22, "de:" + "a" * 23, "la:en:", "la:en:x"]
)
def test_what_no_button_of_ours_carries_is_nothing(data: str | None) -> None:
    assert parse(data) is None


@given(text=st.text(max_size=64))
def test_no_text_breaks_reading(text: str) -> None:
    press = parse(text)
    assert press is None or isinstance(press.verb, Verb)


def test_an_id_of_22_characters_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="not an id"):
        unpack_id("é" * 22)
