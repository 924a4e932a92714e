"""What a run leaves behind: plain data about every message, from the engine's side and from the client's.

Nothing here refers to the engine, a socket or a clock, so a record can be kept, compared, sent to another process and
written into any report. Instants are milliseconds since the Unix epoch, in the simulation's time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.engine import TERMINAL, Status
from simulator.smpp import status_name


@dataclass(frozen=True, slots=True)
class Moment:
    """One step of a message's way."""

    at: int
    status: str
    cause: str | None = None
    """The engine's name of the reason: `absent_subscriber`."""
    error_code: str | None = None
    """What the gateway shows of it: `1502`."""
    attempt: int = 0
    """n: the carrier's n-th attempt failed, and the status stayed; 0: a transition."""


@dataclass(frozen=True, slots=True)
class ReceiptSeen:
    """A delivery receipt as smpplib read it."""

    at: int
    stat: str
    err: str = ""
    sub: str = ""
    dlvrd: str = ""
    text: str = ""
    """The text: field."""
    message_id: str = ""
    message_state: int | None = None
    network_error: int | None = None
    esm_class: int = 0
    source: str = ""
    destination: str = ""


@dataclass(frozen=True, slots=True)
class WebhookSeen:
    """An event as the listener got it."""

    at: int
    event: str
    target: str
    """`webhook`: the account's; `callback`: the one that the request named."""
    message_id: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    authorized: bool = True
    """The Basic credentials were those of the account."""


@dataclass(frozen=True, slots=True)
class Response:
    """What the client was answered."""

    at: int
    status: int | None = None
    """HTTP."""
    error_code: str | None = None
    """HTTP: the envelope's."""
    command_status: int | None = None
    """SMPP."""
    message_id: str | None = None

    @property
    def ok(self) -> bool:
        """The message was taken."""
        return self.message_id is not None

    @property
    def failure(self) -> str | None:
        """Why it was not; None: it was."""
        if self.ok:
            return None
        if self.command_status is not None:
            return _command_status(self.command_status)
        return f"HTTP {self.status}" + (f", error_code {self.error_code}" if self.error_code else "")


@dataclass(slots=True)
class Walk:
    """What became of one recipient, or of one part of a long text: a row of the report."""

    id: str
    """Of the `send` item; made up where it has none."""
    n: int
    """Which of the item's messages, from 1."""
    via: str
    account: str
    to: str
    text: str
    sent_at: int
    line: str = ""
    """`file:line` of the `send` item."""
    index: int = 0
    """Which of the message's recipients, from 0."""
    part: int = 0
    """Which part of a long text, from 1; 0: it travelled whole."""
    accepted_at: int | None = None
    """None: it was never taken."""
    response: Response | None = None
    history: list[Moment] = field(default_factory=list)
    receipts: list[ReceiptSeen] = field(default_factory=list)
    webhooks: list[WebhookSeen] = field(default_factory=list)

    @property
    def walked(self) -> list[str]:
        """The statuses, in order, without the carrier's own attempts."""
        return [moment.status for moment in self.history if not moment.attempt]

    @property
    def attempts(self) -> int:
        """How many attempts of the carrier failed."""
        return sum(1 for moment in self.history if moment.attempt)

    @property
    def status(self) -> str | None:
        """The status in the end; None: it was never taken."""
        return self.history[-1].status if self.history else None

    @property
    def error_code(self) -> str | None:
        """The gateway's error_code in the end: of the terminal status, or of the refusal."""
        if self.history:
            return self.history[-1].error_code if self.is_final else None
        return self.response.error_code if self.response is not None else None

    @property
    def is_final(self) -> bool:
        return bool(self.history) and Status(self.history[-1].status) in TERMINAL

    @property
    def duration(self) -> int | None:
        """Milliseconds from acceptance to the terminal status; None: it came to none."""
        return self.history[-1].at - self.start if self.is_final else None

    @property
    def start(self) -> int:
        """The instant from which reports count: when it was taken, or else sent."""
        return self.sent_at if self.accepted_at is None else self.accepted_at

    @property
    def name(self) -> str:
        """How reports call it: `bulk #17`, `long #1 part 2`, `both #1 to +15550101`."""
        part = f" part {self.part}" if self.part else ""
        to = f" to {self.to}" if self.index else ""
        return f"{self.id} #{self.n}{part}{to}"


@dataclass(slots=True)
class InboundSeen:
    """One message from a phone, and whether the client got it."""

    id: str
    n: int
    account: str
    source: str
    to: str
    text: str
    sent_at: int
    received_at: int | None = None
    received_text: str | None = None


def _command_status(value: int) -> str:
    return "the connection was lost" if value < 0 else status_name(value)
