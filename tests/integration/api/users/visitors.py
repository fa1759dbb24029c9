"""People who come by the web, and what is kept of them."""

import hashlib
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import uuid4

from redis.asyncio import Redis

from contracts import wire
from contracts.accounts import EnterGuest, GuestEntered, SignedIn, SignIn, SignUp
from contracts.client import Client
from contracts.failures import NotSignedIn
from contracts.kinds import Caller
from contracts.operations import Operation
from contracts.operations.users import USERS_ENTER_GUEST, USERS_ME, USERS_SIGN_IN, USERS_SIGN_UP
from contracts.shapes import UserId
from contracts.users import GetMe
from service_kit.correlation import traceparent
from world import World

Q = TypeVar("Q")
A = TypeVar("A")

PASSWORD = "корабль на пятом этаже"

KEY = "api:session:"


@dataclass
class Visitor:
    """Somebody with a session."""

    world: World
    user: UserId
    token: str

    @property
    def actor(self) -> str:
        return wire.session_actor(self.token)

    async def call(self, operation: Operation[Q, A], request: Q, *, key: str | None = None) -> A:
        return await web(self.world).call(operation, request, actor=self.actor, key=key)


def web(world: World) -> Client:
    """The web front, as the api hears it."""
    return Client(world.connections["web"], Caller.WEB, traceparent)


def new_login() -> str:
    """A login nobody has: throttles are of the one store all tests share."""
    return f"olga-{uuid4().hex[:12]}"


def somewhere() -> str:
    """A place nobody came from before, for the same reason."""
    return f"test-{uuid4().hex}"


async def signed_up(world: World, login: str | None = None, password: str = PASSWORD, **more: Any) -> Visitor:
    """Somebody with an account."""
    request = SignUp(login=login or new_login(), password=password, **{"source": somewhere(), **more})
    made = await web(world).call(USERS_SIGN_UP, request)
    return Visitor(world, made.user.id, made.token)


async def signed_in(
    world: World, login: str, password: str = PASSWORD, code: str | None = None, **more: Any
) -> Visitor:
    """The same once more, in another browser of the one place where nobody says otherwise."""
    request = SignIn(login=login, password=password, code=code, **{"source": "192.0.2.1", **more})
    answer = await web(world).call(USERS_SIGN_IN, request)
    assert isinstance(answer, SignedIn)
    return Visitor(world, answer.user.id, answer.token)


async def entered(world: World) -> tuple[Visitor, GuestEntered]:
    """A guest, and what they were told."""
    made = await web(world).call(USERS_ENTER_GUEST, EnterGuest(source=somewhere(), display_name="Guest"))
    return Visitor(world, made.user.id, made.token), made


async def everything_kept(world: World) -> str:
    """Every row of the ledger, and every key and value of the store of sessions, as one text."""
    tables = await world.ledger.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    rows = [
        await world.ledger.fetchval(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {name} t")  # noqa: S608
        for (name,) in tables
    ]
    redis: Redis = Redis.from_url(str(world.settings.redis_url), decode_responses=True)
    try:
        for key in await redis.keys("api:*"):
            rows.append(key)
            match await redis.type(key):
                case "hash":
                    rows += [f"{name} {value}" for name, value in (await redis.hgetall(key)).items()]
                case "zset":
                    rows += await redis.zrange(key, 0, -1)
                case "string":
                    rows.append(str(await redis.get(key)))
    finally:
        await redis.aclose()
    return "\n".join(rows)


def redis_of(world: World) -> Redis:
    return Redis.from_url(str(world.settings.redis_url), decode_responses=True)


def key_of(visitor: Visitor) -> str:
    return KEY + hashlib.sha256(visitor.token.encode()).hexdigest()


async def is_in(visitor: Visitor) -> bool:
    try:
        return (await visitor.call(USERS_ME, GetMe())).user.id == visitor.user
    except NotSignedIn:
        return False
