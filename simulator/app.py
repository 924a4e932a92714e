"""The simulator: one engine with both doors open, put together from a scenario.

async with Simulator(clock="manual") as sim:     # in asyncio
with Simulator(clock="manual") as sim:           # anywhere else: the same methods, blocking (simulator.blocking)
"""

# ruff: noqa: ASYNC109  # asyncio.timeout would raise TimeoutError, without a word about what came instead
import asyncio
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, Unpack, overload

from simulator.engine import (
    Account,
    Accounts,
    Clock,
    Engine,
    InstantClock,
    ManualClock,
    Message,
    TlsSettings,
    Watch,
    World,
    format_duration,
    make_clock,
    parse_duration,
)
from simulator.engine.core import KEEP
from simulator.gateway import Gateway
from simulator.records import (
    Filters,
    MessageRecord,
    Messages,
    SentReceipt,
    SessionRecord,
    Stats,
    WebhookRecord,
    status_named,
)
from simulator.scenario import Scenario, default, load
from simulator.smsc import Connection, LongMessage, Smsc, context_of
from simulator.smsc.mailbox import Parcel
from simulator.smsc.receipts import Receipt

if TYPE_CHECKING:
    from simulator.blocking import BlockingSimulator

POLL_S = 0.003
"""Real seconds between two looks whether what somebody waits for has come."""

MOST_RECEIPTS = 100_000
"""Messages whose receipts are remembered."""


class SimulatorListener(Protocol):
    """Hears of what is done to the simulation from outside of its doors: a journal."""

    def advanced(self, duration: int) -> None:
        """The clock is about to be moved on by so many milliseconds."""

    def loaded(self, scenario: Scenario) -> None:
        """Another scenario's rules have taken over."""

    def reset(self) -> None:
        """Everything has begun anew, with another engine."""

    def stopped(self) -> None:
        """All doors are closed."""


