"""How many submits and receipts a second, as a ratio to the least that a Python SMSC can cost (`floor.py`).

    python bench/smpp.py --load-dir ../shared/load

The generator (smppblast.c) and the floor come from `--load-dir`. Server and generator get a core each; rounds are
interleaved, and medians count. Absolute figures depend on the machine; compare the ratios, taken in one run.
"""

import argparse
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = [
    # name, connections, window, share of the messages, with receipts
    ("submits, 1 connection", 1, 100, 1.0, False),
    ("submits, 10 connections", 10, 100, 1.0, False),
    ("receipts, 10 connections", 10, 100, 0.4, True),
]
SERVE = [sys.executable, "-m", "simulator", "serve", "--http-port", "0", "--log-level", "error"]
RATE = re.compile(r"^(submit_sm|receipts) .*?([\d.]+)/s", re.MULTILINE)


def pinned(core: int, command: list[str]) -> list[str]:
    return ["taskset", "-c", str(core), *command] if shutil.which("taskset") else command


def start(command: list[str]) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(pinned(0, command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(2.5)
    if process.poll() is not None:
        sys.exit(f"{command[0]} ended with {process.returncode}")
    return process


def blast(program: Path, port: int, connections: int, window: int, number: int, receipts: bool) -> dict[str, float]:
    command = [str(program), "-p", str(port), "-u", "bench", "-P", "bench"]
    command += ["-c", str(connections), "-w", str(window), "-n", str(number), *(["-d", "1"] if receipts else [])]
    done = subprocess.run(pinned(1, command), capture_output=True, text=True, timeout=300, check=True)
    if "missing 0, unknown 0, extra 0" not in done.stdout and receipts:
        sys.exit(f"receipts are missing or doubled:\n{done.stdout}")
    return {name: float(rate) for name, rate in RATE.findall(done.stdout)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--load-dir", type=Path, default=Path("../shared/load"))
    parser.add_argument("-n", "--messages", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scenario", default="bench/at-once.yaml")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "smppblast"
        subprocess.run(["cc", "-O2", "-o", str(program), str(options.load_dir / "smppblast.c")], check=True)
        floor_port, port = 42700, 42701
        servers = [
            start([sys.executable, str(options.load_dir / "floor.py"), str(floor_port)]),
            start([*SERVE, "--scenario", options.scenario, "--smpp-port", str(port)]),
        ]
        try:
            figures: dict[str, list[tuple[float, float]]] = {name: [] for name, *_ in RUNS}
            for _ in range(options.rounds):
                for name, connections, window, share, receipts in RUNS:
                    number = int(options.messages * share)
                    least = blast(program, floor_port, connections, window, options.messages, False)["submit_sm"]
                    ours = blast(program, port, connections, window, number, receipts)
                    figures[name].append((ours["receipts" if receipts else "submit_sm"], least))
        finally:
            for server in servers:
                server.terminate()
                server.wait()
    print(f"medians of {options.rounds} rounds, Python {sys.version.split()[0]}")
    print(f"{'':28}{'a second':>12}{'floor':>12}{'ratio':>8}")
    for name, pairs in figures.items():
        ours, least = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratio = statistics.median(mine / floor for mine, floor in pairs)
        print(f"{name:28}{ours:>12,.0f}{least:>12,.0f}{ratio:>8.3f}")


if __name__ == "__main__":
    main()
