"""What tests read of a simulation: messages, receipts, webhooks and sessions, as plain properties.

A record is a view, not a copy: it looks into the engine when it is asked, so it is never out of date, costs nothing
while nobody asks, and may be read from any thread. Instants are milliseconds since the Unix epoch, in simulated time.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict, Unpack, overload

from simulator.engine import TERMINAL, Message, Recipient, Status, aggregate_status, glob, iso_ms
from simulator.engine.units import DAY, HOUR, MINUTE, SECOND
from simulator.gateway.messages import HttpMessage
from simulator.smpp import parse_receipt, status_name
from simulator.smsc import Connection, LongMessage, SmppMessage
from simulator.smsc.receipts import Receipt

if TYPE_CHECKING:
    from simulator.app import Simulator

MOST_SHOWN = 10
"""Messages that an assertion shows in full."""

LONGEST_TEXT = 60


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
    to: str = ""
    """Which recipient it is of."""

    def __str__(self) -> str:
        if self.attempt:
            return f"attempt {self.attempt} of the carrier failed: {self.cause}"
        code = f", error_code {self.error_code}" if self.error_code else ""
        return self.status + (f" ({self.cause}{code})" if self.cause else "")


@dataclass(frozen=True, slots=True)
class ReceiptRecord:
    """A delivery receipt, or an intermediate notification, as it was sent."""

    at: int
    """When it was handed to a session."""
    to: str
    """Which recipient it is of."""
    message_id: str
    """As the receipt spells it."""
    stat: str
    err: str
    text: str
    fields: dict[str, str]
    """All fields of the text by name: `id`, `sub`, `dlvrd`, `submit date`, `done date`, `stat`, `err`, `text`."""
    intermediate: bool
    attempt: int
    """1 for the first time that it was sent."""
    command_status: int | None
    """What the ESME answered; None: nothing yet; -1: nothing in time."""

    @property
    def ok(self) -> bool:
        """The ESME has taken it."""
        return self.command_status == 0

    def __str__(self) -> str:
        answer = "" if self.ok else ", not answered"
        if self.command_status is not None and self.command_status > 0:
            answer = f", answered {status_name(self.command_status)}"
        return f"receipt {self.stat} err:{self.err}{answer}"


@dataclass(frozen=True, slots=True)
class WebhookRecord:
    """One POST of one event."""

    at: int
    """When it began."""
    event: str
    """`sms.delivered` and its like."""
    url: str
    message_id: str
    to: str | None
    """Which recipient it is of; None: of the whole message."""
    attempt: int
    """1 for the first try."""
    status: int | None
    """What was answered; None: nothing."""
    error: str | None
    """Why nothing was."""
    retry_at: int | None
    """When it is tried again; None: this was the last try."""

    @property
    def ok(self) -> bool:
        """The event arrived."""
        return self.status is not None and self.status < 300

    def __str__(self) -> str:
        answer = f"HTTP {self.status}" if self.status is not None else self.error
        again = f", attempt {self.attempt}" if self.attempt > 1 else ""
        return f"webhook {self.event} to {self.url}: {answer}{again}"


@dataclass(slots=True)
class SentReceipt:
    """What is kept of a receipt that was sent: the rest is worked out when somebody asks."""

    at: int
    parcel: Receipt
    attempt: int
    version: int
    command_status: int | None = None


class RecipientRecord:
    """One destination of a message."""

    __slots__ = ("_message", "_recipient")

    def __init__(self, message: "MessageRecord", recipient: Recipient) -> None:
        self._message = message
        self._recipient = recipient

    @property
    def to(self) -> str:
        return self._recipient.to

    @property
    def status(self) -> str:
        """What has become of it by now."""
        return str(self._recipient.status_at(self._message.now))

    @property
    def error_code(self) -> str | None:
        """The gateway's four digits, once it has failed."""
        moment = self.history[-1]
        return moment.error_code if moment.status in TERMINAL else None

    @property
    def walk(self) -> list[str]:
        """All statuses so far, in order, without the carrier's own attempts."""
        return [moment.status for moment in self.history if not moment.attempt]

    @property
    def history(self) -> list[Moment]:
        """All that has happened to it so far."""
        recipient = self._recipient
        accepted_at = recipient.message.accepted_at
        # one that waited for its dispatch was scheduled before
        before = [Moment(accepted_at, str(Status.SCHEDULED), to=self.to)] if accepted_at < recipient.started_at else []
        return before + [
            Moment(
                at,
                str(step.status),
                step.cause.name if step.cause is not None else None,
                step.cause.error_code if step.cause is not None else None,
                step.attempt,
                self.to,
            )
            for at, step in recipient.history(self._message.now)
        ]

    def __repr__(self) -> str:
        return f"<{self.to}: {' > '.join(self.walk)}>"


