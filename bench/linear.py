"""What ten times as much costs: the server's CPU time for n, 3n and 10n in turn, medians of the rounds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.harness import Figure, Server, Tools, at_most, simulator

FACTORS = (1, 3, 10)
MOST = 11.0
EACH = 1000
"""Messages that a session submits."""
LATER = """
scenario: 1
name: later
description: receipts long enough after the submits for all of them to wait at once
paths:
  later:
    - accepted: 1s
    - delivered: 8s..12s
rules:
  - path: later
"""


@dataclass
class Line:
    """One kind of thing, and what so many of it cost."""

    what: str
    sizes: list[int]
    ratios: list[float]
    """How many times the CPU time of the first size."""


lines: list[Line] = []
"""What was measured, for the plot."""

Run = Callable[[Tools, Server, int], None]


def _messages(tools: Tools, server: Server, number: int) -> None:
    tools.blast(server.port, number)


def _timers(tools: Tools, server: Server, number: int) -> None:
    tools.blast(server.port, number, receipts=True, wait_s=30)


def _sessions(tools: Tools, server: Server, number: int) -> None:
    tools.blast(server.port, number * EACH, connections=number)


def _accounts(tools: Tools, server: Server, number: int) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "accounts"
        file.write_text("".join(f"id{index}:secret\n" for index in range(number)))
        tools.load(server.port, ["--accounts", str(file), "-c", str(number), "-n", str(number * EACH)])


def measure(tools: Tools, rounds: int) -> Iterator[Figure]:
    lines.clear()
    with TemporaryDirectory() as folder:
        later = Path(folder) / "later.yaml"
        later.write_text(LATER)
        runs: list[tuple[str, int, Run, list[str]]] = [
            ("messages", 100_000, _messages, []),
            ("pending timers", 50_000, _timers, ["--scenario", str(later)]),
            ("sessions", 100, _sessions, ["--keep", "10000"]),
            ("accounts", 100, _accounts, ["--keep", "10000"]),
        ]
        for what, base, run, options in runs:
            sizes = [base * factor for factor in FACTORS]
            costs = [[_cost(tools, run, size, options) for size in sizes] for _ in range(rounds)]
            ratios = [[cost / row[0] for cost in row] for row in costs]
            line = Line(what, sizes, [median(column) for column in zip(*ratios, strict=True)])
            lines.append(line)
            name = f"{line.sizes[-1]:,} {what}, CPU time of that of {base:,}"
            yield at_most(name, line.ratios[-1], MOST, "{:.1f}")


def _cost(tools: Tools, run: Run, number: int, options: list[str]) -> float:
    """Seconds of CPU time, in a process of its own."""
    with simulator(*options) as server:
        before: float = server.cpu_s
        run(tools, server, number)
        return float(server.cpu_s - before)


def plot(file: Path) -> None:
    """Draw what was measured. Needs matplotlib (the extra `bench`)."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "carrier-sim"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 5), layout="constrained")
    for line in lines:
        factors = [size / line.sizes[0] for size in line.sizes]
        axes.plot(factors, line.ratios, marker="o", label=f"{line.what}, from {line.sizes[0]:,}")
    axes.plot(FACTORS, [factor * MOST / FACTORS[-1] for factor in FACTORS], "--", color="grey", label="the limit")
    axes.set(
        xlabel="times as many", ylabel="times the CPU time", title="What more costs", xlim=(0, None), ylim=(0, None)
    )
    axes.legend()
    axes.grid(alpha=0.3)
    figure.savefig(file, metadata={"Date": None})
    pyplot.close(figure)
