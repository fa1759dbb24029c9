"""Every sentence, in every language: there, whole, and with the same places for values."""

import ast
import re
from dataclasses import fields
from pathlib import Path
from typing import get_type_hints

import pytest
from fluent.syntax import FluentParser, visitor
from fluent.syntax.ast import Identifier, Message, SelectExpression, VariableReference

import telegram_bot
from contracts.failures import FAMILY
from contracts.kinds import CloseReason, DemandStatus, MembershipKind, MembershipState, Notice, Role
from contracts.notices import DATA
from telegram_bot.words import LOCALES, Words, sentences

SOURCES = Path(telegram_bot.__file__).parent
VALUES = {
    "number": "4F7K", "place": "Vake", "resource": "Food", "alias": "7KQ2M", "emergency": "112", "reference": "A1B2",
    "name": "a.pdf", "held": "№4F7K", "until": "1.1.", "first": 1, "last": 10, "count": 2, "ahead": 3, "retry_after": 5, "limit": 5,
    "phone": "+995", "role": "requester", "reason": "fulfilled", "kind": "provider", "state": "live",
    "by": "none", "into": "none", "urgency": "urgent", "outcome": "helped", "words": "none", "decision": "acted",
    "since": "1.1.", "chat": "-100", "command": "note", "topics": "on", "grants": "off",
    "minutes": 12, "hours": 24, "old": 2, "left": 3, "waited": "12 minutes", "rest": "3 hours", "speaks": "English", "status": "waiting", "listed": "• Vake",
    "meaning": "Hello", "line": "Hello", "requester": "7KQ2M", "own": "X4T9B", "zone": "Asia/Tbilisi", "which": "№4F7K",
    "coordinators_know": True, "later": True,
}  # fmt: skip


class _Places(visitor.Visitor):
    def __init__(self) -> None:
        self.found: set[str] = set()

    def visit_VariableReference(self, node: VariableReference) -> None:  # noqa: N802 - the library's name
        self.found.add(node.id.name)


class _Choices(visitor.Visitor):
    def __init__(self) -> None:
        self.found: dict[str, set[str]] = {}

    def visit_SelectExpression(self, node: SelectExpression) -> None:  # noqa: N802 - the library's name
        if isinstance(node.selector, VariableReference):
            names = {variant.key.name for variant in node.variants if isinstance(variant.key, Identifier)}
            self.found.setdefault(node.selector.id.name, set()).update(names)
        self.generic_visit(node)


def choices(locale: str) -> dict[str, dict[str, set[str]]]:
    """Every sentence of a language with the words its variants are chosen by."""
    found = {}
    for source in sentences(locale).values():
        for entry in FluentParser().parse(source).body:
            if isinstance(entry, Message):
                chosen = _Choices()
                chosen.visit(entry)
                found[entry.id.name] = chosen.found
    return found


def messages(locale: str) -> dict[str, set[str]]:
    """Every sentence of a language with the values it takes."""
    found = {}
    for source in sentences(locale).values():
        for entry in FluentParser().parse(source).body:
            assert type(entry).__name__ in {"Message", "GroupComment", "Comment"}, entry
            if isinstance(entry, Message):
                places = _Places()
                places.visit(entry)
                assert entry.id.name not in found
                found[entry.id.name] = places.found
    return found


