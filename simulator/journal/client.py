"""The clients of a replay: they do again what a journal's clients did, and answer what comes as those answered it."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import orjson
from aiohttp import ClientError

from simulator.app import Simulator
from simulator.engine import Engine, GatewaySettings
from simulator.gateway.webhooks import PROMPT_S, Webhooks
from simulator.journal.events import NO_ANSWER_NAME, Event, identity, url_of
from simulator.smpp import CommandId, CommandStatus, Framer, FramingError, status_name
from simulator.smpp.constants import RESPONSE_BIT
from simulator.smsc import Connection, Smsc
from simulator.smsc.mailbox import NO_ANSWER, Parcel

PATIENCE_S = 5.0
"""Real seconds for a response that was recorded."""

_DELIVERIES = frozenset({CommandId.DELIVER_SM, CommandId.DATA_SM, CommandId.ALERT_NOTIFICATION})

_STATUSES: dict[str, int] = {status_name(int(status)): int(status) for status in CommandStatus}


@dataclass(frozen=True, slots=True)
class Answered:
    """What a journal says that a client answered, and when."""

    at: int
    event: Event


class Answers:
    """All answers of a journal to what the simulator sent, each to be taken once, in order."""

    def __init__(self, events: Sequence[tuple[int, Event]], instant: Mapping[str, int], timed: bool) -> None:
        """`timed`: they come when they came; else at once."""
        self.timed = timed
        self._found: dict[str, deque[Answered]] = defaultdict(deque)
        for _, event in events:
            at = instant[event["t"]]
            if event["e"] in ("receipt", "deliver") and "answer" in event:
                self._found[_key(event)].append(Answered(at, event))
            elif event["e"] == "webhook":
                self._found[_webhook_key(event["event_id"], event["url"], event["attempt"])].append(Answered(at, event))

    def parcel(self, identified: Event) -> Answered | None:
        return self._take(_key(identified))

    def webhook(self, event_id: str, url: str, attempt: int) -> Answered | None:
        return self._take(_webhook_key(event_id, url, attempt))

    def _take(self, key: str) -> Answered | None:
        found = self._found.get(key)
        return found.popleft() if found else None


def _key(event: Event) -> str:
    return repr([value for name, value in event.items() if name not in ("t", "answer")])


def _webhook_key(event_id: str, url: str, attempt: int) -> str:
    return f"{event_id} {url} {attempt}"


class Esme(asyncio.Protocol):
    """One session's client."""

    def __init__(self, sessions: "Sessions") -> None:
        self.gone = False
        self.transport: asyncio.Transport
        self._sessions = sessions
        self._framer = Framer()
        self._sequence = 0
        self._waiting: dict[bytes, asyncio.Future[None]] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    @property
    def name(self) -> str:
        """As the SMSC calls its peer."""
        host, port = self.transport.get_extra_info("sockname")[:2]
        return f"{host}:{port}"

    def request(self, pdu: bytes) -> "asyncio.Future[None]":
        """Send a PDU; the future is done when its response has come."""
        self._sequence += 1
        sequence = self._sequence.to_bytes(4, "big")
        future = self._waiting[sequence] = asyncio.get_running_loop().create_future()
        self.transport.write(pdu[:12] + sequence + pdu[16:] if len(pdu) >= 16 else pdu)
        return future

    def data_received(self, data: bytes) -> None:
        try:
            frames = self._framer.feed(data)
        except FramingError as error:
            frames = error.frames
        for frame in frames:
            command_id = int.from_bytes(frame[4:8], "big")
            if command_id & RESPONSE_BIT:
                future = self._waiting.pop(frame[12:16], None)
                if future is not None and not future.done():
                    future.set_result(None)
            elif command_id in _DELIVERIES:
                self._sessions.delivered(self, command_id, frame)
            else:
                self.respond(command_id, frame, 0)

    def respond(self, command_id: int, frame: bytes, status: int) -> None:
        """Answer a request."""
        body = b"\0" if command_id in (CommandId.DELIVER_SM, CommandId.DATA_SM) else b""
        head = (16 + len(body)).to_bytes(4, "big") + (command_id | RESPONSE_BIT).to_bytes(4, "big")
        if not self.transport.is_closing():
            self.transport.write(head + status.to_bytes(4, "big") + frame[12:16] + body)

    def connection_lost(self, error: Exception | None) -> None:
        self.gone = True
        for future in self._waiting.values():
            if not future.done():
                future.set_result(None)


