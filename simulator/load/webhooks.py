"""The listener for webhooks: answers 200 to whatever comes, and counts the final ones."""

import asyncio
from typing import Final

from simulator.load.http1 import Http1Reader, HttpError
from simulator.load.http_sender import json_field
from simulator.load.matching import Matching
from simulator.load.plan import HttpPlan, PlanError
from simulator.load.schedule import US
from simulator.load.stats import Stats

_OK: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Webhooks:
    """One listener for a whole run."""

    def __init__(self, plan: HttpPlan, stats: Stats, matching: Matching) -> None:
        self.on_progress = _nothing
        self._plan = plan
        self._stats = stats
        self._matching = matching
        self._id = json_field(plan.id_field)
        self._event = json_field(plan.event_field)
        self._server: asyncio.Server | None = None
        self._loop = asyncio.get_running_loop()
        self._links: set[asyncio.Transport] = set()

    async def start(self) -> str:
        """Gives the callback URL. Raises PlanError if the port is taken."""
        host, port = self._plan.webhook_host, self._plan.webhook_port
        try:
            self._server = await self._loop.create_server(lambda: _Link(self, self._links), host, port)
        except OSError as error:
            raise PlanError(f"can't hear webhooks at {host}:{port}: {error.strerror or error}") from None
        port = self._server.sockets[0].getsockname()[1]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}/"

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            for transport in list(self._links):
                transport.abort()
            await self._server.wait_closed()

    def heard(self, bodies: list[bytes]) -> None:
        now = int(self._loop.time() * US)
        stats = self._stats
        final: list[tuple[bytes, int]] = []
        for body in bodies:
            event, message = self._event.search(body), self._id.search(body)
            name = event[1].decode("latin-1") if event else ""
            if message is None:
                stats.inbound += 1
            elif name in self._plan.final_events:
                stats.stats[name] += 1
                final.append((message[1], now))
            else:
                stats.intermediate += 1
        if final:
            stats.heard_us = now
            stats.receipt_latency.waiting += self._matching.receipts(final)
            stats.flush_if_long()
        self.on_progress()


class _Link(asyncio.Protocol):
    def __init__(self, webhooks: Webhooks, links: set[asyncio.Transport]) -> None:
        self._webhooks = webhooks
        self._links = links
        self._reader = Http1Reader(answers=False)
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._links.add(transport)

    def data_received(self, data: bytes) -> None:
        try:
            requests = self._reader.feed(data)
        except HttpError:
            self._transport.abort()
            return
        if requests:
            self._transport.write(_OK * len(requests))
            self._webhooks.heard([request.body for request in requests])
            if requests[-1].close:
                self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._links.discard(self._transport)


def _nothing() -> None:
    pass
