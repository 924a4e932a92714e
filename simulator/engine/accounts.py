"""Accounts: who may connect, with which credentials, and what they are allowed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """Where the gateway posts events (lisoloo-api 7.1)."""

    url: str
    username: str | None = None
    password: str | None = None
    """Basic credentials: sent only if both are set."""


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` in any window of `window` milliseconds."""

    count: int
    window: int


@dataclass(frozen=True, slots=True)
class Limits:
    """None: no limit. Gateway: `send`, `status`, `balance` requests; SMSC: `submit`s, `window`, `sessions`."""

    send: Rate | None = Rate(60, 60_000)
    status: Rate | None = Rate(120, 60_000)
    balance: Rate | None = Rate(30, 60_000)
    submit: Rate | None = None
    window: int | None = None
    """Requests that may be unanswered at a time, each way."""
    sessions: int | None = None
    """Binds at a time."""


@dataclass(frozen=True, slots=True)
class Account:
    """One customer of the carrier. An API key makes it the gateway's, a system_id the SMSC's; both may be given."""

    name: str
    api_key: str | None = None
    system_id: str | None = None
    password: str | None = None
    webhook: WebhookTarget | None = None
    balance: float | None = 100.00
    """What the prepaid wallet starts with (decision D23); None: there is no such wallet."""
    postpaid: float | None = 0.0
    unit_price: float = 0.02
    """For one segment."""
    currency: str = "USD"
    timezone: str = "Africa/Kinshasa"
    limits: Limits = field(default_factory=Limits)
    status: Literal["active", "suspended", "expired"] = "active"
    """Of the API key: a suspended one gets 1004, an expired one 1005."""
    allow: tuple[str, ...] = ()
    """Networks (CIDR) from which the API key may be used; none: from anywhere. Others get 1003."""
    environment: Literal["sandbox", "production"] | None = None
    """Of the API key; None: as its prefix says, and any if it has none."""
    senders: tuple[str, ...] = ()
    """Patterns of the source addresses that its submits may have; none: any. Others get ESME_RINVSRCADR."""
    numbers: tuple[str, ...] = ()
    """Patterns of its own numbers: what is delivered to one of them by SMPP comes to this account as an inbound
    message."""


class Accounts:
    """All accounts, found by what a client shows. When `open_to_all`, unknown credentials make an account of their
    own (decision D27): what the default scenario does, so that a client works unconfigured."""

    __slots__ = ("_by_key", "_by_name", "_by_system_id", "open_to_all")

    def __init__(self, accounts: Iterable[Account] = (), *, open_to_all: bool = False) -> None:
        self.open_to_all = open_to_all
        self._by_name: dict[str, Account] = {}
        self._by_key: dict[str, Account] = {}
        self._by_system_id: dict[str, Account] = {}
        for account in accounts:
            self.add(account)

    def add(self, account: Account) -> Account:
        """Raises ValueError if its name, API key or system_id is taken."""
        for kind, table, value in (
            ("name", self._by_name, account.name),
            ("api_key", self._by_key, account.api_key),
            ("system_id", self._by_system_id, account.system_id),
        ):
            if value is not None and value in table:
                raise ValueError(f"two accounts with the {kind} '{value}'")
        self._by_name[account.name] = account
        if account.api_key is not None:
            self._by_key[account.api_key] = account
        if account.system_id is not None:
            self._by_system_id[account.system_id] = account
        return account

    def by_name(self, name: str) -> Account | None:
        return self._by_name.get(name)

    def by_api_key(self, key: str) -> Account | None:
        return self._by_key.get(key)

    def by_system_id(self, system_id: str) -> Account | None:
        return self._by_system_id.get(system_id)

    def __iter__(self) -> Iterator[Account]:
        return iter(self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)