class Sessions:
    """All sessions of a replay, by their numbers in the journal; a listener of the SMSCs (SmscListener).

    What is not answered at once must not hold up time: `Activity` is told so.
    """

    def __init__(self, sim: Simulator, answers: Answers) -> None:
        self._sim = sim
        self._answers = answers
        self._esmes: dict[int, Esme] = {}
        self._sent: dict[str, deque[tuple[Connection, Parcel, Event]]] = defaultdict(deque)  # by the peer's name
        self._owed: dict[Parcel, Connection] = {}
        self._left: dict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def esme(self, number: int, port: int) -> Esme:
        """The session with this number, connected."""
        esme = self._esmes.get(number)
        if esme is None:
            loop = asyncio.get_running_loop()
            _, esme = await loop.create_connection(lambda: Esme(self), self._sim.host, port)
            self._esmes[number] = esme
        return esme

    async def leave(self, number: int) -> None:
        """Close a session's connection, and wait until the SMSC knows."""
        esme = self._esmes.pop(number, None)
        if esme is not None:
            left = self._left[esme.name] if not esme.gone else None
            esme.transport.close()
            if left is not None:
                async with asyncio.timeout(PATIENCE_S):
                    await left.wait()

    def forget(self) -> None:
        """A reset has dropped them all."""
        self._esmes.clear()

    async def close(self) -> None:
        for esme in self._esmes.values():
            esme.transport.abort()
        await asyncio.sleep(0)

    def delivered(self, esme: Esme, command_id: int, frame: bytes) -> None:
        """A client has got something: in the order in which it was sent."""
        connection, parcel, identified = self._sent[esme.name].popleft()
        if command_id == CommandId.ALERT_NOTIFICATION:
            return
        answer = self._answers.parcel(identified)
        if answer is None or answer.event["answer"] == NO_ANSWER_NAME:
            self._owe(connection, parcel)
            return
        status = _STATUSES.get(answer.event["answer"], 0)
        clock = self._sim.clock
        if self._answers.timed and answer.at > clock.now():

            def later() -> None:
                self._pay(parcel)
                esme.respond(command_id, frame, status)

            self._owe(connection, parcel)
            clock.calendar.at(answer.at, later)
        else:
            esme.respond(command_id, frame, status)

    def _owe(self, connection: Connection, parcel: Parcel) -> None:
        self._owed[parcel] = connection
        self._sim.clock.activity.end()

    def _pay(self, parcel: Parcel) -> None:
        if self._owed.pop(parcel, None) is not None:
            self._sim.clock.activity.begin()

    # simulator.smsc.listeners.SmscListener

    def sent(self, connection: Connection, parcel: Parcel) -> None:
        self._sent[connection.peer].append((connection, parcel, identity(connection, parcel)))

    def answered(self, connection: Connection, parcel: Parcel, command_status: int) -> None:
        if command_status == NO_ANSWER:
            self._pay(parcel)

    def inbound(self, smsc: Smsc, account: str, source: str, to: str, text: str) -> None:
        """The replay itself does it."""

    def left(self, connection: Connection) -> None:
        for parcel in [parcel for parcel, owner in self._owed.items() if owner is connection]:
            self._pay(parcel)
        self._left[connection.peer].set()


class ReplayedWebhooks(Webhooks):
    """Posts to nobody: the answers are those of the journal."""

    def __init__(self, engine: Engine, settings: GatewaySettings, answers: Answers, portless: bool) -> None:
        super().__init__(engine, settings)
        self._endpoint = _Endpoint(engine, answers, portless)

    def session(self) -> Any:
        return self._endpoint


class _Endpoint:
    """In the place of aiohttp's ClientSession."""

    def __init__(self, engine: Engine, answers: Answers, portless: bool) -> None:
        self._engine = engine
        self._answers = answers
        self._portless = portless
        self._tries: dict[tuple[str, str], int] = defaultdict(int)

    def post(self, url: str, *, data: bytes, **options: Any) -> "_Post":
        event_id = orjson.loads(data)["event_id"]
        self._tries[event_id, url] += 1
        known = url_of(url, self._portless)
        answer = self._answers.webhook(event_id, known, self._tries[event_id, url])
        return _Post(self._engine, answer, self._answers.timed)


class _Post:
    """One POST, as `async with` sees it."""

    def __init__(self, engine: Engine, answer: Answered | None, timed: bool) -> None:
        self._engine = engine
        self._answer = answer
        self._timed = timed
        self.status = 200

    async def __aenter__(self) -> "_Post":
        answer, clock = self._answer, self._engine.clock
        if answer is None:
            return self
        lost = answer.event.get("error")
        if lost == "timeout":
            await self._until(None)
        elif self._timed and answer.at > clock.now():
            await self._until(answer.at)
        if lost is not None:
            raise type(lost, (ClientError,), {})
        self.status = answer.event["status"]
        return self

    async def __aexit__(self, *error: object) -> None:
        """There is nothing to close."""

    async def _until(self, at: int | None) -> None:
        """Let time pass meanwhile; None: until the gateway gives up."""
        clock = self._engine.clock
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def wake() -> None:
            clock.activity.begin()
            if not woken.done():
                woken.set_result(None)

        await asyncio.sleep(2 * PROMPT_S)  # by then the gateway has set the date at which it gives up
        timer = clock.calendar.at(at, wake) if at is not None else None
        clock.activity.end()
        try:
            await woken
        except asyncio.CancelledError:
            if timer is None or timer.pending:
                clock.activity.begin()
            raise
        finally:
            if timer is not None:
                timer.cancel()
