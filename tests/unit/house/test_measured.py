"""Every call to NATS, PostgreSQL, Redis and Telegram is measured: found in the source, call by call.

NATS is measured by `service_kit.connection.Connection`, Redis in the bot by `telegram_bot.store.MeasuredRedis` and, where
scripts are called, by `telegram_bot.line.Line`, Telegram by the middleware of `telegram_bot.requests`; so nothing else may make
a connection. All other calls stand inside `with timed("<system>", ...)`.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3] / "services"
FILES = sorted([*(ROOT / "api/src/api").rglob("*.py"), *(ROOT / "telegram_bot/src/telegram_bot").rglob("*.py")])

# What a call is made on, by the last name before the method, and which methods are calls.
POSTGRES = {"execute", "executemany", "fetch", "fetchrow", "fetchval", "begin", "transaction", "acquire"}
REDIS = {"redis", "_redis"}
WEB = {"get", "post", "request"}

# Who is only ever called inside a measured block of its caller, or is no part of a running process.
INSIDE = {
    "api/call.py:Call.one": "binding.bind measures the whole transaction",
    "api/call.py:Call.all": "binding.bind measures the whole transaction",
    "api/call.py:Call.page": "binding.bind measures the whole transaction",
    "api/call.py:Call.value": "binding.bind measures the whole transaction",
    "api/call.py:Call.run": "binding.bind measures the whole transaction",
    "api/ledger.py:fetchrow": "whoever asks for a row measures the call",
    "api/idempotency.py:find_answer": "binding.bind measures the whole transaction",
    "api/idempotency.py:keep_answer": "binding.bind measures the whole transaction",
    "api/binding.py:_twins_answer": "binding.bind measures the whole transaction",
    "api/publisher.py:Publisher._stand_by: ledger.execute": "once, when it starts to stand by",
    "api/publisher.py:Publisher._stand_by: ledger.fetchval": "the wait for the lock may take days",
    "api/publisher.py:Publisher._move: ledger.transaction": "the statement inside and the publishing are measured",
    "api/ledger.py:Ledger.transaction: self.engine.begin": "binding measures the whole transaction",
    "api/alone.py:have_to_itself": "a command that ends",
    "api/migrate.py:_turn": "a command that ends",
    "api/migrate.py:_migrate": "a command that ends",
    "api/migrate.py:revision": "a command that ends",
    "api/migrations/scripts.py:run_scripts": "a command that ends",
    "api/users/bootstrap_token.py:issue_bootstrap_token": "a command that ends",
    "telegram_bot/session.py:LeanSession.make_request": "the session's outermost middleware measures every request",
}
# What is measured by whoever made it: the transactions of binding.bind and of an errand; a class that measures.
MEASURED = {"call.db", "self.call.db", "errand", "super()"}
# Who makes what is measured, and in which file.
MAKERS = {
    "Redis": {"api/redis_scripts.py"},
    "MeasuredRedis": {"telegram_bot/app.py"},
    "Bot": {"telegram_bot/app.py"},
    "LeanSession": {"telegram_bot/app.py"},
    "AiohttpSession": set(),
    "ClientSession": {"telegram_bot/session.py"},
    "Line": {"telegram_bot/app.py"},
    "create_pool": {"api/ledger.py"},
    "create_async_engine": {"api/ledger.py", "api/migrate.py"},
}


def unmeasured(source: str, file: str) -> Iterator[str]:
    """The calls in a file that no stopwatch runs for."""
    redis_is_measured = file.startswith("telegram_bot/")

    def visit(node: ast.AST, place: tuple[str, ...], systems: frozenset[str]) -> Iterator[str]:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            place = (*place, node.name)
            systems = frozenset(system for one in node.decorator_list for system in timed(one))
        elif isinstance(node, ast.With | ast.AsyncWith):
            systems |= {system for item in node.items for system in timed(item.context_expr)}
        elif isinstance(node, ast.Call):
            system = called(node, redis_is_measured=redis_is_measured)
            where = f"{file}:{'.'.join(place)}"
            call = f"{where}: {ast.unparse(node.func)}"
            if system and system not in systems and not {where, call} & INSIDE.keys():
                yield call
        for child in ast.iter_child_nodes(node):
            yield from visit(child, place, systems)

    yield from visit(ast.parse(source), (), frozenset())


def timed(expression: ast.AST) -> Iterator[str]:
    """The system that `timed("<system>", ...)` names."""
    if isinstance(expression, ast.Call) and getattr(expression.func, "id", "") == "timed":
        first = expression.args[0]
        if isinstance(first, ast.Constant):
            yield first.value


def called(call: ast.Call, *, redis_is_measured: bool) -> str | None:
    """Which system a call goes to, as far as its name tells."""
    if not isinstance(call.func, ast.Attribute):
        return None
    on, method = call.func.value, call.func.attr
    name = on.attr if isinstance(on, ast.Attribute) else getattr(on, "id", "")
    if ast.unparse(on) in MEASURED:
        return None
    if method in POSTGRES and name not in {"asking", "noting", "writing"}:
        return "postgres"
    if name in REDIS and not redis_is_measured and method not in {"aclose", "register_script", "pipeline"}:
        return "redis"
    if name == "session" and method in WEB:
        return "telegram"
    return None


def made(source: str, file: str) -> Iterator[str]:
    """Connections made where nobody measures them."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        parts = ast.unparse(node.func).split(".")
        for maker, files in MAKERS.items():
            if (parts[-1] == maker or parts[-2:-1] == [maker]) and file not in files:
                yield f"{file}: {ast.unparse(node.func)}"
        if parts[:2] == ["nats", "connect"] or parts[-3:] == ["client", "Client", "connect"]:
            yield f"{file}: {ast.unparse(node.func)}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_call_is_measured(path: Path) -> None:
    source, file = path.read_text(encoding="utf-8"), str(Path(*path.relative_to(ROOT).parts[2:]))
    assert [*unmeasured(source, file), *made(source, file)] == []


