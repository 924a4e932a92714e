"""The SMSC itself: listens, knows who may bind, and has a mailbox for each account."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from simulator.engine import Account, Accounts, Engine, Recipient, SmscSettings, Step
from simulator.smpp import Bind, CommandStatus
from simulator.smsc.connection import Connection
from simulator.smsc.index import Index
from simulator.smsc.mailbox import Mailbox, Parcel
from simulator.smsc.messages import SmppMessage
from simulator.smsc.receipts import Receipt, ReceiptStyle, is_wanted

BACKLOG = 1024
MOST_GUESTS = 10_000
"""How many system_ids are taken where all are."""

GOODBYE_S = 2.0
"""Real seconds that peers have to answer our unbind when the SMSC stops."""


class Smsc:
    """The SMPP door."""

    def __init__(self, engine: Engine, accounts: Accounts, settings: SmscSettings) -> None:
        self.engine = engine
        self.clock = engine.clock
        self.accounts = accounts
        self.settings = settings
        self.connections: set[Connection] = set()
        self.mailboxes: dict[str, Mailbox] = {}
        """By the account's name."""
        self.lost_receipts = 0
        """Receipts that an ESME answered with a permanent error, or never, however often they came."""
        self.index = Index(engine.messages.values, engine.clock.now)
        self._style = ReceiptStyle(settings.receipts, settings.message_id)
        self._guests = 0
        self._server: asyncio.Server | None = None
        self._deserted = asyncio.Event()
        self._deserted.set()
        engine.doors[SmppMessage.via] = self

    # ---- listening ----

    async def start(self, host: str, port: int) -> int:
        """Listen; returns the port, which is a free one if `port` is 0. Raises OSError."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self), host, port, backlog=BACKLOG)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Unbind all sessions, wait a moment for their answers, and close."""
        if self._server is not None:
            self._server.close()
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

    # ---- binding ----

    def bind(self, connection: Connection, request: Bind, now: int) -> None:
        """Answer a bind request (SMPP v3.4 section 4.1)."""
        session = connection.session
        account = self.accounts.by_system_id(request.system_id)
        if account is None and self.accounts.open_to_all and self._guests < MOST_GUESTS:
            self._guests += 1
            name = (
                request.system_id if self.accounts.by_name(request.system_id) is None else f"smpp:{request.system_id}"
            )
            account = self.accounts.add(Account(name, system_id=request.system_id))
        if account is None:
            session.refuse_bind(request, CommandStatus.ESME_RINVSYSID)
            return
        if account.password is not None and account.password != request.password:
            session.refuse_bind(request, CommandStatus.ESME_RINVPASWD)
            return
        limit = account.limits.sessions
        if limit is not None and sum(other.account is account for other in self.connections) >= limit:
            session.refuse_bind(request, CommandStatus.ESME_RBINDFAIL)
            return
        session.accept_bind(request)
        mailbox = self.mailbox(account.name)
        connection.bound(account, mailbox)
        if mailbox.waiting and session.can_deliver:
            mailbox.deliver(now)

    def mailbox(self, account: str) -> Mailbox:
        mailbox = self.mailboxes.get(account)
        if mailbox is None:
            mailbox = self.mailboxes[account] = Mailbox(self.settings.receipts.queue)
        return mailbox

    def taken(self, message: SmppMessage) -> None:
        """The engine has taken a message."""
        self.index.add(message)

    # ---- receipts ----

    def announce(self, happened: Sequence[tuple[Recipient, Step]]) -> None:
        """Send the receipts that these steps make due (engine.Door)."""
        touched: set[str] = set()
        for recipient, step in happened:
            message = recipient.message
            assert isinstance(message, SmppMessage)
            final = step is recipient.plan.steps[-1]
            if is_wanted(step, final, message.envelope.registered_delivery):
                self.mailbox(message.account).put(Receipt(recipient, step, self._style))
                touched.add(message.account)
        now = self.clock.now()
        for account in touched:
            self.mailboxes[account].deliver(now)

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
