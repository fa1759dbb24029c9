"""Every notice in every language: whole, unescaped, with buttons Telegram takes."""

import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from contracts.kinds import Notice, Role
from contracts.shapes import DemandId
from telegram_bot.callbacks import Verb, parse
from telegram_bot.deliver.compose import Part, compose
from telegram_bot.utf16 import LIMIT, units
from telegram_bot.words import LOCALES
from unit.telegram_bot.test_compose import WORDS, changed, notice, tag

SAMPLES = Path(__file__).parents[2] / "contract" / "samples" / "notices"
LONGEST = "ffffffff-ffff-ffff-ffff-ffffffffffff"
MARKUP = "<b>&amp;</b> *x* _y_ `z` [a](b) { $number } 💉"
COUNTS = {
    "minutes": Notice.LAPSED, "ahead": Notice.RECEIVED, "left": Notice.NUDGED,
    "count": Notice.LEFT_WAITING, "capacity": Notice.CAPACITY_CHANGED,
}  # fmt: skip


def sample(kind: Notice) -> dict[str, Any]:
    """What a notice carries, at the longest ids."""
    found: dict[str, Any] = json.loads((SAMPLES / f"{kind}.json").read_text())
    return found | {name: LONGEST for name in ("demand", "user", "scenario") if found.get(name) is not None}


def shown(kind: Notice, data: dict[str, Any], locale: str, role: Role | None = Role.PROVIDER) -> list[Part]:
    at = changed_tag(role)
    return compose(WORDS, notice(kind, data, demand=at, locale=locale, alias="7KQ2M", author_role=Role.REQUESTER))


def changed_tag(role: Role | None) -> Any:
    made = tag(role or Role.PROVIDER)
    return type(made)(
        id=DemandId(UUID(LONGEST)), number="4F7K2345", place="Vake", resource="Food", version=2**31 - 1,
        is_active=True, viewer_role=role,
    )  # fmt: skip


def pressed(parts: list[Part]) -> list[tuple[str, str]]:
    """Each button with its data."""
    return [
        (button.text, button.callback_data or "")
        for part in parts
        for row in (part.keyboard.inline_keyboard if part.keyboard else [])
        for button in row
    ]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("role", [*Role, None])
@pytest.mark.parametrize("kind", list(Notice))
def test_every_notice_is_shown_whole_to_whoever_reads_it(kind: Notice, role: Role | None, locale: str) -> None:
    parts = shown(kind, sample(kind), locale, role)
    for part in parts:
        assert part.text.strip()
        assert units(part.text) <= LIMIT
        assert not re.search(
            r"[{}\u2068\u2069]|&\w+;|</?\w+>", part.text.replace(sample(kind).get("description", "\0"), "")
        )
        for entity in part.entities:
            assert 0 <= entity.offset < entity.offset + entity.length <= units(part.text)
    for text, data in pressed(parts):
        assert text.strip()
        assert len(data.encode()) <= 64
        assert parse(data) is not None, data


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", [Notice.OFFERED, Notice.YOU_TOOK_IT, Notice.FEEDBACK])
def test_what_people_wrote_is_shown_as_they_wrote_it(kind: Notice, locale: str) -> None:
    data = sample(kind)
    data |= {name: MARKUP for name in ("description", "words") if name in data}
    [part] = shown(kind, data, locale)
    assert MARKUP in part.text


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("counted", "kind"), COUNTS.items())
def test_numbers_are_counted_as_people_count(locale: str, counted: str, kind: Notice) -> None:
    forms = {}
    others = {name: 7 if type(value) is int else value for name, value in sample(kind).items()}
    for number in (0, 1, 2, 5, 21):
        [part] = shown(kind, others | {counted: number} | ({"role": "moderator"} if counted == "count" else {}), locale)
        forms[number] = re.sub(rf"(?<!\w){number}(?!\w)", "#", part.text)
    if locale == "en":
        assert forms[1] != forms[2] == forms[5] == forms[21]
    elif not (locale in {"ru", "uk"} and counted == "count"):  # those say the number behind the noun
        assert forms[1] == forms[21]
        assert len({forms[1], forms[2], forms[5]}) >= 2, forms  # some nouns share a form, no number shares them all


def verbs(parts: list[Part]) -> list[Verb]:
    return [press.verb for _, data in pressed(parts) if (press := parse(data))]


def test_an_alert_shows_what_one_needs_to_decide() -> None:
    parts = shown(Notice.OFFERED, sample(Notice.OFFERED), "en", None)
    assert parts[0].text == (
        "🔔 Can you help? №4F7K · Tbilisi, Saburtalo · Medicine\n"
        "Waiting for 12 minutes · urgent · writes in Українська\n\nInsulin\n\nFor my mother"
    )
    assert verbs(parts) == [Verb.TAKE, Verb.NOT_FOR_ME, Verb.PAUSE]
    assert pressed(parts)[0][1].endswith(f":{2**31 - 1}"), "it says which version it was made for"


