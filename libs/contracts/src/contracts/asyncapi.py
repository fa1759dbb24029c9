"""The AsyncAPI 3.0 document of both tables, for every tool that reads one."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, get_args

import msgspec

from contracts import wire
from contracts.events import EVENTS, STREAMS, Event, Owed, Stream
from contracts.failures import ALWAYS, FAMILY
from contracts.kinds import ActorRule, Writes
from contracts.operations import OPERATIONS, Operation

ANY_CALL = "any_call"
REF = "#/components/schemas/{name}"
# What may stand in YAML without quotes and mean itself: no number, no word YAML has another meaning for.
PLAIN = re.compile(r"(?!(?:true|false|null|yes|no|on|off|y|n)$)[A-Za-z](?:[\w ,.()/;'-]*[\w.)])?", re.IGNORECASE)

HEADERS: dict[str, dict[str, Any]] = {
    wire.ACTOR: {
        "type": "string",
        "description": "on whose behalf: `telegram:<id>`, `session:<sha256>` or `operator:<name>`; never logged",
    },
    wire.IDEMPOTENCY_KEY: {
        "type": "string",
        "minLength": 1,
        "maxLength": wire.KEY_LIMIT,
        "description": "names the wish: the same key and body take effect once and get the same answer",
    },
    wire.DEADLINE: {
        "type": "string",
        "pattern": "^[0-9]+$",
        "description": "milliseconds of the epoch after which nobody waits for the answer any more",
    },
    wire.TRACEPARENT: {"type": "string", "description": "W3C trace context; its trace id is the correlation id"},
}


def document() -> dict[str, Any]:
    """Channels, operations, messages and schemas of every built operation and every event, as plain data."""
    built = [operation for operation in OPERATIONS if operation.is_built]
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for operation in built:
        channels[operation.name], channels[f"{operation.name}.reply"] = _channels(operation)
        operations[operation.name] = _operation(operation)
    for event in EVENTS:
        channels[event.name] = _event_channel(event)
        operations[event.name] = _publishing(event.name, event.summary)
    channels["owed"] = {
        "address": "notify.v1.telegram.{destination}",
        "parameters": {"destination": {"description": "the destination's id"}},
        "messages": {"owed": _ref("messages", "owed")},
    }
    operations["owed"] = _publishing("owed", summary_of(Owed))
    shapes, schemas = _schemas(built)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Mutual Aid",
            "version": wire.VERSION,
            "description": "What services say to the api and hear from it over NATS. Generated from the contract's tables.",
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": _messages(built, shapes), "schemas": schemas},
        "x-streams": [_stream(stream) for stream in STREAMS],
        "x-promised": [operation.name for operation in OPERATIONS if not operation.is_built],
    }


def yaml(value: Any, indent: str = "") -> str:  # noqa: ANN401 - any plain data
    """Plain data as YAML, always in the same words: blocks for what holds something, JSON for the rest."""
    return "".join(f"{line}\n" for line in _lines(value, indent))


def summary_of(shape: type) -> str:
    """The first line of a docstring."""
    return (shape.__doc__ or "").strip().partition("\n")[0]


def members_of(reply: Any) -> tuple[Any, ...]:  # noqa: ANN401 - a type form has no type of its own at run time
    """The structs a reply may be: those of a union, or the one."""
    return get_args(reply) or (reply,)


def _channels(operation: Operation[Any, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    asking = {
        "address": f"api.{wire.VERSION}.{{caller}}.{operation.name}",
        "parameters": {"caller": {"enum": sorted(operation.callers), "description": "the service that speaks"}},
        "messages": {"request": _ref("messages", f"{operation.name}.request")},
    }
    answers = {answer: _ref("messages", answer) for answer in _refusals(operation)}
    return asking, {"address": None, "messages": {"reply": _ref("messages", f"{operation.name}.reply"), **answers}}


def _refusals(operation: Operation[Any, Any]) -> list[str]:
    return [*(failure.__name__ for failure in operation.failures), ANY_CALL]


def _operation(operation: Operation[Any, Any]) -> dict[str, Any]:
    replies = f"#/channels/{operation.name}.reply"
    return {
        "action": "receive",
        "summary": summary_of(operation.request),
        "channel": {"$ref": f"#/channels/{operation.name}"},
        "messages": [{"$ref": f"#/channels/{operation.name}/messages/request"}],
        "reply": {
            "channel": {"$ref": replies},
            "messages": [{"$ref": f"{replies}/messages/{answer}"} for answer in ("reply", *_refusals(operation))],
        },
        "x-actor": operation.actor.value,
        "x-lane": operation.lane.value,
        "x-within-seconds": operation.within,
        "x-writes": operation.writes.value,
    }


def _event_channel(event: Event) -> dict[str, Any]:
    noun, _, happened = event.name.partition(".")
    return {
        "address": f"evt.{wire.VERSION}.{noun}.{{id}}.{happened}",
        "parameters": {"id": {"description": f"the {noun}'s id"}},
        "messages": {event.name: _ref("messages", event.name)},
    }


def _publishing(channel: str, summary: str) -> dict[str, Any]:
    return {"action": "send", "summary": summary, "channel": {"$ref": f"#/channels/{channel}"}}


def _messages(built: list[Operation[Any, Any]], shapes: Iterator[dict[str, Any]]) -> dict[str, Any]:
    """Every message by its name; `shapes` gives their schemas in the order of `_schemas`."""
    messages: dict[str, Any] = {}
    for operation in built:
        messages[f"{operation.name}.request"] = {"headers": _headers(operation), "payload": next(shapes)}
        messages[f"{operation.name}.reply"] = {"payload": next(shapes)}
    for name, failure in FAMILY.items():
        says = {wire.ERROR_CODE: {"const": str(failure.status)}, wire.ERROR: {"const": name}}
        messages[name] = {
            "summary": summary_of(failure),
            "headers": {"type": "object", "properties": says, "required": list(says)},
            "payload": next(shapes),
        }
    messages[ANY_CALL] = {
        "summary": "what any call may end in, with the headers of that failure",
        "payload": {"anyOf": [_ref("schemas", failure.__name__) for failure in ALWAYS]},
    }
    for event in EVENTS:
        messages[event.name] = {"summary": event.summary, "payload": next(shapes)}
    messages["owed"] = {"summary": summary_of(Owed), "payload": next(shapes)}
    return messages


def _headers(operation: Operation[Any, Any]) -> dict[str, Any]:
    names = [name for name in HEADERS if name != wire.ACTOR or operation.actor is not ActorRule.NONE]
    if operation.writes is Writes.NO:
        names.remove(wire.IDEMPOTENCY_KEY)
    optional = {wire.DEADLINE, wire.TRACEPARENT} | ({wire.ACTOR} if operation.actor is ActorRule.OPTIONAL else set())
    found: dict[str, Any] = {
        "type": "object",
        "properties": {name: _ref("schemas", f"header.{name}") for name in names},
    }
    required = [name for name in names if name not in optional]
    return found | ({"required": required} if required else {})


def _schemas(built: list[Operation[Any, Any]]) -> tuple[Iterator[dict[str, Any]], dict[str, Any]]:
    asked = [shape for operation in built for shape in (operation.request, operation.reply)]
    told = [*FAMILY.values(), *(event.payload for event in EVENTS), Owed]
    shapes, components = msgspec.json.schema_components([*asked, *told], ref_template=REF)
    for name, failure in FAMILY.items():
        schema = components[name]
        schema["properties"] = {"type": {"const": failure.__name__}, **schema["properties"]}
        schema["required"] = ["type", *schema.get("required", ())]
    # OpenAPI's discriminator is an object, AsyncAPI's a string; every outcome's own `type` tells it apart anyway.
    plain = ({key: part for key, part in shape.items() if key != "discriminator"} for shape in shapes)
    headers = {f"header.{name}": schema for name, schema in HEADERS.items()}
    return plain, dict(sorted(components.items())) | headers


def _stream(stream: Stream) -> dict[str, Any]:
    return {
        "name": stream.name,
        "subjects": list(stream.subjects),
        "retention": stream.retention,
        "max-age-seconds": int(stream.max_age.total_seconds()),
        "max-bytes": stream.max_bytes,
        "consumers": [f"{consumer.name}: {consumer.filter_subject}" for consumer in stream.consumers],
    }


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


def _lines(value: Any, indent: str) -> Iterator[str]:  # noqa: ANN401 - any plain data
    pairs: Iterable[tuple[str, Any]]
    if isinstance(value, dict):
        pairs = ((f"{_scalar(str(key))}:", item) for key, item in value.items())
    else:
        pairs = (("-", item) for item in value)
    for head, item in pairs:
        if isinstance(item, dict | list) and item:
            yield f"{indent}{head}"
            yield from _lines(item, f"{indent}  ")
        else:
            yield f"{indent}{head} {_scalar(item)}"


def _scalar(value: Any) -> str:  # noqa: ANN401 - any plain data
    if isinstance(value, str) and PLAIN.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False)
