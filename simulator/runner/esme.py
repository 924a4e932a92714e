"""An SMPP client made of smpplib, beside the event loop: the implementation that judges our SMSC.

smpplib blocks, and the SMSC at the other end of its socket lives in this very event loop. So each session has two
threads: one reads, one writes. The loop only puts PDUs into a queue, and hears of what came by
`call_soon_threadsafe`: in the order in which it came, and before the SMSC can see our answer to it.
"""

import asyncio
import logging
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import Any, ClassVar, Literal

from smpplib import consts
from smpplib.client import Client
from smpplib.command import Command, DataSMResp, DeliverSMResp, EnquireLinkResp, Param, UnbindResp
from smpplib.exceptions import ConnectionError as Disconnected
from smpplib.exceptions import PDUError, UnknownCommandError
from smpplib.ptypes import ostr
from smpplib.smpp import make_pdu

from simulator.runner.problems import RunError

BindKind = Literal["transceiver", "transmitter", "receiver"]

NOT_CONNECTED = -1
"""In place of a command_status: the connection ended before a response came."""

BACKLOG = 200
"""Submits that may wait for their response on one session, where the account's `window` says nothing."""

CONNECT_S = 5.0
JOIN_S = 5.0

_LOGGER = "simulator.runner.smpplib"
for _name in (_LOGGER, "smpplib.command"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)  # it warns of what the runner reports in its own words


@dataclass(frozen=True, slots=True)
class Answer:
    """A response PDU, as far as anybody asks."""

    command_status: int
    message_id: str = ""
    message_state: int | None = None


class _Numbers:
    """smpplib draws a number for each PDU that it reads, too. Requests get theirs from the session itself."""

    sequence = 0

    def next_sequence(self) -> int:
        return 0