def test_the_languages_say_the_same_things() -> None:
    english = messages("en")
    for locale in LOCALES:
        assert messages(locale).keys() == english.keys()
        for key, places in messages(locale).items():
            assert places | {"count"} == english[key] | {"count"}, (locale, key)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_sentence_can_be_said(locale: str) -> None:
    words = Words()
    for key in messages(locale):
        text = words.say(locale, key, **VALUES)
        assert text.strip(), key
        assert not re.search(r"[{}\u2068\u2069]", text), text


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("number", [0, 1, 2, 5, 21])
def test_every_variant_of_every_sentence_can_be_said_with_every_number(
    locale: str, number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    words, places = Words(), messages(locale)
    counted = {name: number for name, value in VALUES.items() if isinstance(value, int)}
    plurals = {"zero", "one", "two", "few", "many", "other"}
    for key, by in choices(locale).items():
        chosen = [(name, word) for name, names in by.items() for word in names - plurals] or [("", "")]
        for name, word in chosen:
            values = dict.fromkeys(places[key], number) | VALUES | counted | ({name: word} if name else {})
            text = words.say(locale, key, **values)
            assert text.strip(), (key, name, word)
            assert not re.search(r"[{}\u2068\u2069]|&\w+;|</?\w+>", text), (key, text)
    assert "words.incomplete" not in capsys.readouterr().out


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("failure", FAMILY.values(), ids=FAMILY)
def test_every_failure_has_a_sentence(locale: str, failure: type) -> None:
    known = {"failure", "emergency", *(field.name for field in fields(failure)), "count"}
    assert messages(locale)[f"failure-{failure.__name__}"] <= known


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("notice", list(Notice))
def test_every_notice_has_a_sentence_for_what_it_carries(locale: str, notice: Notice) -> None:
    known = {*get_type_hints(DATA[notice]), "number", "place", "resource", "role", "alias", "viewer", "emergency"}
    known |= {"waited"} if notice in {Notice.STILL_WAITING, Notice.FIRST_REPLY_LATE, Notice.LAPSED} else set()
    known |= {"waited", "rest"} if notice in {Notice.NUDGED, Notice.STILL_NEEDED} else set()
    assert messages(locale)[f"notice-{notice}"] <= known


@pytest.mark.parametrize("locale", LOCALES)
def test_words_for_every_role_and_state(locale: str) -> None:
    said = messages(locale)
    assert {f"from-{role}" for role in Role} <= said.keys()
    assert {f"status-{status}" for status in DemandStatus} <= said.keys()


def test_every_kind_of_an_end_reads_differently() -> None:
    words = Words()
    for locale in LOCALES:
        assert len(
            {words.say(locale, "notice-closed", **{**VALUES, "reason": reason}) for reason in CloseReason}
        ) == len(CloseReason)
        changed = {
            words.say(locale, "notice-membership_changed", place="V", resource="F", kind=kind, state=state)
            for kind in MembershipKind
            for state in (MembershipState.LIVE, MembershipState.REMOVED)
        }
        assert len(changed) == 4


@pytest.mark.parametrize(
    ("locale", "ahead", "ending"),
    [
        ("en", 0, "first in line"), ("en", 1, "1 person is"), ("en", 2, "2 people are"),
        ("ru", 1, "1 человек."), ("ru", 2, "2 человека."), ("ru", 5, "5 человек."), ("ru", 21, "21 человек."),
        ("uk", 1, "1 людина."), ("uk", 3, "3 людини."), ("uk", 11, "11 людей."),
    ],
)  # fmt: skip
def test_numbers_are_counted_as_people_count(locale: str, ahead: int, ending: str) -> None:
    assert ending in Words().say(locale, "notice-received", number="4F7K", place="V", resource="F", ahead=ahead)


@pytest.mark.parametrize(
    ("hint", "spoken"), [("ru-RU", "ru"), ("uk", "uk"), ("en-GB", "en"), ("ka", "ru"), (None, "ru"), ("", "ru")]
)
def test_an_unknown_language_falls_back_to_the_default(hint: str | None, spoken: str) -> None:
    assert Words("ru").locale_for(hint) == spoken


def test_a_sentence_nobody_wrote_is_a_fault_of_ours() -> None:
    with pytest.raises(LookupError):
        Words().say("en", "no-such-sentence")


def test_the_code_says_only_what_is_written() -> None:
    written = messages("en").keys()
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
                key = node.args[-1 if name == "say" and len(node.args) > 1 else 0] if node.args else None
                if (
                    name in {"say", "answer", "answer_press"}
                    and isinstance(key, ast.Constant)
                    and isinstance(key.value, str)
                ):
                    assert key.value in written, (path.name, key.value)


def test_no_sentence_is_written_in_the_code() -> None:
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and path.name != "keyboards.py":
                assert not re.search("[а-яёіїєґ]", node.value), (path.name, node.value)


def test_one_apostrophe_and_one_word_for_one_thing() -> None:
    ukrainian = "\n".join(sentences("uk").values())
    assert "’" not in ukrainian, "an apostrophe is ' in all sentences"
    assert not re.search(r"\b[Оо]б(?:ер|р)[аі]", ukrainian), "to choose is `вибрати`"
    assert not re.search(r"\bДобре,", ukrainian), "all right is `гаразд`"