class MessageRecord:
    """One HTTP send or one SMPP submit, and what has become of it."""

    __slots__ = ("_message", "_sim")

    def __init__(self, sim: "Simulator", message: Message) -> None:
        self._sim = sim
        self._message = message

    @property
    def now(self) -> int:
        """The simulation's time, to which everything here refers."""
        return self._sim.clock.now()

    @property
    def id(self) -> str:
        """The message_id that the client got."""
        message = self._message
        if isinstance(message, HttpMessage):
            return message.id
        assert isinstance(message, SmppMessage)
        return message.message_id

    @property
    def via(self) -> str:
        """`http` or `smpp`."""
        return self._message.via

    @property
    def account(self) -> str:
        """The account's name."""
        return self._message.account

    @property
    def source(self) -> str:
        """The sender."""
        return self._message.source

    @property
    def to(self) -> str:
        """The destination; of several, the first."""
        return self._message.to

    @property
    def text(self) -> str:
        return self._message.text

    @property
    def long(self) -> LongMessage | None:
        """The long message of which this submit is a part, put together whatever the order of the parts; None: it is
        whole."""
        message = self._message
        return message.smsc.parts.known.get(message.key) if isinstance(message, SmppMessage) else None

    @property
    def segments(self) -> int:
        return self._message.segments

    @property
    def accepted_at(self) -> int:
        return self._message.accepted_at

    @property
    def recipients(self) -> list[RecipientRecord]:
        """One for each destination."""
        return [RecipientRecord(self, recipient) for recipient in self._message.recipients]

    @property
    def status(self) -> str:
        """What has become of it by now: of several recipients, the aggregate that GET /status shows."""
        return self._status_at(self.now)

    def _status_at(self, now: int) -> str:
        return str(aggregate_status(recipient.status_at(now) for recipient in self._message.recipients))

    @property
    def is_final(self) -> bool:
        """Nothing more comes of it."""
        return all(recipient.status_at(self.now) in TERMINAL for recipient in self._message.recipients)

    @property
    def error_code(self) -> str | None:
        """The gateway's four digits, once it has failed; of several recipients, the first that did."""
        return next((code for recipient in self.recipients if (code := recipient.error_code)), None)

    @property
    def walk(self) -> list[str]:
        """All statuses so far, in order, without the carrier's own attempts; of several recipients, the aggregates."""
        recipients = self.recipients
        if len(recipients) == 1:
            return recipients[0].walk
        found: list[str] = []
        for at in sorted({moment.at for moment in self.history}):
            status = self._status_at(at)
            if not found or status != found[-1]:
                found.append(status)
        return found

    @property
    def history(self) -> list[Moment]:
        """All that has happened to its recipients so far, in order of time."""
        return sorted((moment for one in self.recipients for moment in one.history), key=lambda moment: moment.at)

    @property
    def receipts(self) -> list[ReceiptRecord]:
        """The receipts so far, as they were sent, repetitions included."""
        return [_receipt(sent) for sent in self._sim.receipts_of(self._message.key)]

    @property
    def webhooks(self) -> list[WebhookRecord]:
        """The webhook posts so far, retries included."""
        message = self._message
        if not isinstance(message, HttpMessage):
            return []
        numbers = {recipient.index: recipient.to for recipient in message.recipients}
        return [
            WebhookRecord(
                attempt.at,
                attempt.event_type,
                attempt.url,
                message.id,
                None if attempt.recipient is None else numbers.get(attempt.recipient),
                attempt.number,
                attempt.status,
                attempt.error,
                attempt.retry_at,
            )
            for attempt in list(message.attempts or ())
        ]

    @property
    def timeline(self) -> str:
        """Everything about it as a text, line by line, for people."""
        several = len(self._message.recipients) > 1
        entries = [
            (moment.at, 0, str(moment) + (f" [{moment.to}]" if several else ""), moment) for moment in self.history
        ]
        lines = [(at, rank, text) for at, rank, text, _ in entries]
        lines += [(receipt.at, 1, str(receipt)) for receipt in self.receipts]
        lines += [(webhook.at, 1, str(webhook)) for webhook in self.webhooks]
        lines.sort(key=lambda line: line[:2])
        times = [f"+{_short(at - self.accepted_at)}" for at, _, _ in lines]
        wide = max((len(time) for time in times), default=0)
        head = f"{self.id} via {self.via} by {self.account} to {self._numbers()} at {iso_ms(self.accepted_at)}: "
        shown = [f"  {time.rjust(wide)}  {text}" for time, (_, _, text) in zip(times, lines, strict=True)]
        return "\n".join([head + _quoted(self.text), *shown])

    def _numbers(self) -> str:
        numbers = [recipient.to for recipient in self._message.recipients]
        return ", ".join(numbers) if len(numbers) < 4 else f"{numbers[0]} and {len(numbers) - 1} more"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MessageRecord) and self._message is other._message

    def __hash__(self) -> int:
        return hash(self._message.key)

    def __repr__(self) -> str:
        walk = " > ".join(self.walk)
        return f"<message {self.id} via {self.via} to {self._numbers()} {_quoted(self.text)}: {walk}>"


