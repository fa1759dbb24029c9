"""`mutual-aid`: the operator's command."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from local_servers.process import rotate
from mutual_aid import admin, aside, certificate, doctor, place, secret_files, whose
from mutual_aid import erase as erasing
from mutual_aid import seed as seeding
from mutual_aid.demo import play
from mutual_aid.settings import OperatorSettings
from mutual_aid.stack import detach, life, programs, record, status, tools, view
from mutual_aid.stack.backing import elsewhere
from mutual_aid.stack.reach import reach
from mutual_aid.stack.theirs import named
from mutual_aid.telling import err, finish, out, run_once, told
from mutual_aid.trouble import Trouble
from service_kit.logs import configure_logs
from service_kit.process import Stop
from service_kit.process import run as run_process
from service_kit.settings import load

app = typer.Typer(help="Run Mutual Aid on this machine.", no_args_is_help=True, add_completion=False)
admins = typer.Typer(help="Who may administer.", no_args_is_help=True)
setting_aside = typer.Typer(help="What was put aside because it could not be worked on.", no_args_is_help=True)
app.add_typer(admins, name="admin")
app.add_typer(setting_aside, name="parked")


@app.callback()
def main(
    context: typer.Context,
    state: Annotated[Path, typer.Option(envvar="MUTUAL_AID_STATE", help="the folder that keeps everything")] = Path(
        ".local"
    ),
) -> None:
    """Run Mutual Aid on this machine."""
    context.obj = state
    configure_logs("operator", level="ERROR")


@app.command()
def up(
    context: typer.Context,
    *,
    background: Annotated[bool, typer.Option("--detach", help="start in the background, return when ready")] = False,
    real_limits: Annotated[bool, typer.Option(help="hold the simulator and the bot to Telegram's limits")] = False,
    apart: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Start everything and stay in front; Ctrl-C stops it."""
    with told():
        here = place.make(context.obj)
        wishes = life.Wishes(apart=apart, limits=real_limits, seed=not apart)
        if record.is_held(here):
            already(here)
        elif background:
            flags = [flag for flag, wanted in (("--real-limits", real_limits), ("--apart", apart)) if wanted]
            out.print(view.addresses(detach.start(here, tuple(flags))), soft_wrap=True)
            out.print(
                "It runs in the background: `mutual-aid status` shows it, `mutual-aid down` stops it.", soft_wrap=True
            )
        else:
            stay(here, wishes)


def already(here: place.Place) -> None:
    """Say that it runs; exit 0 when that is all well, 1 when something of it is not up."""
    found = record.running(here)
    out.print("It runs already." if found else "It is starting already.")
    if found:
        out.print(view.addresses(found), soft_wrap=True)
    raise typer.Exit(0 if found and view.is_healthy(found) else 1)


def stay(here: place.Place, wishes: life.Wishes) -> None:
    """Run a stack in front, until the end is asked for."""

    async def run(stop: Stop) -> None:
        settings = load(OperatorSettings)
        rotate(here.log("operator"))
        with here.log("operator").open("a", encoding="utf-8") as log:
            configure_logs("operator", level="WARNING", stream=log)
            await life.run(here, settings, wishes, stop, show=view.show, seed=seed_once)

    async def seed_once(running: record.Record) -> None:
        await seeding.seed(running)

    run_process(run)


@app.command()
def down(context: typer.Context) -> None:
    """Stop what is running, a day that was played too."""
    with told():
        here = place.make(context.obj)
        out.print("Stopped." if any([detach.stop(here), detach.stop(here.demo)]) else "Nothing runs here.")


@app.command("status")
def show_status(context: typer.Context) -> None:
    """Show what runs, and what waits."""
    with told():
        finish(well=run_once(status.show(place.make(context.obj), out, elsewhere(load(OperatorSettings)))))


@app.command("doctor")
def examine(context: typer.Context) -> None:
    """Look for what is wrong and name its fix."""
    with told():
        finish(well=run_once(doctor.examine(context.obj, out)))


@app.command()
def migrate(context: typer.Context) -> None:
    """Bring the ledger's schema and the streams up to date."""
    with told():
        here = place.make(context.obj)

        async def run() -> None:
            async with reach(here, load(OperatorSettings)) as below:
                await tools.run(here, "migrate", ("api", "migrate"), programs.migrate(below))

        run_once(run())
        out.print("The ledger and the streams are up to date.")


@app.command()
def erase(
    context: typer.Context, *, yes: Annotated[bool, typer.Option("--yes", help="really, nothing comes back")] = False
) -> None:
    """Delete everything the local servers keep: the ledger, the streams, the sessions. Asks first."""
    with told():
        here = place.make(context.obj)
        if not yes:
            erasing.ask(load(OperatorSettings), here)
        run_once(erasing.erase_all(here))
        out.print("Everything is deleted.")


