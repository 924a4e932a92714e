"""Runs the benchmarks and prints one table; exit code 1 if a goal is missed."""

import argparse
import os
import re
import sys
import tempfile
import time
from pathlib import Path

from bench import gateway, generator, latency, linear, memory, submits
from bench.harness import Figure, Tools

PARTS = {
    "submits": submits.measure,
    "latency": latency.measure,
    "memory": memory.measure,
    "linear": linear.measure,
    "gateway": gateway.measure,
    "generator": generator.measure,
}
VERDICTS = {True: "yes", False: "MISSED", None: ""}
FIGURES = re.compile(r"(?<=<!-- figures -->\n).*(?=<!-- /figures -->)", re.DOTALL)


def machine(tools: Tools) -> str:
    return f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, generator {tools.generator}"


def write(page: Path, figures: list[Figure], tools: Tools) -> None:
    """Put a table of the figures, and the plot, into a page."""
    rows = [f"| {one.what} | {one.measured} | {one.goal} | {VERDICTS[one.holds]} |" for one in figures]
    table = ["| | measured | goal | holds |", "| --- | ---: | ---: | --- |", *rows]
    said = f"\n{machine(tools)}.\n\n" + "\n".join(table) + "\n"
    if linear.lines:
        linear.plot(page.with_name("benchmarks-linear.svg"))
        said += "\n![What more messages, timers, sessions and accounts cost](benchmarks-linear.svg)\n"
    page.write_text(FIGURES.sub(lambda match: said + "\n", page.read_text()))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"which: {', '.join(PARTS)}; all if none is named")
    parser.add_argument("--load-dir", type=Path, default=Path(), help="may have smppblast.c, smppstub.c, floor.py")
    parser.add_argument("--rounds", type=int, default=5, help="of which the medians are taken")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the table into a page, and the plot beside it")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as build:
        tools = Tools(options.load_dir, Path(build))
        print(f"{machine(tools)}, medians of {options.rounds} rounds")
        for name, measure in PARTS.items():
            if options.parts and name not in options.parts:
                continue
            began = time.monotonic()
            for figure in measure(tools, options.rounds):
                figures.append(figure)
                print(f"{figure.what:78} {figure.measured:>12}  {figure.goal:18} {VERDICTS[figure.holds]}", flush=True)
            print(f"{'':78} ({name}: {time.monotonic() - began:.0f} s)", flush=True)
    if options.write:
        write(options.write, figures, tools)
    sys.exit(any(figure.holds is False for figure in figures))


if __name__ == "__main__":
    main()
