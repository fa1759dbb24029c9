"""Sealing: what has to be read again, and must say nothing to who reads the ledger alone."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


def keys_in(text: str) -> list[str]:
    """The keys in a setting, the first of which seals; `ValueError` where one is none, which is not repeated."""
    keys = text.replace(",", " ").split()
    for number, key in enumerate(keys, 1):
        try:
            Fernet(key)
        except ValueError:
            raise ValueError(f"key {number} is not 32 bytes in URL-safe base64") from None
    return keys


class Seal:
    """Seals with the first of its keys and opens with any of them; without a key it does neither."""

    def __init__(self, keys: list[str]) -> None:
        self._first = Fernet(keys[0]) if keys else None
        self._all = MultiFernet([Fernet(key) for key in keys]) if keys else None

    def close(self, text: str) -> str | None:
        """The text sealed; None without a key."""
        return None if self._first is None else self._first.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """What was sealed; None without the key it was sealed with, and for what is no seal of ours."""
        if self._all is None:
            return None
        try:
            return self._all.decrypt(sealed).decode()
        except (InvalidToken, ValueError):  # what is not even ASCII
            return None

    def renewed(self, sealed: str) -> str | None:
        """The same sealed with the first key; None where it is already, or cannot be opened."""
        if self._first is None or self._all is None:
            return None
        try:
            self._first.decrypt(sealed)
        except (InvalidToken, ValueError):
            text = self.open(sealed)
            return None if text is None else self.close(text)
        return None