class _Client(Client):  # type: ignore[misc]  # smpplib has no types
    """smpplib's client, which also keeps the octets of what it reads."""

    frame = b""

    def _create_socket(self) -> socket.socket:
        made: socket.socket = super()._create_socket()
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or a submit after a response waits 40 ms
        return made

    def _recv_exact(self, exact_size: int) -> bytes:
        octets: bytes = super()._recv_exact(exact_size)
        self.frame = octets if exact_size == 4 else self.frame + octets
        return octets

    def interrupt(self) -> None:
        """Wake whoever reads or writes."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def write(self, pdu: Command) -> None:
        """Send one that smpplib has no states for."""
        self._socket.sendall(pdu.generate())


class CancelSM(Command):  # type: ignore[misc]
    """cancel_sm (SMPP v3.4 section 4.9): smpplib knows its number, but not its fields."""

    params: ClassVar[dict[str, Param]] = {
        "service_type": Param(type=str, max=6),
        "message_id": Param(type=str, max=65),
        "source_addr_ton": Param(type=int, size=1),
        "source_addr_npi": Param(type=int, size=1),
        "source_addr": Param(type=str, max=21),
        "dest_addr_ton": Param(type=int, size=1),
        "dest_addr_npi": Param(type=int, size=1),
        "destination_addr": Param(type=str, max=21),
    }
    params_order = tuple(params)

    def __init__(self, **values: Any) -> None:
        super().__init__("cancel_sm", **values)
        self._set_vars(**dict.fromkeys(self.params))


class ReplaceSM(Command):  # type: ignore[misc]
    """replace_sm (SMPP v3.4 section 4.10)."""

    params: ClassVar[dict[str, Param]] = {
        "message_id": Param(type=str, max=65),
        "source_addr_ton": Param(type=int, size=1),
        "source_addr_npi": Param(type=int, size=1),
        "source_addr": Param(type=str, max=21),
        "schedule_delivery_time": Param(type=str, max=17),
        "validity_period": Param(type=str, max=17),
        "registered_delivery": Param(type=int, size=1),
        "sm_default_msg_id": Param(type=int, size=1),
        "sm_length": Param(type=int, size=1),
        "short_message": Param(type=ostr, max=254),
    }
    params_order = tuple(params)

    def __init__(self, **values: Any) -> None:
        super().__init__("replace_sm", **values)
        self._set_vars(**dict.fromkeys(self.params))

    def prep(self) -> None:
        self.sm_length = len(self.short_message or b"")


_OWN = (CancelSM, ReplaceSM)


class Esme:
    """One SMPP session of the runner."""

    def __init__(
        self, host: str, port: int, received: Callable[[Any], None], failed: Callable[[str], None], window: int | None
    ) -> None:
        """`received` gets each deliver_sm and data_sm, `failed` what smpplib can't read; both in the event loop."""
        self._loop = asyncio.get_running_loop()
        self._client = _Client(
            host,
            port,
            timeout=None,
            sequence_generator=_Numbers(),
            logger_name=_LOGGER,
            allow_unknown_opt_params=True,
        )
        self._received = received
        self._failed = failed
        self._window = asyncio.Semaphore(window or BACKLOG)
        self._number = 0
        self._answers: dict[int, asyncio.Future[Answer]] = {}
        self._outgoing: SimpleQueue[Command | None] = SimpleQueue()
        self._sending = Lock()
        self._deaf = Event()
        self._closing = Event()
        self._threads: list[Thread] = []
        self.kind: BindKind = "transceiver"
        self.alive = False
        """It is bound."""

    @property
    def can_submit(self) -> bool:
        return self.alive and self.kind != "receiver"

    async def bind(self, kind: BindKind, system_id: str, password: str | None) -> int:
        """Connect and bind; returns the command_status. Raises RunError if there is no connection."""
        self.kind = kind
        try:
            async with asyncio.timeout(CONNECT_S):
                await asyncio.to_thread(self._client.connect)
        except (Disconnected, OSError) as error:
            raise RunError(f"no SMPP connection to {self._client.host}:{self._client.port}: {error}") from None
        for name, work in (("read", self._read), ("write", self._write)):
            thread = Thread(target=work, name=f"esme-{name}", daemon=True)
            self._threads.append(thread)
            thread.start()
        pdu = make_pdu(f"bind_{kind}", client=self._client, system_id=system_id, password=password or "")
        answer = await (await self.post(pdu))
        self.alive = answer.command_status == 0
        return answer.command_status

    def make(self, command: str, **fields: Any) -> Command:
        """A PDU of smpplib's for this session."""
        if command == "cancel_sm":
            return CancelSM(client=self._client, **fields)
        if command == "replace_sm":
            return ReplaceSM(client=self._client, **fields)
        return make_pdu(command, client=self._client, **fields)

    async def post(self, pdu: Command) -> "asyncio.Future[Answer]":
        """Send a request, once the window has room; the future gets its response."""
        await self._window.acquire()
        future: asyncio.Future[Answer] = self._loop.create_future()
        future.add_done_callback(lambda _: self._window.release())
        if self._closing.is_set() or (self._threads and not self._threads[0].is_alive()):
            future.set_result(Answer(NOT_CONNECTED))
            return future
        self._number += 1
        pdu.sequence = self._number
        self._answers[self._number] = future
        self._outgoing.put(pdu)
        return future

    async def request(self, command: str, **fields: Any) -> Answer:
        """Send a request and wait for its response."""
        return await (await self.post(self.make(command, **fields)))

    async def unbind(self) -> None:
        """End the session politely."""
        if self.alive and not self._deaf.is_set():
            self.alive = False
            await (await self.post(make_pdu("unbind", client=self._client)))
        await self.close()

    def stop_reading(self) -> None:
        """Read nothing more; the connection stays."""
        self._deaf.set()

    async def close(self) -> None:
        """Cut the connection, and end the threads."""
        self.alive = False
        self._closing.set()
        self._deaf.set()
        self._client.interrupt()
        self._outgoing.put(None)
        for thread in self._threads:
            await asyncio.to_thread(thread.join, JOIN_S)
        self._client.state = consts.SMPP_CLIENT_STATE_OPEN  # else it warns
        self._client.disconnect()
        self._lost()

    # ---- the threads ----

    def _write(self) -> None:
        while (pdu := self._outgoing.get()) is not None:
            try:
                with self._sending:
                    if isinstance(pdu, _OWN):
                        self._client.write(pdu)
                    else:
                        self._client.send_pdu(pdu)
            except (Disconnected, OSError):
                break
            except (PDUError, struct.error, UnicodeError, ValueError) as error:
                self._call(self._failed, f"smpplib can't send {pdu.command}: {error or type(error).__name__}")
                self._call(self._answered, pdu.sequence, Answer(NOT_CONNECTED))

    def _read(self) -> None:
        try:
            while True:
                try:
                    pdu = self._client.read_pdu()
                except UnknownCommandError:
                    self._foreign()
                    continue
                if self._deaf.is_set():
                    self._closing.wait()
                    return
                self._handle(pdu)
        except (Disconnected, OSError):
            pass
        except Exception as error:
            if not self._closing.is_set():
                what = f"{type(error).__name__}: {error} ({self._client.frame.hex()})"
                self._call(self._failed, f"smpplib can't read what the SMSC sent: {what}")
        finally:
            self._client.interrupt()
            self._call(self._lost)

    def _handle(self, pdu: Any) -> None:
        match pdu.command:
            case "deliver_sm" | "data_sm":
                self._call(self._received, pdu)
                self._reply((DeliverSMResp if pdu.command == "deliver_sm" else DataSMResp), pdu)
            case "enquire_link":
                self._reply(EnquireLinkResp, pdu)
            case "unbind":
                self._reply(UnbindResp, pdu)
                raise Disconnected
            case "alert_notification":
                pass
            case _:
                message_id = getattr(pdu, "message_id", None) or b""
                state = getattr(pdu, "message_state", None)
                self._call(self._answered, pdu.sequence, Answer(int(pdu.status), message_id.decode("latin-1"), state))

    def _foreign(self) -> None:
        """A response that smpplib has no class for: the header says it all."""
        _, _, status, sequence = struct.unpack(">LLLL", self._client.frame[:16])
        self._call(self._answered, sequence, Answer(status))

    def _reply(self, kind: Callable[..., Any], request: Any) -> None:
        command = request.command + "_resp"
        response = kind(command, client=self._client)
        response.sequence = request.sequence
        with self._sending:
            self._client.send_pdu(response)

    def _call(self, function: Callable[..., None], *arguments: Any) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, *arguments)

    # ---- in the loop again ----

    def _answered(self, sequence: int, answer: Answer) -> None:
        future = self._answers.pop(sequence, None)
        if future is not None and not future.done():
            future.set_result(answer)

    def _lost(self) -> None:
        self.alive = False
        for future in self._answers.values():
            if not future.done():
                future.set_result(Answer(NOT_CONNECTED))
        self._answers.clear()
