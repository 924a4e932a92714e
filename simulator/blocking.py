"""The simulator for synchronous tests: it runs in a thread, and its methods wait for the result.

    with Simulator(clock="manual") as sim:
        ...                       # your application, pointed at sim.base_url or sim.smpp_address
        sim.advance("24h")

An asynchronous test that shares such a simulator (the fixture of the pytest plugin) must not block its own event loop,
in which the application under test may live: there the same methods are to be awaited, under `sim.aio`.
"""

# ruff: noqa: ASYNC109  # see simulator.app
import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, TypeVar, Unpack, overload

from simulator.records import Filters, MessageRecord, Messages, SessionRecord, Stats, WebhookRecord
from simulator.smsc import LongMessage

if TYPE_CHECKING:
    from simulator.app import Simulator
    from simulator.scenario import Scenario

T = TypeVar("T")


class BlockingSimulator:
    """A `Simulator` in a thread. What a method does is written there."""

    def __init__(self, simulator: "Simulator") -> None:
        self.simulator = simulator
        """The one in the thread: read from it what you like, but call its methods only through this object."""
        self.aio = AwaitableSimulator(self)
        """The same methods, to be awaited."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None

    # ---- life ----

    def start(self) -> None:
        """Start the thread, and open all doors in it. Raises what `Simulator.start` raises."""
        ready = Event()

        def run() -> None:
            loop = asyncio.new_event_loop()
            self._loop = loop
            loop.call_soon(ready.set)
            try:
                loop.run_forever()
                loop.run_until_complete(loop.shutdown_asyncgens())
            finally:
                loop.close()

        self._thread = Thread(target=run, name="carrier-sim", daemon=True)
        self._thread.start()
        ready.wait()
        try:
            self.run(self.simulator.start())
        except BaseException:
            self._end()
            raise

    def stop(self) -> None:
        """Close all doors, and end the thread."""
        try:
            self.run(self.simulator.stop())
        finally:
            self._end()

    def _end(self) -> None:
        assert self._loop is not None
        assert self._thread is not None
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the simulator's thread, and wait for its result. Raises RuntimeError inside a running
        event loop."""
        if not in_event_loop():
            assert self._loop is not None
            return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()
        coroutine.close()
        raise RuntimeError("this would block the event loop that it is called in: await it, as in `await sim.aio.…(…)`")

    def _look(self, at: Callable[[], T]) -> T:
        """Have something read in the simulator's thread, where nothing changes meanwhile. It never waits for others, so
        it may be done in an event loop."""

        async def read() -> T:
            return at()

        if self._loop is None or self._loop.is_closed():
            return at()  # before the start, and after the end
        return asyncio.run_coroutine_threadsafe(read(), self._loop).result()

    # ---- where it is, and what there is ----

    @property
    def base_url(self) -> str:
        """What a client of the gateway takes as its base URL, without the API's path."""
        return self.simulator.base_url

    @property
    def http_port(self) -> int:
        return self.simulator.http_port

    @property
    def smpp_port(self) -> int:
        return self.simulator.smpp_port

    @property
    def smpp_address(self) -> tuple[str, int]:
        """Where the (first) SMSC listens."""
        return self.simulator.smpp_address

    @property
    def host(self) -> str:
        return self.simulator.host

    @property
    def seed(self) -> int:
        return self.simulator.seed

    @property
    def scenario(self) -> "Scenario":
        """What is played."""
        return self.simulator.scenario

    @property
    def now(self) -> int:
        """The simulation's time: milliseconds since the Unix epoch."""
        return self.simulator.now

    @property
    def messages(self) -> Messages:
        """All that are remembered, in order of arrival."""
        return self._look(lambda: self.simulator.messages)

    @property
    def long_messages(self) -> list[LongMessage]:
        """What came by SMPP in parts, put together."""
        return self._look(lambda: self.simulator.long_messages)

    @property
    def sessions(self) -> list[SessionRecord]:
        """The SMPP sessions that are bound, by account."""
        return self._look(lambda: self.simulator.sessions)

    @property
    def webhooks(self) -> list[WebhookRecord]:
        """The webhook posts of all messages, in the order in which they began."""
        return self._look(lambda: self.simulator.webhooks)

    @property
    def stats(self) -> Stats:
        """Counters."""
        return self._look(lambda: self.simulator.stats)

    # ---- what can be done ----

    def advance(self, duration: str | int) -> None:
        """See `Simulator.advance`."""
        self.run(self.simulator.advance(duration))

    @overload
    def wait_for(
        self, status: str | None = None, *, count: None = None, timeout: float = 5.0, **filters: Unpack[Filters]
    ) -> MessageRecord: ...
    @overload
    def wait_for(
        self, status: str | None = None, *, count: int, timeout: float = 5.0, **filters: Unpack[Filters]
    ) -> list[MessageRecord]: ...
    def wait_for(
        self, status: str | None = None, *, count: int | None = None, timeout: float = 5.0, **filters: Unpack[Filters]
    ) -> MessageRecord | list[MessageRecord]:
        """See `Simulator.wait_for`."""
        return self.run(self.simulator.wait(status, count, timeout, filters))

    def inbound(self, account: str, from_: str, to: str, text: str) -> None:
        """See `Simulator.inbound`."""
        self.run(self.simulator.inbound(account, from_, to, text))

    def force(self, message: MessageRecord | str, status: str) -> None:
        """See `Simulator.force`."""
        self.run(self.simulator.force(message, status))

    def drop_sessions(self, account: str | None = None) -> int:
        """See `Simulator.drop_sessions`."""
        return self.run(self.simulator.drop_sessions(account))

    def load(self, scenario: "Scenario | str | Path") -> None:
        """See `Simulator.load`."""
        self.run(self.simulator.load(scenario))

    def reset(
        self, scenario: "Scenario | str | Path | None" = None, *, seed: int | None = None, clock: str | None = None
    ) -> None:
        """See `Simulator.reset`."""
        self.run(self.simulator.reset(scenario, seed=seed, clock=clock))


