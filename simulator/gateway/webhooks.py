"""Posts events to whoever wants them, and tries again (lisoloo-api 7.1; decisions D13 to D16).

Each target has a lane of its own: a queue, and posts in flight. While a target answers promptly, its events are posted
one after the other, in the order in which they happened, so that two runs show it the same. One that keeps a post
waiting gets the next ones meanwhile, up to a bound: a slow endpoint is not made slower by its own queue, and a dead
one costs the others nothing. A failed event leaves the queue until its retry is due.

Both waits, for a retry and for the answer, are the simulation's: they stand in the calendar. The date that ends a post
is only set for one that isn't answered promptly, so that usual posts leave no dates behind.
"""

import asyncio
import hmac
import logging
from collections import deque
from collections.abc import Callable

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

from simulator.engine.calendar import Timer
from simulator.engine.core import Engine
from simulator.engine.settings import GatewaySettings
from simulator.engine.units import SECOND
from simulator.gateway.attempts import Attempt, Target
from simulator.gateway.events import Event, Writer
from simulator.gateway.messages import HttpMessage

log = logging.getLogger("simulator.gateway")

PROMPT_S = 0.05
"""Real seconds within which a prompt endpoint answers."""
MOST_IN_FLIGHT = 64
"""Posts to one target that may be unanswered at a time."""
MOST_SOCKETS = 1024
"""Posts to all targets."""
MOST_QUEUED = 250_000
"""Events that wait for one target; further ones are dropped."""
LEAST_TIMEOUT_S = 0.1
"""Real seconds that a fast clock (`1000x`) leaves an endpoint to answer."""
DRAIN_S = 1.0
"""Real seconds in which posts may still be answered when the gateway stops."""
ATTEMPTS_PER_RECIPIENT = 40
"""Kept with the message: four events, five tries, two targets."""

USER_AGENT = "carrier-sim"


