"""The five webhook events, and what each says (lisoloo-api 7.2 and 7.3; decisions D16, D17, D18, D31)."""

from collections.abc import Callable
from typing import Any

import orjson

from simulator.engine.causes import CANCELLED
from simulator.engine.chance import Chance
from simulator.engine.messages import Recipient
from simulator.engine.plans import Step
from simulator.engine.statuses import Status
from simulator.engine.units import iso
from simulator.gateway.messages import HttpMessage
from simulator.gateway.status import recipient_phone

QUEUED = "sms.queued"

EVENT_OF: dict[Status, str] = {
    Status.PROCESSING: "sms.processing",
    Status.SENT: "sms.sent",
    Status.DELIVERED: "sms.delivered",
    Status.PARTIALLY_DELIVERED: "sms.delivered",
    Status.FAILED: "sms.failed",
    Status.UNDELIVERED: "sms.failed",
    Status.REJECTED: "sms.failed",
    Status.EXPIRED: "sms.failed",
    Status.DELIVERY_UNKNOWN: "sms.failed",
}
"""The event of reaching a status; the others have none."""

EVENTS = (QUEUED, "sms.processing", "sms.sent", "sms.delivered", "sms.failed")


class Event:
    """Something that happened, for a target to be told. Its body is written only when it is posted."""

    __slots__ = ("at", "data", "message", "recipient", "step", "type")

    def __init__(
        self,
        kind: str,
        message: HttpMessage,
        at: int,
        recipient: Recipient | None = None,
        step: Step | None = None,
        data: dict[str, Any] | None = None,
    ) -> None:
        """Give `data`, or the recipient and its step."""
        self.type = kind
        self.message = message
        self.at = at
        self.recipient = recipient
        self.step = step
        self.data = data

    @property
    def index(self) -> int | None:
        """The recipient's place in `to`; None: the event is of the whole message."""
        return None if self.recipient is None else self.recipient.index

    def id(self, chance: Chance) -> str:
        """The same for each try and each target, and in each run with the same seed."""
        dispatch = 0 if self.recipient is None else self.recipient.dispatch
        return chance.uuid(f"{self.message.id} {self.type} {self.index} {dispatch}")


def event_of(recipient: Recipient, step: Step) -> Event | None:
    """The event that a step makes; None: nobody is told of it."""
    kind = EVENT_OF.get(step.status)
    message = recipient.message
    if kind is None or step.attempt or step.cause is CANCELLED or not isinstance(message, HttpMessage):
        return None
    if step.status is Status.SENT and not _first_sent(recipient, step):
        return None
    return Event(kind, message, recipient.started_at + step.offset, recipient, step)


def _first_sent(recipient: Recipient, step: Step) -> bool:
    """`sent` can come again after `unknown`; the event tells of the first only."""
    return next(other for other in recipient.plan.steps if other.status is Status.SENT) == step


class Writer:
    """Makes the JSON of events."""

    def __init__(self, chance: Chance, carriers: tuple[tuple[str, str], ...], default_carrier: str) -> None:
        self._chance = chance
        # the longest prefix decides
        self._carriers = sorted(((p.removeprefix("+"), slug) for p, slug in carriers), key=lambda row: -len(row[0]))
        self._default = default_carrier

    def carrier(self, to: str) -> str:
        """The slug of the number's carrier."""
        number = to.removeprefix("+")
        return next((slug for prefix, slug in self._carriers if number.startswith(prefix)), self._default)

    def write(self, event: Event) -> bytes:
        """The body of the POST."""
        return orjson.dumps(
            {
                "event_id": event.id(self._chance),
                "event_type": event.type,
                "timestamp": iso(event.at),
                "message_id": event.message.id,
                "data": self._data(event),
            }
        )

    def _data(self, event: Event) -> dict[str, Any]:
        recipient, step = event.recipient, event.step
        if recipient is None or step is None:
            return event.data or {}
        data: dict[str, Any] = {
            "recipient_phone": recipient_phone(recipient.to),
            "carrier": self.carrier(recipient.to),
        }
        fill = _MORE.get(event.type)
        if fill is not None:
            fill(data, event, step)
        return data


def _sent(data: dict[str, Any], event: Event, step: Step) -> None:
    data["sent_at"] = iso(event.at)


def _delivered(data: dict[str, Any], event: Event, step: Step) -> None:
    data["delivered_at"] = iso(event.at)
    data["segments"] = event.message.segments if step.segments is None else step.segments


def _failed(data: dict[str, Any], event: Event, step: Step) -> None:
    cause = step.cause
    data["failed_at"] = iso(event.at)
    data["status"] = step.status
    data["error_code"] = None if cause is None else cause.error_code
    data["error_message"] = None if cause is None else cause.text


_MORE: dict[str, Callable[[dict[str, Any], Event, Step], None]] = {
    "sms.sent": _sent,
    "sms.delivered": _delivered,
    "sms.failed": _failed,
}
