"""The processes of ours that run, started one by one and stopped in order."""

import asyncio
from collections.abc import Callable

import aiohttp

from mutual_aid.place import Place
from mutual_aid.stack.child import Child, Program

STOP_WITHIN = {"bot": 8.0, "api": 6.0, "simulator": 2.0}  # s, in this order: what takes work in stops first


class Crew:
    """Children kept by the tasks of one group; `changed` hears of every change of one."""

    def __init__(
        self, place: Place, session: aiohttp.ClientSession, tasks: asyncio.TaskGroup, changed: Callable[[Child], None]
    ) -> None:
        self._place, self._session, self._tasks, self._changed = place, session, tasks, changed
        self._children: dict[str, Child] = {}

    def start(self, program: Program) -> Child:
        """Start a program and keep it running; one of these it is."""
        child = Child(program, self._place, lambda: self._changed(child))
        self._children[program.name] = child
        self._tasks.create_task(child.keep(self._session), name=program.name)
        return child

    async def stop(self) -> None:
        """Stop all, those first that take work in. Safe to call twice."""
        for name, within in STOP_WITHIN.items():
            if name in self._children:
                await self._children[name].stop(within)