class Simulator:
    """A carrier on this machine. Point an application at `base_url` or `smpp_address`, and look at what became of its
    `messages`."""

    def __init__(
        self,
        scenario: Scenario | str | Path | None = None,
        *,
        seed: int | None = None,
        clock: str | None = None,
        host: str = "127.0.0.1",
        http_port: int = 0,
        smpp_port: int = 0,
        smpp_tls: TlsSettings | None = None,
        keep: int = KEEP,
        keep_for: int | None = None,
        record: bool = True,
    ) -> None:
        """`scenario`: a file, a shipped scenario's name, or one that was loaded; None: the default one. `seed` and
        `clock` override what it says. A port of 0 means a free one. `smpp_tls` opens a second port for SMPP. `keep`
        messages are remembered, for `keep_for` milliseconds after they are final. `record` remembers the receipts that
        were sent, too; nothing else costs anything while nobody asks.

        Raises ScenarioErrors if the scenario is wrong, ValueError if `clock` is none.
        """
        self.host = host
        self.http_port = 0
        self.listeners: list[SimulatorListener] = []
        self._ports = (http_port, smpp_port)
        self._tls = smpp_tls
        self._keep = (keep, keep_for)
        self._given = _Given(_scenario(scenario), seed, clock)
        self._receipts = _Receipts(self)
        self._record = record
        self._blocking: BlockingSimulator | None = None
        self._make_engine(self._given)
        self.gateway = Gateway(self.engine, self.accounts, self._world.gateway)
        self.smscs = [self._make_smsc(number) for number in range(len(self._world.smscs))]

    def _make_engine(self, given: "_Given") -> None:
        """A fresh engine with its clock, of what is given."""
        scenario = given.scenario
        world: World = scenario.world
        self._world = world
        self.scenario = scenario
        """What is played."""
        self.seed = world.seed if given.seed is None else given.seed
        self.clock: Clock = make_clock(given.clock or world.clock, world.start)
        keep, keep_for = self._keep
        self.engine = Engine(
            self.clock, world.rules, seed=self.seed, hold=world.gateway.hold, keep=keep, keep_for=keep_for
        )
        self.accounts = Accounts(world.accounts, open_to_all=not world.accounts)

    def _make_smsc(self, number: int) -> Smsc:
        smsc = Smsc(self.engine, self.accounts, self._world.smscs[number])
        if self._record:
            smsc.listeners.append(self._receipts)
        return smsc

    # ---- where it is ----

    @property
    def base_url(self) -> str:
        """What a client of the gateway takes as its base URL, without the API's path."""
        return f"http://{_in_url(self.host)}:{self.http_port}"

    @property
    def smsc(self) -> Smsc:
        """The first SMSC, which is the only one in most scenarios."""
        return self.smscs[0]

    @property
    def smpp_port(self) -> int:
        return self.smsc.port

    @property
    def smpp_address(self) -> tuple[str, int]:
        """Where the (first) SMSC listens."""
        return self.host, self.smpp_port

    # ---- what there is ----

    @property
    def now(self) -> int:
        """The simulation's time: milliseconds since the Unix epoch."""
        return self.clock.now()

    @property
    def messages(self) -> Messages:
        """All that are remembered, in order of arrival."""
        return Messages(self, list(self.engine.messages.values()))

    @property
    def long_messages(self) -> list[LongMessage]:
        """What came by SMPP in parts, each put together, in the order in which their first parts came."""
        return [long for smsc in self.smscs for long in smsc.parts.long.values()]

    @property
    def sessions(self) -> list[SessionRecord]:
        """The SMPP sessions that are bound, by account."""
        bound = [SessionRecord(connection) for connection in self._bound()]
        return sorted(bound, key=lambda session: session.account)

    @property
    def webhooks(self) -> list[WebhookRecord]:
        """The webhook posts of all messages, retries included, in the order in which they began."""
        posts = [post for message in self.messages for post in message.webhooks]
        return sorted(posts, key=lambda post: post.at)

    @property
    def stats(self) -> Stats:
        """Counters."""
        now = self.now
        messages = list(self.engine.messages.values())
        return Stats(
            accepted=self.engine.accepted,
            refused=self.engine.refused,
            statuses=dict(Counter(str(one.status_at(now)) for message in messages for one in message.recipients)),
            sessions=len(self._bound()),
            receipts_waiting=sum(len(box.waiting) for smsc in self.smscs for box in list(smsc.mailboxes.values())),
            receipts_lost=sum(smsc.lost_receipts for smsc in self.smscs),
            webhooks=self.gateway.webhooks.posted,
            webhooks_lost=self.gateway.webhooks.dropped,
            http_errors=self.gateway.errors,
        )

    def _bound(self) -> list[Connection]:
        return [one for smsc in self.smscs for one in list(smsc.connections) if one.session.is_bound]

    def receipts_of(self, key: int) -> list[SentReceipt]:
        """What is remembered of the receipts of the message with this key."""
        return list(self._receipts.found.get(key, ()))

    # ---- life ----

    async def start(self) -> None:
        """Open all doors. Raises OSError if a port is taken, NoCertificate if TLS is asked for and can't be had."""
        http_port = self._ports[0]
        try:
            for smsc in self.smscs:
                await self._open(smsc)
            self.http_port = await self.gateway.start(self.host, http_port)
        except BaseException:
            await self._close()
            raise
        self.clock.start()

    async def _open(self, smsc: Smsc) -> None:
        first = smsc is self.smsc
        smpp_port = self._ports[1]
        port = smpp_port if first and (smpp_port or not smsc.settings.port) else smsc.settings.port or 0
        tls = (self._tls if first else None) or smsc.settings.tls
        await smsc.start(self.host, port, None if tls is None else (tls.port, context_of(tls)))

    async def stop(self) -> None:
        """Close all doors: sessions are unbound, requests in hand answered."""
        self.clock.stop()
        await self._close()
        for listener in list(self.listeners):
            listener.stopped()

    async def _close(self) -> None:
        await asyncio.gather(self.gateway.stop(), *(smsc.stop() for smsc in self.smscs))

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def __enter__(self) -> "BlockingSimulator":
        """Start it in a thread of its own: what is returned has the same methods, blocking."""
        from simulator.blocking import BlockingSimulator

        self._blocking = BlockingSimulator(self)
        self._blocking.start()
        return self._blocking

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._blocking is not None
        self._blocking.stop()

    # ---- what can be done ----

    async def advance(self, duration: str | int) -> None:
        """Move a manual clock on, by `24h` or by a number of milliseconds, serving what falls due on the way.

        Raises RuntimeError where the wall's time rules, ValueError if it is no duration.
        """
        by = parse_duration(duration) if isinstance(duration, str) else duration
        for listener in self.listeners:
            listener.advanced(by)
        await self.clock.advance(by)

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
        """Wait until a message has come to `status` (be it only on its way), or has come at all; with `count`, until so
        many have. The filters are those of `Messages.where`. Returns the message; with `count`, a list of them.

        Raises AssertionError after `timeout` real seconds: it shows what came instead. Only the clock moves messages:
        under a manual one, `advance` first.
        """
        return await self.wait(status, count, timeout, filters)

    async def wait(
        self, status: str | None, count: int | None, within_s: float, filters: Filters
    ) -> MessageRecord | list[MessageRecord]:
        """`wait_for`, for those who pass its arguments on."""
        wanted = None if status is None else status_named(status)
        loop = asyncio.get_running_loop()
        until = loop.time() + within_s
        while True:
            came = self.messages.where(**filters)
            found = [message for message in came if wanted is None or wanted in message.walk]
            if len(found) >= (count or 1):
                return found if count is not None else found[0]
            self._make_time_pass()
            if loop.time() >= until:
                what = f"to have come to '{wanted}'" if wanted is not None else "to have come"
                raise AssertionError(self._instead(count or 1, len(found), f"{what} within {within_s:g} s", came))
            await asyncio.sleep(POLL_S)

    def _make_time_pass(self) -> None:
        """Somebody waits: also those whose steps nobody was told of must have dates for an instant clock to go to."""
        for message in self.engine.messages.values():
            if message.watch is Watch.NOTHING:
                self.engine.observe(message, Watch.ALL)

    def _instead(self, wanted: int, found: int, what: str, came: Messages) -> str:
        """What came in place of what somebody waited for."""
        head = f"expected {wanted} {'message' if wanted == 1 else 'messages'} {what}: {found} did"
        which = came.what
        lines = [head + (f" (of those with {which})" if which else "")]
        shown = came or self.messages
        if not self.messages:
            lines.append(
                "no message has come at all" + (f"; {self.engine.refused} refused" * bool(self.engine.refused))
            )
        elif not came:
            lines.append("no such message has come; others have:")
        due = self.clock.calendar.next_at
        stands = isinstance(self.clock, ManualClock) and not isinstance(self.clock, InstantClock)
        if came and stands and due is not None:
            wait = format_duration(due - self.now)
            lines.append(f"the clock is manual, and something is due in {wait}: advance it")
        return "\n".join([*lines, *([shown.timeline] if shown else [])])

    async def inbound(self, account: str, from_: str, to: str, text: str) -> None:
        """A phone sends a message to an account (MO): a session of it that is bound as a receiver gets it, or else it
        waits for one."""
        smsc = next((one.smsc for one in self._bound() if one.account_name == account), None)
        takes = [one for one in self.smscs if one.settings.accounts is None or account in one.settings.accounts]
        (smsc or (takes or self.smscs)[0]).inbound(account, from_, to, text)

    async def force(self, message: MessageRecord | str, status: str) -> None:
        """Bring a message, given by itself or by its id, to a status now, with all its recipients.

        Raises IllegalTransition where the status can't follow, KeyError if no message has this id.
        """
        for recipient in self._find(message).recipients:
            self.engine.force(recipient, status_named(status))

    def _find(self, message: MessageRecord | str) -> Message:
        if isinstance(message, MessageRecord):
            return message._message
        found = next((one for one in self.messages if one.id == message), None)
        if found is None:
            raise KeyError(f"no message has the id '{message}'")
        return found._message

    async def drop_sessions(self, account: str | None = None) -> int:
        """Cut the connections of an account, or of all, as a carrier's fault does; returns how many there were."""
        dropped = [one for smsc in self.smscs for one in smsc.connections if account in (None, one.account_name)]
        for connection in dropped:
            connection.transport.abort()
        await asyncio.sleep(0)
        return len(dropped)

    async def load(self, scenario: Scenario | str | Path) -> None:
        """Let another scenario decide from now on: its rules and paths, and accounts that weren't there before.

        Messages on their way keep their plans; the clock, the seed, sessions, wallets and settings of the doors stay.
        For all of a scenario, `reset(scenario)`. Raises ScenarioErrors.
        """
        self.scenario = _scenario(scenario)
        self.engine.rules = self.scenario.world.rules.fresh()
        for account in self.scenario.world.accounts:
            if _is_new(self.accounts, account):
                self.accounts.add(account)
        for listener in self.listeners:
            listener.loaded(self.scenario)

    async def reset(
        self, scenario: Scenario | str | Path | None = None, *, seed: int | None = None, clock: str | None = None
    ) -> None:
        """Begin anew on the same ports: no messages, the clock back at the start, wallets, limits and the rules'
        counters fresh, SMPP sessions dropped. What isn't given stays as it was given before.

        After it, the same sends get the same ids and fates. Raises ScenarioErrors, ValueError if `clock` is none.
        """
        first = self._given
        given = _Given(
            first.scenario if scenario is None else _scenario(scenario),
            first.seed if seed is None else seed,
            first.clock if clock is None else clock,
        )
        old = self.engine
        make_clock(given.clock or given.scenario.world.clock)  # before anything has changed
        self._given = given
        self.clock.stop()
        self._make_engine(given)
        self.engine.observers, self.engine.on_force = old.observers, old.on_force
        self._receipts.found.clear()
        await self._reset_smscs()
        await self.gateway.reset(self.engine, self.accounts, self._world.gateway)
        self.clock.start()
        for listener in self.listeners:
            listener.reset()

    async def _reset_smscs(self) -> None:
        settings = self._world.smscs
        running, spare = self.smscs[: len(settings)], self.smscs[len(settings) :]
        await asyncio.gather(*(smsc.stop() for smsc in spare))
        for smsc, own in zip(running, settings, strict=False):
            await smsc.reset(self.engine, self.accounts, own)
        self.smscs = running
        for number in range(len(running), len(settings)):
            smsc = self._make_smsc(number)
            smsc.listeners = self.smsc.listeners
            smsc.frame_listeners = self.smsc.frame_listeners
            self.smscs.append(smsc)
            await self._open(smsc)


