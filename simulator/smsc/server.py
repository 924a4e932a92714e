"""The SMSC itself: listens, knows who may bind, and has a mailbox for each account."""

import asyncio
import logging
import ssl
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from simulator.engine import TERMINAL, Account, Accounts, Engine, Outbind, Recipient, SmscSettings, Step, Watch, glob
from simulator.engine.remembered import Ended
from simulator.engine.rules import TextTest
from simulator.smpp import Bind, CommandStatus, Tag, status_name
from simulator.smsc.connection import Connection
from simulator.smsc.ids import ShortIds
from simulator.smsc.inbound import Alert, Forwarded, Inbound, from_phone
from simulator.smsc.index import Index
from simulator.smsc.listeners import FrameListener, SmscListener
from simulator.smsc.mailbox import Mailbox, Parcel
from simulator.smsc.messages import SmppMessage
from simulator.smsc.parts import Parts
from simulator.smsc.plain import PlainLot
from simulator.smsc.plain_receipts import ReceiptWriter
from simulator.smsc.receipts import SUCCESS, Receipt, ReceiptStyle, is_wanted
from simulator.smsc.replies import Replies

log = logging.getLogger("simulator.smsc")

BACKLOG = 1024
MOST_GUESTS = 10_000
"""How many system_ids are taken where all are."""

GOODBYE_S = 2.0
"""Real seconds that peers have to answer our unbind when the SMSC stops."""

CONNECT_S = 5.0
"""Real seconds in which a listening ESME must take our connection."""


