"""How many POST /send a second, as a ratio to the least that an aiohttp handler can cost; and what recipients cost.

    python bench/gateway.py

The least: a handler that reads the JSON with orjson and answers the same 201, and does nothing else. Server and
generator get a core each; rounds are interleaved, and medians count. Absolute figures depend on the machine; compare
the ratios, taken in one run.
"""

import argparse
import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import orjson
from aiohttp import web

KEY = "sk_test_0123456789abcdefghijklmnopqrstuv"
BASE_PATH = "/api/v1/lisoloo/sms-api"
SCENARIO = f"""
scenario: 1
name: bench
description: an account without limits; messages are delivered as usual
accounts:
  - name: bench
    api_key: {KEY}
    balance: 1000000000
    limits: {{send: none, status: none, balance: none}}
rules:
  - path: delivered
"""


async def bare(request: web.Request) -> web.Response:
    body = orjson.loads(await request.read())
    data = {
        "message_id": "507f1f77bcf86cd799439011",
        "total_recipients": len(body["to"]),
        "total_messages": len(body["to"]),
        "total_cost": 0.02,
        "currency": "USD",
        "status": "pending",
        "sending_type": "immediate",
    }
    answer = orjson.dumps({"status_code": 201, "success": True, "data": data})
    return web.Response(body=answer, status=201, headers={"Content-Type": "application/json"})


def serve_bare(port: int) -> None:
    app = web.Application()
    app.router.add_post(BASE_PATH + "/send", bare)
    app.router.add_get(BASE_PATH + "/health", lambda request: bare_health())
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None)


async def bare_health() -> web.Response:
    return web.Response()


class Connection(asyncio.Protocol):
    """Sends a request, and the next one when its answer is there."""

    def __init__(self, requests: Iterator[bytes], finished: asyncio.Event) -> None:
        self._requests = requests
        self._finished = finished
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._send()

    def _send(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._finished.set()
        else:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer = self._buffer + data if self._buffer else data
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        start = buffer.find(b"Content-Length: ") + 16
        if len(buffer) < end + 4 + int(buffer[start : buffer.find(b"\r", start)]):
            return
        if not buffer.startswith(b"HTTP/1.1 201"):
            sys.exit(f"unexpected: {buffer[:600]!r}")
        self._buffer = b""
        self._send()


def requests(number: int, recipients: int, mark: str) -> list[bytes]:
    made = []
    for index in range(number):
        to = [f"+2439{index * recipients + each:08}" for each in range(recipients)]
        body = orjson.dumps({"to": to, "message": f"Your OTP is {mark}{index}", "sender_id": "DIGI"})
        head = (
            f"POST {BASE_PATH}/send HTTP/1.1\r\nHost: 127.0.0.1\r\napp-key: {KEY}\r\nAccept: */*\r\n"
            f"User-Agent: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


async def blast(port: int, made: list[bytes], connections: int) -> float:
    """Seconds until all are answered."""
    loop = asyncio.get_running_loop()
    left = iter(made)
    ends = [asyncio.Event() for _ in range(connections)]
    began = time.perf_counter()
    transports = [
        (await loop.create_connection(lambda end=end: Connection(left, end), "127.0.0.1", port))[0] for end in ends
    ]
    await asyncio.gather(*(end.wait() for end in ends))
    took = time.perf_counter() - began
    for transport in transports:
        transport.close()
    return took


def start(port: int, command: list[str]) -> "subprocess.Popen[bytes]":
    pinned = ["taskset", "-c", "0"] if shutil.which("taskset") else []
    process = subprocess.Popen([*pinned, *command], stdout=subprocess.DEVNULL)
    for _ in range(100):
        time.sleep(0.1)
        try:
            urlopen(f"http://127.0.0.1:{port}{BASE_PATH}/health", timeout=1).close()
        except OSError:
            continue
        return process
    sys.exit(f"{command} doesn't answer")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", "--requests", type=int, default=10_000)
    parser.add_argument("-c", "--connections", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--serve-bare", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve_bare:
        serve_bare(options.serve_bare)
        return
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {1})
    bare_port, port = 42710, 42711
    single: list[tuple[float, float]] = []
    batch: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        scenario = Path(folder) / "bench.yaml"
        scenario.write_text(SCENARIO)
        serve = [sys.executable, "-m", "simulator", "serve", "--scenario", str(scenario), "--log-level", "error"]
        servers = [
            start(bare_port, [sys.executable, __file__, "--serve-bare", str(bare_port)]),
            start(port, [*serve, "--http-port", str(port), "--smpp-port", "0"]),
        ]
        try:
            for number in range(options.rounds):
                made = requests(options.requests, 1, f"{number}-")
                least = asyncio.run(blast(bare_port, made, options.connections))
                ours = asyncio.run(blast(port, made, options.connections))
                single.append((options.requests / ours, options.requests / least))
                many = requests(40, 1000, f"{number}+")
                batch.append(asyncio.run(blast(port, many, 1)) / len(many))
        finally:
            for server in servers:
                server.terminate()
                server.wait()
    gateway, floor = (statistics.median(column) for column in zip(*single, strict=True))
    ratio = statistics.median(mine / least for mine, least in single)
    call = statistics.median(batch)
    singles = statistics.median(seconds * mine for seconds, (mine, _) in zip(batch, single, strict=True))
    print(f"{'':34}{'gateway':>12}{'bare':>12}{'ratio':>8}")
    print(f"{'single sends a second':34}{gateway:>12,.0f}{floor:>12,.0f}{ratio:>8.3f}")
    print(f"{'a call with 1,000 recipients':34}{call * 1000:>9.2f} ms")
    print(f"{'costs as much as single sends':34}{singles:>12.1f}")


if __name__ == "__main__":
    main()
