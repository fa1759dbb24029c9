"""What one look found."""

from dataclasses import dataclass

from mutual_aid.trouble import Trouble


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `ok` is None when it cannot be told from here. `fix` is one sentence, "" when well."""

    name: str
    ok: bool | None
    says: str
    fix: str = ""


def well(name: str, says: str) -> Finding:
    """Nothing to do."""
    return Finding(name, ok=True, says=says)


def wrong(name: str, says: str, fix: str) -> Finding:
    """Something to do."""
    return Finding(name, ok=False, says=says, fix=fix)


def unknown(name: str, says: str, fix: str = "") -> Finding:
    """Cannot be told from here; `fix` says how it could."""
    return Finding(name, ok=None, says=says, fix=fix)


def of_trouble(name: str, trouble: Trouble) -> Finding:
    """A trouble met while looking."""
    return wrong(name, trouble.reason, trouble.fix)
