"""One connection: the socket on one side, a sans-I/O session on the other, and the flow between them.

All that one read brings is answered with one write. A peer that doesn't read what it is sent is not read from either,
and is handed no more receipts: what it costs is bounded, and nobody else waits for it.
"""

import asyncio
from collections.abc import Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Literal, cast

from simulator.engine import Account, Outbind, Timer
from simulator.engine.remembered import Ended
from simulator.engine.rules import TextTest
from simulator.engine.throttle import Throttle, throttle_of
from simulator.engine.units import SECOND
from simulator.smpp import VERSION_3_4, Bind, Closing, Event, Pdu, Response, SmscSession, TimedOut, Timers
from simulator.smsc.mailbox import NO_ANSWER, TEMPORARY, Mailbox, Parcel
from simulator.smsc.operations import OPERATIONS
from simulator.smsc.plain import PlainSubmits

if TYPE_CHECKING:
    from simulator.smsc.server import Smsc

DELIVERY_WINDOW = 1000
"""Receipts that may wait for their response on one session, where the account's `window` says nothing."""

LINGER = 5 * SECOND
"""How long a closed connection may take to read the rest."""


class Connection(asyncio.Protocol):
    """One ESME that is connected, bound or not."""

    transport: asyncio.Transport

    def __init__(self, smsc: "Smsc", outbind: Outbind | None = None) -> None:
        """`outbind`: it was we who connected."""
        self.smsc = smsc
        self.outbind = outbind
        settings = smsc.settings
        self.session = SmscSession(
            system_id=settings.system_id,
            timers=Timers(
                bind_ms=settings.bind_timeout,
                response_ms=settings.response_timeout,
                enquire_link_ms=settings.enquire_link,
                inactivity_ms=settings.inactivity,
            ),
            trace=self._trace if smsc.frame_listeners else None,
            now=smsc.clock.now(),
        )
        self.peer = "?"
        self.account: Account | None = None
        """Who it is, once it is bound."""
        self.account_name = ""
        self.mailbox: Mailbox | None = None
        self.throttle: Throttle | None = None
        self._senders: TextTest | None = None
        self.submitted = 0
        """How many messages were taken from it."""
        self.delivered = 0
        """How many receipts it has acknowledged."""
        self._window = DELIVERY_WINDOW
        self._writable = True
        self._counted = 0
        self._plain = PlainSubmits(self)
        self._flushing = False
        self._timer: Timer | None = None

    def __repr__(self) -> str:
        who = self.account.name if self.account else "nobody"
        return f"<Connection {self.peer} {self.session.state.value}, {who}>"

    # ---- asyncio's side ----

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        name = transport.get_extra_info("peername")
        self.peer = f"{name[0]}:{name[1]}" if name else "?"
        self.smsc.arrived(self)
        if self.outbind is not None:
            self.session.outbind(self.outbind.system_id, self.outbind.password, self.smsc.clock.now())
            self.flush(self.smsc.clock.now())
        self._arm()

    def data_received(self, data: bytes) -> None:
        smsc = self.smsc
        now = smsc.clock.now()
        smsc.clock.activity.touch()
        session = self.session
        session.taker = self._plain if smsc.takes_drafts else None
        session.quiet_acknowledgements = not smsc.listeners
        acknowledged = session.acknowledged
        events = session.receive(data, now)
        new = session.acknowledged - acknowledged
        self.delivered += new
        self._handle(events, now, answered=new > 0)

    def connection_lost(self, error: Exception | None) -> None:
        self._writable = False
        self.session.close("connection lost")
        if self._timer is not None:
            self._timer.cancel()
        self.smsc.left(self)
        self._leave()
        self._count()

    def pause_writing(self) -> None:
        self._writable = False
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        self._writable = True
        if not self.transport.is_closing():
            self.transport.resume_reading()
        if self.mailbox is not None:
            self.mailbox.deliver(self.smsc.clock.now())

    def _trace(self, way: Literal["in", "out"], frame: bytes) -> None:
        for listener in self.smsc.frame_listeners:
            listener(self, way, frame)

    # ---- the session's side ----

    def bound(self, account: Account, mailbox: Mailbox) -> None:
        """The session has been bound for `account`."""
        self.account = account
        self.account_name = account.name
        self.mailbox = mailbox
        self.throttle = throttle_of(account.limits.submit)
        self._senders = self.smsc.senders_of(account)
        self._window = account.limits.window or DELIVERY_WINDOW
        self.session.window = account.limits.window
        mailbox.sessions += 1
        if self.session.can_deliver:
            mailbox.receivers.append(self)

    def may_use(self, source: str) -> bool:
        """Whether its messages may come from this source address."""
        return self._senders is None or self._senders(source.removeprefix("+"))

    @property
    def room(self) -> int:
        """How many receipts may be sent now."""
        return max(0, self._window - len(self.session.outstanding)) if self._writable else 0

    @property
    def has_room(self) -> bool:
        """Whether another receipt may be sent now."""
        return self._writable and len(self.session.outstanding) < self._window

    def send(self, parcel: Parcel, now: int) -> None:
        """Hand a receipt to the session; `flush` writes it."""
        parcel.tries += 1
        self.session.send_request(parcel.pdu(self.session.version), now, parcel)
        for listener in self.smsc.listeners:
            listener.sent(self, parcel)

    def send_drafts(self, entries: Sequence[Ended], now: int) -> None:
        """The same for drafts: as octets, unless somebody listens or it knows no optional parameters."""
        session = self.session
        bodies: list[bytes | None] = []
        if session.trace is None and not self.smsc.listeners and session.version >= VERSION_3_4:
            bodies = self.smsc.receipt_writer.bodies(entries)
        plain = [body for body in bodies if body is not None]
        if len(plain) < len(entries):
            careful = [entry for entry, body in zip_longest(entries, bodies) if body is None]
            entries = [entry for entry, body in zip(entries, bodies, strict=False) if body is not None]
            for entry in careful:
                self.send(self.smsc.receipt_of(entry), now)
        if plain:
            session.send_deliver_sms(plain, now, entries)

    def flush(self, now: int) -> None:
        """Write what there is, at once, and see to the timers."""
        self._flushing = False
        output = self.session.take_output()
        if output:
            self.transport.write(output)
        self._count()
        self._arm()

    def flush_soon(self) -> None:
        """Write what there is at the end of this turn of the event loop."""
        if not self._flushing:
            self._flushing = True
            self._count()  # what is about to be sent holds up time already
            self.smsc.flush_soon(self)

    def unbind(self, now: int) -> None:
        """Ask the peer to end the session; one that was never bound is just closed."""
        if self.session.is_bound:
            self.session.unbind(now)
        else:
            self.session.close("closed by us")
            self.transport.close()
        self.flush(now)

    def _handle(self, events: list[Event], now: int, *, answered: bool = False) -> None:
        for event in events:
            if isinstance(event, Pdu):
                self._request(event, now)
            elif isinstance(event, Response):
                answered = True
                if (parcel := self.smsc.parcel_of(event.request)) is not None:
                    self._answered(parcel, event.pdu.command_status, now)
            elif isinstance(event, TimedOut):
                answered = True  # at least it waits no longer
                if (parcel := self.smsc.parcel_of(event.request)) is not None:
                    self._answered(parcel, NO_ANSWER, now)
            elif isinstance(event, Closing):
                self._leave()
                self.flush(now)
                self.transport.close()
                if self._timer is not None:
                    self._timer.cancel()
                self._timer = self.smsc.clock.calendar.at(now + LINGER, self.transport.abort, background=True)
                return
        if answered and self.mailbox is not None and self.mailbox.waiting:
            self.mailbox.deliver(now, only=self if self.session.can_deliver else None)
        self.flush(now)

    def _request(self, pdu: Pdu, now: int) -> None:
        if isinstance(pdu, Bind):
            self.smsc.bind(self, pdu, now)
        else:
            OPERATIONS[type(pdu)](self.smsc, self, pdu, now)

    def _answered(self, parcel: Parcel, command_status: int, now: int) -> None:
        for listener in self.smsc.listeners:
            listener.answered(self, parcel, command_status)
        if command_status == 0:
            self.delivered += 1
        elif command_status in TEMPORARY and self.mailbox is not None:
            self.smsc.retry(self.mailbox, parcel, now)
        else:
            self.smsc.lost_receipts += 1

    def _leave(self) -> None:
        """Be a receiver no more; what was not answered goes to the others."""
        mailbox, self.mailbox = self.mailbox, None
        requests = self.session.outstanding.abandon()
        unanswered = [request for request in requests if isinstance(request, Parcel | tuple)]
        if mailbox is None:
            return
        mailbox.sessions -= 1
        if self in mailbox.receivers:
            mailbox.receivers.remove(self)
        mailbox.put_back(unanswered)
        mailbox.deliver(self.smsc.clock.now())

    def _count(self) -> None:
        """Tell the clock how many requests of ours the peer has yet to answer."""
        now_open = len(self.session.outstanding)
        if now_open > self._counted:
            self.smsc.clock.activity.begin(now_open - self._counted)
        elif now_open < self._counted:
            self.smsc.clock.activity.end(self._counted - now_open)
        self._counted = now_open

    def _arm(self) -> None:
        """Have the session's earliest deadline in the calendar."""
        deadline = self.session.next_deadline()
        if deadline is None:
            return
        if self._timer is not None and self._timer.pending:
            if self._timer.at <= deadline:
                return
            self._timer.cancel()
        # a request that nobody answers makes time go on; the guards against idle peers don't
        background = not self.session.outstanding
        self._timer = self.smsc.clock.calendar.at(deadline, self._expire, background=background)

    def _expire(self) -> None:
        now = self.smsc.clock.now()
        self._handle(self.session.expired(now), now)
