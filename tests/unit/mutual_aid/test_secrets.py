"""The key a stack makes for itself: made once, its owner's alone, and handed on only where there is no other."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from mutual_aid.place import make
from mutual_aid.stack.backing import Backing
from mutual_aid.stack.programs import api
from mutual_aid.stack.secrets import totp_key
from mutual_aid.trouble import Trouble

SERVERS = {"POSTGRES_URL": "p", "NATS_URL": "n", "REDIS_URL": "r", "NATS_SEEDS_DIR": "/seeds"}


def test_a_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    place = make(tmp_path)
    (tmp_path / "totp.new").write_text("half a k")  # a start that was killed
    key = totp_key(place)
    assert Fernet(key).decrypt(Fernet(key).encrypt(b"secret")) == b"secret"
    assert totp_key(make(tmp_path)) == key
    assert (place.totp_key.stat().st_mode & 0o777) == 0o600
    assert totp_key(make(tmp_path / "other")) != key


def test_a_key_that_cannot_be_read_stops_the_start_and_is_not_replaced(tmp_path: Path) -> None:
    place = make(tmp_path)
    place.totp_key.mkdir()
    with pytest.raises(Trouble):
        totp_key(place)
    assert place.totp_key.is_dir()


def test_the_api_gets_it_unless_the_environment_has_keys() -> None:
    assert api(Backing(SERVERS, None), 1, "key").environment["TOTP_KEYS"] == "key"
    assert "TOTP_KEYS" not in api(Backing(SERVERS, None), 1, "").environment
