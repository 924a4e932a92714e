"""How many submits a second `carrier-sim load` makes from one core, against an SMSC in C that does nothing.

    python bench/generator.py --load-dir ../shared/load

The SMSC (smppstub.c) comes from `--load-dir`. It and the generator get a core each; rounds are interleaved, and medians
count. Where others use the machine, look at the CPU time a submit: what it comes to on a core alone is its inverse.
"""

import argparse
import json
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

LOAD = [sys.executable, "-c", "import typer; from simulator.cli.load import load; typer.run(load)", "--quiet"]
LONG = "a text that takes three parts {n} " + "and goes on and on " * 20
RUNS: list[tuple[str, float, list[str]]] = [
    # name, share of the messages, options
    ("1 connection, window 100", 1, ["-c", "1", "-w", "100"]),
    ("10 connections, window 100", 1, ["-c", "10", "-w", "100"]),
    ("1 connection, window 1000", 1, ["-c", "1", "-w", "1000"]),
    ("3 parts a message, window 1000", 0.3, ["-c", "1", "-w", "1000", "--text", LONG]),
    ("receipts, 10 connections", 0.5, ["-c", "10", "-w", "100", "--registered-delivery", "1"]),
    ("open loop, 50,000/s", 0.5, ["-c", "4", "-r", "50000/s"]),
]


def pinned(core: int, command: list[str]) -> list[str]:
    return ["taskset", "-c", str(core), *command] if shutil.which("taskset") else command


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def one(port: int, messages: int, options: list[str], file: Path) -> dict[str, Any]:
    """One run's JSON."""
    command = [*LOAD, "--port", str(port), "-n", str(messages), "--json", str(file), *options]
    subprocess.run(pinned(1, command), check=True, stdout=subprocess.DEVNULL, timeout=300)
    found: dict[str, Any] = json.loads(file.read_text())
    if found["errors"] or found["receipts"]["missing"] or found["receipts"]["doubled"]:
        sys.exit(f"something was lost: {found}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--load-dir", type=Path, default=Path("../shared/load"))
    parser.add_argument("-n", "--messages", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    figures: dict[str, list[dict[str, Any]]] = {name: [] for name, *_ in RUNS}
    with tempfile.TemporaryDirectory() as folder:
        program, file = Path(folder) / "smppstub", Path(folder) / "result.json"
        subprocess.run(["cc", "-O2", "-o", str(program), str(options.load_dir / "smppstub.c")], check=True)
        port = free_port()
        stub = subprocess.Popen(pinned(0, [str(program), str(port)]))
        time.sleep(0.3)
        try:
            for _ in range(options.rounds):
                for name, share, more in RUNS:
                    figures[name].append(one(port, int(options.messages * share), more, file))
        finally:
            stub.terminate()
            stub.wait()
    print(f"medians of {options.rounds} rounds, Python {sys.version.split()[0]}")
    print(f"{'':34}{'submits/s':>12}{'us CPU each':>14}{'p99 ms':>10}")
    for name, found in figures.items():
        rate = statistics.median(result["rate"] for result in found)
        cpu = statistics.median(1e6 * result["generator"]["cpu_s"] / result["sent"] for result in found)
        p99 = statistics.median(result["latency_ms"]["p99"] for result in found)
        print(f"{name:34}{rate:>12,.0f}{cpu:>14.2f}{p99:>10.3f}")


if __name__ == "__main__":
    main()
