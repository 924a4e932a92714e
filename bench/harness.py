"""What all benchmarks need: servers on a core of their own, a generator on another, and figures with their goals."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SERVE = [sys.executable, "-m", "simulator", "serve", "--log-level", "error"]
LOAD = [sys.executable, "-c", "import typer; from simulator.cli.load import load; typer.run(load)", "--quiet"]
CORE_OF_SERVER, CORE_OF_GENERATOR = 0, 1


@dataclass(frozen=True)
class Figure:
    """A line of the table."""

    what: str
    measured: str
    goal: str = ""
    holds: bool | None = None
    """None: there is no goal."""


def at_least(what: str, value: float, goal: float, form: str = "{:.2f}") -> Figure:
    return Figure(what, form.format(value), "at least " + form.format(goal), value >= goal)


def at_most(what: str, value: float, goal: float, form: str = "{:.2f}") -> Figure:
    return Figure(what, form.format(value), "at most " + form.format(goal), value <= goal)


def pinned(core: int, command: list[str]) -> list[str]:
    can = shutil.which("taskset") is not None and (os.cpu_count() or 1) > 1
    return ["taskset", "-c", str(core), *command] if can else command


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


class Server:
    """A process that listens."""

    def __init__(self, command: list[str], port: int) -> None:
        self.port = port
        self.process = subprocess.Popen(pinned(CORE_OF_SERVER, command), stdout=subprocess.DEVNULL)
        for _ in range(200):
            time.sleep(0.05)
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                if self.process.poll() is not None:
                    sys.exit(f"{command} ended with {self.process.returncode}")
            else:
                return
        sys.exit(f"{command} doesn't listen")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()

    @property
    def cpu_s(self) -> float:
        """Seconds of CPU time that it has used."""
        return int(Path(f"/proc/{self.process.pid}/schedstat").read_text().split()[0]) / 1e9

    @property
    def resident(self) -> int:
        """Octets of memory."""
        found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.process.pid}/status").read_text())
        assert found
        return int(found[1]) * 1024


@contextmanager
def running(command: list[str], port: int) -> Iterator[Server]:
    server = Server(command, port)
    try:
        yield server
    finally:
        server.stop()


def simulator(*options: str) -> Any:
    """A running simulator; its port is that of the SMSC."""
    port = free_port()
    return running([*SERVE, "--http-port", "0", "--smpp-port", str(port), *options], port)


@dataclass(frozen=True)
class Blast:
    """What a generator measured."""

    rate: float
    """Responses a second."""
    receipt_rate: float
    p99_ms: float
    """From the submit, in an open loop from when it was due, to the response."""


class Tools:
    """The generator and the floor: those of `folder`, if it has them, or else our own."""

    def __init__(self, folder: Path, build: Path) -> None:
        """`build` is where C programs go."""
        self.floor = next(path for path in (folder / "floor.py", Path("bench/floor.py")) if path.exists())
        self._folder = folder
        self._build = build
        self._blast = self.compiled("smppblast.c")
        self._runs = 0

    def compiled(self, source: str) -> Path | None:
        """The program of a C file; None: there is no such file, or no compiler."""
        file, program = self._folder / source, self._build / Path(source).stem
        if not file.exists() or shutil.which("cc") is None:
            return None
        subprocess.run(["cc", "-O2", "-o", str(program), str(file)], check=True)
        return program

    @property
    def generator(self) -> str:
        return "smppblast" if self._blast else "carrier-sim load"

    def prefix(self) -> str:
        """Of destinations that were not used yet."""
        self._runs += 1
        return f"{4000 + self._runs}"

    def blast(
        self,
        port: int,
        number: int,
        *,
        connections: int = 10,
        window: int = 100,
        prefix: str | None = None,
        receipts: bool = False,
        rate: int = 0,
        wait_s: int = 10,
    ) -> Blast:
        """Submit `number` messages, in a closed loop or, with a `rate`, in an open one. `wait_s`: how long there may be
        no news. Ends the whole if anything is lost, doubled or refused."""
        prefix = prefix or self.prefix()
        if self._blast is None:
            options = ["-n", str(number), "-c", str(connections), "-w", str(window), "--to", prefix + "{n:08}"]
            options += ["--text", "x" * 60, "--wait", f"{wait_s}s", *(["--rate", f"{rate}/s"] if rate else [])]
            found = self.load(port, [*options, "--registered-delivery", str(int(receipts))])
            return Blast(found["rate"], found["receipts"].get("rate", 0.0), found["latency_ms"]["p99"])
        what = f"-u bench -P bench -a {prefix} -n {number} -c {connections} -w {window} -r {rate} -d {receipts:d}"
        command = [str(self._blast), *f"-j -p {port} {what} -t 600 -D {wait_s}".split()]
        done = subprocess.run(pinned(CORE_OF_GENERATOR, command), capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{' '.join(command)}: {done.stdout or done.stderr}")
        said = json.loads(done.stdout)
        if receipts and (said["receipts"] != number or said["receipts_unknown"] or said["receipts_extra"]):
            sys.exit(f"receipts are missing or doubled: {done.stdout}")
        return Blast(said["submit_rate"], said["receipt_rate"], said["p99_us"] / 1000)

    def load(self, port: int, options: list[str]) -> dict[str, Any]:
        """The JSON of a run of `carrier-sim load`."""
        file = self._build / "load.json"
        command = [*LOAD, "--port", str(port), "--json", str(file), *options]
        subprocess.run(pinned(CORE_OF_GENERATOR, command), check=True, stdout=subprocess.DEVNULL, timeout=900)
        found: dict[str, Any] = json.loads(file.read_text())
        if found["errors"] or found["receipts"]["missing"] or found["receipts"]["doubled"]:
            sys.exit(f"something was lost: {found}")
        return found
