"""An SMSC of few words for the load generator to talk to, and the command as a user calls it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
import typer
from typer.testing import CliRunner
from typer.testing import Result as Called

from simulator.cli.load import load
from simulator.load import Message, Plan, parse
from simulator.smpp import (
    Bind,
    DeliverSm,
    EnquireLink,
    Framer,
    SubmitSm,
    Unbind,
    build_receipt,
    decode,
    encode,
    response_to,
)

APP = typer.Typer(pretty_exceptions_enable=False)
APP.command()(load)


@dataclass
class Smsc:
    """Answers what it is told to: each of the functions gets the number of the submit, from 1."""

    message_id: Callable[[int], str] = "{:08x}".format
    receipt_id: Callable[[int], str] | None = None
    """None: as in the answer."""
    receipts: Callable[[int], int] = lambda n: 1
    status: Callable[[int], int] = lambda n: 0
    bind_status: int = 0
    stall: tuple[int, float] = (0, 0.0)
    """From this submit on nothing is answered for so many seconds."""
    receipts_first: bool = False
    enquire: bool = False
    hang_up_after: int = 0
    busy: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when there were a hundred submits."""
    port: int = 0
    submits: list[SubmitSm] = field(default_factory=list)
    binds: list[Bind] = field(default_factory=list)
    answered_enquiries: int = 0
    receivers: list["_Session"] = field(default_factory=list)

    async def start(self, stack: AsyncExitStack) -> None:
        server = await asyncio.get_running_loop().create_server(lambda: _Session(self), "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        stack.callback(server.close)

    def plan(self, **more: Any) -> Plan:
        """A short closed loop against this SMSC."""
        fields: dict[str, Any] = {"message": message(), "port": self.port, "messages": 50, "window": 10, "wait_s": 0.2}
        return Plan(**fields | more)


def message(to: str = "+1555{n:07}", text: str = "hello {n}", **more: Any) -> Message:
    return Message(parse(to), parse(text), **more)


class _Session(asyncio.Protocol):
    def __init__(self, smsc: Smsc) -> None:
        self.smsc = smsc
        self.framer = Framer()
        self.held: list[bytes] | None = None
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        for frame in self.framer.feed(data):
            self.one(frame)

    def one(self, frame: bytes) -> None:
        smsc, pdu = self.smsc, decode(frame)
        if isinstance(pdu, Bind):
            smsc.binds.append(pdu)
            if pdu.command_id != 2:
                smsc.receivers.append(self)
            self.write(encode(response_to(pdu, smsc.bind_status)))
            if smsc.enquire:
                self.write(encode(EnquireLink(77)))
        elif isinstance(pdu, Unbind):
            self.write(encode(response_to(pdu)))
            self.transport.close()
        elif isinstance(pdu, EnquireLink):
            self.write(encode(response_to(pdu)))
        elif isinstance(pdu, SubmitSm):
            self.submit(pdu)
        elif pdu.command_id == 0x80000015:
            smsc.answered_enquiries += 1

    def submit(self, pdu: SubmitSm) -> None:
        smsc = self.smsc
        smsc.submits.append(pdu)
        n = len(smsc.submits)
        if n == 100:
            smsc.busy.set()
        if n == smsc.hang_up_after:
            self.transport.abort()
            return
        if n == smsc.stall[0]:
            self.held = []
            asyncio.get_running_loop().call_later(smsc.stall[1], self.release)
        status = smsc.status(n)
        answer: Any = response_to(pdu, status)
        if not status:
            answer.message_id = smsc.message_id(n)
        out = [encode(answer)]
        if not status and pdu.registered_delivery & 1:
            text = (smsc.receipt_id or smsc.message_id)(n)
            receipt = build_receipt(pdu, message_id=text, state=2, submitted_ms=0, done_ms=0)
            to = self if self in smsc.receivers else smsc.receivers[0]
            heard = [self.receipt(receipt, n) for _ in range(smsc.receipts(n))]
            if to is not self:
                to.write(b"".join(heard))
            else:
                out = [*heard, *out] if smsc.receipts_first else [*out, *heard]
        self.write(b"".join(out))

    @staticmethod
    def receipt(pdu: DeliverSm, n: int) -> bytes:
        pdu.sequence_number = n
        return encode(pdu)

    def release(self) -> None:
        held, self.held = self.held or [], None
        self.write(b"".join(held))

    def write(self, data: bytes) -> None:
        if self.held is not None:
            self.held.append(data)
        elif not self.transport.is_closing():
            self.transport.write(data)


@pytest.fixture
async def smsc() -> AsyncIterator[Callable[..., Awaitable[Smsc]]]:
    """Starts one that behaves as told."""
    async with AsyncExitStack() as stack:

        async def start(**behaviour: Any) -> Smsc:
            found = Smsc(**behaviour)
            await found.start(stack)
            return found

        yield start


@pytest.fixture
def call() -> Callable[..., Awaitable[Called]]:
    """Calls `carrier-sim load` with these arguments, beside the test's own loop."""

    async def run(*arguments: object) -> Called:
        words = [str(argument) for argument in arguments]
        return await asyncio.to_thread(lambda: CliRunner().invoke(APP, words))

    return run