class Smsc:
    """The SMPP door, or one of several."""

    def __init__(self, engine: Engine, accounts: Accounts, settings: SmscSettings) -> None:
        self.connections: set[Connection] = set()
        self.frame_listeners: list[FrameListener] = []
        """Called with each PDU of the connections that come after they were put here."""
        self.listeners: list[SmscListener] = []
        self.port = 0
        self.tls_port = 0
        self._servers: list[asyncio.Server] = []
        self._outbinding: set[asyncio.Task[None]] = set()
        self._deserted = asyncio.Event()
        self._deserted.set()
        self._use(engine, accounts, settings)

    def _use(self, engine: Engine, accounts: Accounts, settings: SmscSettings) -> None:
        self.engine = engine
        self.clock = engine.clock
        self.accounts = accounts
        self.settings = settings
        self.mailboxes: dict[str, Mailbox] = {}
        """By the account's name."""
        self.lost_receipts = 0
        """Receipts that an ESME answered with a permanent error, or never, however often they came."""
        self.index = Index(engine.messages.values, engine.clock.now)
        self.lot: PlainLot | None = None
        """The one to which the next drafts go."""
        self.short_ids = ShortIds()
        self.parts = Parts(engine.clock.calendar, settings.parts_timeout)
        self.style = ReceiptStyle(settings.receipts, settings.message_id)
        self.receipt_writer = ReceiptWriter(self.style.id_format)
        self._owners = [(glob(account.numbers, number=True), account.name) for account in accounts if account.numbers]
        self._replies = Replies(settings.replies)
        self.watches = bool(self._owners)
        """Whether some messages must be watched for more than their receipts."""
        self._reference = 0
        self._to_flush: list[Connection] = []
        self._guests = 0
        engine.doors[SmppMessage.via] = self

    # ---- listening ----

    async def start(self, host: str, port: int, tls: tuple[int, ssl.SSLContext] | None = None) -> int:
        """Listen; returns the port, which is a free one if `port` is 0. `tls`: also on that port. Raises OSError."""
        self.port = await self._listen(host, port)
        if tls is not None:
            self.tls_port = await self._listen(host, tls[0], tls[1])
        for outbind in self.settings.outbinds:
            self._outbind(outbind)
        return self.port

    async def _listen(self, host: str, port: int, context: ssl.SSLContext | None = None) -> int:
        loop = asyncio.get_running_loop()
        try:
            server = await loop.create_server(
                lambda: Connection(self), host, port, backlog=BACKLOG, ssl=context, reuse_address=True
            )
        except OSError:
            for other in self._servers:
                other.close()
            raise
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def reset(self, engine: Engine, accounts: Accounts, settings: SmscSettings) -> None:
        """Begin anew with another engine on the same ports: sessions are dropped, nothing waits. Who listens stays. The
        old engine's clock should have been stopped."""
        for task in list(self._outbinding):
            task.cancel()
        await asyncio.gather(*self._outbinding, return_exceptions=True)
        now = self.clock.now()
        for connection in list(self.connections):
            connection.unbind(now)
        while self.connections:
            for connection in list(self.connections):
                connection.transport.abort()
            await asyncio.sleep(0)
        self._use(engine, accounts, settings)
        for outbind in settings.outbinds:
            self._outbind(outbind)

    async def stop(self) -> None:
        """Unbind all sessions, wait a moment for their answers, and close."""
        for server in self._servers:
            server.close()
        for task in list(self._outbinding):
            task.cancel()
        await asyncio.gather(*self._outbinding, return_exceptions=True)
        now = self.clock.now()
        for connection in list(self.connections):
            connection.unbind(now)
        with suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_S):
                await self.deserted()
        for connection in list(self.connections):
            connection.transport.abort()
        await asyncio.sleep(0)

    async def deserted(self) -> None:
        """Wait until nobody is connected."""
        await self._deserted.wait()

    def arrived(self, connection: Connection) -> None:
        """Somebody has connected."""
        self.connections.add(connection)
        self._deserted.clear()

    def left(self, connection: Connection) -> None:
        """The connection is no more."""
        self.connections.discard(connection)
        if not self.connections:
            self._deserted.set()
        for listener in self.listeners:
            listener.left(connection)
        if connection.outbind is not None:
            self._again(connection.outbind)

    def flush_soon(self, connection: Connection) -> None:
        """Have a connection written at the end of this turn of the event loop."""
        if not self._to_flush:
            asyncio.get_running_loop().call_soon(self._flush)
        self._to_flush.append(connection)

    def _flush(self) -> None:
        connections, self._to_flush = self._to_flush, []
        now = self.clock.now()
        for connection in connections:
            connection.flush(now)

    # ---- outbind ----

    def _outbind(self, outbind: Outbind) -> None:
        """Connect to a listening ESME."""
        task = asyncio.get_running_loop().create_task(self._connect(outbind))
        self._outbinding.add(task)
        task.add_done_callback(self._outbinding.discard)

    async def _connect(self, outbind: Outbind) -> None:
        loop = asyncio.get_running_loop()
        try:
            with self.clock.activity.going_on():
                async with asyncio.timeout(CONNECT_S):
                    await loop.create_connection(lambda: Connection(self, outbind), outbind.host, outbind.port)
        except (OSError, TimeoutError) as error:
            log.info("outbind to %s:%d: %s", outbind.host, outbind.port, error or "no answer")
            self._again(outbind)

    def _again(self, outbind: Outbind) -> None:
        if self._servers and self._servers[0].is_serving():
            at = self.clock.now() + outbind.every
            self.clock.calendar.at(at, lambda: self._outbind(outbind), background=True)

    # ---- binding ----

    def bind(self, connection: Connection, request: Bind, now: int) -> None:
        """Answer a bind request (SMPP v3.4 section 4.1)."""
        session = connection.session
        account, status = self._who(request)
        if account is None or status:
            why = status_name(status)
            log.info("%s: %s as %r refused, %s", connection.peer, request.operation(), request.system_id, why)
            session.refuse_bind(request, status)
            return
        session.accept_bind(request)
        log.info("%s: %s as %r", connection.peer, request.operation(), request.system_id)
        mailbox = self.mailbox(account.name)
        connection.bound(account, mailbox)
        if mailbox.waiting and session.can_deliver:
            mailbox.deliver(now)

    def _who(self, request: Bind) -> tuple[Account | None, int]:
        """The account that may bind, or the status that says why there is none."""
        account = self.accounts.by_system_id(request.system_id)
        if account is None and self.accounts.open_to_all and self._guests < MOST_GUESTS:
            self._guests += 1
            name = request.system_id
            while self.accounts.by_name(name) is not None:
                name = f"smpp:{name}"
            account = self.accounts.add(Account(name, system_id=request.system_id))
        allowed = self.settings.accounts
        if account is None or (allowed is not None and account.name not in allowed):
            return None, CommandStatus.ESME_RINVSYSID
        if account.password is not None and account.password != request.password:
            return None, CommandStatus.ESME_RINVPASWD
        limit = account.limits.sessions
        if limit is not None and self.mailbox(account.name).sessions >= limit:
            return None, CommandStatus.ESME_RBINDFAIL
        return account, CommandStatus.ESME_ROK

    def senders_of(self, account: Account) -> TextTest | None:
        """The test of the source addresses that an account may use; None: any."""
        return glob(account.senders, number=True) if account.senders else None

    def mailbox(self, account: str) -> Mailbox:
        mailbox = self.mailboxes.get(account)
        if mailbox is None:
            mailbox = self.mailboxes[account] = Mailbox(self.settings.receipts.queue)
        return mailbox

    # ---- messages that come ----

    @property
    def takes_drafts(self) -> bool:
        """Whether a message that nobody wants to hear of may be left as a draft (`plain`)."""
        return not (self.watches or self._replies or self.index.used) and self.engine.takes_drafts

    def prepare(self, message: SmppMessage) -> None:
        """See to it that the engine tells of a message whose end somebody else waits for."""
        if message.watch is Watch.NOTHING and (self._owner(message) or _sets_dpf(message)):
            message.watch = Watch.FINAL

    def taken(self, message: SmppMessage) -> None:
        """The engine has taken a message."""
        self.index.add(message)
        for text, after in self._replies.to(message):
            answer = partial(self._from_phone, message.account, message.to, message.source, text)
            self.clock.calendar.at(message.started_at + after, answer)

    def inbound(self, account: str, source: str, to: str, text: str) -> list[Inbound]:
        """A message from a phone to an account (MO): whoever of it is bound as a receiver gets it, or else it waits.
        Returns its parts."""
        for listener in self.listeners:
            listener.inbound(self, account, source, to, text)
        return self._from_phone(account, source, to, text)

    def _from_phone(self, account: str, source: str, to: str, text: str) -> list[Inbound]:
        self._reference = self._reference % 255 + 1
        parts = from_phone(source, to, text, self._reference)
        mailbox = self.mailbox(account)
        for part in parts:
            mailbox.put(part)
        mailbox.deliver(self.clock.now())
        return parts

    # ---- what becomes of them ----

    def announce(self, happened: Sequence[tuple[Recipient, Step]]) -> None:
        """Send the receipts that these steps make due (engine.Door), whichever SMSC the messages came to."""
        touched: dict[Mailbox, None] = {}
        for recipient, step in happened:
            message = recipient.message
            assert isinstance(message, SmppMessage)
            smsc = message.smsc
            final = step.status in TERMINAL
            if is_wanted(step, final, message.envelope.registered_delivery):
                mailbox = smsc.mailbox(message.account)
                mailbox.put(Receipt(recipient, step, smsc.style))
                touched[mailbox] = None
            if final and (smsc.watches or message.tlvs):
                smsc._end(recipient, message, step, touched)
        now = self.clock.now()
        for mailbox in touched:
            mailbox.deliver(now)

    def ended(self, entries: Sequence[Ended], now: int) -> None:
        """The same for drafts (engine.Teller)."""
        found: defaultdict[Mailbox, list[Ended]] = defaultdict(list)
        for entry in entries:
            _, lot, index, final, _ = entry
            if not final.silent:
                found[lot.origins[index].mailbox].append(entry)  # type: ignore[attr-defined]  # a PlainLot
        for mailbox, drafts in found.items():
            mailbox.put_drafts(drafts, now)

    def receipt_of(self, entry: Ended) -> Receipt:
        """The receipt of a draft that has ended."""
        message = self.engine.message_of(entry)
        return Receipt(message, message.plan.final, self.style)

    def parcel_of(self, request: object) -> Parcel | None:
        """What a request of ours was about; of a receipt that was written as octets, the receipt."""
        if isinstance(request, tuple):
            parcel = self.receipt_of(request)
            parcel.tries = 1
            return parcel
        return request if isinstance(request, Parcel) else None

    def _end(self, recipient: Recipient, message: SmppMessage, step: Step, touched: dict[Mailbox, None]) -> None:
        """Hand a delivered message to the ESME whose number it went to, and remember who waits for a subscriber."""
        if step.status in SUCCESS:
            owner = self._owner(message)
            if owner is not None:
                mailbox = self.mailbox(owner)
                mailbox.put(Forwarded(message, recipient.to))
                touched[mailbox] = None
        elif _sets_dpf(message):
            at = self.clock.now() + self.settings.alert_after
            self.clock.calendar.at(at, lambda: self._alert(message))

    def _alert(self, message: SmppMessage) -> None:
        mailbox = self.mailbox(message.account)
        mailbox.put(Alert(message))
        mailbox.deliver(self.clock.now())

    def _owner(self, message: SmppMessage) -> str | None:
        """The account whose number this message goes to."""
        to = message.to.removeprefix("+")
        for owns, name in self._owners:
            if owns(to):
                return name
        return None

    def retry(self, mailbox: Mailbox, parcel: Parcel, now: int) -> None:
        """Have something delivered again after a while, unless it was tried often enough."""
        wait = self.settings.receipts.retries.wait(parcel.tries)
        if wait is None:
            self.lost_receipts += 1
            return

        def again() -> None:
            mailbox.put(parcel)
            mailbox.deliver(self.clock.now())

        self.clock.calendar.at(now + wait, again)


def _sets_dpf(message: SmppMessage) -> bool:
    """Whether the ESME wants to know when a subscriber that can't be reached can be again."""
    return message.tlvs is not None and message.tlvs.get(Tag.SET_DPF) == 1