@dataclass(frozen=True, slots=True)
class _Given:
    """What a simulation is made of."""

    scenario: Scenario
    seed: int | None
    clock: str | None


class _Receipts:
    """Remembers the receipts that were sent (simulator.smsc.listeners.SmscListener)."""

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim
        self.found: OrderedDict[int, list[SentReceipt]] = OrderedDict()
        """By the message's key."""

    def sent(self, connection: Connection, parcel: Parcel) -> None:
        if isinstance(parcel, Receipt):
            key = parcel.recipient.message.key
            sent = SentReceipt(self._sim.now, parcel, parcel.tries, connection.session.version)
            self.found.setdefault(key, []).append(sent)
            if len(self.found) > MOST_RECEIPTS:
                self.found.popitem(last=False)

    def answered(self, connection: Connection, parcel: Parcel, command_status: int) -> None:
        if isinstance(parcel, Receipt):
            for sent in reversed(self.found.get(parcel.recipient.message.key, ())):
                if sent.parcel is parcel:
                    sent.command_status = command_status
                    break

    def inbound(self, smsc: Smsc, account: str, source: str, to: str, text: str) -> None:
        """Only receipts are remembered."""

    def left(self, connection: Connection) -> None:
        """Receipts stay, whoever leaves."""


def _scenario(given: Scenario | str | Path | None) -> Scenario:
    if given is None:
        return default()
    return given if isinstance(given, Scenario) else load(given)


def _is_new(accounts: Accounts, account: Account) -> bool:
    """Whether nothing that tells accounts from each other is taken."""
    taken: Sequence[Account | None] = (
        accounts.by_name(account.name),
        accounts.by_api_key(account.api_key or ""),
        accounts.by_system_id(account.system_id or ""),
    )
    return not any(taken)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
