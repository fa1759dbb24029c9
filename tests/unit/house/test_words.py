"""The documents use the product's words, and the charts its states."""

import re
from enum import StrEnum
from pathlib import Path

import pytest

from contracts.kinds import DeliveryStatus, DemandStatus, MembershipKind, ReportStatus, Role
from contracts.operations import OPERATIONS

DOCS = Path(__file__).resolve().parents[3] / "docs"
# The word of the glossary for nouns of the table that are no plain plural.
SINGULAR = {"deliveries": "delivery", "chats": "staff chat", "identities": "identity"}


def words() -> set[str]:
    return set(re.findall(r"\*\*([^*]+)\*\*", (DOCS / "glossary.md").read_text()))


def chart(title: str) -> list[tuple[str, str]]:
    """The arrows of the chart under a title of docs/states.md."""
    section = (
        (DOCS / "states.md").read_text().partition(f"## {title}\n")[2].partition("```mermaid")[2].partition("```")[0]
    )
    return re.findall(r"^ +(\S+) --> (\w+|\[\*\])", section, re.MULTILINE)


def test_every_noun_of_the_table_and_every_role_is_a_word_of_the_glossary():
    known = words()
    nouns = {operation.name.partition(".")[0] for operation in OPERATIONS}
    for noun in nouns:
        word = noun.replace("_", " ")
        assert {word, SINGULAR.get(noun, word.removesuffix("s"))} & known, noun
    assert {*Role, *MembershipKind} <= known


@pytest.mark.parametrize(
    ("title", "statuses"), [("Demand", DemandStatus), ("Delivery", DeliveryStatus), ("Report", ReportStatus)]
)
def test_a_chart_shows_every_status_and_no_other(title: str, statuses: type[StrEnum]):
    arrows = chart(title)
    assert {end for arrow in arrows for end in arrow} - {"[*]"} == set(statuses)
    reached = {"[*]"}
    for _ in statuses:
        reached |= {end for start, end in arrows if start in reached}
    assert reached == {"[*]", *statuses}, "every status can be reached from the beginning"


def test_every_way_a_demand_can_go_is_an_operation_of_the_table():
    section = (DOCS / "states.md").read_text().partition("## Demand\n")[2].partition("```\n\n")[0]
    ways = {way.strip() for said in re.findall(r": (.+)$", section, re.MULTILINE) for way in said.split(",")}
    named = {operation.name.partition(".")[2] for operation in OPERATIONS if operation.name.startswith("demands.")}
    assert ways - {"create as a draft", "or a day passes (promised)"} <= named
    assert {"submit", "discard", "assign", "release", "merge", "confirm", "reopen"} <= ways


def test_the_final_states_of_a_delivery_are_those_the_contract_calls_final():
    named = set(re.findall(r"`(\w+)`", (DeliveryStatus.__doc__ or "")))
    assert {start for start, end in chart("Delivery") if end == "[*]"} == named
    assert not {start for start, end in chart("Delivery") if start in named and end != "[*]"}
