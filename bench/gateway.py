"""How many POST /send a second, as a ratio to the least that an aiohttp handler can cost; and what recipients cost.

The least: a handler that reads the JSON with orjson and answers the same 201, and does nothing else.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
from aiohttp import web

from bench.harness import CORE_OF_GENERATOR, SERVE, Figure, Tools, at_least, free_port, running

REQUESTS, CONNECTIONS = 10_000, 20
CALLS, RECIPIENTS = 40, 1000
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
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None)


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

    def spin() -> None:  # who sleeps has to be woken, which costs the server time
        loop.call_soon(spin)

    spin()
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


def measure(tools: Tools, rounds: int) -> Iterator[Figure]:
    del tools
    cores = os.sched_getaffinity(0)
    if len(cores) > 1:
        os.sched_setaffinity(0, {CORE_OF_GENERATOR})
    try:
        yield from _measure(rounds)
    finally:
        os.sched_setaffinity(0, cores)


def _measure(rounds: int) -> Iterator[Figure]:
    bare_port, port = free_port(), free_port()
    single: list[float] = []
    calls: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        scenario = Path(folder) / "bench.yaml"
        scenario.write_text(SCENARIO)
        serve = [*SERVE, "--scenario", str(scenario), "--http-port", str(port), "--smpp-port", "0"]
        with running([sys.executable, "-m", "bench.gateway", str(bare_port)], bare_port), running(serve, port):
            for number in range(rounds):
                made = requests(REQUESTS, 1, f"{number}-")
                least = asyncio.run(blast(bare_port, made, CONNECTIONS))
                ours = asyncio.run(blast(port, made, CONNECTIONS))
                single.append(least / ours)
                many = requests(CALLS, RECIPIENTS, f"{number}+")
                calls.append(CALLS * RECIPIENTS / asyncio.run(blast(port, many, 1)))
    rate = REQUESTS / ours
    yield at_least("POST /send with one recipient, of a bare aiohttp handler", statistics.median(single), 0.5)
    yield Figure("POST /send a second, one recipient", f"{rate:,.0f}")
    what = "recipients a second, 1,000 in a call"
    yield at_least(what, statistics.median(calls), 100_000, "{:,.0f}")


if __name__ == "__main__":
    serve_bare(int(sys.argv[1]))
