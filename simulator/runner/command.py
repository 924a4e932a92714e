"""All that `carrier-sim run` does once its arguments are understood: play one scenario after the other, show each as it
ends, write the reports, and say with which code to exit."""

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console

from simulator.runner.html import html_report
from simulator.runner.json_report import json_report
from simulator.runner.junit import junit_report
from simulator.runner.listen import listen
from simulator.runner.live import LiveTable
from simulator.runner.report import Report
from simulator.runner.run import Progress, Run
from simulator.runner.table import console_for_output, show, summary
from simulator.scenario import Scenario, load

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
    host: str = "127.0.0.1"
    http_port: int = 0
    smpp_port: int = 0
    time_limit_s: float | None = None
    journal: Path | None = None
    """A folder: each scenario's journal is written there."""


def run_all(scenarios: Sequence[Scenario], options: Options, console: Console | None = None) -> int:
    """Run them all; returns the exit code. Ctrl-C ends the runs, and leaves the reports of what was done."""
    console = console or console_for_output()
    reports: list[Report] = []
    interrupted = False
    began_s = _now_s()

    def ended(report: Report) -> None:
        reports.append(report)
        show(console, report)

    play = _in_processes if options.jobs > 1 and len(scenarios) > 1 and not options.listen else _one_by_one
    try:
        play(scenarios, options, console, ended)
    except KeyboardInterrupt:
        interrupted = True
    except OSError as error:
        console.print(f"can't listen: {error.strerror or error}")
        return WRONG
    elapsed_s = _now_s() - began_s
    console.print(summary(reports, elapsed_s, interrupted))
    problem = write_reports(reports, options)
    if problem is not None:
        Console(stderr=True, highlight=False).print(problem, markup=False)
        return WRONG
    if interrupted:
        return INTERRUPTED
    return HELD if all(report.ok for report in reports) else FAILED


def write_reports(reports: Sequence[Report], options: Options) -> str | None:
    """Write the files that are asked for; returns what kept one from being written."""
    wanted: tuple[tuple[Path | None, Callable[[Sequence[Report]], str]], ...] = (
        (options.junit, junit_report),
        (options.html, html_report),
        (options.json, json_report),
    )
    for path, make in wanted:
        if path is None:
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(make(reports), encoding="utf-8")
        except OSError as error:
            return f"can't write {path}: {error.strerror or error}"
    return None


def _one_by_one(
    scenarios: Sequence[Scenario], options: Options, console: Console, ended: Callable[[Report], None]
) -> None:
    live = LiveTable(console, len(scenarios)) if console.is_terminal else None
    progress = None if live is None else live.update
    played = 0

    async def play() -> None:
        nonlocal played
        for scenario in scenarios:
            played += 1
            if live is not None:
                live.begin(played)
            run = _run_of(scenario, options, progress)
            try:
                if options.listen:
                    await listen(run, options.host, options.http_port, options.smpp_port, console.print)
                else:
                    await run.play()
            except asyncio.CancelledError:
                ended(run.report)
                raise
            ended(run.report)

    with live or nullcontext():
        asyncio.run(play())


def _run_of(scenario: Scenario, options: Options, progress: Progress | None = None) -> Run:
    return Run(
        scenario,
        seed=options.seed,
        clock=options.clock,
        time_limit_s=options.time_limit_s,
        progress=progress,
        journal=None if options.journal is None else options.journal / f"{scenario.name}.jsonl",
    )


def _in_processes(
    scenarios: Sequence[Scenario], options: Options, console: Console, ended: Callable[[Report], None]
) -> None:
    """Scenarios are loaded again where they are played: what they have been built into can't travel."""
    tasks = [(scenario.file, options) for scenario in scenarios]
    pool = get_context("spawn").Pool(min(options.jobs, len(tasks)), _deaf_to_ctrl_c)
    try:
        for report in pool.imap(_play_file, tasks):
            ended(report)
        pool.close()
    finally:
        pool.terminate()
        pool.join()


def _deaf_to_ctrl_c() -> None:
    """It is for the parent to end its children."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _play_file(task: tuple[str, Options]) -> Report:
    file, options = task
    return asyncio.run(_run_of(load(file), replace(options, jobs=1)).play())


def _now_s() -> float:
    """Real seconds, from any beginning."""
    return os.times().elapsed
