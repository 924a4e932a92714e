"""One SMPP session of a load test: binds, sends in batches, reads in batches."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import chain, repeat

from simulator.load.connect import connect
from simulator.load.feeds import Feed
from simulator.load.matching import Matching
from simulator.load.plan import Account, Plan, Unreachable
from simulator.load.reading import Batch, Reader
from simulator.load.schedule import US
from simulator.load.stats import Stats
from simulator.load.submits import Submits, sequence_numbers
from simulator.smpp import (
    Bind,
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    CommandId,
    FramingError,
    PduError,
    encode,
    encode_header,
    status_name,
)

_BINDS: dict[str, type[Bind]] = {
    "transceiver": BindTransceiver,
    "transmitter": BindTransmitter,
    "receiver": BindReceiver,
}
NO_LIMIT = 1 << 30


class SmppSender(asyncio.Protocol):
    """A session."""

    def __init__(self, plan: Plan, submits: Submits, stats: Stats, matching: Matching | None) -> None:
        self.alive = False
        self.sends = True
        """Not so for a receiver."""
        self.feed: Feed | None = None
        self.on_progress: Callable[[], None] = _nothing
        """Called when something has come."""
        self.on_end: Callable[[], None] = _nothing
        """Called when the session has ended without being asked to."""
        self._plan = plan
        self._submits = submits
        self._stats = stats
        self._matching = matching
        self._reader = Reader(want_ids=matching is not None)
        self._loop = asyncio.get_running_loop()
        self._bound: asyncio.Future[int] = self._loop.create_future()
        self._closed: asyncio.Future[None] = self._loop.create_future()
        self._transport: asyncio.Transport
        self._in_flight: dict[int, int] = {}
        self._sequence = plan.sequence_start
        self._window = plan.window or NO_LIMIT
        self._out: list[bytes] = []
        self._reading = False
        self._leaving = False
        self._next_message = 1
        self._enquired = False

    # ---- the session's life ----

    async def bind(self, account: Account, kind: str) -> None:
        """Raises Unreachable if the SMSC does not want us, PduError if what we say can't be said."""
        self.sends = kind != "receiver"
        pdu = _BINDS[kind](
            self._take(1)[0],
            0,
            account.system_id,
            account.password,
            self._plan.system_type,
            self._plan.interface_version,
        )
        self._transport.write(encode(pdu))
        where = f"{self._plan.host}:{self._plan.port}"
        try:
            status = await asyncio.wait_for(self._bound, self._plan.connect_timeout_s)
        except TimeoutError:
            raise Unreachable(f"{where} doesn't answer bind_{kind}: is it an SMSC?") from None
        if status < 0:
            raise Unreachable(f"{where} ended the connection before it answered bind_{kind}")
        if status:
            raise Unreachable(f"{where} refused bind_{kind} of '{account.system_id}': {status_name(status)}")
        self.alive = True
        if self._plan.enquire_link_s:
            self._loop.call_later(self._plan.enquire_link_s, self._enquire)

    async def unbind(self, timeout_s: float = 1.0) -> None:
        """Leave politely, if the SMSC lets us."""
        self._leaving = True
        if self.alive and not self._transport.is_closing():
            self._transport.write(encode_header(CommandId.UNBIND, 0, self._take(1)[0]))
            await asyncio.wait((self._closed,), timeout=timeout_s)
        self.abort()

    def abort(self) -> None:
        self._leaving = True
        self.alive = False
        if not self._transport.is_closing():
            self._transport.abort()

    def _enquire(self) -> None:
        if not self.alive:
            return
        if self._enquired:
            self._stats.notes.append(f"enquire_link got no answer for {self._plan.enquire_link_s:g} s")
        self._enquired = True
        self._transport.write(encode_header(CommandId.ENQUIRE_LINK, 0, self._take(1)[0]))
        self._loop.call_later(self._plan.enquire_link_s, self._enquire)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.alive = False
        self._stats.lost += len(self._in_flight)
        self._in_flight.clear()
        if not self._closed.done():
            self._closed.set_result(None)
        if not self._bound.done():
            self._bound.set_result(-1)
        elif not self._leaving:
            self._stats.notes.append(f"a session was lost: {exc or 'the SMSC closed it'}")
            self.on_end()

    # ---- what goes out ----

    @property
    def room(self) -> int:
        free = self._window - len(self._in_flight)
        each = self._submits.segments(self._next_message)
        if not (self.sends and self.alive):
            return 0
        # A message of more parts than the window is wide goes alone.
        return max(0, free // each) or int(not self._in_flight)

    def send(self, first: int, count: int, due_us: int | Sequence[int]) -> None:
        submits, stats = self._submits, self._stats
        dues = due_us if isinstance(due_us, int) else iter(due_us)
        stats.messages += count
        while count > 0:
            here = submits.same_shape(first, count)
            each = submits.segments(first)
            numbers = self._take(here * each)
            if isinstance(dues, int):
                self._in_flight.update(dict.fromkeys(numbers, dues))
            elif each == 1:
                self._in_flight.update(zip(numbers, dues, strict=False))
            else:
                every = chain.from_iterable(repeat(due, each) for due in dues)
                self._in_flight.update(zip(numbers, every, strict=False))
            self._out.append(submits.build(numbers, first))
            stats.sent += here * each
            first += here
            count -= here
        self._next_message = first
        if not self._reading:
            self._write()

    def _take(self, count: int) -> Sequence[int]:
        numbers = sequence_numbers(self._sequence, count)
        self._sequence = numbers[-1]
        return numbers

    def _write(self) -> None:
        if self._out and not self._transport.is_closing():
            self._transport.write(b"".join(self._out))
        self._out.clear()

    # ---- what comes in ----

    def data_received(self, data: bytes) -> None:
        now = int(self._loop.time() * US)
        try:
            batch = self._reader.feed(data)
        except FramingError as error:
            self._stats.notes.append(f"a session was given up: {error}")
            self._transport.abort()
            return
        # What the batch makes us send goes out in one write.
        self._reading = True
        self._out += batch.replies
        if batch.answered:
            self._accepted(batch, now)
        if batch.refused:
            for sequence, status in batch.refused:
                self._refused(sequence, status, now)
        if batch.receipts:
            self._heard(batch, now)
        self._stats.intermediate += batch.intermediate
        self._stats.inbound += batch.inbound
        for command, status, sequence in batch.responses:
            self._responded(command, status, sequence, now)
        if batch.unbind and not self._leaving:
            self.alive = False
            self._stats.notes.append("the SMSC sent unbind")
        self._stats.flush_if_long()
        if self.feed is not None:
            self.feed.more(self)
        self._reading = False
        self._write()
        if batch.unbind:
            self._transport.close()
        self.on_progress()

    def _accepted(self, batch: Batch, now: int) -> None:
        stats, ids = self._stats, batch.ids
        dues: list[int] = list(map(self._in_flight.pop, batch.answered, repeat(-1)))
        if -1 in dues:
            stats.unexpected += dues.count(-1)
            ids = [text for text, due in zip(ids, dues, strict=bool(ids)) if due != -1]
            dues = [due for due in dues if due != -1]
        stats.answered += len(dues)
        stats.ok += len(dues)
        stats.answered_us = now
        stats.latency.waiting += map(now.__sub__, dues)
        if self._matching is not None:
            stats.receipt_latency.waiting += self._matching.expect(ids, dues)

    def _refused(self, sequence: int, status: int, now: int) -> None:
        due = self._in_flight.pop(sequence, None)
        if due is None:
            self._stats.unexpected += 1
            return
        self._stats.answered += 1
        self._stats.answered_us = now
        self._stats.refused[status] += 1
        self._stats.latency.waiting.append(now - due)

    def _heard(self, batch: Batch, now: int) -> None:
        stats = self._stats
        stats.heard_us = now
        texts, says = zip(*batch.receipts, strict=True)
        stats.stats.update(says)
        if self._matching is not None:
            stats.receipt_latency.waiting += self._matching.receipts(list(zip(texts, repeat(now), strict=False)))

    def _responded(self, command: int, status: int, sequence: int, now: int) -> None:
        if command == CommandId.GENERIC_NACK:
            if not self._bound.done():
                self._bound.set_result(status or 0xFF)
            elif sequence in self._in_flight:
                self._refused(sequence, status, now)
        elif command == CommandId.ENQUIRE_LINK_RESP:
            self._enquired = False
        elif command == CommandId.UNBIND_RESP:
            self._transport.close()
        elif not self._bound.done():
            self._bound.set_result(status)


def _nothing() -> None:
    pass


async def open_session(
    plan: Plan, account: Account, kind: str, submits: Submits, stats: Stats, matching: Matching | None
) -> SmppSender:
    """A bound session. Raises Unreachable, or ValueError for a system_id or password that can't be sent."""
    sender = await connect(lambda: SmppSender(plan, submits, stats, matching), plan)
    try:
        await sender.bind(account, kind)
    except PduError as error:
        sender.abort()
        raise ValueError(str(error)) from None
    except BaseException:
        sender.abort()
        raise
    return sender
