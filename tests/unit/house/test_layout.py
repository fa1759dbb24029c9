"""Where things are: one use case, one file; names that say something; files that can be read at one sitting."""

import ast
import importlib
import re
from pathlib import Path

import pytest

from contracts.operations import BY_NAME, OPERATIONS

ROOT = Path(__file__).resolve().parents[3]
API = ROOT / "services" / "api" / "src" / "api"
SAMPLES = ROOT / "tests" / "contract" / "samples"
BUILT = [operation.name for operation in OPERATIONS if operation.is_built]
# A noun that lives inside another one's room.
INSIDE = {"participants": "demands.participants"}
LINES = 255
TEST_LINES = 300
# Longer all the same; the number is how long at most, and only ever goes down.
LONGER = {
    "services/api/src/api/migrations/versions/0001_core.sql": 280,  # what has run once is not cut up afterwards
    "libs/contracts/src/contracts/kinds.py": 300,  # nothing but closed sets, a line a word
}
SAYS_NOTHING = {"utils", "util", "common", "manager", "helpers", "helper", "base", "service", "misc", "core", "models"}
# Service messages, in Telegram's own words.
CALLED_SO_ALL_THE_SAME = {"libs/telegram_simulator/src/telegram_simulator/service.py"}


def sources(*suffixes: str) -> list[Path]:
    return sorted(
        path
        for folder in ("libs", "services", "tools", "tests")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in suffixes and "__pycache__" not in path.parts
    )


def served() -> dict[str, str]:
    """The module and function that serve each operation, as handlers.py has them: `demands.next` -> `api.demands.next.f`."""
    tree = ast.parse((API / "handlers.py").read_text())
    comes_from: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                comes_from[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.startswith("bind"):
            row, handler = node.args[:2]
            assert isinstance(row, ast.Attribute)
            assert isinstance(row.value, ast.Name)
            assert isinstance(handler, ast.Name)
            rows = importlib.import_module(comes_from[row.value.id])
            found[getattr(rows, row.attr).name] = comes_from[handler.id]
    return found


def test_every_built_operation_is_served_and_nothing_else_is():
    assert sorted(served()) == sorted(BUILT)


@pytest.mark.parametrize("name", BUILT)
def test_an_operation_lives_in_the_file_of_its_name(name: str):
    noun, _, verb = name.partition(".")
    module, _, function = served()[name].rpartition(".")
    assert module == f"api.{INSIDE.get(noun, noun)}.{verb}"
    file = API.joinpath(*INSIDE.get(noun, noun).split("."), f"{verb}.py")
    defined = [node.name for node in ast.parse(file.read_text()).body if isinstance(node, ast.AsyncFunctionDef)]
    assert function in defined, "defined there, not passed through"


@pytest.mark.parametrize("name", BUILT)
def test_a_built_operation_has_a_golden_sample_and_is_called_by_a_test_of_the_api(name: str):
    assert (SAMPLES / f"{name}.json").is_file()
    row = re.compile(rf"\b{name.replace('.', '_').upper()}\b")
    tests = (ROOT / "tests" / "integration" / "api").rglob("*.py")
    assert any(row.search(path.read_text()) for path in tests), f"no test under tests/integration/api calls {name}"


def test_an_operation_is_named_by_a_noun_and_a_verb():
    for name in BY_NAME:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)?\.[a-z]+(_[a-z]+)*", name), name


def allowed(name: str) -> int:
    return LONGER.get(name) or (TEST_LINES if name.startswith("tests/") else LINES)


def test_no_file_is_too_long_to_be_read():
    lengths = {
        path.relative_to(ROOT).as_posix(): path.read_text().count("\n")
        for path in sources(".py", ".sql", ".js", ".css", ".html", ".ftl")
    }
    assert {name: length for name, length in lengths.items() if length > allowed(name)} == {}
    assert {
        name for name in LONGER if lengths.get(name, 0) <= (TEST_LINES if name.startswith("tests/") else LINES)
    } == set(), "short enough now: take it off the list"


def test_no_module_has_a_name_that_says_nothing():
    named = {
        path.relative_to(ROOT).as_posix()
        for path in sources(".py")
        if path.stem in SAYS_NOTHING or path.parent.name in SAYS_NOTHING
    }
    assert named == CALLED_SO_ALL_THE_SAME
