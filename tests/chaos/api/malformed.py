"""Requests as nobody should send them, made from the contract itself: a struct's fields, and what can be wrong with each."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from contracts import wire
from contracts.kinds import ActorRule, Caller
from contracts.operations import OPERATIONS, Operation

DEEP = 40
SAMPLES = Path(__file__).resolve().parents[2] / "contract" / "samples"
JUNK: tuple[Any, ...] = (
    None, True, -1, 0, 2**31, 2**63, 2**64, 10**400, 1.5, -0.0, "", " ", "\x00", "a\x00b", "x" * 9000, "\u202e\ufeff", "🧡" * 200,
    "\ud800", [], {}, [[]], [None] * 200, {"": ""}, {"\x00": 1}, "00000000-0000-0000-0000-000000000000", "'; DROP TABLE users; --",
    "%_\\", "{{7*7}}", "<b>", "é" * 300,
)  # fmt: skip
RAW = (
    b"", b"\x00", b"\xff\xfe", b"{", b"}", b"[]", b"null", b"0", b'"', b'"\\ud800"', b'{"a":', b"{}" * 1000, b"\xef\xbb\xbf{}",
    b"[" * 100_000, b'{"a":' * 5_000, b"1" * 100_000, b"1e999999", b"-", b"NaN", b"{'a': 1}", b"\xf0\x9f", b"{" + b" " * 200_000,
    b" " * (wire.REQUEST_LIMIT + 1), b'{"' + b"x" * 900_000 + b'": 1}',
)  # fmt: skip
# Where a sample says more than a good request does: a time that has gone by since, both of two ways to ask.
INSTEAD: dict[str, dict[str, Any]] = {
    "users.restrict": {"until": None}, "memberships.apply": {"demand": None, "chat": None},
}  # fmt: skip
# After these the actor is nobody any more.
ENDS = frozenset({"users.erase_me", "users.sign_out"})
ACTS = {Caller.TELEGRAM: "telegram", Caller.WEB: "session", Caller.OPERATOR: "operator"}
# What nats-py's own client lets into a header; the limit of the broker is on all of them together.
WORDS = st.one_of(
    st.sampled_from(("", " ", "-", "0", "x" * 201, "x" * 4000, "é", "\u202e", "🧡", "%00", "null", "a:b:c", "🧡:1")),
    st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF), max_size=60),
)


@dataclass(frozen=True)
class Call:
    """One raw request."""

    caller: Caller
    operation: Operation[Any, Any]
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class Known:
    """Who can be spoken for, and ids of things there are."""

    actors: tuple[str, ...]
    ids: tuple[UUID, ...]

    def of(self, caller: Caller) -> tuple[str, ...]:
        """Those a caller may speak for."""
        return tuple(actor for actor in self.actors if actor.startswith(f"{ACTS[caller]}:"))


def calls(known: Known) -> st.SearchStrategy[Call]:
    """Any call of a built operation by a caller that may make it, mostly wrong in one way, at times in none."""
    rows = [row for row in OPERATIONS if row.is_built]
    return st.one_of(*(
        st.builds(Call, st.just(caller), st.just(row), bodies(row, known), headers(row, caller, known))
        for row in rows for caller in sorted(row.callers) if caller is not Caller.WEB or row.callers == {Caller.WEB}
    ))  # fmt: skip


def with_nul(known: Known) -> list[Call]:
    """The sample of each built operation with the character NUL at the end of one of its texts, each text in turn."""
    made = []
    for row in (row for row in OPERATIONS if row.is_built):
        sample = json.loads((SAMPLES / f"{row.name}.json").read_bytes())["request"]
        caller = min(row.callers)
        actor = known.of(caller)[0]
        for name in (name for name, value in sample.items() if isinstance(value, str)):
            body = encoded(sample | {name: sample[name] + "\x00"})
            made.append(Call(caller, row, body, {wire.IDEMPOTENCY_KEY: f"nul-{row.name}-{name}", wire.ACTOR: actor}))
    return made


def untouched(known: Known) -> list[Call]:
    """The sample of each built operation as it stands, by everybody who may make the call: what a handler hears on a good day.

    Whoever ends by the call comes last.
    """
    made = []
    for row in sorted((row for row in OPERATIONS if row.is_built), key=lambda row: row.name in ENDS):
        sample = json.loads((SAMPLES / f"{row.name}.json").read_bytes())["request"]
        body = encoded(sample | INSTEAD.get(row.name, {}))
        for caller in sorted(row.callers):
            actors = () if row.actor is ActorRule.NONE else known.of(caller)
            for actor in actors if row.actor is ActorRule.REQUIRED else ("", *actors):
                headers = {wire.IDEMPOTENCY_KEY: str(uuid4())} | ({wire.ACTOR: actor} if actor else {})
                made.append(Call(caller, row, body, headers))
    return made


def bodies(row: Operation[Any, Any], known: Known) -> st.SearchStrategy[bytes]:
    """A body of the right form (half of them), one with something wrong in it, or no JSON at all."""
    right = shaped(inspect.type_info(row.request), known)
    return st.one_of(
        right.map(encoded),
        right.flatmap(lambda value: _spoilt(value).map(encoded)),
        right.map(lambda value: encoded(value) or b"").flatmap(_torn),
        st.sampled_from(RAW),
        st.binary(max_size=300),
    )


def headers(row: Operation[Any, Any], caller: Caller, known: Known) -> st.SearchStrategy[dict[str, str]]:
    """The headers a caller sends; one call in five has something else in one of them."""
    nobodys = (f"session:{'0' * 64}",) if caller is Caller.WEB else ()
    actor = st.sampled_from(known.actors if row.actor is ActorRule.NONE else known.of(caller) + nobodys)
    right = st.fixed_dictionaries(
        {wire.IDEMPOTENCY_KEY: st.uuids().map(str)} | ({} if row.actor is ActorRule.NONE else {wire.ACTOR: actor})
    )
    names = st.sampled_from((wire.ACTOR, wire.IDEMPOTENCY_KEY, wire.DEADLINE, wire.TRACEPARENT, "X-Other"))
    wrong = st.tuples(right, names, WORDS).map(lambda drawn: drawn[0] | {drawn[1]: drawn[2]})
    missing = st.tuples(right, names).map(lambda drawn: {k: v for k, v in drawn[0].items() if k != drawn[1]})
    return st.integers(0, 9).flatmap(lambda n: wrong if n == 0 else missing if n == 1 else right)


def shaped(info: inspect.Type, known: Known) -> st.SearchStrategy[Any]:  # noqa: C901, PLR0911, PLR0912 - one line a type
    """Values of a type of the contract, as plain data."""
    match info:
        case inspect.Metadata():
            return shaped(info.type, known)
        case inspect.StructType():
            needed = {field.encode_name: shaped(field.type, known) for field in info.fields if field.required}
            others = {field.encode_name: shaped(field.type, known) for field in info.fields if not field.required}
            return st.fixed_dictionaries(needed, optional=others)
        case inspect.UUIDType():
            return st.one_of(st.sampled_from(known.ids), st.uuids()).map(str)
        case inspect.StrType():
            if info.pattern is not None:
                return st.from_regex(info.pattern.replace(r"(?!\n)", ""), fullmatch=True).map(lambda s: s.strip("\n"))
            least, most = info.min_length or 0, min(info.max_length or 60, 60)
            return st.text(
                st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=least, max_size=most
            )
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType():
            return st.integers(info.ge or 0, info.le or 1000)
        case inspect.FloatType():
            return st.floats(info.ge or 0, info.le or 1000)
        case inspect.NoneType():
            return st.none()
        case inspect.EnumType():
            return st.sampled_from([member.value for member in info.cls])
        case inspect.LiteralType():
            return st.sampled_from(info.values)
        case inspect.UnionType():
            return st.one_of(*(shaped(each, known) for each in info.types))
        case inspect.ListType():
            return st.lists(shaped(info.item_type, known), min_size=info.min_length or 0, max_size=5)
        case inspect.DateTimeType():
            return st.datetimes(timezones=st.timezones()).map(lambda at: at.isoformat())
        case inspect.DictType() | inspect.AnyType():
            return st.dictionaries(st.text(max_size=8), st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9),
                lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below, max_size=3), max_leaves=6),
                max_size=4)  # fmt: skip
    raise NotImplementedError(f"the contract has a type this cannot make: {info}")


def encoded(value: Any) -> bytes:
    """JSON as a careless client writes it: half characters, endless numbers and all."""
    return json.dumps(value).encode()


def _spoilt(value: dict[str, Any]) -> st.SearchStrategy[Any]:
    """The same with one field replaced, taken away, added, or buried."""
    junk = st.sampled_from(JUNK)
    ways: list[st.SearchStrategy[Any]] = [
        st.just(value | {"is_admin": True}),
        junk.map(lambda j: value | {"unheard of": j}),
    ]
    if value:
        name = st.sampled_from(sorted(value))
        ways += [
            st.tuples(name, junk).map(lambda drawn: value | {drawn[0]: drawn[1]}),
            st.tuples(name, junk).map(lambda drawn: value | {drawn[0]: drawn[1]}),
            name.map(lambda gone: {k: v for k, v in value.items() if k != gone}),
            name.map(lambda buried: value | {buried: _deep(value[buried])}),
            junk,
        ]
    return st.one_of(*ways)


def _torn(body: bytes) -> st.SearchStrategy[bytes]:
    """The same with bytes missing, changed or twice."""
    where = st.integers(0, max(len(body) - 1, 0))
    return st.one_of(
        where.map(lambda at: body[:at]),
        where.flatmap(lambda at: st.binary(min_size=1, max_size=4).map(lambda new: body[:at] + new + body[at + 1 :])),
        st.just(body[:-1] + b"," + body[1:] if len(body) > 2 else body * 2),  # every key twice
        st.just(body + body),
        st.just(body.replace(b'": "', b'": "\\u0000\\ud83d')),
        st.just(body.replace(b'"', b'"\xed\xa0\x80', 1)),
        st.just(body.replace(b": ", b": 1e", 1)),
    )


def _deep(value: Any) -> Any:
    for _ in range(DEEP):
        value = {"a": [value]}
    return value


def is_typed(call: Call, body: bytes, *, refused: bool) -> bool:
    """Whether an answer is what the contract knows: the reply's type, or a failure of the family that is no breakdown."""
    if refused:
        return type(wire.decode_failure(body)).__name__ != "Internal"
    try:
        wire.decode_reply(call.operation, body)
    except msgspec.ValidationError:
        return False
    return True
