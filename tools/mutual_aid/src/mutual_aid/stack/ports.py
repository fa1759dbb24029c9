"""Ports for our own processes: free ones, kept so that a page's address stays the same."""

import json
import secrets

import psutil  # type: ignore[import-untyped]  # it ships no types

from local_servers.state import PORTS, free
from mutual_aid.place import Place
from mutual_aid.trouble import Trouble

FIRST_PAGE_PORT = 8081


def choose(place: Place, page: int | None) -> dict[str, int]:
    """A free port for simulator, api and bot: the one each had, else a new one.

    page is the port somebody asked the simulator's page to have; raises Trouble when another program has it.
    """
    kept = _kept(place)
    chosen = {"simulator": _page_port(page, kept.get("simulator"))}
    for name in ("api", "bot"):
        port = kept.get(name)
        while port is None or port in chosen.values() or not free(port):
            port = secrets.choice(PORTS)
        chosen[name] = port
    if chosen != kept:
        place.ports.write_text(json.dumps(chosen), encoding="utf-8")
    return chosen


def _kept(place: Place) -> dict[str, int]:
    try:
        found = json.loads(place.ports.read_text(encoding="utf-8"))
        return {str(name): int(port) for name, port in found.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}  # nothing of worth is lost: new ones are chosen


def _page_port(wanted: int | None, kept: int | None) -> int:
    if wanted is not None:
        if not free(wanted):
            raise taken(wanted)
        return wanted
    if kept is not None and free(kept):
        return kept
    port = FIRST_PAGE_PORT
    while not free(port):
        port += 1
    return port


def taken(port: int) -> Trouble:
    """The trouble of a port asked for that another program has, named where the system tells it."""
    owner = listener(port)
    who = f"{owner.name()} (process {owner.pid})" if owner else "another program"
    return Trouble(
        "simulator",
        f"port {port} is taken by {who}",
        f"Stop {who}, or set SIMULATOR_PORT to another port, or leave it unset for the next free one.",
    )


def listens(pid: int, port: int) -> bool:
    """Whether this very process has the port; True where the system does not tell."""
    try:
        found = psutil.Process(pid).net_connections("tcp")
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True
    return any(one.status == psutil.CONN_LISTEN and one.laddr.port == port for one in found)


def listener(port: int) -> psutil.Process | None:
    """The process that listens on a loopback port, None when the system does not tell."""
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
                return psutil.Process(connection.pid)
    except psutil.Error:
        pass
    return None
