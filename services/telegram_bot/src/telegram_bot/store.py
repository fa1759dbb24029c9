"""Redis with each of its calls measured: one command, or one pipeline, is one call."""

from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from service_kit.metrics import timed


class MeasuredRedis(Redis):
    """redis-py's client; calls are measured by the name of their command, pipelines as ``pipeline``."""

    async def execute_command(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - redis-py's own
        """Return what the command answers; raises redis-py's errors."""
        with timed("redis", str(args[0]).lower()):
            return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call] # redis-py's own

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:  # noqa: FBT001, FBT002 - redis-py's own
        """Return a pipeline whose execution is one measured call."""
        return _MeasuredPipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint)


class _MeasuredPipeline(Pipeline):
    async def execute(self, raise_on_error: bool = True) -> list[Any]:  # noqa: FBT001, FBT002 - redis-py's own
        with timed("redis", "pipeline"):
            found: list[Any] = await super().execute(raise_on_error)
            return found
