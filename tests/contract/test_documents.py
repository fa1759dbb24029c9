import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contracts.__main__ import main
from contracts.asyncapi import document, yaml
from contracts.events import EVENTS
from contracts.operations import OPERATIONS

ROOT = Path(__file__).resolve().parents[2]
BUILT = [operation for operation in OPERATIONS if operation.is_built]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    return tmp_path


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def pointed_at(whole: dict[str, Any], reference: str) -> Any:
    """What a JSON pointer leads to; keys of ours hold no slash and no tilde."""
    found: Any = whole
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def test_the_documents_in_the_repository_say_what_the_tables_say(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(ROOT)
    assert main(["check"]) == 0, capsys.readouterr().err


def test_a_stale_document_is_named_and_written_anew(repository: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["check"]) == 1
    assert main(["write"]) == 0
    assert main(["check"]) == 0
    with (repository / "docs" / "operations.md").open("a") as file:
        file.write("by hand\n")
    capsys.readouterr()
    assert main(["check"]) == 1
    told = capsys.readouterr().err
    assert "docs/operations.md is stale" in told
    assert "asyncapi" not in told
    assert main(["write"]) == 0
    assert capsys.readouterr().out == "wrote docs/operations.md\n"


def test_a_wrong_place_or_word_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 2
    assert main(["sing"]) == 2
    assert main([]) == 2


def test_every_operation_stands_in_the_table_of_its_noun(capsys: pytest.CaptureFixture[str]):
    assert main(["operations"]) == 0
    sections = {part.partition("\n")[0]: part for part in capsys.readouterr().out.split("\n## ")[1:]}
    for operation in OPERATIONS:
        section = sections[operation.name.partition(".")[0]]
        assert section.count(f"`{operation.name}`") == 1
        assert (f"| `{operation.name}` |" in section) == operation.is_built


def test_the_permissions_of_every_user_are_shown(capsys: pytest.CaptureFixture[str]):
    assert main(["permissions"]) == 0
    shown = capsys.readouterr().out
    assert re.findall(r"^(\w+):$", shown, re.MULTILINE) == [
        "api",
        "publisher",
        "telegram",
        "web",
        "operator",
        "migrate",
    ]
    assert "api.v1.telegram.demands.next" in shown


def test_asyncapi_leads_nowhere_that_is_not():
    whole = document()
    found = set(references(whole))
    assert len(found) > 100
    for reference in found:
        assert pointed_at(whole, reference)


def test_asyncapi_knows_every_operation_with_its_caller_reply_and_failures():
    whole = document()
    assert whole["asyncapi"] == "3.0.0"
    assert set(whole["operations"]) == {row.name for row in BUILT} | {event.name for event in EVENTS} | {"owed"}
    for row in BUILT:
        channel, operation = whole["channels"][row.name], whole["operations"][row.name]
        assert channel["address"] == f"api.v1.{{caller}}.{row.name}"
        assert channel["parameters"]["caller"]["enum"] == sorted(row.callers)
        assert operation["action"] == "receive"
        assert set(whole["channels"][f"{row.name}.reply"]["messages"]) == {
            "reply",
            "any_call",
            *(failure.__name__ for failure in row.failures),
        }
        headers = whole["components"]["messages"][f"{row.name}.request"]["headers"]
        assert ("Idempotency-Key" in headers.get("required", ())) == (row.writes != "no")
        assert ("Actor" in headers["properties"]) == (row.actor != "none")
    next_reply = whole["components"]["messages"]["demands.next.reply"]["payload"]["anyOf"]
    assert [part["$ref"].rpartition("/")[2] for part in next_reply] == [
        "Taken", "NothingWaiting", "NotAProvider", "Paused",
    ]  # fmt: skip
    assert whole["components"]["schemas"]["CreateDemand"]["additionalProperties"] is False
    assert whole["x-promised"] == [row.name for row in OPERATIONS if not row.is_built]


def test_asyncapi_knows_every_event_under_its_subject():
    channels = document()["channels"]
    for event in EVENTS:
        noun, _, happened = event.name.partition(".")
        assert channels[event.name]["address"] == f"evt.v1.{noun}.{{id}}.{happened}"


def test_asyncapi_keys_are_those_the_standard_allows():
    whole = document()
    for part in (whole["channels"], whole["operations"], *whole["components"].values()):
        assert all(re.fullmatch(r"[a-zA-Z0-9._-]+", key) for key in part)


def test_yaml_quotes_whatever_could_mean_something_else():
    shown = yaml({"a": ["yes", "No", "1", "x: y", "a #b", "", " b", "plain, isn't it", "- c", None, 1.5, True, [], {}]})
    assert shown.splitlines() == [
        "a:",
        '  - "yes"',
        '  - "No"',
        '  - "1"',
        '  - "x: y"',
        '  - "a #b"',
        '  - ""',
        '  - " b"',
        "  - plain, isn't it",
        '  - "- c"',
        "  - null",
        "  - 1.5",
        "  - true",
        "  - []",
        "  - {}",
    ]


def test_yaml_nests_by_two_blanks():
    shown = yaml({"a": {"b": [{"c": 1, "d": [2]}, [3]]}})
    assert shown == "a:\n  b:\n    -\n      c: 1\n      d:\n        - 2\n    -\n      - 3\n"
