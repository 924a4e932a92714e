"""Customers: an account as the gateway sees it, with its wallet, its rate limits and the target of its webhooks; and
the check of the `app-key` that leads to it (decisions D1, D2, D27).
"""

import re
from base64 import b64encode
from hashlib import blake2b
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from simulator.engine.accounts import Account, Accounts
from simulator.engine.settings import GatewaySettings
from simulator.engine.throttle import throttle_of
from simulator.gateway.attempts import Target
from simulator.gateway.balance import Wallet
from simulator.gateway.errors import ApiError, Problem, Text

SANDBOX_KEY = re.compile(r"sk_test_[0-9A-Za-z]{32}")
MOST_OPEN_ACCOUNTS = 10_000
"""How many accounts unknown sandbox keys may make (decision D27)."""

_PREFIXES = {"sk_test_": "sandbox", "sk_live_": "production"}

_OTHER_ENVIRONMENT = Text("A key of {0}, shown to {1}", "Une clé de {0}, présentée à {1}")
_ABSENT = Text("The header is missing", "L'en-tête est absent")
_UNKNOWN = Text("No account has this key", "Aucun compte n'a cette clé")
_TOO_MANY = Text("Too many accounts have been made already", "Trop de comptes ont déjà été créés")
_ADDRESS = Text("{0} is in none of the key's networks", "{0} n'est dans aucun des réseaux de la clé")


class Customer:
    """One account's side of the gateway, from its first request on."""

    __slots__ = (
        "_authorization",
        "_networks",
        "_refusal",
        "_webhook",
        "account",
        "balance_throttle",
        "name",
        "send_throttle",
        "status_throttle",
        "wallet",
        "zone",
    )

    def __init__(self, account: Account, settings: GatewaySettings) -> None:
        self.account = account
        self.name = account.name
        self.wallet = Wallet(account.balance, account.postpaid, account.unit_price)
        self.send_throttle = throttle_of(account.limits.send)
        self.status_throttle = throttle_of(account.limits.status)
        self.balance_throttle = throttle_of(account.limits.balance)
        self.zone = _zone(account.timezone)
        webhook = account.webhook
        self._authorization: str | None = None
        if webhook is not None and webhook.username and webhook.password:
            pair = f"{webhook.username}:{webhook.password}".encode("utf-8", "surrogatepass")
            self._authorization = "Basic " + b64encode(pair).decode()
        self._webhook: tuple[Target, ...] = ()
        if webhook is not None and webhook.url:
            self._webhook = (Target(webhook.url, self._authorization),)
        self._networks: tuple[IPv4Network | IPv6Network, ...] = tuple(ip_network(net, False) for net in account.allow)
        self._refusal = _refusal(account, settings)

    def targets(self, callback_url: str | None) -> tuple[Target, ...]:
        """Who gets a message's events: the account's webhook and the request's callback, each once (decision D13)."""
        if callback_url is None:
            return self._webhook
        callback = Target(callback_url, self._authorization)
        return self._webhook if callback in self._webhook else (*self._webhook, callback)

    def check(self, address: str | None) -> None:
        """Raises ApiError if this key may not be used here and now, from `address`."""
        if self._refusal is not None:
            raise ApiError(self._refusal[0], self._refusal[1])
        if self._networks and not self._admits(address):
            raise ApiError("1003", (Problem("1003", "app-key", _ADDRESS, (address,)),))

    def _admits(self, address: str | None) -> bool:
        try:
            host = ip_address((address or "").partition("%")[0])
        except ValueError:
            return False
        if isinstance(host, IPv6Address) and host.ipv4_mapped is not None:
            host = host.ipv4_mapped  # who comes over IPv4 to a socket that takes both
        return any(host in network for network in self._networks)


class Customers:
    """All of them, by key."""

    def __init__(self, accounts: Accounts, settings: GatewaySettings) -> None:
        """Raises ValueError where an account names a time zone or a network that is none."""
        self._accounts = accounts
        self._settings = settings
        self._by_key: dict[str, Customer] = {}
        self._opened = 0
        for account in accounts:
            if account.api_key is not None:
                self._by_key[account.api_key] = Customer(account, settings)

    def enter(self, key: str | None, address: str | None) -> Customer:
        """The customer with this key, coming from this address. Raises ApiError."""
        customer = self._by_key.get(key) if key else None
        if customer is None:
            customer = self._first(key)
        customer.check(address)
        return customer

    def _first(self, key: str | None) -> Customer:
        if not key:
            raise ApiError("1002", (Problem("1002", "app-key", _ABSENT),))
        account = self._accounts.by_api_key(key) or self._open(key)
        customer = self._by_key[key] = Customer(account, self._settings)
        return customer

    def _open(self, key: str) -> Account:
        """An account for an unknown sandbox key, where the scenario takes any (decision D27)."""
        if self._accounts.open_to_all and SANDBOX_KEY.fullmatch(key):
            if self._opened >= MOST_OPEN_ACCOUNTS:
                raise ApiError("1001", (Problem("1001", "app-key", _TOO_MANY),))
            self._opened += 1
            return self._accounts.add(Account(masked(key), api_key=key))
        raise ApiError("1001", (Problem("1001", "app-key", _UNKNOWN),))


def masked(key: str) -> str:
    """A name for the account of an unknown key: the same in every run, different for each key, and safe to log."""
    return f"{key[:12]}...{key[-4:]}-{blake2b(key.encode(), digest_size=5).hexdigest()}"


def _refusal(account: Account, settings: GatewaySettings) -> tuple[str, tuple[Problem, ...]] | None:
    """Why the key can't be used whoever shows it: (code, details)."""
    environment = account.environment or _PREFIXES.get((account.api_key or "")[:8])
    if environment is not None and environment != settings.environment:
        values = (environment, settings.environment)
        return "1001", (Problem("1001", "app-key", _OTHER_ENVIRONMENT, values),)
    if account.status == "suspended":
        return "1004", ()
    if account.status == "expired":
        return "1005", ()
    return None


def _zone(name: str) -> ZoneInfo:
    """Raises ValueError, which says what would be right."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"'{name}' is not a time zone: write a name such as Africa/Kinshasa") from error
