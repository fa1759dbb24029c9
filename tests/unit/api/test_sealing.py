"""Sealing and places: what a key setting may hold, and which addresses are one place."""

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, TypeAdapter, ValidationError

from api.places import place_of
from api.sealing import Seal, keys_in
from api.settings import Keys

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@given(st.text())
def test_what_is_sealed_opens_with_any_key_that_is_known_and_with_no_other(text: str) -> None:
    sealed = Seal([OLD]).close(text)
    assert sealed is not None
    assert Seal([NEW, OLD]).open(sealed) == text
    assert Seal([NEW]).open(sealed) is None
    assert Seal([]).open(sealed) is None
    assert Seal([OLD]).close(text) != sealed, "two alike do not look alike"


def test_only_what_an_older_key_sealed_is_sealed_anew() -> None:
    sealed = Seal([OLD]).close("secret")
    assert sealed is not None
    assert Seal([OLD, NEW]).renewed(sealed) is None
    renewed = Seal([NEW, OLD]).renewed(sealed)
    assert renewed is not None
    assert Seal([NEW]).open(renewed) == "secret"
    assert Seal([NEW]).renewed(sealed) is None, "what cannot be opened stays"


@given(st.text())
def test_nothing_opens_that_is_no_seal(text: str) -> None:
    assert Seal([NEW, OLD]).open(text) is None


def test_a_key_that_is_none_stops_the_start_and_is_not_shown() -> None:
    assert keys_in(f"{NEW},{OLD}\n") == [NEW, OLD]
    assert keys_in("") == []
    wrong = "not-a-key-but-a-secret"
    with pytest.raises(ValidationError) as refusal:
        TypeAdapter(Keys).validate_python(SecretStr(f"{NEW} {wrong}"))
    assert "key 2 is not 32 bytes" in str(refusal.value)
    assert wrong not in str(refusal.value)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("somewhere", "elsewhere", False),
    ],
)
def test_addresses_of_one_network_are_one_place(one: str, other: str, *, same: bool) -> None:
    assert (place_of(one) == place_of(other)) is same
