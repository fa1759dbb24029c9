"""What the bot says is true of whoever reads it, and harms nobody: whom to call, who sees what, what is next."""

import asyncio
from typing import Any
from uuid import UUID

import msgspec
import pytest
from aiogram.methods import AnswerCallbackQuery

from contracts.failures import AtCapacity, Banned, Failure, Forbidden
from contracts.kinds import Notice, Role
from contracts.users import Me
from telegram_bot import turn
from telegram_bot.callbacks import Verb, pack, parse
from telegram_bot.deliver.compose import compose
from telegram_bot.emergency import Emergency
from telegram_bot.words import LOCALES, Words
from unit.telegram_bot.talk import GROUP, Talk
from unit.telegram_bot.test_compose import WORDS, notice, tag
from unit.telegram_bot.test_drafting import PHOTO, VAKE, asking, scenario
from unit.telegram_bot.test_groups import TOPIC, mirrors
from unit.telegram_bot.test_notices import sample as notice_sample

DEMAND = UUID("01920000-dffc-7177-8fd0-000000000000")
LOCAL = Words("en", Emergency("911", "uk=103"))


@pytest.mark.parametrize(("locale", "number"), [("en", "911"), ("ru", "911"), ("uk", "103")])
@pytest.mark.parametrize("key", ["no-help-yet", "nobody-to-tell", "failure-Banned", "notice-banned"])
def test_where_there_is_no_way_on_the_number_to_call_is_said(key: str, locale: str, number: str) -> None:
    assert number in LOCAL.say(locale, key)
    assert "+995 032" in LOCAL.say(locale, key, emergency="+995 032"), "a better one goes before"


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    ("own", "shown"), [(None, "112"), ("+995 032", "+995 032"), ("call <b>me</b>", "112"), ("", "112")]
)
def test_who_still_waits_is_told_whom_to_call_where_they_are(own: str | None, shown: str, locale: str) -> None:
    at = msgspec.structs.replace(tag(Role.REQUESTER), emergency=own)
    data = notice_sample(Notice.STILL_WAITING)
    [part] = compose(WORDS, notice(Notice.STILL_WAITING, data, demand=at, locale=locale))
    assert part.text.endswith(f" {shown}.")


@pytest.mark.parametrize("locale", LOCALES)
def test_only_whoever_has_the_button_is_told_to_press_it(locale: str) -> None:
    told = {}
    for role in (Role.REQUESTER, Role.PROVIDER, Role.MODERATOR):
        closed = {"reason": "inactive", "by": None}
        [part] = compose(WORDS, notice(Notice.CLOSED, closed, demand=tag(role, is_active=False), locale=locale))
        verbs = [one.callback_data for row in (part.keyboard.inline_keyboard if part.keyboard else []) for one in row]
        told[role] = (part.text, any(press.verb is Verb.REOPEN for data in verbs if (press := parse(data))))
        assert "/new" not in part.text
    assert told[Role.REQUESTER][1]
    assert told[Role.REQUESTER][0].startswith(told[Role.PROVIDER][0])
    assert told[Role.REQUESTER][0] != told[Role.PROVIDER][0] == told[Role.MODERATOR][0]


def alerts(talk: Talk) -> list[str]:
    return [one.text for one in talk.telegram.requests if isinstance(one, AnswerCallbackQuery) and one.text]


@pytest.mark.parametrize("held", [[], ["8BEY"]])
async def test_whoever_may_hold_nothing_is_not_told_that_they_hold_something(held: list[str]) -> None:
    talk = Talk(demands=[])
    talk.answers("demands.take", AtCapacity(held=held))
    talk.answers("demands.next", AtCapacity(held=held))
    await talk.presses(data=pack(Verb.TAKE, DEMAND, 3), on=700)
    await talk.presses(data=pack(Verb.NEXT), on=701)
    for said in (alerts(talk)[-1], talk.said[-1]):
        assert ("№8BEY" in said) == bool(held)
        assert ("a coordinator can change that" in said) == (not held)
        assert ("You are helping" in said) == bool(held)


async def test_a_helper_who_has_helped_is_shown_how_to_say_so() -> None:
    talk = Talk(demands=["4F7K"])
    talk.answers("demands.close", Forbidden())
    await talk.presses(data=pack(Verb.CLOSE_FULFILLED, DEMAND, 3), on=700)
    assert "/decline" not in talk.said[-1]
    assert "/done" in talk.said[-1]
    assert talk.buttons == {"Help has arrived": pack(Verb.DONE, DEMAND, 3)}


@pytest.mark.parametrize(("payload", "number"), [({}, "112"), ({"emergency_number": "+995 032"}, "+995 032")])
async def test_somebody_restricted_is_told_why_nothing_was_sent_and_whom_to_call(
    payload: dict[str, Any], number: str
) -> None:
    talk = asking(scenario(VAKE, "Vake", payload=payload))
    talk.answers("demands.create", Forbidden())
    await talk.hears({"text": "/new"})
    await talk.hears({"text": "bread"})
    await talk.presses("✅ Send")
    assert f"was not sent. If a life is in danger, call {number}." in talk.said[-2]
    assert "bread" in talk.said[-1], "their words are still there"
    assert not any("You cannot do this here" in said for said in talk.said)


