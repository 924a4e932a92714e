"""An SMSC on a free port, and a client of ours that can say anything."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from simulator.engine import Account, Accounts, Clock, Engine, Path, Rules, SmscSettings, make_clock
from simulator.engine.delays import Fixed
from simulator.engine.paths import Go
from simulator.engine.rules import Rule
from simulator.engine.statuses import Status
from simulator.smpp import (
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    DeliverSm,
    DeliverSmResp,
    Framer,
    Pdu,
    SubmitSm,
    decode,
    encode,
)
from simulator.smsc import Smsc

DELIVERED = Path("delivered", [Go(Status.ENROUTE, Fixed(100)), Go(Status.DELIVERED, Fixed(900))])
UNDELIVERED = Path("undelivered", [Go(Status.ENROUTE, Fixed(100)), Go(Status.UNDELIVERED, Fixed(900))])
SILENT_LIMIT_S = 5.0


class Esme:
    """A client that sends what it is told, and keeps all that comes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.sequence = 0
        self._framer = Framer()
        self._come: list[Pdu] = []
        self.version = 0x34

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def send(self, pdu: Pdu) -> int:
        self.sequence += 1
        pdu.sequence_number = self.sequence
        await self.write(encode(pdu))
        return self.sequence

    async def read(self) -> Pdu:
        """The next PDU. Raises EOFError when the SMSC has closed."""
        while not self._come:
            async with asyncio.timeout(SILENT_LIMIT_S):
                data = await self.reader.read(65536)
            if not data:
                raise EOFError
            self._come += [decode(frame, validate=False) for frame in self._framer.feed(data)]
        return self._come.pop(0)

    async def ask(self, pdu: Pdu) -> Pdu:
        """Send, and wait for the next PDU."""
        await self.send(pdu)
        return await self.read()

    async def bind(
        self, how: str = "transceiver", system_id: str = "acme", password: str = "secret", **more: Any
    ) -> Pdu:
        kinds: dict[str, type[Pdu]] = {
            "transceiver": BindTransceiver,
            "transmitter": BindTransmitter,
            "receiver": BindReceiver,
        }
        more.setdefault("interface_version", self.version)
        return await self.ask(kinds[how](system_id=system_id, password=password, **more))  # type: ignore[call-arg]

    async def submit(self, to: str = "15550100001", text: bytes = b"hello", **more: Any) -> Pdu:
        more.setdefault("registered_delivery", 1)
        return await self.ask(SubmitSm(source_addr="ACME", destination_addr=to, short_message=text, **more))

    async def receipt(self, command_status: int = 0) -> DeliverSm:
        """The next deliver_sm, which is answered."""
        pdu = await self.read()
        assert isinstance(pdu, DeliverSm), pdu
        await self.write(encode(DeliverSmResp(pdu.sequence_number, command_status)))
        return pdu

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


@dataclass
class Carrier:
    """The SMSC under test, with what is behind it."""

    smsc: Smsc
    engine: Engine
    clock: Clock
    port: int
    stack: AsyncExitStack
    esmes: list[Esme] = field(default_factory=list)

    async def connect(self) -> Esme:
        esme = Esme(*await asyncio.open_connection("127.0.0.1", self.port))
        self.stack.push_async_callback(esme.close)
        return esme

    async def bound(self, how: str = "transceiver", **more: Any) -> Esme:
        esme = await self.connect()
        response = await esme.bind(how, **more)
        assert response.command_status == 0, response
        return esme


StartCarrier = Callable[..., Awaitable[Carrier]]


@asynccontextmanager
async def carrier_running(
    *,
    clock: str = "manual",
    rules: list[Rule] | None = None,
    path: Path = DELIVERED,
    accounts: list[Account] | None = None,
    settings: SmscSettings | None = None,
) -> AsyncIterator[Carrier]:
    time = make_clock(clock)
    time.activity.patience_s = 0.05  # a test reads its receipts only after time has moved
    engine = Engine(time, Rules(rules or [], path))
    known = Accounts(accounts or [], open_to_all=not accounts)
    smsc = Smsc(engine, known, settings or SmscSettings())
    async with AsyncExitStack() as stack:
        port = await smsc.start("127.0.0.1", 0)
        time.start()
        stack.push_async_callback(smsc.stop)
        stack.callback(time.stop)
        yield Carrier(smsc, engine, time, port, stack)


@pytest.fixture
async def start() -> AsyncIterator[StartCarrier]:
    """Start an SMSC; it is stopped after the test."""
    async with AsyncExitStack() as stack:

        async def begin(**settings: Any) -> Carrier:
            return await stack.enter_async_context(carrier_running(**settings))

        yield begin


@pytest.fixture
async def carrier(start: StartCarrier) -> Carrier:
    """An SMSC that delivers everything after a second, under a manual clock."""
    return await start()
