"""How often something died, and how long to wait before it is started again."""

from dataclasses import dataclass

from service_kit.supervise import Backoff

SETTLED = 20.0  # s; who lived longer died of something new
PAUSES = Backoff(first=0.2, longest=15.0)
MOST = 3  # quick deaths in a row after which an operator has to look


@dataclass
class Deaths:
    """The deaths of one process."""

    in_a_row: int = 0

    def note(self, lived: float) -> float:
        """Count a death after so many seconds of life; returns the seconds to wait before the next start."""
        self.in_a_row = 1 if lived >= SETTLED else self.in_a_row + 1
        return PAUSES.wait(self.in_a_row)

    @property
    def too_many(self) -> bool:
        """Whether starting again alone will not help."""
        return self.in_a_row >= MOST
