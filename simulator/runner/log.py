"""The run's book: what was sent, what the client was answered, and what came to it. Filled while the run goes on."""

from dataclasses import dataclass, field

from simulator.gateway.ids import key_of
from simulator.runner.records import InboundSeen, ReceiptSeen, Response, Walk, WebhookSeen
from simulator.smsc import parse_id


@dataclass(slots=True)
class Sent:
    """One request of the client: one HTTP send, or one submit. It has a walk for each recipient."""

    walks: list[Walk]
    key: int | None = None
    """Of the engine's message, once it was taken."""
    source: str = ""
    """source_addr, as it was submitted: query_sm and its like must show it."""

    def answered(self, response: Response) -> None:
        for walk in self.walks:
            walk.response = response


@dataclass(slots=True)
class Log:
    """Everything about one run."""

    sent: list[Sent] = field(default_factory=list)
    inbound: list[InboundSeen] = field(default_factory=list)
    stray_receipts: list[ReceiptSeen] = field(default_factory=list)
    """Those of no message that this run has sent."""
    stray_webhooks: list[WebhookSeen] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What else a reader of the report should know."""
    receipts: int = 0
    webhooks: int = 0
    _by_key: dict[int, Sent] = field(default_factory=dict)
    _early: list[WebhookSeen] = field(default_factory=list)

    def taken(self, sent: Sent, key: int | None) -> None:
        """The message was accepted, with this key. Events may have come before the response was read."""
        sent.key = key
        if key is None:
            return
        self._by_key[key] = sent
        early, self._early = self._early, []
        for seen in early:
            self._file(seen)

    def heard(self, seen: WebhookSeen) -> None:
        """A webhook has come."""
        self.webhooks += 1
        self._file(seen)

    def _file(self, seen: WebhookSeen) -> None:
        key = key_of(seen.message_id)
        sent = self._by_key.get(key) if key is not None else None
        if sent is None:
            self._early.append(seen)
            return
        phone = seen.data.get("recipient_phone")
        for walk in sent.walks:
            if phone is None or phone.removeprefix("+") == walk.to.removeprefix("+"):
                walk.webhooks.append(seen)

    def receipt(self, seen: ReceiptSeen) -> None:
        """A delivery receipt has come."""
        self.receipts += 1
        key = parse_id(seen.message_id)
        sent = self._by_key.get(key) if key is not None else None
        if sent is None:
            self.stray_receipts.append(seen)
        else:
            sent.walks[0].receipts.append(seen)

    def close(self) -> None:
        """Nothing more comes."""
        self.stray_webhooks, self._early = self._early, []

    def of(self, name: str) -> list[Sent]:
        """What the `send` items with this id have sent so far."""
        return [sent for sent in self.sent if sent.walks[0].id == name]
