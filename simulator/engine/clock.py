"""Clocks: what time it is for the simulation, and who moves it. All other code asks; none knows which clock it has.

- real: the wall's time, at any rate (`60x`: a minute passes in a second).
- manual: stands still until it is told to advance.
- instant: jumps to the next due event as soon as nothing is going on.

The last two begin at the same instant in each run, so that two runs can be compared byte by byte. Before they
move they let the real world come to rest: nothing in flight (`Activity`), and a short real quiet time after the last
sign of life, in which a client may react. Don't use `instant` against a client that itself waits by the wall clock,
such as one which polls a status every two seconds: the simulation is over before it asks again. Use `manual`.

This is the only module that may look at the machine's time.
"""

import asyncio
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from simulator.engine.calendar import Calendar
from simulator.engine.units import SECOND

EPOCH = 1_767_225_600 * SECOND
"""2026-01-01T00:00:00Z, a Thursday: where manual and instant time begins."""

QUIET_S = 0.003
"""Real seconds without a sign of life before simulated time moves on: some round trips on loopback."""

PATIENCE_S = 2.0
"""Real seconds that a jump waits for what is in flight: a peer that never answers must not stop time."""

LATE_S = 1e-6
"""Real seconds by which a real clock aims past a date: the event loop may wake it a nanosecond early, for nothing."""


class Activity:
    """What is going on between the simulator and others: requests that nobody has answered yet, either way."""

    __slots__ = ("_given_up", "_idle", "_overdue", "in_flight", "patience_s", "quiet_s", "signs")

    def __init__(self) -> None:
        self.in_flight = 0
        self._overdue = 0  # of those in flight: for which time has been held up already, and is not again
        self._given_up = 0  # how often that was since there was last nothing in flight
        self.signs = 0
        """Grows with every sign of life."""
        self.quiet_s = QUIET_S
        """0 where all that take part count what they do as in flight: then nobody need be given time to react."""
        self.patience_s = PATIENCE_S
        self._idle = asyncio.Event()
        self._idle.set()

    def begin(self, number: int = 1) -> None:
        self.in_flight += number
        self.signs += 1
        self._idle.clear()

    def end(self, number: int = 1) -> None:
        self.in_flight -= number
        self.signs += 1
        self._overdue = max(self._overdue - number, 0)  # a late answer, for all one can tell
        if self.in_flight <= self._overdue:
            self._idle.set()
        if self.in_flight <= 0:
            self._given_up = 0

    def touch(self) -> None:
        """Something happened that may make others react."""
        self.signs += 1

    @contextmanager
    def going_on(self) -> Iterator[None]:
        self.begin()
        try:
            yield
        finally:
            self.end()

    async def rest(self, seen: int) -> int:
        """Wait until all is quiet; returns the number of signs then. Where there was none since `seen`, only the event
        loop gets a turn.

        Time always moves on in the end. A client that never pauses between its requests holds it up for `patience_s`,
        and so does one that never answers; next time for a quarter of it, then a ninth: less than twice in all.
        """
        await asyncio.sleep(0)  # the loop asks its sockets,
        await asyncio.sleep(0)  # and handles what they had
        loop = asyncio.get_running_loop()
        patient_until = loop.time() + self.patience_s
        while self.in_flight > self._overdue or self.signs != seen:
            in_time, before = True, self.in_flight
            if self.in_flight > self._overdue:
                try:
                    async with asyncio.timeout(self.patience_s / (1 + self._given_up) ** 2):
                        await self._idle.wait()
                except TimeoutError:
                    in_time = False
            seen = self.signs
            await asyncio.sleep(self.quiet_s)
            if self.in_flight > (self._overdue if in_time else before):
                continue  # something new has begun meanwhile
            if self.signs == seen or (self.in_flight <= self._overdue and loop.time() > patient_until):
                break
        if self.in_flight > self._overdue:
            self._overdue = self.in_flight
            self._given_up += 1
            self._idle.set()
        return seen


