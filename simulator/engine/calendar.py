"""The calendar: what is due when, in buckets of one millisecond.

A bucket holds recipients (whose next observable step is due then) and timers (everything else that waits: retries,
holds, sessions). Adding to a bucket that exists is an append; the heap orders buckets, not entries. The clock asks
for the earliest date and says when to run; the calendar itself never waits.
"""

from collections.abc import Callable
from heapq import heappop, heappush

from simulator.engine.messages import Recipient


class Timer:
    """A callback with a date, which can be called off."""

    __slots__ = ("_callback", "at")

    def __init__(self, at: int, callback: Callable[[], None]) -> None:
        self.at = at
        self._callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        """Never fire. Safe at any time, any number of times."""
        self._callback = None

    @property
    def pending(self) -> bool:
        return self._callback is not None

    def fire(self) -> None:
        callback, self._callback = self._callback, None
        if callback is not None:
            callback()


class _Bucket:
    __slots__ = ("recipients", "timers")

    def __init__(self) -> None:
        self.recipients: list[Recipient] = []
        self.timers: list[Timer] = []


class Calendar:
    """Due events in order of time; within one millisecond recipients first, then timers, each in order of entry."""

    __slots__ = ("_buckets", "_heap", "on_earlier", "walk")

    def __init__(self) -> None:
        self._buckets: dict[int, _Bucket] = {}
        self._heap: list[int] = []
        self.on_earlier: Callable[[int], None] = lambda at: None
        """Called with a date that is now the earliest: the clock's cue."""
        self.walk: Callable[[list[Recipient], int], None] = lambda recipients, at: None
        """Called with the recipients of a bucket and its date: the engine's cue."""

    @property
    def next_at(self) -> int | None:
        """The earliest date; None: nothing is due, ever."""
        return self._heap[0] if self._heap else None

    def _bucket(self, at: int) -> _Bucket:
        bucket = self._buckets.get(at)
        if bucket is None:
            bucket = self._buckets[at] = _Bucket()
            heappush(self._heap, at)
            if self._heap[0] == at:
                self.on_earlier(at)
        return bucket

    def add(self, at: int, recipient: Recipient) -> None:
        """Let `recipient` be walked at the instant `at`. It holds its own valid date; an older entry is ignored."""
        bucket = self._buckets.get(at)
        if bucket is None:
            bucket = self._bucket(at)
        bucket.recipients.append(recipient)

    def at(self, at: int, callback: Callable[[], None]) -> Timer:
        """Call `callback` at the instant `at`; one in the past is due at once."""
        timer = Timer(at, callback)
        self._bucket(at).timers.append(timer)
        return timer

    def run(self, now: int) -> int:
        """Serve all that is due by `now`, in order, what that makes due by then included. Returns the number of
        buckets served."""
        served = 0
        heap = self._heap
        while heap and heap[0] <= now:
            at = heappop(heap)
            bucket = self._buckets.pop(at)
            served += 1
            if bucket.recipients:
                self.walk(bucket.recipients, at)
            for timer in bucket.timers:
                timer.fire()
        return served