async def test_a_request_without_words_says_so_to_whoever_reads_it_alone() -> None:
    talk = asking(scenario(VAKE, "Vake"))
    await talk.hears({"text": "/new"})
    await talk.hears(PHOTO)
    await talk.presses("✅ Send")
    assert talk.calls("demands.create")[0].description.startswith("Without words")


@pytest.mark.parametrize("failure", [Banned()])
async def test_whoever_is_kept_out_is_told_whom_to_call(failure: Failure) -> None:
    talk = Talk(demands=[])
    talk.answers("users.me", failure)
    await talk.hears({"text": "help me"})
    assert talk.said == ["You cannot use this bot any more. In danger? Call 112."]


async def test_from_a_topic_that_mirrors_no_more_a_button_leads_on() -> None:
    talk = Talk(demands=["4F7K"], chat=GROUP)
    mirrors(talk, demand=None, is_over=True)
    await talk.hears(TOPIC | {"text": "she lies"})
    await talk.hears(TOPIC | {"text": "/whisper she lies"})
    assert len(talk.said) == 2
    for _, sent in talk.telegram.sent:
        assert "/join" not in sent.text
        assert [one.text for row in sent.reply_markup.inline_keyboard for one in row] == ["Open the bot"]  # type: ignore[union-attr]


@pytest.mark.parametrize("locale", LOCALES)
def test_before_anything_is_hidden_it_is_said_what_stays(locale: str) -> None:
    own = {
        "en": "What you wrote yourself stays",
        "ru": "Ваши сообщения останутся",
        "uk": "Ваші повідомлення залишаться",
    }
    assert own[locale] in WORDS.say(locale, "hide-sure")


@pytest.mark.parametrize("locale", LOCALES)
def test_what_is_promised_of_names_and_phones_is_what_is_kept(locale: str) -> None:
    least = {"en": "at least 6 months", "ru": "не меньше 6 месяцев", "uk": "щонайменше 6 місяців"}[locale]
    handle = {"en": "@name", "ru": "@имя", "uk": "@ім'я"}[locale]
    for key in ("start", "whoami-kept"):
        said = WORDS.say(locale, key)
        assert least in said
        assert handle in said
    nobody = {"en": "Nobody", "ru": "Никто", "uk": "Ніхто"}[locale]
    for key in ("phone-known", "phone-ask-keep", "whoami-phone"):
        assert nobody not in WORDS.say(locale, key, phone="+995")


@pytest.mark.parametrize("locale", LOCALES)
def test_that_nobody_waits_is_said_of_where_one_helps_and_no_more(locale: str) -> None:
    here = {"en": "where you help", "ru": "Там, где вы помогаете", "uk": "Там, де ви допомагаєте"}[locale]
    for key in ("nothing-waiting", "nothing-waiting-kept"):
        assert here in WORDS.say(locale, key)
    for said in (WORDS.say(locale, "nothing-held"), WORDS.say(locale, "availability", state="free", count=0, until="")):
        assert not any(promise in said for promise in ("finds", "Найти", "Знайти"))


@pytest.mark.parametrize(
    ("phone_required", "says"), [(True, "your name or exact address"), (False, "your name, phone or")]
)
async def test_whoever_has_just_given_a_phone_is_not_told_that_they_need_not(phone_required: bool, says: str) -> None:  # noqa: FBT001
    talk = asking(scenario(VAKE, "Vake", phone_required=phone_required), phone="+995555123456")
    await talk.hears({"text": "/new"})
    assert f"You need not give {says}" in talk.said[-1]


@pytest.mark.parametrize("is_press", [True, False])
async def test_only_of_a_message_it_is_said_that_it_is_safe(*, is_press: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = Talk(demands=[], reassured=False)
    monkeypatch.setattr(turn, "PATIENCE", 0.0)
    known = talk.api.replies["users.me"](None)

    async def slowly() -> Me:
        async with asyncio.timeout(5):
            await talk.telegram.spoke.wait()
        return known

    talk.answers("users.me", lambda _: slowly())
    if is_press:
        await talk.presses(data=pack(Verb.PAUSE), on=700)
    else:
        await talk.hears({"text": "/pause"})
    assert talk.said[0].startswith("One moment")
    assert ("safe" in talk.said[0]) == (not is_press)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("way", ["telegram", "code", "link", "password"])
def test_nobody_is_sent_to_a_coordinator_they_cannot_reach(way: str, locale: str) -> None:
    said = WORDS.say(locale, "notice-new_sign_in", way=way)
    assert not any(word in said.lower() for word in ("coordinator", "координатор"))
