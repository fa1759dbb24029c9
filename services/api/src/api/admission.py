"""Who may begin one more call while others are under way: clients gone wild leave room for whoever asks one thing."""

import contextlib
from collections import Counter
from collections.abc import Iterator

# Calls of one person's that may be under way, in all lanes together: fewer than the ledger has cold connections, so that a
# client gone wild, whose calls wait for each other, never holds them all. Measured with one gone wild on a starved
# processor: somebody else's p99 was 0.6 s with 6; with 32 it was 4.4 s.
MOST_OF_ONE = 4
# So many under way keep every connection to the ledger at work; what comes on top only waits. Once there are as many, or the
# lane is half full, nobody who has a call under way begins another: of a crowd gone wild everybody keeps one, and the places
# left are for whoever has none. Measured with 40 gone wild on a starved processor, 11 s: somebody else got 20 answers and
# none too late; bounded by person alone, 8 answers and 3 too late.
ENOUGH = 48


class Admission:
    """The calls under way in one lane of so many slots, by who makes them; `underway` is shared with the other lanes."""

    def __init__(self, slots: int, underway: Counter[str] | None = None) -> None:
        self._enough = min(ENOUGH, slots // 2)
        self._underway: Counter[str] = Counter() if underway is None else underway

    def admits(self, who: str, running: int) -> bool:
        """Whether `who` may begin another call, so many running now. A service's own calls, '', share with nobody."""
        mine = self._underway[who] if who else 0
        return mine == 0 or (mine < MOST_OF_ONE and running < self._enough)

    def count(self, who: str) -> None:
        """Count a call of `who`, until `under_way` ends."""
        self._underway[who] += 1

    @contextlib.contextmanager
    def under_way(self, who: str) -> Iterator[None]:
        """The life of a call that was counted."""
        try:
            yield
        finally:
            self._underway[who] -= 1
            if not self._underway[who]:
                del self._underway[who]
