"""Deleting what local servers keep, wherever they keep it."""

import shutil
import sys

import typer

from local_servers import AlreadyRunning, ServerFailed, erase
from mutual_aid.place import Place
from mutual_aid.settings import OperatorSettings
from mutual_aid.stack import record
from mutual_aid.trouble import Trouble, of_server

WHAT = "this deletes every demand and every message"


def ask(settings: OperatorSettings, place: Place) -> None:
    """Return when somebody at the terminal says that it is meant.

    Raises Trouble when they do not, when nobody is there to be asked, and when there is a token: real people wrote.
    """
    if not settings.uses_simulator:
        fix = "Say --yes (make erase YES=1) if that is meant; nothing comes back."
        raise Trouble("erase", f"{WHAT} that real people sent the bot of BOT_TOKEN", fix)
    if not sys.stdin.isatty():
        raise Trouble("erase", WHAT, "Say --yes (make erase YES=1) if that is meant.")
    if not typer.confirm(f"{WHAT.capitalize()} in {place.folder}; nothing comes back. Go on?"):
        raise Trouble("erase", "nothing was deleted", "Say y if it is meant.")


async def erase_all(place: Place) -> None:
    """Delete the data of a state folder and of the demo's inside it.

    Raises Trouble while a stack runs on either, for a copy whose data are another folder's, and when something cannot be
    deleted.

    Started by root in a folder closed to others, the servers keep their data in /var/lib: removing the folder alone
    would leave them there.
    """
    for here in (place.demo, place):
        if not here.folder.exists():
            continue
        try:
            if record.is_held(here):
                raise Trouble("erase", f"a stack runs on {here.folder}", "Run `mutual-aid down` first.")
            if here.servers.exists():
                await erase(here.servers)
        except AlreadyRunning as running:
            raise Trouble("erase", str(running), "Run `mutual-aid down` first.") from running
        except ServerFailed as failure:
            raise of_server(failure) from failure
        for kept in (here.logs, here.folder / "demo"):
            shutil.rmtree(kept, ignore_errors=True)
        for file in (here.record, here.ports, here.simulator):
            file.unlink(missing_ok=True)
