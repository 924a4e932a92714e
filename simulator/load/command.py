"""`carrier-sim load`, once its arguments are understood: runs the plan, shows it, writes files, gives the exit code."""

import asyncio
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import orjson

from simulator.load.plan import Plan, Unreachable
from simulator.load.plot import plot
from simulator.load.precise import new_loop
from simulator.load.progress import shower
from simulator.load.result import Result
from simulator.load.run import run
from simulator.load.summary import summary
from simulator.load.thresholds import Threshold

BAD_INPUT = 2


@dataclass(frozen=True, slots=True)
class Output:
    """What is to be written, and judged."""

    json: Path | None = None
    plot: Path | None = None
    fail_if: Sequence[Threshold] = ()
    quiet: bool = False


def execute(plan: Plan, output: Output) -> int:
    """0: done; 1: a threshold is broken, or every connection was lost; 2: it can't be done."""
    try:
        for path in (output.json, output.plot):
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
        with asyncio.Runner(loop_factory=new_loop) as runner:
            result = runner.run(_run(plan, output.quiet))
    except (Unreachable, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    print(summary(result))
    if output.json is not None:
        output.json.write_bytes(orjson.dumps(result.as_json(), option=orjson.OPT_INDENT_2) + b"\n")
    if output.plot is not None:
        output.plot.write_text(plot(result), encoding="utf-8")
    broken = [words for threshold in output.fail_if if (words := threshold.broken(result)) is not None]
    for words in broken:
        print(f"failed: {words}", file=sys.stderr)
    return 1 if broken or result.gave_up else 0


async def _run(plan: Plan, quiet: bool) -> Result:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    # Not in a thread that isn't the main one, nor on Windows.
    with suppress(NotImplementedError, RuntimeError, ValueError):
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
    with shower(sys.stderr, quiet) as shown:
        return await run(plan, progress=shown.show, stop=stop)
