import datetime as dt
import enum
import uuid

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_kit.redaction import is_sensitive, redact, redact_value, redact_words, safe_text
from service_kit.tracebacks import describe

TOKEN = "123456789:AAF-abcdefghijklmnopqrstuvwxyz01234"
SEED = "SU" + "AB2C" * 14


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"https://api.telegram.org/bot{TOKEN}/sendMessage", TOKEN),
        (f"bot {TOKEN}", TOKEN),
        (f"seed {SEED}.", SEED),
        ("nats://user:pa:ss@10.0.0.1:4222", "pa:ss"),
        ("redis://:hunter@2@localhost/0", "2@localhost"),
        ("password=hunter2", "hunter2"),
        ("Authorization: Bearer abc.def", "abc.def"),
        ("REDIS_PASSWORD: hunter2", "hunter2"),
        ("write to someone.else@example.org", "someone.else@example.org"),
        ("ask @volunteer_anna", "volunteer_anna"),
        ("call +7 (999) 123-45-67 now", "123-45-67"),
        ("tel:79991234567", "79991234567"),
        ("+380 44 123 45 67", "123 45 67"),
        ("999.123.45.67", "999.123.45.67"),
        ("2026-11-20 79991234567", "79991234567"),
        ("chat -1001234567890", "1001234567890"),
        ("tel79991234567x", "79991234567"),
        ("tel \u0667\u0669\u0669\u0669\u0661\u0662\u0663\u0664\u0665\u0666\u0667", "\u0669\u0669\u0669"),
    ],
)
def test_a_secret_in_a_text_is_masked(text: str, secret: str):
    assert secret not in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "01932f5e-1234-7123-8123-123456789012",
        "0af7651916cd43dd8448eb211c80319c",
        "2026-11-20T13:36:01.123456+00:00",
        "listening on 192.168.100.200:43211",
        "from 10.0.0.1 to 255.255.255.255",
        "took 1234567 us, 3 of 250 rows",
        "api.v1.telegram.demands.next",
    ],
)
def test_what_one_needs_to_follow_a_call_stays(text: str):
    assert redact(text) == text


def test_a_line_cannot_be_forged_or_turned_round():
    shown = redact_words("ok\n2026 forged\r\x1b[31m\u202eevil\u200b\x00")
    assert shown == "ok\\n2026 forged\\r\\x1b[31m\\u202eevil\\u200b\\x00"
    assert all(character.isprintable() for character in shown)


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=60))
def test_no_text_breaks_the_redaction_or_leaves_it_unprintable(text: str):
    shown = redact_words(text)
    assert not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u2066\u2028" for c in shown)
    shown.encode()


@given(
    st.sampled_from(["+7", "8", "+380", "+995"]),
    st.lists(st.sampled_from(list("0123456789")), min_size=9, max_size=12),
    st.lists(st.sampled_from(["", " ", "-", "(", ") ", "."]), min_size=12, max_size=12),
)
def test_a_phone_is_masked_however_it_is_written(prefix: str, digits: list[str], separators: list[str]):
    # Between the letters there is nothing but the phone, so no run of its digits may be left.
    written = prefix + "".join(separator + digit for separator, digit in zip(separators, digits, strict=False))
    assert not any(character.isdigit() for character in redact(f"call {written} please"))


class Kind(enum.Enum):
    TEXT = "text"


class Request(msgspec.Struct):
    words: str


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("demand_id", uuid.UUID(int=7), str(uuid.UUID(int=7))),
        ("waited", 1.5, 1.5),
        ("waited", float("inf"), "inf"),
        ("ready", True, True),
        ("kind", Kind.TEXT, "text"),
        ("at", dt.datetime(2026, 11, 20, tzinfo=dt.UTC), "2026-11-20T00:00:00+00:00"),
        ("update_id", 9_876_543_210, 9_876_543_210),
        ("queued_ms", 1_700_000_000_000, 1_700_000_000_000),
        ("chat", 9_876_543_210, "<number>"),
        ("chat", -1_001_234_567_890, "<number>"),
        ("text_length", 30, 30),
        ("text_length", "words", "<withheld>"),
        ("message_text", "words", "<withheld>"),
        ("userName", "Ann", "<withheld>"),
        ("PHONE", 79991234567, "<withheld>"),
        ("external_id", 12, "<withheld>"),
        ("request", Request(words="help me"), "<Request>"),
        ("raw", b"help me", "<7 bytes>"),
        (
            "where",
            {"text": "help", "seq": 4, "deep": [{"name": "Ann"}]},
            {"text": "<withheld>", "seq": 4, "deep": [{"name": "<withheld>"}]},
        ),
        ("reason", "\u043f\u043e\u043c\u043e\u0433\u0438\u0442\u0435", "<withheld 8 characters>"),
        ("service", "api", "api"),
    ],
)
def test_a_value_is_shown_by_its_type_and_key(key: str, value: object, shown: object):
    assert redact_value(key, value) == shown


def test_values_are_bounded():
    assert len(str(redact_value("why", "a b " * 1000))) < 600
    assert len(redact_value("ids", list(range(1000)))) == 50  # type: ignore[arg-type]
    nested: object = 1
    for _ in range(100):
        nested = [nested]
    assert redact_value("ids", nested) == [[[["<list>"]]]]


def test_harmless_keys_are_not_withheld():
    assert not any(
        is_sensitive(key) for key in ("logger", "task", "operation", "context", "keyed", "surname_free", "message_id")
    )


def test_the_text_of_an_error_is_shown_only_where_it_cannot_hold_words():
    class Ours(Exception):
        safe_to_log = True

    class FromPostgres(Exception):
        sqlstate = "23505"
        constraint_name = "one_identity"
        detail = "Key (external_id)=(canary)"

    assert safe_text(ValueError("canary")) == "ValueError: <withheld 6 characters>"
    assert safe_text(KeyError("canary")) == "KeyError: <withheld 8 characters>"
    assert (
        safe_text(ConnectionRefusedError(111, "Connection refused"))
        == "ConnectionRefusedError: [111] Connection refused"
    )
    assert safe_text(FileNotFoundError(2, "No such file", "canary")) == "FileNotFoundError: [2] No such file"
    assert safe_text(Ours("we wrote this")).endswith("Ours: we wrote this")
    assert safe_text(FromPostgres("canary")).endswith("FromPostgres(sqlstate=23505, constraint_name=one_identity)")


def test_a_traceback_shows_the_place_and_withholds_the_words():
    def fail() -> None:
        words = "canary words"
        try:
            int(words)
        except ValueError as error:
            error.add_note(words)
            raise ExceptionGroup(words, [KeyError(words), RuntimeError(words)]) from error

    with pytest.raises(ExceptionGroup) as caught:
        fail()
    shown = describe(caught.value)
    assert "canary words" not in shown
    assert "int(words)" in shown
    assert "which caused:" in shown
    assert "member 2 of 2:" in shown
    assert "RuntimeError: <withheld 12 characters>" in shown


def test_an_endless_chain_and_a_deep_recursion_stay_small():
    first, second = ValueError("x"), ValueError("y")
    first.__cause__, second.__cause__ = second, first
    assert "<more errors>" in describe(first)

    def deep(left: int) -> None:
        if left:
            deep(left - 1)
        raise ValueError("x")

    with pytest.raises(ValueError, match="x") as caught:
        deep(500)
    assert len(describe(caught.value).splitlines()) < 100