class Webhooks:
    """All lanes, and what they share."""

    def __init__(self, engine: Engine, settings: GatewaySettings) -> None:
        self.engine = engine
        self.settings = settings
        self.writer = Writer(engine.chance, settings.carriers, settings.default_carrier)
        self.listeners: list[Callable[[HttpMessage, Attempt], None]] = []
        """Called with each finished attempt."""
        self.posted = 0
        """Attempts so far."""
        self.dropped = 0
        """Events given up: the retries are used up, or the queue was full."""
        self.sockets = asyncio.Semaphore(MOST_SOCKETS)
        self._lanes: dict[Target, _Lane] = {}
        self._session: ClientSession | None = None
        self._stopped = False

    @property
    def pending(self) -> int:
        """Posts that are queued or in flight; retries that aren't due don't count."""
        return sum(len(lane.queue) + len(lane.flights) for lane in self._lanes.values())

    @property
    def timeout(self) -> int:
        """Milliseconds of the simulation's time until a post is given up."""
        rate: float = getattr(self.engine.clock, "rate", 0.0)
        return max(self.settings.webhook_timeout, int(rate * LEAST_TIMEOUT_S * SECOND))

    def publish(self, event: Event) -> None:
        """Let all targets of the event's message know."""
        shuffle = self.settings.webhook_shuffle
        for target in event.message.targets:
            if shuffle:
                clock = self.engine.clock
                held_back = int(event.id(self.engine.chance)[:8], 16) * (shuffle + 1) >> 32
                clock.calendar.at(clock.now() + held_back, _Again(self, target, event, 1))
            else:
                self.push(target, event, 1)

    def push(self, target: Target, event: Event, number: int) -> None:
        """Queue the `number`-th try of an event."""
        if self._stopped:
            return
        lane = self._lanes.get(target)
        if lane is None:
            lane = self._lanes[target] = _Lane(self, target)
        lane.push(event, number)

    def session(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(
                connector=TCPConnector(limit=0, ssl=self.settings.verify_tls),
                cookie_jar=DummyCookieJar(),
                timeout=ClientTimeout(total=None),
                headers={"Content-Type": "application/json", "User-Agent": USER_AGENT},
                auto_decompress=False,
            )
        return self._session

    def leave(self, lane: "_Lane") -> None:
        """Forget an idle lane: a million callback URLs must not stay."""
        if self._lanes.get(lane.target) is lane:
            del self._lanes[lane.target]

    def finished(self, target: Target, event: Event, number: int, began: int, status: int | None, error: str) -> None:
        """Record an attempt, and see to the next one (decision D14)."""
        clock = self.engine.clock
        now = clock.now()
        retry_at = None
        if status is None or status >= 500:
            wait = self.settings.webhook_retries.wait(number)
            if wait is not None:
                retry_at = now + wait
                clock.calendar.at(retry_at, _Again(self, target, event, number + 1))
            else:
                self.dropped += 1
                log.info("%s of %s given up after %d posts to %s", event.type, event.message.id, number, target.url)
        self.posted += 1
        event_id = event.id(self.engine.chance)
        attempt = Attempt(
            began, target.url, event.type, event_id, event.index, number, status, error or None, now - began, retry_at
        )
        _keep(event.message, attempt)
        for listener in self.listeners:
            listener(event.message, attempt)

    def overflow(self, target: Target) -> None:
        if not self.dropped:
            log.warning("events for %s are dropped: it has %d unanswered", target.url, MOST_QUEUED)
        self.dropped += 1

    async def stop(self) -> None:
        """Let what is in flight be answered, but not for long."""
        self._stopped = True
        lanes = list(self._lanes.values())
        flights = [flight.task for lane in lanes for flight in lane.flights if flight.task is not None]
        for lane in lanes:
            lane.close()
        if flights:
            await asyncio.wait(flights, timeout=DRAIN_S)
        for task in flights:
            task.cancel()
        await asyncio.gather(*flights, return_exceptions=True)
        self._lanes.clear()
        if self._session is not None:
            await self._session.close()
            self._session = None


class _Again:
    """A try that is due later."""

    __slots__ = ("_event", "_number", "_target", "_webhooks")

    def __init__(self, webhooks: Webhooks, target: Target, event: Event, number: int) -> None:
        self._webhooks = webhooks
        self._target = target
        self._event = event
        self._number = number

    def __call__(self) -> None:
        self._webhooks.push(self._target, self._event, self._number)


class _Flight:
    """A post that isn't answered yet."""

    __slots__ = ("_deadline", "began", "event", "expired", "limit", "number", "task")

    def __init__(self, event: Event, number: int, began: int) -> None:
        self.event = event
        self.number = number
        self.began = began
        self.expired = False
        self.limit: asyncio.Timeout | None = None
        self.task: asyncio.Task[None] | None = None
        self._deadline: Timer | None = None

    def expire_by(self, deadline: Timer) -> None:
        self._deadline = deadline

    def expire(self) -> None:
        self.expired = True
        if self.limit is not None:
            self.limit.reschedule(0.0)

    def land(self) -> None:
        self.limit = None
        if self._deadline is not None:
            self._deadline.cancel()


class _Lane:
    """One target's queue, and its posts in flight."""

    def __init__(self, webhooks: Webhooks, target: Target) -> None:
        self.target = target
        self.queue: deque[tuple[Event, int]] = deque()
        self.flights: set[_Flight] = set()
        self._webhooks = webhooks
        self._clock = webhooks.engine.clock
        self._slots = asyncio.Semaphore(MOST_IN_FLIGHT)
        self._pump: asyncio.Task[None] | None = None
        self._prompt = True
        self._headers = {} if target.authorization is None else {"Authorization": target.authorization}

    def push(self, event: Event, number: int) -> None:
        if len(self.queue) >= MOST_QUEUED:
            self._webhooks.overflow(self.target)
            return
        self.queue.append((event, number))
        self._clock.activity.begin()
        if self._pump is None:
            self._pump = asyncio.get_running_loop().create_task(self._run())

    def close(self) -> None:
        self._clock.activity.end(len(self.queue))
        self.queue.clear()
        if self._pump is not None:
            self._pump.cancel()

    async def _run(self) -> None:
        """Post what is queued: one after the other, as long as the answers come promptly."""
        loop = asyncio.get_running_loop()
        while self.queue:
            await self._slots.acquire()
            await self._webhooks.sockets.acquire()
            event, number = self.queue.popleft()
            flight = _Flight(event, number, self._clock.now())
            self.flights.add(flight)
            flight.task = task = loop.create_task(self._post(flight))
            await asyncio.wait((task,), timeout=PROMPT_S if self._prompt else 0.0)
            if not task.done():
                self._prompt = False
                deadline = flight.began + self._webhooks.timeout
                flight.expire_by(self._clock.calendar.at(deadline, flight.expire))
        self._pump = None
        self._leave_if_idle()

    async def _post(self, flight: _Flight) -> None:
        status, error = None, ""
        try:
            async with asyncio.timeout(None) as flight.limit:
                if flight.expired:
                    flight.expire()
                status = await self._send(flight.event)
        except TimeoutError:
            error = "timeout"
        except (ClientError, OSError, ValueError) as failure:
            error = f"{type(failure).__name__}: {failure}"[:200]
        finally:
            flight.land()
            self.flights.discard(flight)
            self._slots.release()
            self._webhooks.sockets.release()
            self._clock.activity.end()
        self._prompt = self._prompt or status is not None
        self._webhooks.finished(self.target, flight.event, flight.number, flight.began, status, error)
        self._leave_if_idle()

    async def _send(self, event: Event) -> int:
        body = self._webhooks.writer.write(event)
        headers = self._headers
        secret = self._webhooks.settings.webhook_secret
        if secret is not None:
            headers = {**headers, **signature(secret, body, self._clock.now())}
        request = self._webhooks.session().post(self.target.url, data=body, headers=headers, allow_redirects=False)
        async with request as response:
            return response.status

    def _leave_if_idle(self) -> None:
        if self._pump is None and not self.queue and not self.flights:
            self._webhooks.leave(self)


def signature(secret: str, body: bytes, now: int) -> dict[str, str]:
    """The headers of a signed webhook: HMAC-SHA256 over the body, in hexadecimal, and when it was sent, in seconds
    since the epoch (decision D26)."""
    digest = hmac.new(secret.encode(), body, "sha256").hexdigest()
    return {"X-Lisoloo-Signature": digest, "X-Lisoloo-Timestamp": str(now // SECOND)}


def _keep(message: HttpMessage, attempt: Attempt) -> None:
    attempts = message.attempts
    if attempts is None:
        attempts = message.attempts = []
    if len(attempts) >= ATTEMPTS_PER_RECIPIENT * len(message.recipients):
        del attempts[: len(attempts) // 2]
    attempts.append(attempt)
