"""The store of sessions emptied, and away: nobody comes in unseen, and nothing but sessions is lost."""

import asyncio

import pytest
from redis.asyncio import Redis

from contracts.accounts import ChangePassword
from contracts.demands import CreateDemand, NextDemand
from contracts.failures import Busy, NotSignedIn
from contracts.operations.demands import DEMANDS_CREATE, DEMANDS_NEXT
from contracts.operations.users import USERS_CHANGE_PASSWORD, USERS_ME
from contracts.users import GetMe
from integration.api.users.visitors import PASSWORD, entered, new_login, signed_in, signed_up
from local_servers import Addresses, Servers, start
from world import made_world


@pytest.fixture
async def own_redis(servers: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Servers:
    """A store of sessions that this test may empty and stop."""
    return await start(tmp_path_factory.mktemp("redis"), [], durable=False, only=("redis",))


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
        refused = await asyncio.gather(
            visitor.call(USERS_ME, GetMe()), visitor.call(DEMANDS_NEXT, NextDemand()), signed_in(world, login),
            entered(world), visitor.call(USERS_CHANGE_PASSWORD, ChangePassword(current=PASSWORD, new=PASSWORD * 2)),
            world.demand(person, scenario), return_exceptions=True,
        )  # fmt: skip
        assert [type(each) for each in refused[:-1]] == [Busy] * 5
        assert refused[-1].number, "Telegram needs no session"  # type: ignore[union-attr]
        assert asyncio.get_running_loop().time() - began < 5.5
        await own_redis.restart("redis")
        assert (await (await signed_in(world, login)).call(USERS_ME, GetMe())).user.id == visitor.user
