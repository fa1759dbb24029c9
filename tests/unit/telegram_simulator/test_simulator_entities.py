"""Texts and entities as the server keeps them."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegram_simulator.entities import find_entities, fix_text, merge, units
from telegram_simulator.markup_html import parse_html
from telegram_simulator.markup_markdown import parse_markdown
from telegram_simulator.refusals import BotApiError, JsonObject


def marked(text: str, entities: list[JsonObject]) -> list[tuple[str, str]]:
    wide = text.encode("utf-16-le")
    return [
        (one["type"], wide[one["offset"] * 2 : (one["offset"] + one["length"]) * 2].decode("utf-16-le"))
        for one in entities
    ]


def test_a_person_writes_links_commands_and_phones():
    text = "😀 /start@a_bot see https://example.org/a?b=1, mail a@b.org #тег @somebody +995 555 12 34 56."
    assert marked(text, find_entities(text)) == [
        ("bot_command", "/start@a_bot"),
        ("url", "https://example.org/a?b=1"),
        ("email", "a@b.org"),
        ("hashtag", "#тег"),
        ("mention", "@somebody"),
        ("phone_number", "+995 555 12 34 56"),
    ]


@pytest.mark.parametrize("text", ["a/b", "1/2", "x@", "#12", "5.5", "and.so", "50 + 3"])
def test_plain_words_are_not_marked(text: str):
    assert find_entities(text) == []


@pytest.mark.parametrize(
    ("source", "plain", "entities"),
    [
        ("<b>жирно</b> и &lt;b&gt;", "жирно и <b>", [("bold", "жирно")]),
        ("😀<i>a<b>b</b></i>", "😀ab", [("italic", "ab"), ("bold", "b")]),
        ('<a href="https://e.org/?a=1&amp;b=2">x</a>', "x", [("text_link", "x")]),
        ('<pre><code class="language-python">1 &lt; 2</code></pre>', "1 < 2", [("pre", "1 < 2")]),
        ('<span class="tg-spoiler">s</span>', "s", [("spoiler", "s")]),
        ("<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", "q")]),
        ("AT&T &#1071; &copy;", "AT&T Я &copy;", []),
        ("a > b", "a > b", []),
    ],
)
def test_html(source: str, plain: str, entities: list[tuple[str, str]]):
    text, found = parse_html(source)
    assert (text, marked(text, found)) == (plain, entities)


@pytest.mark.parametrize(
    ("source", "wording"),
    [
        ("<3", "can't parse entities: Unclosed start tag at byte offset 0"),
        ("я <x>a</x>", 'can\'t parse entities: Unsupported start tag "x" at byte offset 3'),
        ("<b>a", "can't parse entities: Can't find end tag corresponding to start tag \"b\""),
        ("a</b>", "can't parse entities: Unexpected end tag at byte offset 1"),
        (
            "<b>a</i>",
            'can\'t parse entities: Unmatched end tag at byte offset 4, expected "</b>", found "</i>"',
        ),
        ("<span>a</span>", 'can\'t parse entities: Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_bad_html_in_telegrams_words(source: str, wording: str):
    with pytest.raises(BotApiError) as refusal:
        parse_html(source)
    assert refusal.value.description == f"Bad Request: {wording}"


@pytest.mark.parametrize(
    ("source", "plain", "entities"),
    [
        ("*b* _i_ __u__ ~s~ ||h||", "b i u s h", [("bold", "b"), ("italic", "i"), ("underline", "u"), ("strikethrough", "s"), ("spoiler", "h")]),
        ("*a _b_*", "a b", [("bold", "a b"), ("italic", "b")]),
        (r"1\.5 \*", "1.5 *", []),
        ("[x](https://e.org/a\\)b)", "x", [("text_link", "x")]),
        ("```python\nx = 1\n```", "x = 1\n", [("pre", "x = 1\n")]),
        ("`a*b`", "a*b", [("code", "a*b")]),
        (">q\n>w\nz", "q\nw\nz", [("blockquote", "q\nw")]),
    ],
)  # fmt: skip
def test_markdown(source: str, plain: str, entities: list[tuple[str, str]]):
    text, found = parse_markdown(source)
    assert (text, marked(text, found)) == (plain, entities)


@pytest.mark.parametrize(
    ("source", "wording"),
    [
        ("a.", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("*a", "Can't find end of Bold entity at byte offset 0"),
        ("`a", "Can't find end of Code entity at byte offset 0"),
        ("[a](b", "Can't find end of a URL at byte offset 0"),
    ],
)
def test_bad_markdown_in_telegrams_words(source: str, wording: str):
    with pytest.raises(BotApiError) as refusal:
        parse_markdown(source)
    assert refusal.value.description == f"Bad Request: can't parse entities: {wording}"


def test_trimming_moves_entities_along():
    text, found = fix_text("\r\n  😀 bold\t ", [{"type": "bold", "offset": 7, "length": 5}])
    assert text == "😀 bold"
    assert marked(text, found) == [("bold", "bold")]


@pytest.mark.parametrize(
    ("offset", "length", "wording"),
    [
        (9, 1, "Bad Request: entity begins after the end of the text at UTF-16 offset 9"),
        (0, 9, "Bad Request: entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 9"),
        (1, 1, "Bad Request: entity begins in a middle of a UTF-16 symbol at byte offset 1"),
    ],
)
def test_entities_outside_the_text_are_refused(offset: int, length: int, wording: str):
    with pytest.raises(BotApiError) as refusal:
        fix_text("😀a", [{"type": "bold", "offset": offset, "length": length}])
    assert refusal.value.description == wording


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_fixed_texts_stay_fixed_and_their_entities_lie_inside(text: str):
    once, found = fix_text(text, merge([], ""))
    assert fix_text(once, [])[0] == once
    for one in find_entities(once) + found:
        assert 0 <= one["offset"] < one["offset"] + one["length"] <= units(once)


@given(st.text(alphabet="<>b/&;\"' aя😀*_[]()`\\|~", max_size=40))
def test_no_markup_breaks_the_parsers(text: str):
    for parse in (parse_html, parse_markdown, lambda source: parse_markdown(source, legacy=True)):
        # A refusal is an answer too; anything else the parsers raise fails here.
        with contextlib.suppress(BotApiError):
            plain, entities = parse(text)
            assert all(one["offset"] + one["length"] <= units(plain) for one in entities)
