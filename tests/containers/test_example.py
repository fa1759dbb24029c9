"""deploy/example alone: TLS with the certificate Telegram was handed, backups, a restore, an upgrade and the way back."""

import asyncio
import json
import os
import re
import shutil
import ssl
import subprocess
from pathlib import Path

import aiohttp
import pytest

from containers.conftest import HOST, VERSION, example
from containers.engine import ROOT, House, docker, wait
from containers.talk import Talk, begin, end
from telegram_simulator import Simulator
from telegram_simulator.people import DEMO_TOKEN

HOUSES = (example,)
NEXT = "test-next"
OURS = ("api", "migrate", "bot", "operator", "simulator")
MARK = "# of the next release"
ROLLED = ("api-1", "api-2", "bot-1", "bot-2")


def block(title: str, number: int = 0) -> str:
    """The commands of the README under a title, as somebody would paste them."""
    section = (
        (ROOT / "deploy" / "example" / "README.md").read_text().partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    )
    found = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    return "\n".join(line.strip() for line in found[number].splitlines())


def paste(house: House, commands: str) -> str:
    """What the commands print, run in the folder; with the names that keep the test apart from everything else."""
    files = ":".join(map(str, house.files))
    told = os.environ | {"COMPOSE_PROJECT_NAME": house.name, "COMPOSE_FILE": files}
    ran = subprocess.run(
        ["sh", "-eu", "-c", commands], cwd=house.folder, env=told, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert ran.returncode == 0, f"{commands}\n{ran.stdout[-5000:]}\n{house.last_words()}"
    return ran.stdout


async def posted(house: House, path: str, *, method: str = "POST", name: str = HOST) -> int:
    """The status nginx answers with over TLS, to somebody who trusts the certificate of the house and no other."""
    context = ssl.create_default_context(cafile=str(house.folder / "secrets" / "nginx" / "certificate.pem"))
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    url = f"https://127.0.0.1:{house.open['nginx']}{path}"
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, url, data=b"{}", ssl=context, server_hostname=name) as answer,
    ):
        return answer.status


async def test_telegram_was_handed_the_certificate_and_nobody_else_gets_in(people: House):
    url = f"{people.page}/bot{DEMO_TOKEN}/getWebhookInfo"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        info = (await answer.json())["result"]
    assert info["has_custom_certificate"] is True
    assert info["url"] == f"https://{HOST}:8443/telegram"
    assert await posted(people, "/telegram") == 401  # not Telegram
    assert await posted(people, "/telegram", method="GET") == 403
    assert await posted(people, "/metrics") == 404
    assert await posted(people, "/") == 404
    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        await posted(people, "/telegram", name="another.example.org")


async def test_one_bot_and_one_api_are_enough(people: House):
    async with Simulator(people.page) as simulator:
        talk = await begin(simulator)
        for gone in (("bot-1", "api-1"), ("bot-2", "api-2")):
            await asyncio.to_thread(people.compose, "stop", *gone)
            await talk.passes(talk.olena)
            await talk.passes(talk.daniel)
            await asyncio.to_thread(people.compose, "start", *gone)
            await asyncio.to_thread(people.healthy)
        await talk.check()
        await end(talk)


def test_prometheus_sees_every_process(people: House):
    def up() -> dict[str, str]:
        said = people.compose(
            "exec",
            "--no-TTY",
            "prometheus",
            "promtool",
            "query",
            "instant",
            "-o",
            "json",
            "http://127.0.0.1:9090",
            "up",
        )
        return {one["metric"]["instance"]: one["value"][1] for one in json.loads(said[said.index("[") :])}

    wanted = {f"{name}:8080" for name in ROLLED} | {"127.0.0.1:9090"}
    wait(lambda: up() == dict.fromkeys(wanted, "1"), 60, up)
    rules = people.compose(
        "exec", "--no-TTY", "prometheus", "promtool", "check", "config", "/etc/prometheus/prometheus.yml"
    )
    assert "SUCCESS: 5 rules found" in rules


def messages(people: House) -> int:
    """How many messages the ledger holds."""
    asked = ("exec", "--no-TTY", "postgres", "psql", "-U", "postgres", "-d", "mutual_aid", "-Atc")
    return int(people.compose(*asked, "SELECT count(*) FROM messages").split()[-1])


def back_up(people: House) -> str:
    """The name of a backup made now, which belongs to whoever copied it there."""
    paste(people, block("Back up"))
    newest = max((people.folder / "backups").glob("*.dump"))
    if os.geteuid() == 0:
        os.chown(newest, 0, 0)
    return newest.name


