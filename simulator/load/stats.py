"""What a run has counted so far, and what it was second by second.

What it is: counters and latencies, filled in batches by whoever sends and hears. A latency is appended to a list;
once a second (or when the list is long) the list goes into a histogram. What it is not: a report.
"""

from collections import Counter
from dataclasses import dataclass, field

from simulator.load.histogram import Histogram

PERCENTS = (50.0, 90.0, 99.0, 99.9)
FLUSH_AT = 50_000
"""How many latencies may wait for a histogram."""

Status = int | str
"""A command_status, or an HTTP status with the answer's own error code."""


@dataclass(frozen=True, slots=True)
class Row:
    """One second, or what there was of it. Latencies are microseconds."""

    at_s: float
    seconds: float
    sent: int
    answered: int
    errors: int
    receipts: int
    in_flight: int
    latency: tuple[int, ...]
    """One for each of PERCENTS, and the highest."""
    receipt_latency: tuple[int, ...]

    @property
    def rate(self) -> float:
        return self.answered / self.seconds if self.seconds else 0.0


@dataclass(slots=True)
class Timing:
    """Latencies of one kind: those of the last second, and all."""

    waiting: list[int] = field(default_factory=list)
    interval: Histogram = field(default_factory=Histogram)
    whole: Histogram = field(default_factory=Histogram)

    def flush(self) -> None:
        self.interval.record(self.waiting)
        self.waiting.clear()

    def turn(self) -> tuple[int, ...]:
        """End an interval; give its percentiles and its highest."""
        self.flush()
        done, self.interval = self.interval, Histogram()
        self.whole.add(done)
        return (*done.percentiles(PERCENTS), done.max) if done.count else ()


@dataclass(slots=True)
class Stats:
    """The counters of one run. Instants are microseconds of the event loop's clock."""

    messages: int = 0
    """Messages that were sent; a long one may be several submits."""
    sent: int = 0
    answered: int = 0
    ok: int = 0
    lost: int = 0
    """Submits that were in flight when their connection ended."""
    unexpected: int = 0
    """Answers to nothing that was asked, such as the second one to a submit."""
    refused: Counter[Status] = field(default_factory=Counter)
    stats: Counter[str] = field(default_factory=Counter)
    """Final receipts by what they say: `DELIVRD`, `sms.failed`."""
    intermediate: int = 0
    inbound: int = 0
    """Messages that are no receipts: from phones."""
    latency: Timing = field(default_factory=Timing)
    receipt_latency: Timing = field(default_factory=Timing)
    lateness: Timing = field(default_factory=Timing)
    """How much later than due an open loop has sent."""
    begun_us: int = 0
    answered_us: int = 0
    """When the last answer came."""
    heard_us: int = 0
    """When the last receipt came."""
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What else is worth saying, such as connections that were lost."""
    _before: tuple[int, int, int, int] = (0, 0, 0, 0)
    _turned_us: int = 0

    @property
    def receipts(self) -> int:
        """All final receipts that came, whatever they were about."""
        return self.stats.total()

    @property
    def errors(self) -> int:
        """Submits that were refused, or whose connection was lost."""
        return self.answered - self.ok + self.lost

    @property
    def in_flight(self) -> int:
        return self.sent - self.answered - self.lost

    def begin(self, now_us: int) -> None:
        self.begun_us = self.answered_us = self.heard_us = self._turned_us = now_us

    def flush_if_long(self) -> None:
        for timing in (self.latency, self.receipt_latency, self.lateness):
            if len(timing.waiting) > FLUSH_AT:
                timing.flush()

    def turn(self, now_us: int) -> Row:
        """A second is over."""
        now = (self.sent, self.answered, self.errors, self.receipts)
        sent, answered, errors, receipts = (new - old for new, old in zip(now, self._before, strict=True))
        row = Row(
            at_s=(now_us - self.begun_us) / 1e6,
            seconds=(now_us - self._turned_us) / 1e6,
            sent=sent,
            answered=answered,
            errors=errors,
            receipts=receipts,
            in_flight=self.in_flight,
            latency=self.latency.turn(),
            receipt_latency=self.receipt_latency.turn(),
        )
        self.lateness.turn()
        self._before, self._turned_us = now, now_us
        self.rows.append(row)
        return row
