"""Codes and logins: the same however they are typed, and different where they are different."""

import math

import pytest

from api.users.codes import ABC, LINK_GROUPS, PRIVATE_GROUPS, RECOVERY_GROUPS, code_hash, new_code
from api.users.logins import normalised


@pytest.mark.parametrize(("groups", "bits"), [(PRIVATE_GROUPS, 128), (LINK_GROUPS, 50), (RECOVERY_GROUPS, 64)])
def test_a_code_holds_enough_chance_and_no_letter_that_looks_like_another(groups: int, bits: int) -> None:
    codes = {new_code(groups) for _ in range(500)}
    assert len(codes) == 500
    assert math.log2(len(ABC)) * groups * 4 >= bits
    assert not set("01IOL") & set(ABC)
    assert {len(part) for code in codes for part in code.split("-")} == {4}
    assert set("".join(codes)) == {*ABC, "-"}, "every sign is used"


def test_a_code_is_the_same_however_it_is_typed() -> None:
    assert code_hash("4F7K-W2QX-9ZTM") == code_hash(" 4f7k w2qx9ztm\n") == code_hash("4F7KW2QX9ZTM")
    assert code_hash("4F7K-W2QX-9ZTM") != code_hash("4F7K-W2QX-9ZTN")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Olga", "olga"), ("ОЛЬГА", "ольга"), ("Straße", "strasse"), ("и\u0306од", "йод"), ("İlk", "i̇lk"),
        ("abc", "abc"), ("a" * 64, "a" * 64), ("olga@example.org", "olga@example.org"),
        ("ab", None), ("a" * 65, None), ("a b c", None), ("guest:1", None), ("olga\n", None), ("\u200bolga", None), ("", None),
    ],
)  # fmt: skip
def test_a_login_is_kept_in_one_form(written: str, kept: str | None) -> None:
    assert normalised(written) == kept
    if kept is not None:
        assert normalised(kept) == kept