class Clock:
    """The time, and the calendar that it drives."""

    name: str
    jumps = False
    """True: it goes to the next date as soon as nothing is going on, so what has no date never happens."""

    def __init__(self) -> None:
        self.calendar = Calendar()
        self.activity = Activity()

    def now(self) -> int:
        """Milliseconds since the Unix epoch, in the simulation's time."""
        raise NotImplementedError

    def start(self) -> None:
        """Begin to serve the calendar; call it inside the event loop."""

    def stop(self) -> None:
        """Serve nothing more."""

    async def advance(self, duration: int) -> None:
        """Move on by `duration` milliseconds, serving what falls due on the way. Raises RuntimeError where the wall's
        time rules, ValueError if `duration` is negative."""
        raise RuntimeError(f"a {self.name} clock moves by itself: only a manual or instant one can be advanced")


class RealClock(Clock):
    """The wall's time when it was made, and from then on `rate` times as fast as the machine's steady clock."""

    def __init__(self, rate: float = 1.0) -> None:
        super().__init__()
        self.rate = rate
        self.name = "real" if rate == 1.0 else f"{rate:g}x"
        self._origin = int(time.time() * 1000)
        self._steady = time.monotonic()
        self._handle: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def now(self) -> int:
        return self._origin + int((time.monotonic() - self._steady) * 1000 * self.rate)

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.calendar.on_earlier = self._arm
        if self.calendar.next_at is not None:
            self._arm(self.calendar.next_at)

    def stop(self) -> None:
        self.calendar.on_earlier = lambda at: None
        self._loop = None
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _arm(self, at: int) -> None:
        if self._loop is None:
            return
        if self._handle is not None:
            self._handle.cancel()
        delay_s = (at - self._origin) / 1000 / self.rate + self._steady - time.monotonic()
        self._handle = self._loop.call_later(max(delay_s, 0.0) + LATE_S, self._serve)

    def _serve(self) -> None:
        self._handle = None
        try:
            self.calendar.run(self.now())
        finally:  # an error in one callback must not stop time
            if self._handle is None and self.calendar.next_at is not None:
                self._arm(self.calendar.next_at)


class ManualClock(Clock):
    """Stands still until `advance` is called."""

    name = "manual"

    def __init__(self, start: int = EPOCH) -> None:
        super().__init__()
        self._now = start
        self._seen = 0
        self._moving = asyncio.Lock()

    def now(self) -> int:
        return self._now

    async def advance(self, duration: int) -> None:
        """Serve what falls due within `duration`, date by date, letting the real world react in between."""
        if duration < 0:
            raise ValueError("time can't go back")
        async with self._moving:
            goal = self._now + duration
            while True:
                self._seen = await self.activity.rest(self._seen)
                if not self._jump(goal):
                    break
            self._now = goal

    def _jump(self, goal: int | None) -> bool:
        """Go to the next date and serve it; False: there is none up to `goal`."""
        at = self.calendar.next_at
        if at is None or (goal is not None and at > goal):
            return False
        self._now = max(self._now, at)
        self.calendar.run(self._now)
        return True


class InstantClock(ManualClock):
    """Goes from one due event to the next as soon as nothing is going on, as long as there are any but background
    ones (`Calendar.at`)."""

    name = "instant"
    jumps = True

    def __init__(self, start: int = EPOCH) -> None:
        super().__init__(start)
        self._due = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.calendar.on_wanted = self._due.set
        self._task = asyncio.get_running_loop().create_task(self._run())

    def stop(self) -> None:
        self.calendar.on_wanted = lambda: None
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        while True:
            if not self.calendar.wanted:
                self._due.clear()
                await self._due.wait()
            async with self._moving:
                self._seen = await self.activity.rest(self._seen)
                if self.calendar.wanted:  # still, after the rest
                    self._serve()

    def _serve(self) -> None:
        try:
            self._jump(None)
        except Exception as error:  # in one callback: it must not stop time
            context = {"message": "serving the calendar failed", "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)


_RATE = re.compile(r"(\d+(?:\.\d+)?)x")
KINDS = "real, instant, manual, or a rate such as 60x"


def make_clock(kind: str, start: int = EPOCH) -> Clock:
    """The clock that `kind` names: `real`, `manual`, `instant`, `60x`. Raises ValueError for anything else."""
    if kind == "real":
        return RealClock()
    if kind == "manual":
        return ManualClock(start)
    if kind == "instant":
        return InstantClock(start)
    rate = _RATE.fullmatch(kind)
    if rate is None or not 0 < float(rate[1]) <= 1_000_000:
        raise ValueError(f"'{kind}' is not a clock: write {KINDS}")
    return RealClock(float(rate[1]))