@pytest.mark.parametrize("state", ["taken", "closed", "over", "yours"])
@pytest.mark.parametrize("locale", LOCALES)
def test_an_alert_that_is_gone_says_so_without_words_or_buttons(locale: str, state: str) -> None:
    data = sample(Notice.OFFERED) | {"state": state, "title": "", "description": ""}
    parts = shown(Notice.OFFERED, data, locale, None)
    assert "4F7K" in parts[0].text
    assert pressed(parts) == []
    assert (
        len({shown(Notice.OFFERED, data | {"state": each}, locale)[0].text for each in ("taken", "closed", "over")})
        == 3
    )


def test_an_alert_is_cut_where_somebody_wrote_a_lot() -> None:
    data = sample(Notice.OFFERED) | {"description": "я" * 8000}
    [part] = shown(Notice.OFFERED, data, "ru", None)
    assert part.text.endswith("я…")
    assert units(part.text) < 1000


@pytest.mark.parametrize(("language", "line"), [("en", "en"), ("uk", "uk"), ("ka", "en"), (None, "en")])
def test_the_first_line_is_in_the_language_of_whoever_asked_and_is_copied_by_a_tap(
    language: str | None, line: str
) -> None:
    [part] = shown(Notice.YOU_TOOK_IT, sample(Notice.YOU_TOOK_IT) | {"language": language}, "en")
    said = WORDS.say(line, "first-line")
    assert part.text.endswith(f"\n{said}")
    [copied] = part.entities
    assert (copied.type, copied.offset, copied.length) == ("code", units(part.text) - units(said), units(said))
    assert WORDS.say("en", "first-line") in part.text, "its reader understands what they send"
    assert verbs([part]) == [Verb.FIRST_LINE, Verb.DONE, Verb.DECLINE]


@pytest.mark.parametrize("locale", LOCALES)
def test_six_kinds_of_help_are_one_message(locale: str) -> None:
    more = [{"place": "Vake", "resource": f"Kind {number}"} for number in range(5)]
    [part] = shown(
        Notice.MEMBERSHIP_APPROVED, sample(Notice.MEMBERSHIP_APPROVED) | {"state": "live", "more": more}, locale
    )
    assert [line for line in part.text.splitlines() if line.startswith("•")] == [
        "• Tbilisi, Saburtalo · Medicine", *(f"• Vake · Kind {number}" for number in range(5))
    ]  # fmt: skip
    many = sample(Notice.MEMBERSHIP_CHANGED) | {"more": [{"place": "п" * 100, "resource": "р" * 100}] * 90}
    [part] = shown(Notice.MEMBERSHIP_CHANGED, many, locale)
    assert units(part.text) <= LIMIT
    assert "76" in part.text, "it says how many it does not name"


def test_who_may_decide_is_asked_to() -> None:
    asked = shown(Notice.MEMBERSHIP_APPLIED, sample(Notice.MEMBERSHIP_APPLIED), "en")
    assert verbs(asked) == [Verb.LET_IN, Verb.TURN_DOWN]
    older = sample(Notice.MEMBERSHIP_APPLIED) | {"scenario": None}
    assert verbs(shown(Notice.MEMBERSHIP_APPLIED, older, "en")) == []


@pytest.mark.parametrize(
    ("kind", "role", "offered"),
    [
        (Notice.NUDGED, Role.PROVIDER, [Verb.FIRST_LINE, Verb.DECLINE]),
        (Notice.LAPSED, None, [Verb.NEXT, Verb.PAUSE]),
        (Notice.FIRST_REPLY_LATE, None, [Verb.JOIN]),
        (Notice.WENT_QUIET, None, []),
    ],
)
def test_buttons_for_what_its_reader_may_want(kind: Notice, role: Role | None, offered: list[Verb]) -> None:
    data = sample(kind) | ({"status": "waiting"} if kind == Notice.FIRST_REPLY_LATE else {})
    assert verbs(shown(kind, data, "en", role)) == offered


def test_truth_reads_as_truth() -> None:
    for locale in LOCALES:
        assert WORDS.say(locale, "notice-admin_changed", is_admin=True) != WORDS.say(
            locale, "notice-admin_changed", is_admin=False
        )
    [part] = shown(Notice.ADMIN_CHANGED, {"is_admin": True}, "en")
    assert part.text.startswith("You are an administrator now")
    assert changed(notice(Notice.ADMIN_CHANGED, {"is_admin": True})).notice == Notice.ADMIN_CHANGED


@pytest.mark.parametrize(
    ("later", "promised"),
    [(True, "I will pass it on when they can be reached again."), (False, "Please send it again, best in plain words."),
     (None, "What you wrote is kept.")],
)  # fmt: skip
def test_only_what_is_passed_on_later_is_promised(later: object, promised: str) -> None:
    for role, whom in (
        ("requester", "person who asked"),
        ("provider", "Your helper|your helper"),
        (None, "[Ss]omebody"),
    ):
        [part] = shown(Notice.MESSAGE_REFUSED, {"role": role, "later": later}, "en")
        assert part.text.endswith(promised)
        assert re.search(whom, part.text)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_message_that_never_arrives_reads_otherwise_than_one_that_waits(locale: str) -> None:
    data = sample(Notice.MESSAGE_REFUSED)
    assert (
        len({shown(Notice.MESSAGE_REFUSED, data | {"later": later}, locale)[0].text for later in (True, False, None)})
        == 3
    )