def test_whoever_is_excused_exists() -> None:
    for where in INSIDE:
        file, _, name = where.partition(": ")[0].partition(":")
        [source] = [path for path in FILES if str(Path(*path.relative_to(ROOT).parts[2:])) == file]
        assert f"def {name.rpartition('.')[2]}(" in source.read_text(encoding="utf-8"), where


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("async def f(pool):\n await pool.fetchrow('SELECT 1')", ["api/x.py:f: pool.fetchrow"]),
        ("async def f(self):\n with timed('postgres', 'x'):\n  await self._pool.execute('SELECT 1')", []),
        ("async def f(self):\n with timed('redis', 'x'):\n  await self._pool.execute('SELECT 1')", ["api/x.py:f: self._pool.execute"]),
        ("async def f(self):\n await self._redis.get('x')", ["api/x.py:f: self._redis.get"]),
        ("@timed('redis', 'x')\nasync def f(redis):\n await redis.get('x')", []),
        ("class A:\n async def f(self, session):\n  async with session.post('x'):\n   pass", ["api/x.py:A.f: session.post"]),
        ("def f():\n with timed('postgres', 'x'):\n  async def g(db):\n   await db.execute('x')", ["api/x.py:f.g: db.execute"]),
    ],
)  # fmt: skip
def test_the_checker_finds_what_nobody_measures(source: str, found: list[str]) -> None:
    assert list(unmeasured(source, "api/x.py")) == found


@pytest.mark.parametrize(
    "source", ["r = Redis.from_url('x')", "b = Bot('x')", "c = await nats.connect('x')", "s = aiohttp.ClientSession()"]
)
def test_the_checker_finds_connections_of_ones_own(source: str) -> None:
    wrapped = f"async def f():\n {source}"
    assert len(list(made(wrapped, "api/x.py"))) == 1