class AwaitableSimulator:
    """The methods of a `BlockingSimulator`, for an event loop other than the simulator's own: asyncio's, or trio's."""

    def __init__(self, blocking: BlockingSimulator) -> None:
        self._blocking = blocking
        self._sim = blocking.simulator

    async def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the simulator's thread, and wait for its result."""
        if not in_event_loop():  # but in trio's
            from anyio import to_thread

            return await to_thread.run_sync(self._blocking.run, coroutine)
        loop = self._blocking._loop
        assert loop is not None
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, loop))

    async def advance(self, duration: str | int) -> None:
        """See `Simulator.advance`."""
        await self.run(self._sim.advance(duration))

    @overload
    async def wait_for(
        self, status: str | None = None, *, count: None = None, timeout: float = 5.0, **filters: Unpack[Filters]
    ) -> MessageRecord: ...
    @overload
    async def wait_for(
        self, status: str | None = None, *, count: int, timeout: float = 5.0, **filters: Unpack[Filters]
    ) -> list[MessageRecord]: ...
    async def wait_for(
        self, status: str | None = None, *, count: int | None = None, timeout: float = 5.0, **filters: Unpack[Filters]
    ) -> MessageRecord | list[MessageRecord]:
        """See `Simulator.wait_for`."""
        return await self.run(self._sim.wait(status, count, timeout, filters))

    async def inbound(self, account: str, from_: str, to: str, text: str) -> None:
        """See `Simulator.inbound`."""
        await self.run(self._sim.inbound(account, from_, to, text))

    async def force(self, message: MessageRecord | str, status: str) -> None:
        """See `Simulator.force`."""
        await self.run(self._sim.force(message, status))

    async def drop_sessions(self, account: str | None = None) -> int:
        """See `Simulator.drop_sessions`."""
        return await self.run(self._sim.drop_sessions(account))

    async def load(self, scenario: "Scenario | str | Path") -> None:
        """See `Simulator.load`."""
        await self.run(self._sim.load(scenario))

    async def reset(
        self, scenario: "Scenario | str | Path | None" = None, *, seed: int | None = None, clock: str | None = None
    ) -> None:
        """See `Simulator.reset`."""
        await self.run(self._sim.reset(scenario, seed=seed, clock=clock))


def in_event_loop() -> bool:
    """Whether asyncio runs in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
