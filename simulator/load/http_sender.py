"""One HTTP connection of a load test: kept alive, opened again if the server ends it."""

import asyncio
import re
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from simulator.load.connect import connect
from simulator.load.feeds import Feed
from simulator.load.http1 import Http1, Http1Reader, HttpError
from simulator.load.matching import Matching
from simulator.load.plan import Plan, Unreachable
from simulator.load.requests import Requests
from simulator.load.schedule import US
from simulator.load.stats import Stats, Status

_CODE: Final = re.compile(rb'"error_code"\s*:\s*"?([^",}\s]+)')


def json_field(name: str) -> "re.Pattern[bytes]":
    """What finds the value of a field in JSON, wherever it is."""
    return re.compile(rb'"%b"\s*:\s*"?([^",}\]\s]+)' % re.escape(name.encode()))


class HttpSender:
    """Requests of one account over one connection at a time. `window` above 1 means pipelining."""

    def __init__(self, plan: Plan, requests: Requests, stats: Stats, matching: Matching | None) -> None:
        assert plan.http is not None
        self.alive = False
        self.sends = True
        self.feed: Feed | None = None
        self.on_progress: Callable[[], None] = _nothing
        self.on_end: Callable[[], None] = _nothing
        self._plan = plan
        self._requests = requests
        self._stats = stats
        self._matching = matching
        self._id = json_field(plan.http.id_field)
        self._window = plan.window or 1
        self._in_flight: deque[int] = deque()
        self._loop = asyncio.get_running_loop()
        self._link: _Link | None = None
        self._leaving = False
        self._again: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Raises Unreachable."""
        self._link = await connect(lambda: _Link(self), self._plan)
        self.alive = True

    async def close(self) -> None:
        self._leaving = True
        self.alive = False
        if self._again is not None:
            self._again.cancel()
            await asyncio.wait((self._again,))
        if self._link is not None:
            self._link.transport.abort()

    @property
    def room(self) -> int:
        return self._window - len(self._in_flight) if self._link is not None else 0

    def send(self, first: int, count: int, due_us: int | Sequence[int]) -> None:
        assert self._link is not None
        self._in_flight.extend([due_us] * count if isinstance(due_us, int) else due_us)
        self._stats.messages += count
        self._stats.sent += count
        build = self._requests.build
        self._link.transport.write(b"".join([build(n) for n in range(first, first + count)]))

    def answered(self, answers: list[Http1]) -> None:
        now = int(self._loop.time() * US)
        stats = self._stats
        for answer in answers:
            if not self._in_flight:
                stats.unexpected += 1
                continue
            due = self._in_flight.popleft()
            stats.answered += 1
            stats.answered_us = now
            stats.latency.waiting.append(now - due)
            status = answer.status
            if not 200 <= status < 300:
                stats.refused[_label(status, answer.body)] += 1
                continue
            stats.ok += 1
            if self._matching is not None:
                match = self._id.search(answer.body)
                if match is not None:
                    stats.receipt_latency.waiting += self._matching.expect((match[1],), (due,))
        stats.flush_if_long()
        if self.feed is not None and self._link is not None:
            self.feed.more(self)
        self.on_progress()

    def closing(self) -> None:
        """The server has said that this connection takes no more."""
        self._link = None

    def ended(self, why: str) -> None:
        """The connection is gone; a server may end one that was idle or had its share, so open the next."""
        self._link = None
        if self._in_flight:
            self._stats.lost += len(self._in_flight)
            self._stats.notes.append(f"a connection was lost with {len(self._in_flight)} in flight: {why}")
            self._in_flight.clear()
        if self._leaving:
            return
        self._again = self._loop.create_task(self._reopen())
        self.on_progress()

    async def _reopen(self) -> None:
        try:
            await self.open()
        except Unreachable as error:
            self.alive = False
            self._stats.notes.append(str(error))
            self.on_end()
        else:
            if self.feed is not None:
                self.feed.more(self)


class _Link(asyncio.Protocol):
    """The connection itself."""

    transport: asyncio.Transport

    def __init__(self, sender: HttpSender) -> None:
        self._sender = sender
        self._reader = Http1Reader(answers=True)
        self._why = "the server closed it"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        try:
            answers = self._reader.feed(data)
            if answers:
                if answers[-1].close:
                    self._sender.closing()
                    self.transport.close()
                self._sender.answered(answers)
        except HttpError as error:
            self._why = str(error)
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        with suppress(HttpError):
            self._sender.answered(self._reader.end())
        self._sender.ended(str(exc) if exc else self._why)


def _label(status: int, body: bytes) -> Status:
    """How the summary calls a refusal."""
    match = _CODE.search(body)
    return f"HTTP {status}" + (f" {match[1].decode('latin-1')}" if match else "")


def _nothing() -> None:
    pass
