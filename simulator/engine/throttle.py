"""A limit of requests or submits: at most so many in any window of time (decision D25)."""

from collections import deque
from itertools import repeat

from simulator.engine.accounts import Rate


class Throttle:
    """A sliding window that remembers when the last ones came; what is refused doesn't count."""

    __slots__ = ("_rate", "_times")

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._times: deque[int] = deque()

    def room(self, now: int) -> int:
        """How many more may come now."""
        times = self._times
        begin = now - self._rate.window
        while times and times[0] <= begin:
            times.popleft()
        return self._rate.count - len(times)

    def count(self, number: int, now: int) -> None:
        """So many come; no more than there is room for."""
        self._times.extend(repeat(now, number))

    def admits(self, now: int) -> bool:
        """Whether one more may come now; if so, it is counted."""
        if self.room(now) <= 0:
            return False
        self.count(1, now)
        return True

    def wait(self, now: int) -> int:
        """In how many milliseconds the next one may come, where none may now."""
        return (self._times[0] if self._times else now) + self._rate.window - now


def throttle_of(rate: Rate | None) -> Throttle | None:
    """None: no limit."""
    return None if rate is None else Throttle(rate)
