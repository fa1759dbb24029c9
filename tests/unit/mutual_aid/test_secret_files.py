"""What each service of a stack of containers gets: made once, whole, its own, and the same at every start."""

import asyncio
import json
import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from typer.testing import CliRunner

from contracts.permissions import nats_users
from mutual_aid import certificate, secret_files
from mutual_aid.__main__ import app
from mutual_aid.doctor import people
from mutual_aid.secret_files import Outside, hand_out
from mutual_aid.trouble import Trouble

HOST = "bot.example.org"
WITHOUT = Outside()


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_is_made_once_and_stays_the_same(tmp_path: Path) -> None:
    assert hand_out(tmp_path, (), WITHOUT)
    first = everything(tmp_path)
    assert hand_out(tmp_path, (), WITHOUT) == []
    assert everything(tmp_path) == first
    Fernet((tmp_path / "api" / "totp_keys").read_bytes())
    (tmp_path / "bot" / "redis_url").write_text("half a")  # a write that was cut off, or a curious hand
    assert hand_out(tmp_path, (), WITHOUT) == ["bot/redis_url"]
    assert everything(tmp_path) == first


def test_nobody_gets_what_is_another_ones(tmp_path: Path) -> None:
    hand_out(tmp_path, (), WITHOUT)
    seeds = {path.read_text(): path.stem for path in (tmp_path / "keys" / "seeds").iterdir()}
    assert set(seeds.values()) == {user.name for user in nats_users()}
    holds = {
        name: {seeds[text.decode()] for path, text in everything(tmp_path / name).items() if text.decode() in seeds}
        for name in secret_files.OWNERS
    }
    assert {name: users for name, users in holds.items() if users} == {
        "api": {"api", "publisher"}, "migrate": {"migrate"}, "bot": {"telegram"}, "operator": set(seeds.values()),
    }  # fmt: skip
    assert not list((tmp_path / "nginx").iterdir())
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert path.stat().st_mode & 0o077 == 0, path


def test_the_broker_knows_each_user_and_keeps_what_it_acknowledges(tmp_path: Path) -> None:
    hand_out(tmp_path, ("nats",), WITHOUT)
    told = json.loads((tmp_path / "nats" / "nats.conf").read_text())
    assert told["jetstream"]["sync_interval"] == "always"
    assert told["jetstream"]["store_dir"] == "/nats/store"
    assert len(told["authorization"]["users"]) == len(nats_users())
    assert (tmp_path / "nats" / "store").is_dir()
    assert not (tmp_path / "api").exists()


def test_keys_somebody_has_already_are_passed_on(tmp_path: Path) -> None:
    hand_out(tmp_path, ("api",), Outside(totp_keys="theirs", erased_digest_key="old"))
    assert (tmp_path / "api" / "totp_keys").read_text() == "theirs"
    assert (tmp_path / "api" / "erased_digest_key").read_text() == "old"


async def test_two_at_once_make_one_set(tmp_path: Path) -> None:
    await asyncio.gather(*(asyncio.to_thread(hand_out, tmp_path, (), WITHOUT) for _ in range(8)))
    password = (tmp_path / "keys" / "postgres_password").read_text().strip()
    assert f":{password}@" in (tmp_path / "api" / "postgres_url").read_text()
    assert f":{password}@" in (tmp_path / "migrate" / "postgres_url").read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_root_gives_each_file_to_its_service(tmp_path: Path) -> None:
    hand_out(tmp_path, (), WITHOUT)
    for service, uid in secret_files.OWNERS.items():
        assert {path.stat().st_uid for path in (tmp_path / service).rglob("*")} <= {uid}


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="no service cellar"):
        hand_out(tmp_path, ("cellar",), WITHOUT)
    with pytest.raises(Trouble, match="bot_token"):
        hand_out(tmp_path, (), Outside(host=HOST))
    (tmp_path / "file").write_text("")
    with pytest.raises(Trouble, match=r"Not a directory|File exists"):
        hand_out(tmp_path / "file", (), WITHOUT)


