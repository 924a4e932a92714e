"""How many submits a second `carrier-sim load` makes from one core, against an SMSC in C that does nothing.

Where others use the machine, look at the CPU time a submit: what it comes to on a core alone is its inverse.
"""

from collections.abc import Iterator
from statistics import median
from typing import Any

from bench.harness import Figure, Tools, at_least, free_port, running

MESSAGES = 300_000
LONG = "a text that takes three parts {n} " + "and goes on and on " * 20
RUNS: list[tuple[str, float, list[str]]] = [
    # name, share of the messages, options
    ("1 connection, window 100", 1, ["-c", "1", "-w", "100"]),
    ("10 connections, window 100", 1, ["-c", "10", "-w", "100"]),
    ("1 connection, window 1000", 1, ["-c", "1", "-w", "1000"]),
    ("3 parts a message, window 1000", 0.3, ["-c", "1", "-w", "1000", "--text", LONG]),
    ("10 connections, a receipt for each", 0.5, ["-c", "10", "-w", "100", "--registered-delivery", "1"]),
    ("open loop, 50,000/s", 0.5, ["-c", "4", "-r", "50000/s"]),
]


def measure(tools: Tools, rounds: int) -> Iterator[Figure]:
    stub = tools.compiled("smppstub.c")
    if stub is None:
        yield Figure("carrier-sim load: not measured, there is no smppstub.c", "-")
        return
    port = free_port()
    found: dict[str, list[dict[str, Any]]] = {name: [] for name, *_ in RUNS}
    with running([str(stub), str(port)], port):
        for _ in range(rounds):
            for name, share, options in RUNS:
                found[name].append(tools.load(port, ["-n", str(int(MESSAGES * share)), *options]))
    for name, results in found.items():
        rate = median(result["rate"] for result in results)
        cpu_us = median(1e6 * result["generator"]["cpu_s"] / result["sent"] for result in results)
        what = f"carrier-sim load, submits a second, {name} ({cpu_us:.1f} us CPU each)"
        if name == RUNS[1][0]:
            yield at_least(what, rate, 100_000, "{:,.0f}")
        else:
            yield Figure(what, f"{rate:,.0f}")