async def test_a_backup_can_be_restored_and_people_go_on_from_there(people: House):
    backups = people.folder / "backups"
    assert len(list(backups.glob("*.dump"))) >= 1  # the first start makes one
    async with Simulator(people.page) as simulator:
        talk = await begin(simulator)
        await talk.passes(talk.olena)
        kept = messages(people)
        newest = await asyncio.to_thread(back_up, people)
        await talk.passes(talk.daniel)
        assert messages(people) > kept
        said = await asyncio.to_thread(paste, people, block("Restore").replace("BACKUP.dump", newest))
        assert "what was there is the database mutual_aid_before_" in said
        await asyncio.to_thread(people.healthy)
        assert messages(people) == kept
        await talk.passes(talk.olena)
        await talk.passes(talk.daniel)
        await end(talk)
    assert (backups / newest).stat().st_mode & 0o077 == 0
    assert not list(backups.glob(".*.part"))


async def test_a_new_machine_goes_on_from_a_backup(people: House):
    """All that is left of the old one is what the README says to copy; Telegram has gone on."""
    async with Simulator(people.page) as simulator:
        talk = await begin(simulator)
        await talk.passes(talk.olena)
        kept = messages(people)
        newest = await asyncio.to_thread(back_up, people)
        await asyncio.to_thread(people.down, volumes=False)
        for volume in ("postgres", "nats", "redis"):
            await asyncio.to_thread(docker, "volume", "rm", f"{people.name}_{volume}")
        for derived in (people.folder / "secrets").iterdir():
            if derived.name != "keys":
                shutil.rmtree(derived)
        await asyncio.to_thread(paste, people, block("Restore", 1).replace("BACKUP.dump", newest))
        await asyncio.to_thread(people.healthy)
        assert messages(people) == kept
        await talk.passes(talk.olena)
        await talk.passes(talk.daniel)
        await end(talk)


async def test_lost_keys_lock_nobody_out_of_the_ledger(people: House):
    async with Simulator(people.page) as simulator:
        talk = await begin(simulator)
        await talk.passes(talk.olena)
        keys = people.folder / "secrets" / "keys"
        for lost in [path for path in keys.rglob("*") if path.is_file() and path.name != "bot_token"]:
            lost.unlink()
        await asyncio.to_thread(paste, people, block("When something is wrong"))
        await asyncio.to_thread(people.healthy)
        await talk.passes(talk.olena)
        await talk.passes(talk.daniel)
        await end(talk)


async def test_an_upgrade_and_a_rollback_lose_nothing_on_the_way(people: House):
    for image in OURS:
        docker("tag", f"mutual-aid-{image}:{VERSION}", f"mutual-aid-{image}:{NEXT}")
    async with Simulator(people.page) as simulator:
        talk = await begin(simulator)
        for file in ("nginx.conf", "backup.sh"):
            _another(people.folder / file)
        await _roll(people, talk, f"VERSION={NEXT}\n", NEXT)
        for service, path in (("nginx", "/etc/nginx/webhook.conf"), ("backup", "/backup.sh")):
            read = await asyncio.to_thread(people.compose, "exec", "--no-TTY", service, "tail", "-n", "1", path)
            assert MARK in read, f"{service} still has the file of the release before"
        await _roll(people, talk, f"VERSION={VERSION}\nSCHEMA_VERSION={NEXT}\n", VERSION)
        assert people.container("migrate")["Config"]["Image"] == f"mutual-aid-migrate:{NEXT}"
        await talk.check()
        await end(talk)


def _another(file: Path) -> None:
    """Another file in its place, as git puts it there."""
    made = file.with_name(f".{file.name}")
    shutil.copy(file, made)
    with made.open("a") as text:
        text.write(f"{MARK}\n")
    made.replace(file)


async def _roll(people: House, talk: Talk, told: str, version: str) -> None:
    """One container after another, while both go on writing."""
    told_before = re.sub(r"^(SCHEMA_)?VERSION=.*\n", "", (people.folder / ".env").read_text(), flags=re.MULTILINE)
    (people.folder / ".env").write_text(told_before + told)
    rolling = asyncio.ensure_future(asyncio.to_thread(paste, people, "./roll.sh"))  # noqa: TID251 - awaited below
    while not rolling.done():
        await talk.passes(talk.olena)
        await talk.passes(talk.daniel)
    await rolling
    await asyncio.to_thread(people.compose, "up", "--detach", "--no-build")  # as after a reboot
    await asyncio.to_thread(people.healthy)
    for service in ROLLED:
        image = people.container(service)["Config"]["Image"]
        assert image.endswith(f":{version}"), (service, image)