def test_a_webhook_gets_a_certificate_that_telegram_is_handed(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "bot_token").write_text("a token\n")
    hand_out(tmp_path, (), Outside(host=HOST))
    shown = (tmp_path / "nginx" / "certificate.pem").read_text()
    assert (tmp_path / "bot" / "webhook_certificate").read_text() == shown
    assert (tmp_path / "bot" / "bot_token").read_text() == "a token"
    ssl.create_default_context(cadata=shown)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "nginx" / "certificate.pem", tmp_path / "nginx" / "key.pem")
    assert hand_out(tmp_path, (), Outside(host=HOST)) == []
    with pytest.raises(Trouble, match=f"it is for {HOST}, not for other.example.org"):
        hand_out(tmp_path, (), Outside(host="other.example.org"))


def test_a_pair_that_does_not_belong_together_is_refused(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        certificate.pair(tmp_path / name, HOST)
    (tmp_path / "two" / "key.pem").replace(tmp_path / "one" / "key.pem")
    with pytest.raises(Trouble, match="not the key"):
        certificate.pair(tmp_path / "one", HOST)
    with pytest.raises(Trouble, match="no certificate and key"):
        certificate.pair(tmp_path / "two", HOST)  # half a pair is not made whole in silence
    (tmp_path / "one" / "certificate.pem").write_text("nonsense")
    with pytest.raises(Trouble, match="no certificate and key"):
        certificate.pair(tmp_path / "one", HOST)


@pytest.mark.parametrize(("days", "says"), [(-1, "ended"), (6, "ends")])
def test_a_certificate_that_ends_is_told_of_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, says: str
) -> None:
    monkeypatch.setattr(certificate, "DAYS", days)
    monkeypatch.setattr(certificate, "BEGAN", timedelta(days=3))
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "bot_token").write_text("a token")
    before = datetime.now(UTC)
    made = CliRunner().invoke(app, ["secrets", str(tmp_path), "--host", HOST])
    assert made.exit_code == 0, made.output
    sentences = {f"it {says} on {now + timedelta(days=days):%Y-%m-%d}" for now in (before, datetime.now(UTC))}
    assert [each for each in sentences if each in made.output], "as of today, or of the day that began meanwhile"
    shown = (tmp_path / "nginx" / "certificate.pem").read_text()
    assert (tmp_path / "operator" / "certificate.pem").read_text() == shown
    assert (people.certified(shown).ok, says in people.certified(shown).says) == (False, True)


def test_of_a_certificate_for_years_nothing_is_said(tmp_path: Path) -> None:
    chain = certificate.pair(tmp_path, HOST)["certificate.pem"]
    assert not certificate.ending(chain)
    assert people.certified(chain).ok
    assert people.certified("nonsense").ok is False


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_backups_copied_from_another_machine_become_the_backups_own(tmp_path: Path) -> None:
    store = tmp_path / "backup" / "store"
    store.mkdir(parents=True)
    copied, note, stranger = store / "mutual-aid-20260101T030000Z.dump", store / "README", tmp_path / "stranger"
    for file in (copied, note, stranger):
        file.write_text("words of people")
        file.chmod(0o644)
    (store / "link.dump").symlink_to(stranger)
    hand_out(tmp_path, (), WITHOUT)
    uid = secret_files.OWNERS["backup"]
    assert (copied.stat().st_uid, copied.stat().st_mode & 0o777) == (uid, 0o600)
    assert note.stat().st_uid == stranger.stat().st_uid == 0, "a link leads nowhere, and nothing else is touched"


@pytest.mark.parametrize(
    ("name", "host", "covers"),
    [
        (HOST, "BOT.example.org", True), ("*.example.org", HOST, True), ("*.example.org", "a.b.example.org", False),
        ("example.org", HOST, False), ("192.0.2.7", "192.0.2.7", True),
    ],
)  # fmt: skip
def test_a_name_covers_what_telegram_would_take(name: str, host: str, *, covers: bool) -> None:
    assert certificate._covers(name, host) is covers


def test_an_address_gets_a_certificate_of_its_own_kind(tmp_path: Path) -> None:
    certificate.pair(tmp_path, "192.0.2.7")
    assert certificate.pair(tmp_path, "192.0.2.7")["webhook_certificate"]
