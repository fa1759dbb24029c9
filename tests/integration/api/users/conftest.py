"""The clock of the second factor."""

import pytest
from sqlalchemy import text

from api.users import second_factor
from integration.api.users.authenticator import MOMENT


@pytest.fixture(autouse=True)
def still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands still, so that no code gets too old between being told and being looked at."""
    monkeypatch.setattr(second_factor, "CLOCK", text(f"SELECT {MOMENT}::bigint"))
