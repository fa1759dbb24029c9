"""The day as it stands in a file: who asks for what, in which words."""

import csv
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from mutual_aid.trouble import Trouble

COLUMNS = ("id", "message", "original", "request", "needs")
PLACES = ("Northbank", "Harbour", "Millfield", "Station Road", "Lakeside")
OTHER = "Something else"
MOST_KINDS = 12  # kinds of need with a scenario of their own; a screen of buttons holds no more
LONGEST = 3500  # UTF-16 units; Telegram takes 4,096, and a mark comes before the words
MOST_ROWS = 100_000


@dataclass(frozen=True)
class Row:
    """One call for help: `number` from 1 in the order of the file."""

    number: int
    place: str
    resource: str
    words: str


def read(path: Path | None) -> list[Row]:
    """The rows of a CSV file, or of the sample that comes with the product.

    Raises Trouble that names the line when the file is not one of ours or a row cannot be sent as it is.
    """
    name = str(path) if path else "the sample"
    try:
        text = (path or files("mutual_aid.demo") / "sample.csv").read_text(encoding="utf-8-sig")
        reader = csv.DictReader(text.splitlines(keepends=True), strict=True)
        missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
        if missing:
            raise _unusable(name, f"has no column {', '.join(missing)}")
        found = [_words(name, reader.line_num, line) for line in reader]
    except OSError as error:
        raise _unusable(name, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise _unusable(name, "is not text in UTF-8") from None
    except csv.Error as error:
        raise _unusable(name, f"is not a CSV file: {error}") from None
    if not 0 < len(found) <= MOST_ROWS:
        raise _unusable(name, f"has {len(found)} rows, between 1 and {MOST_ROWS} can be played")
    common = {need for need, _ in Counter(need for need, _ in found if need).most_common(MOST_KINDS)}
    return [
        Row(number, PLACES[number % len(PLACES)], _resource(need if need in common else ""), words)
        for number, (need, words) in enumerate(found, start=1)
    ]


def resources(rows: Iterable[Row]) -> list[str]:
    """The kinds of help a day needs; `Something else` always among them."""
    return sorted({row.resource for row in rows} | {OTHER})


def _words(name: str, line: int, row: dict[str, str | None]) -> tuple[str, str]:
    """The need named first, and the words as the person wrote them, else as they were translated."""
    words = _clean(row["original"] or "") or _clean(row["message"] or "")
    if not words:
        raise _unusable(name, f"has no words in line {line}")
    if len(words.encode("utf-16-le")) // 2 > LONGEST:
        raise _unusable(name, f"has more than {LONGEST} characters in line {line}")
    needs = (row["needs"] or "").split()
    return (needs[0] if needs else ""), words


def _clean(text: str) -> str:
    """Without what Telegram's apps never send: control characters, blanks around."""
    return "".join(letter for letter in text if letter == "\n" or unicodedata.category(letter) != "Cc").strip()


def _resource(need: str) -> str:
    return need.replace("_", " ").capitalize() or OTHER


def _unusable(name: str, why: str) -> Trouble:
    return Trouble("demo", f"{name} {why}", f"Give a CSV file with the columns {', '.join(COLUMNS)}.")