@app.command()
def seed(context: typer.Context) -> None:
    """Put demo people and kinds of help into a running stack with an empty ledger."""
    with told():
        found = running_here(context)
        seeded = run_once(seeding.seed(found))
        out.print(f"{seeded.people} people and {seeded.scenarios} scenarios are new.")


@app.command(hidden=True)
def no_made_up_people() -> None:
    """Fail when the ledger is another bot's, or was tried out and the bot is real: what containers ask before the bot."""
    with told():
        settings = load(OperatorSettings)
        run_once(whose.settle(named(settings).get("postgres", ""), settings))
        out.print(
            "No BOT_TOKEN: people are simulated." if settings.uses_simulator else "Nobody in the ledger is made up."
        )


@app.command("secrets")
def make_secrets(
    folder: Path,
    services: Annotated[list[str] | None, typer.Argument(help="all when none is given")] = None,
    *,
    host: Annotated[str, typer.Option(help="the public name Telegram posts to; none for polling")] = "",
) -> None:
    """Make the secrets of a stack of containers, and put into each service's folder those it needs."""
    with told():
        outside = secret_files.Outside(
            os.environ.get("TOTP_KEYS", ""), os.environ.get("ERASED_DIGEST_KEY", ""), host.strip()
        )
        changed = secret_files.hand_out(folder, tuple(services or ()), outside)
        if outside.host and (soon := certificate.ending((folder / "keys" / certificate.CHAIN).read_text())):
            err.print(f"certificate: {soon}. Put a renewed one there.", soft_wrap=True)
        out.print("\n".join(("new or changed:", *changed)) if changed else "Everything is as it was.", soft_wrap=True)


@admins.command("create")
def create_admin(context: typer.Context) -> None:
    """Print a one-time token that makes whoever sends it to the bot an admin."""
    with told():
        out.print(run_once(admin.create(place.make(context.obj), load(OperatorSettings))), soft_wrap=True)


@setting_aside.command("list")
def list_parked(context: typer.Context) -> None:
    """Show what is put aside, and why; without what people wrote."""
    with told():
        run_once(aside.show(running_here(context).environment, out))


@setting_aside.command("show")
def show_parked(context: typer.Context, item: str) -> None:
    """Print one item by its number or id: as it came, words and all; of a delivery, how it stands."""
    with told():
        out.print(run_once(aside.body(running_here(context).environment, item)), markup=False, soft_wrap=True)


@setting_aside.command("retry")
def retry_parked(
    context: typer.Context, items: Annotated[list[str] | None, typer.Argument(help="all when none is given")] = None
) -> None:
    """Put items back where they came from, to be tried again."""
    with told():
        back, stuck = run_once(aside.retry(running_here(context).environment, items or ()))
        rest = f" {stuck} cannot go back and stay." if stuck else ""
        out.print(f"{back} are put back; what fails again is parked again.{rest}")


@app.command()
def demo(
    context: typer.Context,
    file: Annotated[Path | None, typer.Option("--input", help="a CSV: id, message, original, request, needs")] = None,
    *,
    real_limits: Annotated[bool, typer.Option(help="hold the simulator and the bot to Telegram's limits")] = False,
    kill: Annotated[bool, typer.Option(help="kill the bot, the api and NATS once each on the way")] = False,
) -> None:
    """Play a day through the whole stack and count what came out."""
    with told(), detach.ended_like_ctrl_c():
        wishes = play.Wishes(file=file, limits=real_limits, kill=kill)
        far = elsewhere(load(OperatorSettings))
        finish(well=run_once(play.day(place.make(context.obj), wishes, out, far)))


@app.command()
def bench(
    *, quick: Annotated[bool, typer.Option(help="leave out the longest, and write nothing down")] = False
) -> None:
    """Measure: ours beside pgbench, raw nats-py and a prototype, as ratios."""
    raise typer.Exit(measure(Path("tests", "bench", "run.py"), ("--quick",) if quick else ()))


def measure(benchmarks: Path, flags: tuple[str, ...]) -> int:
    """The exit code of the benchmarks in this file; 1 with a sentence when it is not here."""
    if not benchmarks.exists():
        err.print(f"There are no benchmarks in {benchmarks}: run this in a clone of the repository.", soft_wrap=True)
        return 1
    return subprocess.run([sys.executable, benchmarks, *flags], check=False).returncode  # noqa: S603 - our own program


def running_here(context: typer.Context) -> record.Record:
    """What runs, here or where the environment says; raises Trouble when nothing does."""
    found = record.running(place.make(context.obj)) or elsewhere(load(OperatorSettings))
    if found is None:
        raise Trouble("state", f"nothing runs on {context.obj}", "Start it with `mutual-aid up`.")
    return found


if __name__ == "__main__":
    app()
