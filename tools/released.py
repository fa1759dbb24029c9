"""Record what a released api asks of the database, for the test that newer schemas go on answering it.

    python tools/released.py COMMIT REVISION     write tests/contract/statements/REVISION.json from the code at COMMIT

Every statement the api of that commit sends (its `text(...)` constants and the calls of its hot functions), and the schema
its newest migration makes: columns of tables, digests of functions. Needs git and the local servers; run it once a release.
"""

import asyncio
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import asyncpg

from contracts.permissions import nats_users
from local_servers import erase, start

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tests" / "contract" / "statements"

# Run in that commit's own code: its modules are imported, its migrations run.
COLLECT = """
import importlib, json, pkgutil, re
import api
from sqlalchemy import TextClause
from sqlalchemy.dialects.postgresql import asyncpg

WHOLE = re.compile(r"\\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\\b(?!.*[{}])", re.DOTALL)

def statements(name, value):
    if isinstance(value, TextClause):
        compiled = value.compile(dialect=asyncpg.dialect())
        yield name, {"sql": str(compiled), "takes": list(dict.fromkeys(compiled.positiontup or ()))}
    elif isinstance(value, str) and WHOLE.match(value) and not re.search(r"(?<!:):[a-z]", value):
        yield name, {"sql": value, "takes": []}
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from statements(f"{name}[{key}]", inner)

found = {}
for module in pkgutil.walk_packages(api.__path__, "api."):
    if module.name.startswith("api.migrations") or module.name.endswith("__main__"):
        continue
    loaded = importlib.import_module(module.name)
    for name, value in vars(loaded).items():
        if name.isupper():
            for label, statement in statements(f"{module.name}:{name}", value):
                found.setdefault(statement["sql"], (label, statement))
print(json.dumps(dict(found.values()), ensure_ascii=False))
"""
MIGRATE = "import asyncio, sys; from api.migrate import migrate_schema; asyncio.run(migrate_schema(sys.argv[1]))"

COLUMNS = """
    SELECT table_name, column_name, data_type FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name <> 'alembic_version' ORDER BY 1, 2
"""
FUNCTIONS = """
    SELECT p.oid::regprocedure::text, md5(pg_get_functiondef(p.oid)) FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f'
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') ORDER BY 1
"""


def code_at(commit: str, folder: Path) -> dict[str, str]:
    """The environment in which Python imports the product as it was at a commit."""
    packed = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout  # noqa: S603, S607
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    sources = [str(path) for path in folder.glob("*/*/src")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sources)}


def run(code: str, environment: dict[str, str], *words: str) -> str:
    """What a piece of code prints, run in such an environment."""
    command = [sys.executable, "-c", code, *words]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout  # noqa: S603


async def schema(environment: dict[str, str], state: Path) -> dict[str, dict[str, object]]:
    """Columns and functions of an empty database that those migrations were run on."""
    servers = await start(state, nats_users(), durable=False, only=("postgres",))
    try:
        await asyncio.to_thread(run, MIGRATE, environment, servers.postgres_url)
        connection = await asyncpg.connect(servers.postgres_url)
        tables: dict[str, dict[str, str]] = {}
        for table, column, kind in await connection.fetch(COLUMNS):
            tables.setdefault(table, {})[column] = kind
        functions = {row[0]: row[1] for row in await connection.fetch(FUNCTIONS)}
        await connection.close()
    finally:
        await servers.stop()
        await erase(state)
    return {"tables": dict(tables), "functions": functions}


def main(commit: str, revision: str) -> None:
    """Write the record of one release."""
    with tempfile.TemporaryDirectory() as folder:
        environment = code_at(commit, Path(folder) / "code")
        statements = json.loads(run(COLLECT, environment))
        made = asyncio.run(schema(environment, Path(folder) / "state"))
    FOLDER.mkdir(parents=True, exist_ok=True)
    record = {"commit": commit, "revision": revision, "statements": statements, **made}
    text = json.dumps(record, ensure_ascii=False, indent=1)
    (FOLDER / f"{revision}.json").write_text(text + "\n", encoding="utf-8")
    print(f"{len(statements)} statements, {len(made['tables'])} tables, {len(made['functions'])} functions")  # noqa: T201


if __name__ == "__main__":
    if len(sys.argv) != 3:  # noqa: PLR2004 - program, commit, revision
        sys.exit(__doc__)
    main(*sys.argv[1:])
