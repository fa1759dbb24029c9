"""Secrets a stack makes for itself and keeps in its state folder."""

import base64
import os

from mutual_aid.place import Place
from mutual_aid.settings import OperatorSettings
from mutual_aid.trouble import Trouble

KEY_BYTES = 32


def sealing(place: Place, settings: OperatorSettings) -> str:
    """Our key, or "" where the settings have theirs: ours would open nothing of what those sealed. Raises as `totp_key`."""
    theirs = settings.totp_keys is not None and settings.totp_keys.get_secret_value()
    return "" if theirs else totp_key(place)


def totp_key(place: Place) -> str:
    """The key that seals the secrets of second factors, made at the first start; raises Trouble where it is unreadable.

    Whole or not there at all: what half a key seals nobody opens again.
    """
    try:
        if not place.totp_key.exists():
            fresh = place.totp_key.with_suffix(".new")
            fresh.unlink(missing_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode())
                file.flush()
                os.fsync(file.fileno())
            fresh.rename(place.totp_key)
        return place.totp_key.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble(
            "state",
            f"{place.totp_key}: cannot be read or written ({type(error).__name__})",
            "Put the file back from your backup, or make it readable for this account.",
        ) from error
