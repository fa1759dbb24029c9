"""A chosen alias leads to nobody."""

import pytest

from api.users.alias import usable_alias
from contracts.failures import InvalidRequest


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        ("Lark", "Lark"),
        ("  Ночная   сова ", "Ночная сова"),
        ("Соловей 17", "Соловей 17"),
        ("Ｌａｒｋ", "Lark"),
        ("🌻🌻", "🌻🌻"),
        ("J. R.", "J. R."),
        ("Mr 1234", "Mr 1234"),
    ],
)
def test_a_name_for_strangers_is_kept(wanted: str, kept: str):
    assert usable_alias(wanted) == kept


@pytest.mark.parametrize(
    "wanted",
    [
        "@olga",
        "＠olga",
        "olga@example.org",
        "t.me/olga",
        "example.org",
        "tg://user",
        "https:x",
        "id 12345",
        "+995 555 1",
        "1 2 3 4 5",
        "٠١٢٣٤",
        "１２３４５",
        "a",
        "  b  ",
        "x" * 33,
        "\u202eevil",
        "a\u200bb",
        "..",
        "a\x00b",
        "--",
    ],
)
def test_what_could_identify_or_deceive_is_refused(wanted: str):
    with pytest.raises(InvalidRequest):
        usable_alias(wanted)
