"""What holds for deploy/example, whose README is followed line by line by somebody tired."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "deploy" / "example"
COMPOSE = yaml.safe_load((FOLDER / "compose.yml").read_text())
README = (FOLDER / "README.md").read_text()
# The engine's command: it writes down what it is asked, and knows the images it is told of.
DOCKER = """\
#!/bin/sh
case "$*" in
    "compose config --images") printf '%s\\n' $NAMED ;;
    "image inspect "*) case " $THERE " in *" $3 "*) ;; *) exit 1 ;; esac ;;
    *) echo "$*" >>"$ASKED" ;;
esac
"""


def rolled(folder: Path, named: str, there: str) -> tuple[int, list[str], str]:
    """Exit code of roll.sh, what it asked the engine for, and what it said; with images named and there."""
    engine, asked = folder / "docker", folder / "asked"
    engine.write_text(DOCKER)
    engine.chmod(0o755)
    asked.write_text("")
    told = {"PATH": f"{folder}:{os.environ['PATH']}", "NAMED": named, "THERE": there, "ASKED": str(asked)}
    ran = subprocess.run([FOLDER / "roll.sh"], env=told, capture_output=True, text=True, check=False, timeout=30)
    return ran.returncode, asked.read_text().splitlines(), ran.stdout + ran.stderr


def images(version: str, schema: str) -> str:
    ours = " ".join(f"mutual-aid-{name}:{version}" for name in ("api", "bot", "operator"))
    return f"{ours} mutual-aid-migrate:{schema} postgres:18"


def test_an_upgrade_says_first_who_may_say_what_and_makes_the_schema_before_anybody_needs_it(tmp_path: Path):
    code, asked, said = rolled(tmp_path, images("2", "2"), images("2", "2"))
    assert code == 0, said
    assert asked[:3] == ["compose run --rm secrets", "compose kill -s HUP nats", "compose run --rm migrate"]
    assert [one.split()[-1] for one in asked[3:7]] == ["api-1", "api-2", "bot-1", "bot-2"]
    assert len(asked) == 9


def test_an_upgrade_cuts_off_no_backup(tmp_path: Path):
    """The schema waits for one by itself (integration/mutual_aid/test_backup.py); its container is stopped with patience."""
    _, asked, _ = rolled(tmp_path, images("2", "2"), images("2", "2"))
    [made_anew] = [one.split() for one in asked if "backup" in one.split()]
    assert int(made_anew[made_anew.index("--timeout") + 1]) >= 3600


def test_a_rollback_takes_nothing_from_those_who_still_serve(tmp_path: Path):
    code, asked, said = rolled(tmp_path, images("1", "2"), images("1", "2"))
    assert code == 0, said
    assert [one.split()[-1] for one in asked[:4]] == ["api-1", "api-2", "bot-1", "bot-2"]
    assert asked[4:6] == ["compose run --rm secrets", "compose kill -s HUP nats"]
    assert not [one for one in asked if "migrate" in one], "the newer schema is there"


@pytest.mark.parametrize("gone", ["api:1", "bot:1", "operator:1", "migrate:2"])
def test_a_release_whose_image_is_gone_is_not_built_from_another_ones_sources(tmp_path: Path, gone: str):
    there = images("1", "2").replace(f"mutual-aid-{gone}", "")
    code, asked, said = rolled(tmp_path, images("1", "2"), there)
    assert (code, asked) == (1, [])
    assert f"no image mutual-aid-{gone}" in said


def test_what_reads_a_file_of_the_folder_is_made_anew_by_an_upgrade(tmp_path: Path):
    """Git puts another file in its place, and a container keeps the one it began with."""
    reads = {
        name
        for name, service in COMPOSE["services"].items()
        for volume in service.get("volumes", ())
        if re.match(r"\./(?!secrets|backups)", volume)
    }
    assert {"nginx", "backup", "prometheus"} <= reads
    _, asked, _ = rolled(tmp_path, images("2", "2"), images("2", "2"))
    assert reads <= {name for one in asked if "--force-recreate" in one.split() for name in one.split()}
    for one in asked:
        assert "--no-build" in one.split() or " up " not in one, "an image that is not there is not made by the way"


def test_the_try_out_and_production_share_nothing():
    plain = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    assert COMPOSE["name"] != plain["name"], "`down -v` of one would delete the other's ledger"


def test_nobody_asks_for_more_processors_than_the_smallest_host_has():
    for file in (ROOT / "docker-compose.yml", ROOT / "deploy" / "telegram.yml", FOLDER / "compose.yml"):
        for name, service in yaml.safe_load(file.read_text())["services"].items():
            cpus = service["deploy"]["resources"]["limits"]["cpus"]
            assert float(re.sub(r"^\$\{CPUS:-(.*)\}$", r"\1", cpus)) <= 1, (file.name, name)


def test_what_somebody_sets_is_not_what_a_new_release_brings():
    listed = subprocess.run(
        ["git", "ls-files", "."], cwd=FOLDER, capture_output=True, text=True, check=True, timeout=30
    )
    brought = listed.stdout.split()
    for own in (".env", "settings/api.env", "settings/bot.env", "secrets/keys/bot_token", "backups/x.dump"):
        assert own not in brought
        ignored = subprocess.run(["git", "check-ignore", "-q", own], cwd=FOLDER, check=False, timeout=30)
        assert ignored.returncode == 0, own
    for service in COMPOSE["services"].values():
        for env in service.get("env_file", ()):
            assert env["required"] is False, "who changes nothing needs none"
            assert f"{env['path']}.example" in brought


def test_the_readme_restores_before_it_starts_and_names_the_folder_s_files():
    restore = README.partition("\n## Restore\n")[2].partition("\n## ")[0]
    for commands in re.findall(r"```sh\n(.*?)```", restore, re.DOTALL):
        assert commands.index("backup restore") < commands.index("up -d"), commands
    for name in re.findall(r"`(?:\./)?((?:settings|prometheus)/[\w.-]+|\w+\.(?:sh|conf|yml))`", README):
        assert (FOLDER / name).exists() or (FOLDER / f"{name}.example").exists(), name


def test_a_renewed_certificate_is_put_into_service_and_told_to_telegram(tmp_path: Path):
    keys, fetched = tmp_path / "secrets" / "keys", tmp_path / "live"
    keys.mkdir(parents=True)
    fetched.mkdir()
    for name in ("fullchain.pem", "privkey.pem"):
        (fetched / name).write_text(name)
    (tmp_path / "renewed.sh").write_text((FOLDER / "renewed.sh").read_text())
    engine, asked = tmp_path / "docker", tmp_path / "asked"
    engine.write_text(f'#!/bin/sh\n[ "$2" = ps ] && echo "$RUNS" || echo "$*" >>{asked}\n')
    engine.chmod(0o755)
    told = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "RENEWED_LINEAGE": str(fetched)}
    for runs in ("", "a-container"):
        command = ["sh", tmp_path / "renewed.sh"]
        ran = subprocess.run(command, env=told | {"RUNS": runs}, capture_output=True, check=False, timeout=30)
        assert ran.returncode == 0, ran.stderr
        assert asked.exists() is bool(runs), "before the first start there is nobody to tell"
    assert [(keys / name).read_text() for name in ("certificate.pem", "key.pem")] == ["fullchain.pem", "privkey.pem"]
    assert asked.read_text().splitlines() == [
        "compose run --rm secrets", "compose kill -s HUP nginx", "compose restart bot-1 bot-2",
    ]  # fmt: skip
