"""All looks in order, and the report."""

from pathlib import Path

from rich.console import Console

from mutual_aid.doctor import machine, people, servers
from mutual_aid.doctor.finding import Finding, of_trouble, unknown, well, wrong
from mutual_aid.place import Place
from mutual_aid.settings import OperatorSettings
from mutual_aid.stack import record
from mutual_aid.stack.theirs import NAMES, named
from mutual_aid.trouble import Trouble
from service_kit.settings import load

MARKS = {True: "[green]well[/]", False: "[red]WRONG[/]", None: "[yellow]?[/]"}


async def examine(folder: Path, console: Console) -> bool:
    """Print what was found, with a fix for everything wrong; True when nothing is."""
    findings = await look(folder, load(OperatorSettings))
    for finding in findings:
        console.print(f"{MARKS[finding.ok]:<16} [bold]{finding.name}[/]: ", end="")
        console.print(finding.says, markup=False, highlight=False, soft_wrap=True)
        if finding.fix:
            console.print(f"      {finding.fix}", markup=False, highlight=False, soft_wrap=True)
    count = sum(finding.ok is False for finding in findings)
    console.print(f"{count} things are wrong." if count else "Nothing is wrong.")
    return count == 0


async def look(folder: Path, settings: OperatorSettings) -> list[Finding]:
    """Everything, changing nothing but for a trial file in the state folder."""
    found, place = machine.state(folder)
    running = record.running(place) if place else None
    findings = [machine.python(), found, machine.open_files(), *machine.told()]
    if running or len(named(settings)) < len(NAMES):
        findings += [machine.disk(folder), machine.page_port(settings, running), *machine.deserted()]
    else:  # nothing of it lies or listens here
        findings.append(machine.disk(machine.ROOT))
    if place is not None:
        findings += await _servers(place, settings, running)
    findings += _processes(place, running)
    return findings + await people.examine(settings)


async def _servers(place: Place, settings: OperatorSettings, running: record.Record | None) -> list[Finding]:
    theirs = named(settings)
    environment = dict(running.environment) if running else {}
    if not running:
        environment = {f"{name.upper()}_URL": url for name, url in theirs.items()}
        environment["NATS_SEEDS_DIR"] = str(settings.nats_seeds_dir or "")
    known = [name for name in NAMES if f"{name.upper()}_URL" in environment]
    findings = [
        unknown(name, "ours, and not running: `mutual-aid up` starts it") for name in NAMES if name not in known
    ]
    try:
        if "postgres" in known:
            findings += await servers.postgres(environment, place)
        if "nats" in known:
            findings += await servers.broker_server(environment, settings, running)
        if "redis" in known:
            findings += await servers.store(environment)
    except Trouble as trouble:
        findings.append(of_trouble(trouble.name, trouble))
    return findings


def _processes(place: Place | None, running: record.Record | None) -> list[Finding]:
    if place is None or running is None:
        return []
    findings = [
        well(line.name, f"up{f', started again {line.restarts} times' if line.restarts else ''}")
        if line.state == "up"
        else wrong(
            line.name, f"{line.state}: {line.why}", f"Read {place.log(line.name)}; it is started again by itself."
        )
        for line in running.processes
        if line.name not in NAMES or line.state != "up"
    ]
    return findings + [wrong("trouble", trouble, "See above.") for trouble in running.trouble]
