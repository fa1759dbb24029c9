"""A process of ours: kept alive, given up with its reason when it cannot live, stopped in time."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest

from local_servers.state import free
from mutual_aid import place
from mutual_aid.stack.child import Child, Program
from mutual_aid.trouble import Trouble

# A program that answers /ready and /live, and obeys its argument.
SERVE = """
import http.server, signal, sys, time
way = sys.argv[2]
if way == "dies": print("OSError: [Errno 28] No space left on device", file=sys.stderr); sys.exit(1)
if way == "settings": print("the settings are wrong, nothing was started:\\nBOT_TOKEN: is missing", file=sys.stderr); sys.exit(2)
if way == "deaf": signal.signal(signal.SIGTERM, signal.SIG_IGN)
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        ready = way != "lacks" or self.path == "/live"
        body = b'{"ready": true}' if ready else b'{"ready": false, "checks": {"nats": {"ok": false, "why": "away"}}}'
        self.send_response(200 if ready else 503)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Page).serve_forever()
"""


def free_port() -> int:
    return next(port for port in range(32_100 + os.getpid() % 400, 32_700) if free(port))


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "obeys.py").write_text(SERVE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


@asynccontextmanager
async def kept(folder: Path, way: str) -> AsyncIterator[tuple[Child, asyncio.Event]]:
    port = free_port()
    changed = asyncio.Event()
    program = Program("obeys", ("obeys", str(port), way), {}, port, "/ready", "/live")
    child = Child(program, place.make(folder / "state"), changed.set)
    timeout = aiohttp.ClientTimeout(total=2)
    async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as tasks:
        keeping = tasks.create_task(child.keep(session))
        try:
            yield child, changed
        finally:
            await child.stop(2.0)
            keeping.cancel()


async def until(changed: asyncio.Event, true: Callable[[], bool], within: float = 20.0) -> None:
    async with asyncio.timeout(within):
        while not true():
            changed.clear()
            await changed.wait()


@pytest.mark.usefixtures("modules")
async def test_a_killed_process_is_started_again_and_counted(tmp_path: Path) -> None:
    async with kept(tmp_path, "well") as (child, changed):
        await child.ready()
        first = child.line.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(changed, lambda: child.line.state == "up" and child.line.pid != first)
        assert child.line.restarts == 1
        assert child.trouble is None
        last = child.line.pid
    assert last is not None
    assert not psutil.pid_exists(last)


@pytest.mark.usefixtures("modules")
@pytest.mark.parametrize(
    ("way", "reason", "fix"),
    [("dies", "3 times in a row", "Free some disk space"), ("settings", "ended with status 2", "Correct the settings")],
)
async def test_one_that_cannot_live_is_given_up_with_its_reason(
    tmp_path: Path, way: str, reason: str, fix: str
) -> None:
    async with kept(tmp_path, way) as (child, _):
        with pytest.raises(Trouble) as trouble:
            await child.ready()
        assert reason in trouble.value.reason
        assert fix in trouble.value.fix
        assert child.line.state == "failing"


@pytest.mark.usefixtures("modules")
async def test_what_one_lacks_is_shown(tmp_path: Path) -> None:
    async with kept(tmp_path, "lacks") as (child, changed):
        await until(changed, lambda: child.line.why == "nats: away")
        assert child.line.state == "starting"


@pytest.mark.usefixtures("modules")
async def test_one_that_does_not_hear_is_ended_by_force(tmp_path: Path) -> None:
    async with kept(tmp_path, "deaf") as (child, _):
        await child.ready()
        pid = child.line.pid
        began = time.monotonic()
        await child.stop(0.5)
        assert time.monotonic() - began < 5
    assert pid is not None
    assert not psutil.pid_exists(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent was killed")
@pytest.mark.usefixtures("modules")
async def test_children_of_a_killed_parent_end(tmp_path: Path) -> None:
    port = free_port()
    parent = tmp_path / "parent.py"
    parent.write_text(
        "import asyncio, sys, aiohttp\n"
        "from pathlib import Path\n"
        "from mutual_aid import place\n"
        "from mutual_aid.stack.child import Child, Program\n"
        "async def main():\n"
        f"    program = Program('obeys', ('obeys', '{port}', 'well'), {{}}, {port}, '/ready', '/live')\n"
        "    child = Child(program, place.make(Path(sys.argv[1])), lambda: print(child.line.state, child.line.pid, flush=True))\n"
        "    async with aiohttp.ClientSession() as session: await child.keep(session)\n"
        "asyncio.run(main())\n"
    )
    started = await asyncio.create_subprocess_exec(
        sys.executable, parent, tmp_path / "state", stdout=asyncio.subprocess.PIPE
    )
    assert started.stdout is not None
    async with asyncio.timeout(30):
        while not (said := (await started.stdout.readline()).decode()).startswith("up "):
            assert said
    child = psutil.Process(int(said.split()[1]))
    started.kill()
    await started.wait()
    await asyncio.to_thread(child.wait, 10)
    started._transport.close()  # type: ignore[attr-defined] # asyncio closes pipes of a killed child only when collected
