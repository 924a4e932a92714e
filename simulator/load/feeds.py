"""Who sends what when: the two kinds of load.

Closed loop: each connection has as many submits in flight as its window lets, and the next goes when an answer comes.
It finds out how much a system can take; its latencies say little, since it waits when the system is slow.

Open loop: messages go when the schedule says so, whatever the system does. Latencies count from the moment a message
was due, so that one which had to wait shows it.
"""

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

from simulator.load.schedule import US, Schedule
from simulator.load.stats import Stats

TICK_S: Final = 0.00025
"""An open loop sends what is due this often, or when the next message is due, if that is later."""
BURST: Final = 2000
"""At most so many messages are written at once."""


class Sender(Protocol):
    """A connection, as a feed sees it."""

    alive: bool

    @property
    def room(self) -> int:
        """How many messages may go now."""

    def send(self, first: int, count: int, due_us: int | Sequence[int]) -> None:
        """Send messages `first`, `first + 1`, ..., which were due then (all at once, or each)."""


class Feed(Protocol):
    """Decides what is sent."""

    exhausted: bool
    """Nothing more will be sent."""

    def start(self, senders: Sequence[Sender]) -> None: ...

    def more(self, sender: Sender) -> None:
        """A connection has room again."""

    def end(self) -> None:
        """Send nothing more."""


class ClosedLoop:
    """As fast as windows let, until a number of messages or a time is reached."""

    def __init__(self, messages: int | None, duration_s: float | None, ramp_s: float) -> None:
        self.exhausted = False
        self._left = messages
        self._next = 1
        self._duration_s = duration_s
        self._ramp_s = ramp_s
        self._waiting: set[int] = set()
        self._loop = asyncio.get_running_loop()

    def start(self, senders: Sequence[Sender]) -> None:
        if self._duration_s is not None:
            self._loop.call_later(self._duration_s, self.end)
        gap = self._ramp_s / len(senders)
        if gap:
            self._waiting = {id(sender) for sender in senders[1:]}
            for number, sender in enumerate(senders[1:], 1):
                self._loop.call_later(gap * number, self._join, sender)
        for sender in senders[:1] if gap else senders:
            self.more(sender)

    def _join(self, sender: Sender) -> None:
        self._waiting.discard(id(sender))
        self.more(sender)

    def more(self, sender: Sender) -> None:
        if self.exhausted or (self._waiting and id(sender) in self._waiting):
            return
        count = sender.room
        if self._left is not None:
            count = min(count, self._left)
            self._left -= count
            self.exhausted = not self._left
        first = self._next
        self._next += count
        now = int(self._loop.time() * US)
        while count > 0:
            burst = min(count, BURST)
            sender.send(first, burst, now)
            first += burst
            count -= burst

    def end(self) -> None:
        self.exhausted = True


class OpenLoop:
    """What the schedule says, spread evenly over the connections."""

    def __init__(self, schedule: Schedule, stats: Stats) -> None:
        self.exhausted = False
        self._schedule = schedule
        self._stats = stats
        self._sent = 0
        self._short = False
        self._begun_us = 0
        self._turn = 0
        self._senders: Sequence[Sender] = ()
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def start(self, senders: Sequence[Sender]) -> None:
        self._senders = senders
        self._begun_us = int(self._loop.time() * US)
        self._tick()

    def end(self) -> None:
        self.exhausted = True
        if self._timer is not None:
            self._timer.cancel()

    def more(self, sender: Sender) -> None:
        if self._short:
            self._pump()

    def _tick(self) -> None:
        if self.exhausted:
            return
        self._pump()
        if self.exhausted:
            return
        soonest = self._loop.time() + TICK_S
        if not self._short:
            due = (self._begun_us + self._schedule.times_us(self._sent, 1)[0]) / US
            soonest = max(soonest, due)
        self._timer = self._loop.call_at(soonest, self._tick)

    def _pump(self) -> None:
        """Send what is due."""
        now = int(self._loop.time() * US)
        due = self._schedule.due_by((now - self._begun_us) / US)
        while self._sent < due:
            sender = self._next_sender()
            if sender is None:
                break
            share = -(-(due - self._sent) // len(self._senders))
            count = min(sender.room, share, BURST)
            begun = self._begun_us
            dues = [begun + at for at in self._schedule.times_us(self._sent, count)]
            self._stats.lateness.waiting += map(now.__sub__, dues)
            sender.send(self._sent + 1, count, dues)
            self._sent += count
        self._short = self._sent < due
        if self._schedule.total is not None and self._sent >= self._schedule.total:
            self.exhausted = True

    def _next_sender(self) -> Sender | None:
        """Whose turn it is among those that have room."""
        senders = self._senders
        for _ in senders:
            sender = senders[self._turn]
            self._turn = (self._turn + 1) % len(senders)
            if sender.alive and sender.room > 0:
                return sender
        return None
