"""Runs one scenario from the first item of `traffic` to the last event that is due, and checks what it expects."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

from simulator.app import Simulator
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

Progress = Callable[[str, int, int, int], None]
"""Gets (scenario, messages sent, receipts, webhooks) as they grow."""


async def run_scenario(
    scenario: Scenario,
    *,
    seed: int | None = None,
    clock: str | None = None,
    time_limit_s: float | None = None,
    progress: Progress | None = None,
) -> Report:
    """Play a scenario over real sockets and report what became of it.

    `seed` and `clock` override the scenario's; without either the clock is `instant`. After `time_limit_s` real
    seconds the run ends where it is, and the report says so. A run that is cancelled closes everything and raises.
    What the scenario did wrong is in the report (`error`, `verdicts`); ValueError: `clock` is none.
    """
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    log = Log()
    report = Report(scenario.name, scenario.description, scenario.file, 0, "")

    def told() -> None:
        if progress is not None:
            progress(scenario.name, len(log.sent), log.receipts, log.webhooks)

    async with AsyncExitStack() as stack:
        listener = Listener(log.heard, lambda: sim.clock.now())
        await listener.start()
        stack.push_async_callback(listener.stop)
        staged = with_listener(scenario, listener)
        sim = Simulator(staged, seed=seed, clock=clock_of(scenario, clock))
        report.seed, report.clock = sim.seed, sim.clock.name
        pace = Pace(sim.clock)
        await stack.enter_async_context(sim)
        smpp = SmppDoor(*sim.smpp_address, pace, log)
        stack.push_async_callback(smpp.close)
        http = await stack.enter_async_context(HttpDoor(sim.base_url))
        report.started_at = pace.now()
        player = Player(sim, http, smpp, listener, pace, log, told)
        try:
            async with asyncio.timeout(time_limit_s):
                await player.play()
                await pace.settle()
        except TimeoutError:
            report.interrupted = True
            report.notes.append(f"ended after {time_limit_s:g} s of real time, before all was over")
        except RunError as error:
            report.error = str(error)
        except asyncio.CancelledError:
            report.interrupted = True
            raise
        finally:
            _fill(report, log, sim, scenario)
            report.elapsed_s = loop.time() - began_s
    report.elapsed_s = loop.time() - began_s
    return report


def _fill(report: Report, log: Log, sim: Simulator, scenario: Scenario) -> None:
    log.close()
    report.ended_at = sim.clock.now()
    report.walks = collect(log, sim.engine)
    report.inbound = log.inbound
    report.stray_receipts = log.stray_receipts
    report.stray_webhooks = log.stray_webhooks
    report.notes += log.notes
    report.receipts, report.webhooks = log.receipts, log.webhooks
    report.verdicts = check(scenario.expect, report)
