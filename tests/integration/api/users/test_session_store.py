"""The store of sessions emptied, and away: nobody comes in unseen, and nothing but sessions is lost."""

import asyncio
import math
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from contracts import wire
from contracts.accounts import ChangePassword, EnterGuest, ListSessions, RevokeSession, SignIn, SignOut
from contracts.demands import CreateDemand, NextDemand
from contracts.failures import NotSignedIn
from contracts.kinds import Caller
from contracts.operations import Operation
from contracts.operations.demands import DEMANDS_CREATE, DEMANDS_NEXT
from contracts.operations.users import (
    USERS_CHANGE_PASSWORD,
    USERS_ENTER_GUEST,
    USERS_ME,
    USERS_REVOKE_SESSION,
    USERS_SESSIONS,
    USERS_SIGN_IN,
    USERS_SIGN_OUT,
)
from contracts.users import GetMe
from integration.api.server.test_figures import figures
from integration.api.users.visitors import PASSWORD, new_login, signed_in, signed_up, somewhere, web
from local_servers import Addresses, Servers, start
from world import World, made_world, until


@pytest.fixture
async def own_redis(servers: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Servers:
    """A store of sessions that this test may empty and stop."""
    return await start(tmp_path_factory.mktemp("redis"), [], durable=False, only=("redis",))


async def once(world: World, operation: Operation[Any, Any], request: object, actor: str | None = None) -> str | None:
    """What one call is refused with; the client would ask again for as long as it may, and then not know."""
    headers = {wire.IDEMPOTENCY_KEY: uuid4().hex} | ({} if actor is None else {wire.ACTOR: actor})
    subject = wire.subject_of(operation, Caller.WEB)
    got = await world.connections["web"].request(subject, wire.encode(request), timeout=5, headers=headers)
    return (got.headers or {}).get(wire.ERROR)


async def test_an_emptied_store_signs_everybody_out_and_loses_nothing_else(
    servers: Addresses, broker: Servers, own_redis: Servers
) -> None:
    async with own_redis, made_world(servers, broker, redis_url=own_redis.addresses.redis_url) as world:
        login = new_login()
        visitor, person, scenario = await signed_up(world, login), await world.person(), await world.scenario()
        await visitor.call(DEMANDS_CREATE, CreateDemand(scenario=scenario.id, description="Insulin"))
        redis: Redis = Redis.from_url(own_redis.addresses.redis_url)
        await redis.flushall()
        await redis.aclose()
        with pytest.raises(NotSignedIn):
            await visitor.call(USERS_ME, GetMe())
        assert (await person.call(USERS_ME, GetMe())).user.id == person.user
        assert len((await (await signed_in(world, login)).call(USERS_ME, GetMe())).demands) == 1


async def test_without_the_store_nobody_comes_in_and_the_bot_goes_on(
    servers: Addresses, broker: Servers, own_redis: Servers
) -> None:
    async with own_redis, made_world(servers, broker, redis_url=own_redis.addresses.redis_url) as world:
        login, person, scenario = new_login(), await world.person(), await world.scenario()
        visitor = await signed_up(world, login)
        await own_redis.kill("redis")
        began = asyncio.get_running_loop().time()
        *refused, made = await asyncio.gather(
            once(world, USERS_ME, GetMe(), visitor.actor),
            once(world, DEMANDS_NEXT, NextDemand(), visitor.actor),
            once(world, USERS_SIGN_IN, SignIn(source=somewhere(), login=login, password=PASSWORD)),
            once(world, USERS_ENTER_GUEST, EnterGuest(source=somewhere())),
            once(world, USERS_CHANGE_PASSWORD, ChangePassword(current=PASSWORD, new=PASSWORD * 2), visitor.actor),
            world.demand(person, scenario),
        )
        assert refused == ["Busy"] * 5
        assert made.number, "Telegram needs no session"  # type: ignore[union-attr]
        assert asyncio.get_running_loop().time() - began < 5.5
        await own_redis.restart("redis")
        assert (await (await signed_in(world, login)).call(USERS_ME, GetMe())).user.id == visitor.user


async def test_the_number_of_sessions_is_shown_however_they_end(
    servers: Addresses, broker: Servers, own_redis: Servers
) -> None:
    async with own_redis, made_world(servers, broker, redis_url=own_redis.addresses.redis_url) as world:
        redis: Redis = Redis.from_url(own_redis.addresses.redis_url, decode_responses=True)

        async def shown(number: int) -> None:
            assert len(await redis.keys("api:session:*")) == number, "which is what there is"
            await until(lambda: figures("sessions") == number)

        login = new_login()
        here = await signed_up(world, login)
        others = [await signed_in(world, login) for _ in range(5)]
        await shown(6)
        await others[0].call(USERS_SIGN_OUT, SignOut())
        listed = (await here.call(USERS_SESSIONS, ListSessions())).items
        await here.call(
            USERS_REVOKE_SESSION, RevokeSession(session=next(each.id for each in listed if not each.is_current))
        )
        await shown(4)
        # Unused for too long, one of them found so and one just gone: as if the last use had been then.
        used = sorted(await redis.keys("api:session:*"))
        mine = f"api:session:{here.actor.removeprefix('session:')}"
        gone, found = [key for key in used if key != mine][:2]
        long_ago = int((datetime.now(UTC) - timedelta(days=world.settings.session_idle_days)).timestamp() * 1000)
        await redis.delete(gone)
        await redis.zadd("api:session_ends", {gone.removeprefix("api:session:"): long_ago})
        await redis.hset(found, "seen", long_ago)
        actor = "session:" + found.removeprefix("api:session:")
        with pytest.raises(NotSignedIn):
            await web(world).call(USERS_ME, GetMe(), actor=actor)
        await shown(2)
        await here.call(USERS_CHANGE_PASSWORD, ChangePassword(current=PASSWORD, new="семь тихих лодок"))
        await shown(1)
        # A session in use goes on being counted.
        await redis.hset(mine, "seen", int(datetime.now(UTC).timestamp() * 1000) - 3_600_000)
        await redis.zadd("api:session_ends", {mine.removeprefix("api:session:"): 1})
        await here.call(USERS_ME, GetMe())
        assert await redis.zscore("api:session_ends", mine.removeprefix("api:session:")) > 1
        await redis.aclose()
        await own_redis.kill("redis")
        await until(lambda: math.isnan(figures("sessions")))
