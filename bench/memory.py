"""How many bytes a remembered message takes, and whether memory stays flat once there are as many as are kept.

    python bench/memory.py --load-dir ../shared/load

Reads the server's resident memory from /proc, so it needs Linux. The generator (smppblast.c) comes from `--load-dir`.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PORT = 42702
SERVE = [sys.executable, "-m", "simulator", "serve", "--http-port", "0", "--log-level", "error"]


def resident(pid: int) -> int:
    """Octets."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) * 1024


def measure(program: Path, keep: int, rounds: list[int]) -> None:
    server = subprocess.Popen([*SERVE, "--smpp-port", str(PORT), "--keep", str(keep)], stdout=subprocess.DEVNULL)
    try:
        time.sleep(2.5)
        before, sent = resident(server.pid), 0
        for number in rounds:
            blast = [program, "-p", str(PORT), "-u", "bench", "-P", "bench", "-c", "10", "-w", "100", "-n", str(number)]
            subprocess.run(blast, check=True, capture_output=True)
            sent += number
            now = resident(server.pid)
            each = (now - before) / min(keep, sent)
            print(f"{keep:>10,} kept  {sent:>10,} sent  {now / 2**20:>7.1f} MiB  {each:>5.0f} bytes a kept message")
    finally:
        server.terminate()
        server.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--load-dir", type=Path, default=Path("../shared/load"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "smppblast"
        subprocess.run(["cc", "-O2", "-o", str(program), str(options.load_dir / "smppblast.c")], check=True)
        measure(program, 1_000_000, [1_000_000])
        measure(program, 100_000, [500_000, 1_000_000, 1_000_000])


if __name__ == "__main__":
    main()
