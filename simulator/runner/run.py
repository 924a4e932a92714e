"""Runs one scenario from the first item of `traffic` to the last event that is due, and checks what it expects."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from simulator.app import Simulator
from simulator.journal import JournalWriter
from simulator.runner.collect import collect
from simulator.runner.expectations import check
from simulator.runner.http_door import HttpDoor
from simulator.runner.listener import Listener
from simulator.runner.log import Log
from simulator.runner.pace import Pace
from simulator.runner.player import Player
from simulator.runner.problems import RunError
from simulator.runner.report import Report
from simulator.runner.smpp_door import SmppDoor
from simulator.runner.stage import clock_of, with_listener
from simulator.scenario import Scenario

log = logging.getLogger("simulator.runner")

Progress = Callable[[str, int, int, int, int], None]
"""Gets (scenario, messages sent, receipts, webhooks, milliseconds of simulated time) as they grow."""


async def run_scenario(
    scenario: Scenario,
    *,
    seed: int | None = None,
    clock: str | None = None,
    time_limit_s: float | None = None,
    progress: Progress | None = None,
    journal: Path | None = None,
) -> Report:
    """Play a scenario over real sockets and report what became of it, and write its `journal` if one is named.

    `seed` and `clock` override the scenario's; without either the clock is `instant`. After `time_limit_s` real
    seconds the run ends where it is, and the report says so. What the scenario did wrong is in the report (`error`,
    `verdicts`). Raises ValueError if `clock` is none.
    """
    run = Run(scenario, seed=seed, clock=clock, time_limit_s=time_limit_s, progress=progress, journal=journal)
    return await run.play()


class Run:
    """One scenario's run: `play` it once. A run that is cancelled closes everything it opened, and leaves in `report`
    what was done until then, without verdicts."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        seed: int | None = None,
        clock: str | None = None,
        time_limit_s: float | None = None,
        progress: Progress | None = None,
        journal: Path | None = None,
    ) -> None:
        self.report = Report(scenario.name, scenario.description, scenario.file, 0, "")
        self.scenario = scenario
        self.seed = seed
        self.clock = clock
        self.time_limit_s = time_limit_s
        self.progress = progress
        self.journal = journal
        self._log = Log()
        self._now: Callable[[], int] = lambda: 0

    async def play(self) -> Report:
        """The whole run."""
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        try:
            async with AsyncExitStack() as stack:
                stack.callback(loop.set_exception_handler, loop.get_exception_handler())
                loop.set_exception_handler(self._fault)
                await self._play(stack)
        except asyncio.CancelledError:
            self.report.interrupted = True
            raise
        finally:
            self.report.elapsed_s = loop.time() - began_s
        return self.report

    async def _play(self, stack: AsyncExitStack) -> None:
        report, book = self.report, self._log
        listener = Listener(book.heard, lambda: sim.clock.now())
        await listener.start()
        stack.push_async_callback(listener.stop)
        staged = with_listener(self.scenario, listener)
        sim = Simulator(staged, seed=self.seed, clock=clock_of(self.scenario, self.clock))
        if self.journal is not None:
            JournalWriter(self.journal, sim)
        report.seed, report.clock = sim.seed, sim.clock.name
        pace = Pace(sim.clock)
        self._now = pace.now
        await stack.enter_async_context(sim)
        smpp = SmppDoor(sim, pace, book)
        stack.push_async_callback(smpp.close)
        http = await stack.enter_async_context(HttpDoor(sim.base_url))
        report.started_at = pace.now()
        player = Player(sim, http, smpp, listener, pace, book, self._told)
        decided = False
        try:
            async with asyncio.timeout(self.time_limit_s):
                await player.play()
                await pace.settle()
            decided = True
        except TimeoutError:
            report.interrupted = decided = True
            report.notes.append(f"ended after {self.time_limit_s:g} s of real time, before all was over")
        except RunError as error:
            report.error = str(error)
        finally:
            self._fill(sim)
            if decided and report.error is None:
                report.verdicts = check(self.scenario.expect, report)

    def _fault(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Something went wrong inside the simulator or the runner: that is no result of the scenario's."""
        error = context.get("exception")
        what = f"{type(error).__name__}: {error}" if error is not None else context.get("message")
        if self.report.error is None:
            log.error("a fault in carrier-sim: %s", what, exc_info=error)
            self.report.error = f"a fault in carrier-sim itself: {what}"

    def _told(self) -> None:
        if self.progress is not None:
            log, passed = self._log, self._now() - self.report.started_at
            self.progress(self.scenario.name, len(log.sent), log.receipts, log.webhooks, passed)

    def _fill(self, sim: Simulator) -> None:
        report, book = self.report, self._log
        book.close()
        report.ended_at = sim.clock.now()
        report.walks = collect(book, sim.engine)
        report.inbound = book.inbound
        report.stray_receipts = book.stray_receipts
        report.stray_webhooks = book.stray_webhooks
        report.receipts, report.webhooks = book.receipts, book.webhooks
        report.notes += book.notes
        if book.stray_receipts:
            report.notes.append(f"{len(book.stray_receipts)} receipts were of no message that this run has sent")
        if book.stray_webhooks:
            report.notes.append(f"{len(book.stray_webhooks)} webhooks were of no message that this run has sent")
        strangers = sum(not seen.authorized for walk in report.walks for seen in walk.webhooks)
        if strangers:
            report.notes.append(f"{strangers} webhooks came without the account's username and password")
