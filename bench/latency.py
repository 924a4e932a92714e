"""Submit to response in an open loop, with a receipt for each message; beside it the floor, which sends none."""

import sys
from collections.abc import Iterator
from statistics import median

from bench.harness import Figure, Tools, at_most, free_port, running, simulator

SECONDS = 10
GOALS = ((2_000, 3.0), (10_000, 10.0))


def measure(tools: Tools, rounds: int) -> Iterator[Figure]:
    floor_port = free_port()
    floor = [sys.executable, str(tools.floor), str(floor_port)]
    with running(floor, floor_port), simulator("--scenario", "bench/at-once.yaml") as server:
        for rate, goal in GOALS:
            ours, least = [], []
            for _ in range(rounds):
                least.append(tools.blast(floor_port, rate * SECONDS, window=1000, rate=rate).p99_ms)
                ours.append(tools.blast(server.port, rate * SECONDS, window=1000, rate=rate, receipts=True).p99_ms)
            name = f"submit to response, p99 at {rate:,}/s, ms"
            yield at_most(f"{name} (floor: {median(least):.2f})", median(ours), goal)
