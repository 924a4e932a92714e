"""A limit of submits: so many in any window of time."""

from collections import deque
from typing import Self

from simulator.engine import Rate


class Throttle:
    """A sliding window that remembers when the last ones came."""

    __slots__ = ("_rate", "_times")

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._times: deque[int] = deque(maxlen=rate.count)

    @classmethod
    def of(cls, rate: Rate | None) -> Self | None:
        return None if rate is None else cls(rate)

    def admits(self, now: int) -> bool:
        """Whether one more may come now; if so, it is counted."""
        times = self._times
        if len(times) == self._rate.count and times[0] > now - self._rate.window:
            return False
        times.append(now)
        return True
