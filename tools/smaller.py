"""Take out of a folder of installed packages what the product never opens: half of a bot's image.

python tools/smaller.py FOLDER

What is named here and not there is an error: then a package changed, and its line wants looking at.
"""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

# A package's folders that nothing of ours imports, and it does not import by itself.
UNUSED: dict[str, tuple[str, ...]] = {
    "phonenumbers": ("geodata", "carrierdata", "tzdata"),  # where a number's owner lives: nobody shall know
    "sqlalchemy": ("testing",),
    "alembic": ("testing", "templates"),
    "greenlet": ("tests", "platform"),
}
# Babel knows how every language counts; sentences are in these.
LANGUAGES = ("root", "en", "ru", "uk")
# Rich paints tracebacks, in Python only.
LEXERS = ("__init__", "_mapping", "python")
# What compilers and type checkers read.
SOURCES = ("*.pyi", "*.pyx", "*.pxd", "*.c", "*.cpp", "*.h", "*.hpp")


def main(folder: Path) -> None:
    """Remove it, or end with the name of what is missing."""
    for package, parts in UNUSED.items():
        for part in parts if (folder / package).is_dir() else ():
            shutil.rmtree(folder / package / part)
    keep_only(folder / "babel" / "locale-data", lambda name: name.partition("_")[0] in LANGUAGES)
    keep_only(folder / "pygments" / "lexers", LEXERS.__contains__)
    for pattern in SOURCES:
        for path in folder.rglob(pattern):
            path.unlink()
    shutil.rmtree(folder / "bin", ignore_errors=True)  # commands that name another folder's Python


def keep_only(folder: Path, wanted: Callable[[str], bool]) -> None:
    """Remove the files of a folder, and their bytecode, whose names up to the first point are not wanted."""
    for path in folder.rglob("*"):
        if path.is_file() and not wanted(path.name.partition(".")[0]):
            path.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
