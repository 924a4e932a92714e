"""Rate limits: a sliding window for each key and endpoint, on the simulation's clock (decision D25)."""

from collections import deque

from simulator.engine.accounts import Rate
from simulator.engine.units import SECOND


class Window:
    """Remembers when the last requests were let in; one that is refused doesn't count."""

    __slots__ = ("_admitted", "_rate")

    def __init__(self, rate: Rate | None) -> None:
        self._rate = rate
        self._admitted: deque[int] = deque()

    def enter(self, now: int) -> int | None:
        """None: come in. Otherwise the whole seconds after which the next one will be let in, at least 1."""
        rate = self._rate
        if rate is None:
            return None
        admitted = self._admitted
        begin = now - rate.window
        while admitted and admitted[0] <= begin:
            admitted.popleft()
        if len(admitted) < rate.count:
            admitted.append(now)
            return None
        free_at = (admitted[0] if admitted else now) + rate.window
        return max(1, -(-(free_at - now) // SECOND))
