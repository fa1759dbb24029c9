"""A call that can be made once."""

from dataclasses import dataclass
from typing import Any

from contracts.client import Client
from contracts.operations import BY_NAME, Operation
from world import OPERATOR, Person, World


@dataclass
class Case:
    """A call that can be made once, with the request that may not follow under the same key."""

    caller: Client
    actor: str
    operation: Operation[Any, Any]
    request: Any
    other: Any

    async def ask(self, key: str | None = None, request: Any = None) -> Any:
        return await self.caller.call(self.operation, request or self.request, actor=self.actor, key=key)


def by(person: Person, name: str, request: object, other: object) -> Case:
    return Case(person.world.bot, person.actor, BY_NAME[name], request, other)


def by_operator(world: World, name: str, request: object, other: object) -> Case:
    return Case(world.operator, OPERATOR, BY_NAME[name], request, other)
