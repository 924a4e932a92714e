"""The calendar: what is due when, in buckets of one millisecond.

A bucket holds recipients (whose next observable step is due then) and timers (everything else that waits: retries,
holds, sessions). Adding to a bucket that exists is an append; the heap orders buckets, not entries. The clock asks
for the earliest date and says when to run; the calendar itself never waits.

What was called off must leave no trace: a date at which nothing is to happen any more is no date, or a clock that
jumps would jump to it. So a bucket knows how many of its entries are still valid, and one without any is passed over
at once, and swept away when there are many.
"""

from collections.abc import Callable, Iterable
from heapq import heapify, heappop, heappush

from simulator.engine.messages import Recipient
from simulator.engine.remembered import Ended

_SWEEP = 1000
"""Fewer empty buckets than this are left until their turn comes."""


class Timer:
    """A callback with a date, which can be called off."""

    __slots__ = ("_calendar", "_callback", "at", "background")

    def __init__(
        self, at: int, callback: Callable[[], object], calendar: "Calendar | None" = None, background: bool = False
    ) -> None:
        self.at = at
        self.background = background
        self._callback: Callable[[], object] | None = callback
        self._calendar = calendar

    def cancel(self) -> None:
        """Never fire. Safe at any time, any number of times."""
        self._take()

    @property
    def pending(self) -> bool:
        return self._callback is not None

    def fire(self) -> None:
        callback = self._take()
        if callback is not None:
            callback()

    def _take(self) -> Callable[[], object] | None:
        callback, self._callback = self._callback, None
        if callback is not None and self._calendar is not None:
            self._calendar._done(self)
        return callback


Entry = Recipient | Ended
"""A recipient whose next observable step is due, or the end of a draft."""


class _Bucket:
    __slots__ = ("recipients", "timers", "valid")

    def __init__(self) -> None:
        self.recipients: list[Entry] = []
        self.valid = 0
        """How many of the recipients' entries still count."""
        self.timers: dict[Timer, None] = {}
        """A set in order of entry."""


class Calendar:
    """Due events in order of time; within one millisecond recipients first, then timers, each in order of entry."""

    __slots__ = ("_buckets", "_empty", "_heap", "_wanted", "on_earlier", "on_wanted", "walk")

    def __init__(self) -> None:
        self._buckets: dict[int, _Bucket] = {}
        self._heap: list[int] = []  # the dates of the buckets
        self._empty = 0
        self._wanted = 0
        self.on_earlier: Callable[[int], None] = lambda at: None
        """Called with a date that is now the earliest, just before its first entry is made: the clock's cue."""
        self.on_wanted: Callable[[], None] = lambda: None
        """Called when there is something to move time for, after there was nothing."""
        self.walk: Callable[[list[Entry], int], None] = lambda recipients, at: None
        """Called with the recipients of a bucket and its date: the engine's cue."""

    @property
    def next_at(self) -> int | None:
        """The earliest date; None: nothing is due, ever."""
        heap, buckets = self._heap, self._buckets
        while heap:
            at = heap[0]
            bucket = buckets[at]
            if bucket.valid or bucket.timers:
                return at
            del buckets[heappop(heap)]
            self._empty -= 1
        return None

    @property
    def wanted(self) -> bool:
        """Whether anything but background timers is due, ever."""
        return self._wanted > 0

    def _bucket(self, at: int) -> _Bucket:
        """The bucket of a date, in which an entry is about to be made."""
        bucket = self._buckets.get(at)
        if bucket is None:
            bucket = self._buckets[at] = _Bucket()
            heappush(self._heap, at)
            if self._heap[0] == at:
                self.on_earlier(at)
        elif not (bucket.valid or bucket.timers):
            self._empty -= 1
        return bucket

    def add(self, at: int, recipient: Entry) -> None:
        """Let `recipient` be walked at the instant `at`. It holds its own valid date; an older entry is ignored. A
        draft that has become a message meanwhile is walked as that."""
        self.add_all(((at, recipient),))

    def add_all(self, entries: Iterable[tuple[int, Entry]]) -> None:
        """The same as `add` for each of (instant, entry)."""
        buckets = self._buckets
        number = 0
        for at, entry in entries:
            bucket = buckets.get(at)
            if bucket is None or not bucket.valid:
                bucket = self._bucket(at)
            bucket.recipients.append(entry)
            bucket.valid += 1
            number += 1
        before = self._wanted
        self._wanted += number
        if number and not before:
            self.on_wanted()

    def drop(self, at: int) -> None:
        """One recipient's entry at the instant `at` doesn't count any more."""
        bucket = self._buckets.get(at)
        if bucket is None or not bucket.valid:
            return
        bucket.valid -= 1
        self._wanted -= 1
        if not bucket.valid:
            bucket.recipients.clear()
            self._emptied(bucket)

    def at(self, at: int, callback: Callable[[], object], *, background: bool = False) -> Timer:
        """Call `callback` at the instant `at`; one in the past is due at once. `background`: it happens when time comes
        by, but an instant clock doesn't move for its sake. For what comes again and again, such as enquire_link."""
        timer = Timer(at, callback, self, background)
        self._bucket(at).timers[timer] = None
        if not background:
            self._wanted += 1
            if self._wanted == 1:
                self.on_wanted()
        return timer

    def _done(self, timer: Timer) -> None:
        """A timer was called off, or is about to fire."""
        if not timer.background:
            self._wanted -= 1
        bucket = self._buckets.get(timer.at)
        if bucket is not None and timer in bucket.timers:
            del bucket.timers[timer]
            self._emptied(bucket)

    def _emptied(self, bucket: _Bucket) -> None:
        """Count the bucket if nothing in it counts any more, and sweep when most are so: constant cost each."""
        if bucket.valid or bucket.timers:
            return
        self._empty += 1
        if self._empty > _SWEEP and self._empty * 2 > len(self._heap):
            self._buckets = {at: bucket for at, bucket in self._buckets.items() if bucket.valid or bucket.timers}
            self._heap[:] = self._buckets
            heapify(self._heap)
            self._empty = 0

    def run(self, now: int) -> int:
        """Serve all that is due by `now`, in order, what that makes due by then included. Returns the number of
        buckets served. What a callback raises is passed on; the timers that it kept from firing stay due."""
        served = 0
        while (at := self.next_at) is not None and at <= now:
            heappop(self._heap)
            bucket = self._buckets.pop(at)
            served += 1
            self._wanted -= bucket.valid
            try:
                if bucket.valid:
                    self.walk(bucket.recipients, at)
                for timer in bucket.timers:
                    timer.fire()
            except BaseException:
                self._put_back(at, bucket)
                raise
        return served

    def _put_back(self, at: int, bucket: _Bucket) -> None:
        rest = {timer: None for timer in bucket.timers if timer.pending}
        if rest:
            again = self._bucket(at)
            again.timers = rest | again.timers
