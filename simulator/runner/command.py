"""All that `carrier-sim run` does once its arguments are understood: play one scenario after the other, show each as it
ends, write the reports, and say with which code to exit."""

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.status import Status

from simulator.runner.report import Report
from simulator.runner.run import run_scenario
from simulator.runner.table import console_for_output, show, summary
from simulator.scenario import Scenario

HELD, FAILED, WRONG, INTERRUPTED = 0, 1, 2, 130
"""Exit codes."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to run, and what to write."""

    seed: int | None = None
    clock: str | None = None
    jobs: int = 1
    junit: Path | None = None
    html: Path | None = None
    json: Path | None = None
    listen: bool = False
    http_port: int = 0
    smpp_port: int = 0
    time_limit_s: float | None = None


def run_all(scenarios: Sequence[Scenario], options: Options, console: Console | None = None) -> int:
    """Run them all; returns the exit code."""
    console = console or console_for_output()
    reports: list[Report] = []
    elapsed_s = 0.0
    interrupted = False

    async def play() -> None:
        nonlocal elapsed_s
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        live = console.status("") if console.is_terminal else None
        try:
            with live or nullcontext():
                for scenario in scenarios:
                    report = await _play(scenario, options, live)
                    reports.append(report)
                    show(console, report)
        finally:
            elapsed_s = loop.time() - began_s

    try:
        asyncio.run(play())
    except KeyboardInterrupt:
        interrupted = True
    console.print(summary(reports, elapsed_s, interrupted))
    if interrupted:
        return INTERRUPTED
    return HELD if all(report.ok for report in reports) else FAILED


async def _play(scenario: Scenario, options: Options, live: Status | None) -> Report:
    def progress(name: str, sent: int, receipts: int, webhooks: int) -> None:
        if live is not None:
            live.update(f"{name}: {sent} sent, {receipts} receipts, {webhooks} webhooks")

    return await run_scenario(
        scenario, seed=options.seed, clock=options.clock, time_limit_s=options.time_limit_s, progress=progress
    )
