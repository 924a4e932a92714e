"""Waiting on the simulation's clock, so that time moves only while the runner itself waits.

The runner knows everybody who takes part: the clients, the listener and the doors are all its own. So it need not leave
the real world a quiet time after each jump, as a clock must that serves strangers: once nothing is in flight, nothing
will come. Each of the runner's players counts as one thing in flight, except while it sleeps.
"""

import asyncio

from simulator.engine import Clock, InstantClock, ManualClock

PATIENCE_S = 30.0
"""Real seconds that simulated time waits for an answer in hand: a slow machine must not change what a run shows."""

IMPATIENCE_S = 0.05
"""The same, once a client has been told to read nothing more: its answers will not come."""

POLL_S = 0.002
"""Real seconds between two looks whether all that was due has happened."""


class Pace:
    """One run's way with its clock."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._activity = clock.activity
        self._manual = isinstance(clock, ManualClock) and not isinstance(clock, InstantClock)
        self._advancing = asyncio.Lock()
        self._activity.quiet_s = 0.0
        self._activity.patience_s = PATIENCE_S

    def now(self) -> int:
        return self.clock.now()

    def begin(self) -> None:
        """The runner is about to do something: time stands still."""
        self._activity.begin()

    def end(self) -> None:
        """It is done."""
        self._activity.end()

    def expect_silence(self) -> None:
        """A client answers nothing any more: don't wait long for it."""
        self._activity.patience_s = IMPATIENCE_S

    async def sleep(self, duration: int) -> None:
        """Let `duration` milliseconds of simulated time pass. The caller is a player: between `begin` and `end`."""
        await self.sleep_until(self.clock.now() + duration)

    async def sleep_until(self, at: int) -> None:
        """Let time pass up to the instant `at`; one in the past is no wait."""
        if at <= self.clock.now():
            return
        if self._manual:
            await self._advance_to(at)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def wake() -> None:
            # before anybody hears of it, or time would run on until the player has been given its turn
            self._activity.begin()
            if not woken.done():
                woken.set_result(None)

        timer = self.clock.calendar.at(at, wake)
        self._activity.end()
        try:
            await woken
        except asyncio.CancelledError:
            if timer.pending:
                timer.cancel()
                self._activity.begin()
            raise

    async def _advance_to(self, at: int) -> None:
        self._activity.end()
        try:
            async with self._advancing:
                if at > self.clock.now():
                    await self.clock.advance(at - self.clock.now())
        finally:
            self._activity.begin()

    async def settle(self) -> None:
        """Wait until all that is due has happened and all that is in flight has been answered. A manual clock moves
        for nobody: there only what is in flight counts."""
        # neither of the two has an event to wait for: most of what ends is ended by time itself
        while self._activity.in_flight or (self.clock.calendar.wanted and not self._manual):  # noqa: ASYNC110
            await asyncio.sleep(POLL_S)