class Filters(TypedDict, total=False):
    """What messages may be filtered by; None is no filter."""

    to: str | None
    """One of its destinations: with or without a `+`, and with `*` and `?` for any text and any character."""
    source: str | None
    """The sender, in the same way."""
    account: str | None
    via: str | None
    """`http` or `smpp`."""
    text: str | re.Pattern[str] | None
    """A part of the text, or a pattern."""


class Messages(Sequence[MessageRecord]):
    """Messages in order of arrival: a list that can be filtered. It holds those that there were when it was made."""

    __slots__ = ("_messages", "_sim", "what")

    def __init__(self, sim: "Simulator", messages: Sequence[Message], what: str = "") -> None:
        self._sim = sim
        self._messages = messages
        self.what = what
        """The filters that they have passed, in words."""

    def where(self, *, status: str | None = None, **filters: Unpack[Filters]) -> "Messages":
        """Those to which all of this applies. `status` is what they have come to by now; the others are in `Filters`.

        Raises ValueError if `status` is none.
        """
        to, source, account, via = filters.get("to"), filters.get("source"), filters.get("account"), filters.get("via")
        text = filters.get("text")
        wanted = None if status is None else status_named(status)
        goes_to = None if to is None else glob([to], number=True)
        comes_from = None if source is None else glob([source], number=True)
        now = self._sim.clock.now()

        def applies(message: Message) -> bool:
            return (
                (goes_to is None or any(goes_to(one.to.removeprefix("+")) for one in message.recipients))
                and (comes_from is None or comes_from(message.source.removeprefix("+")))
                and (account is None or message.account == account)
                and (via is None or message.via == via)
                and (text is None or _contains(message.text, text))
                and (wanted is None or aggregate_status(one.status_at(now) for one in message.recipients) is wanted)
            )

        what = [f"{name} {value!r}" for name, value in (*filters.items(), ("status", status)) if value is not None]
        found = [message for message in self._messages if applies(message)]
        return Messages(self._sim, found, ", ".join(filter(None, (self.what, *what))))

    def one(self) -> MessageRecord:
        """The only one. Raises AssertionError, which shows what there is, if there are more or none."""
        if len(self._messages) != 1:
            there = "there is none" if not self._messages else f"there are {len(self._messages)}"
            which = f" with {self.what}" if self.what else ""
            others = self if self._messages else self._sim.messages
            head = f"expected one message{which}: {there}"
            raise AssertionError(f"{head}\n{others.timeline}" if others else f"{head}, nor has any other come")
        return self[0]

    @property
    def last(self) -> MessageRecord:
        """The latest. Raises AssertionError if there is none."""
        if not self._messages:
            return self.one()
        return self[-1]

    @property
    def timeline(self) -> str:
        """All of them as a text; of many, the first."""
        shown = [message.timeline for message in self[:MOST_SHOWN]]
        more = len(self) - len(shown)
        return "\n".join([*shown, *([f"... and {more} more"] if more else [])])

    @overload
    def __getitem__(self, index: int) -> MessageRecord: ...
    @overload
    def __getitem__(self, index: slice) -> list[MessageRecord]: ...
    def __getitem__(self, index: int | slice) -> MessageRecord | list[MessageRecord]:
        if isinstance(index, slice):
            return [MessageRecord(self._sim, message) for message in self._messages[index]]
        return MessageRecord(self._sim, self._messages[index])

    def __iter__(self) -> Iterator[MessageRecord]:
        return (MessageRecord(self._sim, message) for message in self._messages)

    def __len__(self) -> int:
        return len(self._messages)

    def __repr__(self) -> str:
        return f"[{', '.join(map(repr, self[:MOST_SHOWN]))}{', ...' if len(self) > MOST_SHOWN else ''}]"


