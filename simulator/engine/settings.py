"""How the two doors behave: what a scenario's `smsc:` and `gateway:` say, with the defaults of both.

Plain data, here rather than in the doors, so that the scenario language can make it without knowing them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from simulator.engine.accounts import Account
from simulator.engine.clock import EPOCH
from simulator.engine.rules import Match, Rules
from simulator.engine.units import DAY, HOUR, MINUTE, SECOND


@dataclass(frozen=True, slots=True)
class Retries:
    """After a failure: `attempts` more tries, after the pauses `every` (milliseconds; the last one goes on)."""

    attempts: int
    every: tuple[int, ...]

    def wait(self, failed: int) -> int | None:
        """Milliseconds after the `failed`-th try, counted from 1; None: it was the last."""
        if failed > self.attempts:
            return None
        return self.every[min(failed, len(self.every)) - 1]


IdFormat = Literal["decimal", "hex", "HEX", "uuid", "text"]
"""How a message_id is spelled: 19 digits; 16 hex digits, lower or upper case; a UUID; `M` and 13 digits of base 36."""


@dataclass(frozen=True, slots=True)
class ReceiptSettings:
    """How the SMSC's delivery receipts look and travel."""

    via: Literal["deliver_sm", "data_sm"] = "deliver_sm"
    message_id: IdFormat | None = None
    """None: as in the response."""
    retries: Retries = field(default_factory=lambda: Retries(3, (10 * SECOND,)))
    queue: int = 100_000
    """How many are kept for an account that has no receiver bound; the oldest go first."""
    to: Literal["any", "submitter"] = "any"
    """Whether they go to all receivers of the account in turn, or to the session that submitted, as long as it is there
    and may receive."""


@dataclass(frozen=True, slots=True)
class Outbind:
    """An ESME that listens: the SMSC connects to it and asks it to bind (SMPP v3.4 section 2.2.1)."""

    host: str
    port: int
    system_id: str = ""
    password: str = ""
    every: int = 30 * SECOND
    """How long after an attempt that failed, or a session that ended, comes the next."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A phone that answers: an inbound message for each submit that matches."""

    match: Match
    text: str
    """What it says; `{text}`, `{from}` and `{to}` stand for the submit's."""
    after: int = 0
    """Milliseconds after the submit."""


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """A second port, with TLS."""

    port: int = 0
    certificate: str | None = None
    """A PEM file; None: a certificate is made on start, signed by itself."""
    key: str | None = None
    """A PEM file; None: it is in the certificate's file."""


@dataclass(frozen=True, slots=True)
class SmscSettings:
    """How an SMSC speaks."""

    name: str = "smsc"
    """What rules call it."""
    port: int | None = None
    """None: the one that the command line gives; the second and further SMSCs then get a free one."""
    tls: TlsSettings | None = None
    accounts: tuple[str, ...] | None = None
    """Names of those that may bind here; None: all."""
    system_id: str = "CARRIER"
    message_id: IdFormat = "decimal"
    receipts: ReceiptSettings = field(default_factory=ReceiptSettings)
    validity: int = DAY
    """Of messages that name none."""
    bind_timeout: int = 30 * SECOND
    response_timeout: int = 60 * SECOND
    default_alphabet: Literal["gsm7", "gsm7-packed", "latin1"] = "gsm7"
    """What data_coding 0 means: GSM 03.38 with an octet for each character, the same packed, or Latin-1."""
    distribution_lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """dl_name -> destinations, for submit_multi."""
    enquire_link: int | None = None
    """An enquire_link after so many milliseconds without a word from the ESME; None: none."""
    inactivity: int | None = None
    """A session ends after so many milliseconds with nothing but enquire_link; None: it never does."""
    parts_timeout: int = HOUR
    """How long the parts of a long message may take to come."""
    alert_after: int = HOUR
    """How long after a failed message with set_dpf its subscriber can be reached again (alert_notification)."""
    outbinds: tuple[Outbind, ...] = ()
    replies: tuple[Reply, ...] = ()


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """How the gateway behaves. The defaults are the decisions of docs/gateway.md."""

    hold: int = DAY
    """How long a message waits for its final receipt (decision D30)."""
    validity: int = DAY
    webhook_retries: Retries = field(default_factory=lambda: Retries(4, (30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR)))
    """Decision D14."""
    webhook_timeout: int = 10 * SECOND
    https_only: bool = False
    """True: no `http://` for webhooks and callbacks, by the book (decision D15)."""
    strict_sender_id: bool = False
    """True: A-Z and 0-9 only (decision D11)."""
    carriers: tuple[tuple[str, str], ...] = ()
    """(prefix of the number, slug): what webhooks name as `carrier` (decision D31)."""
    default_carrier: str = "sim"
    environment: Literal["sandbox", "production"] = "sandbox"
    """Which of the two this gateway is; keys of the other are refused with 1001."""
    webhook_secret: str | None = None
    """Signs each webhook, HMAC-SHA256 (decision D26); None: no signature, as today."""
    webhook_shuffle: int = 0
    """Milliseconds: each event is held back by up to this long, drawn from the seed, so that their order is lost."""
    verify_tls: bool = True
    """False: a webhook's certificate may be anybody's."""
    cancel_within: bool = False
    """True: POST /send takes `cancel_within`, a time in which an immediate message can be cancelled (decision D26)."""


@dataclass(frozen=True, slots=True)
class World:
    """All that a scenario tells the simulation: what the engine and the doors are made from."""

    rules: Rules
    accounts: tuple[Account, ...] = ()
    """None given: any credentials are taken (decision D27)."""
    seed: int = 0
    clock: str = "real"
    start: int = EPOCH
    """The instant at which manual and instant time begins."""
    smscs: tuple[SmscSettings, ...] = (SmscSettings(),)
    """One or several carriers."""
    gateway: GatewaySettings = field(default_factory=GatewaySettings)

    @property
    def smsc(self) -> SmscSettings:
        """The first carrier, which is the only one in most scenarios."""
        return self.smscs[0]
