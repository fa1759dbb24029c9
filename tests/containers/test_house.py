"""Both houses: they come up by themselves, a conversation survives every restart, nobody can do more than they have to."""

import asyncio
import json
import socket
import sys

from containers.engine import House, docker
from containers.talk import begin, end
from telegram_simulator import Simulator

LAST = "lost 0, doubled 0, out of order 0, flagged repeats "
# These begin as root to give themselves a folder, and go on as somebody else.
BEGIN_AS_ROOT = {"postgres"}
ROOT_CAPABILITIES = {"CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"}


def test_it_comes_up_healthy_by_itself(house: House):
    assert house.ailing() == {}
    for one in house.once:
        assert house.container(one)["State"]["ExitCode"] == 0
    house.took["warm start"] = house.up()  # once more: nothing to do, and nothing breaks
    sys.stdout.write(f"\n{house.name}: {house.took}\n")


async def test_a_conversation_survives_a_restart_of_every_container(people: House):
    async with Simulator(people.page) as simulator:
        talk = await begin(simulator)
        await talk.passes(talk.olena)
        restarted = sorted(people.services() - people.once)
        assert {"postgres", "nats", "redis", "simulator"} < set(restarted)
        for at, service in enumerate(restarted):
            author = (talk.olena, talk.daniel)[at % 2]
            # The simulator is a test's own means: nobody can write while it is away.
            before = [await talk.write(author)] if service != "simulator" else []
            restarting = asyncio.to_thread(people.compose, "restart", "--timeout", "40", service)
            if service == "simulator":
                await restarting
            else:
                during = asyncio.ensure_future(restarting)  # noqa: TID251 - awaited four lines below
                before += [await talk.write(talk.olena), await talk.write(talk.daniel)]
                await during
            for number in before:
                await talk.arrives(number)
            await asyncio.to_thread(people.healthy)
        await talk.check()
        await end(talk)


async def test_nothing_is_lost_when_all_of_it_goes_down_and_comes_up(people: House):
    async with Simulator(people.page) as simulator:
        talk = await begin(simulator)
        await talk.passes(talk.olena)
        await talk.passes(talk.daniel)
        late = [await talk.write(talk.olena), await talk.write(talk.daniel)]  # and nobody waits for them
        await asyncio.to_thread(people.down, volumes=False)
        assert people.containers() == []
        people.took["after down"] = await asyncio.to_thread(people.up)
        for number in late:
            await talk.arrives(number)
        await talk.passes(talk.daniel)
        await talk.passes(talk.olena)
        await talk.check()
        await end(talk)


def test_the_demo_ends_well(people: House):
    said = people.run("operator", "demo", within=600)
    last = said.strip().splitlines()[-1]
    assert last.startswith(LAST), said
    doctor = people.run("operator", "doctor")
    assert "Nothing is wrong." in doctor, doctor


def test_nobody_is_root_and_nothing_can_be_written_where_it_runs(house: House):
    for service in sorted(house.services()):
        found = house.container(service)
        host = found["HostConfig"]
        assert host["ReadonlyRootfs"] or service == "simulator", service
        assert not host["Privileged"], service
        assert "no-new-privileges:true" in (host["SecurityOpt"] or []) or service == "simulator", service
        assert host["CapDrop"] == ["ALL"] or service == "simulator", service
        if service not in BEGIN_AS_ROOT | {"secrets"}:
            assert not host["CapAdd"], service
            assert found["Config"]["User"].partition(":")[0] not in {"", "0", "root"}, service
        assert set(host["CapAdd"] or ()) <= ROOT_CAPABILITIES, service
        if service not in house.once:
            assert effective_users(found), service
            assert 0 not in effective_users(found), service


def effective_users(container: dict[str, object]) -> set[int]:
    """Whom the processes in a container act for, as the engine sees them."""
    listed = docker("top", str(container["Id"]), "-o", "euid,pid").splitlines()[1:]
    return {int(line.split()[0]) for line in listed}


def test_everybody_has_a_limit(house: House):
    for service in sorted(house.services() - {"simulator"}):
        host = house.container(service)["HostConfig"]
        limits = {name: host[name] for name in ("Memory", "NanoCpus", "PidsLimit")}
        assert all(limits.values()), (service, limits)
        assert host["LogConfig"]["Config"].get("max-size"), service


def test_only_what_people_and_telegram_use_can_be_reached(house: House):
    found = {}
    for service in sorted(house.services()):
        container = house.container(service)
        # What is open, and what is asked to be: a network without a way in opens nothing, until it gets one.
        for ports in (container["NetworkSettings"]["Ports"], container["HostConfig"]["PortBindings"]):
            for binding in (one for bindings in (ports or {}).values() for one in bindings or ()):
                assert binding["HostIp"] == "127.0.0.1", (service, binding)
                found[service] = int(binding["HostPort"])
    assert found == dict(house.open)
    for port in house.open.values():
        with socket.create_connection(("127.0.0.1", port), 5):
            pass
    inside = json.loads(docker("network", "inspect", f"{house.name}_inside"))[0]
    assert inside["Internal"] is True
    for service in ("postgres", "nats", "redis", "api", "api-1"):
        if service in house.services():
            assert list(house.container(service)["NetworkSettings"]["Networks"]) == [f"{house.name}_inside"]


def test_a_secret_is_nobody_elses(house: House):
    kept = house.compose(
        "run", "--rm", "--no-TTY", "--entrypoint", "sh", "secrets", "-c",
        "cd /secrets/keys && for f in *_password totp_keys webhook_secret seeds/*; do cat $f; echo; done",
    )  # fmt: skip
    words = {line for line in kept.split() if len(line) > 30}
    assert len(words) >= 8
    for service in sorted(house.services()):
        config = house.container(service)["Config"]
        shown = "\n".join([*config["Env"], *(config["Cmd"] or ()), *(config["Entrypoint"] or ())])
        assert not [word for word in words if word in shown], service
    bot = next(name for name in ("bot", "bot-1") if name in house.services())
    has = house.compose("exec", "--no-TTY", bot, "sh", "-c", "for f in /run/secrets/*; do cat $f; echo; done").split()
    api = next(name for name in ("api", "api-1") if name in house.services())
    foreign = house.compose(
        "exec", "--no-TTY", api, "sh", "-c", "for f in /run/secrets/*; do cat $f; echo; done"
    ).split()
    assert not set(has) & set(foreign) - {next(word for word in has if word.startswith("redis://"))}
    refused = house.compose("exec", "--no-TTY", "--user", "10099", api, "cat", "/run/secrets/nats_seed", check=False)
    assert "Permission denied" in refused
