"""Deleting what local servers keep, wherever they keep it."""

import shutil

from local_servers import AlreadyRunning, erase
from mutual_aid.place import Place
from mutual_aid.stack import record
from mutual_aid.trouble import Trouble


async def erase_all(place: Place) -> None:
    """Delete the data of a state folder and of the demo's inside it; raises Trouble while a stack runs on either.

    Started by root in a folder closed to others, the servers keep their data in /var/lib: removing the folder alone
    would leave them there.
    """
    for here in (Place(place.folder / "demo"), place):
        if not here.folder.exists():
            continue
        try:
            if record.is_held(here):
                raise Trouble("erase", f"a stack runs on {here.folder}", "Run `mutual-aid down` first.")
            if here.servers.exists():
                await erase(here.servers)
        except AlreadyRunning as running:
            raise Trouble("erase", str(running), "Run `mutual-aid down` first.") from running
        for kept in (here.logs, here.folder / "demo"):
            shutil.rmtree(kept, ignore_errors=True)
        for file in (here.record, here.ports, here.simulator):
            file.unlink(missing_ok=True)
