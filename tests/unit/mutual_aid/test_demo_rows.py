from pathlib import Path

import pytest

from mutual_aid.demo.rows import OTHER, PLACES, read, resources
from mutual_aid.trouble import Trouble

HEAD = "id,message,original,request,needs\n"


def written(folder: Path, text: str) -> Path:
    file = folder / "day.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_sample_can_be_played() -> None:
    rows = read(None)
    assert len(rows) == 24
    assert {row.place for row in rows} == set(PLACES)
    assert OTHER in resources(rows)
    assert any("🙏" in row.words for row in rows)


def test_the_first_need_named_decides_and_the_original_words_are_kept(tmp_path: Path) -> None:
    file = written(tmp_path, HEAD + '1,bread,"Хлеб, а<b>&",1,medical_help food\n2,water,,0,\n')
    first, second = read(file)
    assert (first.resource, first.words) == ("Medical help", "Хлеб, а<b>&")
    assert (second.resource, second.words) == (OTHER, "water")


def test_rare_needs_go_to_something_else(tmp_path: Path) -> None:
    lines = "".join(f"{n},words,,1,kind{n % 14}\n" for n in range(28)) + "".join("9,words,,1,kind0\n" for _ in range(3))
    assert len(resources(read(written(tmp_path, HEAD + lines)))) == 13


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id,message\n1,a\n", "has no column original, request, needs"),
        (HEAD, "has 0 rows"),
        (HEAD + "1,, ,1,food\n", "has no words in line 2"),
        (HEAD + f"1,{'я' * 3501},,1,food\n", "more than 3500 characters in line 2"),
        (HEAD + '1,"open,,1,food\n', "is not a CSV file"),
    ],
)
def test_what_cannot_be_played_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(Trouble) as trouble:
        read(written(tmp_path, text))
    assert says in trouble.value.reason
    assert "columns id, message, original" in trouble.value.fix


def test_a_file_that_is_no_text_or_not_there(tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_bytes(b"id,message\xff")
    with pytest.raises(Trouble, match="not text in UTF-8"):
        read(tmp_path / "day.csv")
    with pytest.raises(Trouble, match="No such file"):
        read(tmp_path / "nothing.csv")
