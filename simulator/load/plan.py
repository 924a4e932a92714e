"""What a run shall do, as the command line says it, and what is wrong with that."""

from dataclasses import dataclass
from typing import Literal

from simulator.load.matching import Form
from simulator.load.schedule import Stage
from simulator.load.submits import Message

Via = Literal["smpp", "http"]
Bind = Literal["transceiver", "transmitter+receiver"]


class PlanError(ValueError):
    """An argument that is wrong; says what would be right."""


class Unreachable(Exception):
    """The endpoint does not answer, or does not let us in."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who sends: for SMPP a system_id and a password, for HTTP a key."""

    system_id: str = "carrier-sim"
    password: str = "secret"
    app_key: str = ""


@dataclass(frozen=True, slots=True)
class HttpPlan:
    """How a message is sent over HTTP, and how its answer and its webhooks are read."""

    url: str
    body: str | None = None
    """A template of the whole body; None: the gateway's own."""
    headers: tuple[tuple[str, str], ...] = ()
    key_header: str = "app-key"
    id_field: str = "message_id"
    event_field: str = "event_type"
    final_events: frozenset[str] = frozenset({"sms.delivered", "sms.failed"})
    webhooks: bool = False
    webhook_host: str = "127.0.0.1"
    webhook_port: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """One run. Open loop if there are `stages`, else closed."""

    message: Message
    via: Via = "smpp"
    host: str = "127.0.0.1"
    port: int = 2775
    http: HttpPlan | None = None
    accounts: tuple[Account, ...] = (Account(),)
    connections: int = 1
    bind: Bind = "transceiver"
    window: int | None = 100
    """Submits that one connection may have in flight; None: any number."""
    messages: int | None = None
    duration_s: float | None = None
    stages: tuple[Stage, ...] = ()
    ramp_s: float = 0.0
    """Closed loop: how long it takes until all connections send."""
    receipt_ids: Form | None = None
    """How the ids of receipts relate to those of answers; None: find out."""
    wait_s: float = 10.0
    """How long nothing may come, once all is sent, before what is still awaited counts as missing."""
    connect_timeout_s: float = 10.0
    enquire_link_s: float = 30.0
    system_type: str = ""
    interface_version: int = 0x34
    tls: bool = False
    verify_tls: bool = True
    sequence_start: int = 0
    """The number before a session's first (SMPP)."""

    @property
    def open_loop(self) -> bool:
        return bool(self.stages)

    @property
    def expects_receipts(self) -> bool:
        """Whether each accepted message gets one final receipt, so that those without are missing."""
        if self.via == "http":
            return self.http is not None and self.http.webhooks
        return self.message.registered_delivery & 3 == 1

    @property
    def hears_receipts(self) -> bool:
        """Whether receipts may come at all."""
        if self.via == "http":
            return self.expects_receipts
        return bool(self.message.registered_delivery & 0x1F)