class SessionRecord:
    """One SMPP session of an ESME."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def account(self) -> str:
        """The account's name; empty before it is bound."""
        return self._connection.account_name

    @property
    def smsc(self) -> str:
        """The SMSC's name."""
        return self._connection.smsc.settings.name

    @property
    def state(self) -> str:
        """As the standard names it: `BOUND_TRX` and its like."""
        return self._connection.session.state.name

    @property
    def interface_version(self) -> int:
        """What both sides speak: 0x34."""
        return self._connection.session.version

    @property
    def submitted(self) -> int:
        """Messages taken from it."""
        return self._connection.submitted

    @property
    def delivered(self) -> int:
        """Receipts and inbound messages that it has acknowledged."""
        return self._connection.delivered

    @property
    def unanswered(self) -> int:
        """Requests of ours that it has yet to answer."""
        return len(self._connection.session.outstanding)

    def __repr__(self) -> str:
        return f"<session of {self.account or 'nobody'}, {self.state}, {self.submitted} submitted>"


@dataclass(frozen=True, slots=True)
class Stats:
    """Counters since the start, or the last reset."""

    accepted: int
    """Messages taken, forgotten ones included."""
    refused: int
    """By a rule."""
    statuses: dict[str, int]
    """Of the recipients that are remembered, by what has become of them by now."""
    sessions: int
    """That are bound."""
    receipts_waiting: int
    """Receipts and inbound messages that no session has taken yet."""
    receipts_lost: int
    webhooks: int
    """Posts."""
    webhooks_lost: int
    """Events given up."""
    http_errors: int
    """Requests that were answered with an error."""


def _receipt(sent: SentReceipt) -> ReceiptRecord:
    read = parse_receipt(sent.parcel.pdu(sent.version))
    assert read is not None
    return ReceiptRecord(
        sent.at,
        sent.parcel.recipient.to,
        read.message_id,
        read.stat,
        read.error,
        read.text,
        read.fields,
        read.intermediate,
        sent.attempt,
        sent.command_status,
    )


def _contains(text: str, wanted: str | re.Pattern[str]) -> bool:
    return wanted in text if isinstance(wanted, str) else wanted.search(text) is not None


def status_named(name: str) -> Status:
    """Raises ValueError, which says what would be right."""
    try:
        return Status(name)
    except ValueError:
        names = ", ".join(status for status in Status if status is not Status.NONE)
        raise ValueError(f"'{name}' is not a status: write one of {names}") from None


def _quoted(text: str) -> str:
    flat = " ".join(text.split())
    return f'"{flat if len(flat) <= LONGEST_TEXT else flat[: LONGEST_TEXT - 3] + "..."}"'


def _short(duration: int) -> str:
    """`0s`, `50ms`, `2.3s`, `1m30s`, `2h20m`, `1d`: never more than two units."""
    if duration < SECOND:
        return f"{duration}ms" if duration else "0s"
    if duration < MINUTE:
        return f"{duration / SECOND:.3f}".rstrip("0").rstrip(".") + "s"
    for big, small, names in ((DAY, HOUR, "dh"), (HOUR, MINUTE, "hm"), (MINUTE, SECOND, "ms")):
        if duration >= big:
            whole, rest = divmod(duration // small * small, big)
            return f"{whole}{names[0]}" + (f"{rest // small}{names[1]}" if rest else "")
    return f"{duration}ms"
