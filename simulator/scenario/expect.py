"""What `run` checks: the items of `expect`, as the runner gets them."""

import itertools
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema

from simulator.engine import TRANSITIONS, Status
from simulator.scenario import fields as f
from simulator.scenario.base import Model
from simulator.scenario.errors import shown
from simulator.scenario.fields import Comparison
from simulator.scenario.traffic import Placed


class ReceiptExpectation(Model):
    """One delivery receipt; only the fields that are given are compared."""

    @staticmethod
    def shorthand(value: Any) -> Any:
        return {"stat": value}

    stat: f.StatField | None = Field(None, description="DELIVRD, UNDELIV, EXPIRED, ...")
    err: f.Text | None = Field(None, description="the err: field of the text")
    dlvrd: f.Text | None = Field(None, description="the dlvrd: field of the text")
    sub: f.Text | None = Field(None, description="the sub: field of the text")
    text: f.Text | None = Field(None, description="the text: field of the text")
    message_state: (
        Annotated[
            str,
            *f.choice(
                "message state",
                *("ENROUTE", "DELIVERED", "EXPIRED", "DELETED", "UNDELIVERABLE", "ACCEPTED", "UNKNOWN", "REJECTED"),
                *("SCHEDULED", "SKIPPED"),
            ),
        ]
        | None
    ) = Field(None, description="the TLV message_state, by name")
    network_error: f.Sixteen | None = Field(None, description="the last two octets of the TLV network_error_code")
    esm_class: f.Octet | None = Field(None, description="of the PDU that carries it")
    source: f.Text | None = Field(None, description="source_addr: the phone")
    destination: f.Text | None = Field(None, description="destination_addr: the sender of the message")


class WebhookExpectation(Model):
    """One webhook event; fields besides `event` are compared with its data. None is unknown: new ones may come."""

    event: f.EventField = Field(description="sms.queued, sms.processing, sms.sent, sms.delivered or sms.failed")
    fields: Annotated[dict[str, Any], WithJsonSchema({"type": "object"})] = Field(
        default_factory=dict, description="data of the event, by field"
    )

    @staticmethod
    def shorthand(value: Any) -> Any:
        return {"event": value}


def _plain(value: Any) -> Any:
    """Numbers without the memory of how they were written."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    return int(value) if isinstance(value, int) else float(value)


def _event(value: Any) -> WebhookExpectation:
    if isinstance(value, dict):
        if "event" not in value:
            raise f.wrong("'event' is missing: which webhook?", f"one of {', '.join(f.EVENTS)}")
        rest = {key: _plain(item) for key, item in value.items() if key != "event"}
        return WebhookExpectation(event=f.word("webhook event", f.EVENTS)(value["event"]), fields=rest)
    return WebhookExpectation(event=f.word("webhook event", f.EVENTS)(value))


EventExpectation = Annotated[
    WebhookExpectation,
    PlainValidator(_event),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": list(f.EVENTS)},
                {
                    "type": "object",
                    "properties": {"event": {"enum": list(f.EVENTS)}},
                    "required": ["event"],
                    "description": "Fields besides `event` are compared with the data of the event.",
                },
            ]
        }
    ),
]


class ReceiptsExpectation(Model):
    """The receipts of a message, in order, or how many there are."""

    @staticmethod
    def shorthand(value: Any) -> Any:
        return {"each": value} if isinstance(value, list) else {"count": value}

    each: "list[ReceiptExpectation] | None" = Field(None, description="the receipts one by one")
    count: f.ComparisonField | None = Field(None, description="how many")


class WebhooksExpectation(Model):
    """The webhook events of a message, in order, or how many there are."""

    @staticmethod
    def shorthand(value: Any) -> Any:
        return {"each": value} if isinstance(value, list) else {"count": value}

    each: "list[EventExpectation] | None" = Field(None, description="the events one by one")
    count: f.ComparisonField | None = Field(None, description="how many")


class ResponseExpectation(Model):
    """What the client was answered."""

    status: Annotated[int, PlainValidator(f.whole(100, 599)), WithJsonSchema({"type": "integer"})] | None = Field(
        None, description="http: the status of the response, such as 201"
    )
    error_code: f.ErrorCode | None = Field(None, description="http: the envelope's error_code")
    command_status: f.CommandStatusField | None = Field(None, description="smpp: by name or number")


def _walks(value: Any) -> tuple[Status, ...]:
    if not isinstance(value, list) or not value:
        raise f.wrong(f"expected a list of statuses, not {shown(value)}")
    walk = [Status(item) for item in f.each(enumerate(value), f.word("status", f.VISIBLE))]
    if walk[0] not in (Status.PENDING, Status.SCHEDULED):
        raise f.wrong(f"no message begins as '{walk[0]}': its first status is pending, or scheduled")
    for before, after in itertools.pairwise(walk):
        if after is not before and after not in TRANSITIONS[before]:
            allowed = ", ".join(TRANSITIONS[before])
            what = f"after it may come {allowed}" if allowed else "it is final"
            raise f.wrong(f"no message goes from '{before}' to '{after}': {what}")
    return tuple(walk)


class MessageExpectation(Placed):
    """What becomes of what one `send` item has sent; only what is given is checked."""

    message: f.Name = Field(description="the id of a send item")
    n: f.Positive | None = Field(None, description="which of its messages, from 1; without it, every one")
    walks: (
        Annotated[
            tuple[Status, ...],
            PlainValidator(_walks),
            WithJsonSchema({"type": "array", "items": {"enum": list(f.VISIBLE)}, "minItems": 1}),
        ]
        | None
    ) = Field(None, description="all statuses it goes through, in order")
    status: f.StatusField | None = Field(None, description="the status in the end")
    error_code: f.ErrorCode | None = Field(None, description="the gateway's error_code in the end")
    receipts: ReceiptsExpectation | None = Field(None, description="the receipts in order, or how many: '>=1'")
    webhooks: WebhooksExpectation | None = Field(None, description="the events in order, or how many: 4")
    response: ResponseExpectation | None = Field(None, description="what the client was answered")
    attempts: f.ComparisonField | None = Field(None, description="how many attempts of the carrier failed")
    within: f.Duration | None = Field(
        None, description="final no later than this after it was accepted (simulated time)"
    )
    after: f.Duration | None = Field(None, description="final no earlier than this after it was accepted")
    nothing_else: f.Flag = Field(False, description="true: no receipt and no webhook besides those listed")


class InboundExpectation(Placed):
    """What came to the client of what an `inbound` item has sent."""

    inbound: f.Name = Field(description="the id of an inbound item")
    received: f.ComparisonField | None = Field(None, description="how many came; default all")
    within: f.Duration | None = Field(None, description="the last one no later than this (simulated time)")


TOTALS = (
    *(status for status in f.VISIBLE if status != "accepted"),
    "accepted",
    "refused",
    "timeout",
    "receipts",
    "webhooks",
)
"""`accepted`: messages taken; `refused`: not taken; `timeout`: failed because no receipt came (1503)."""


def _totals(value: Any) -> dict[str, Comparison]:
    if not isinstance(value, dict) or not value:
        raise f.wrong(f"expected a mapping such as {{delivered: '>=90'}}, not {shown(value)}")
    return dict(f.pairs(value, f.word("total", TOTALS), f.to_comparison))


class TotalsExpectation(Placed):
    """Counts over everything that was sent: recipients by final status, receipts, webhooks."""

    totals: Annotated[
        Mapping[str, Comparison],
        PlainValidator(_totals),
        WithJsonSchema(
            {
                "type": "object",
                "properties": {name: {"type": ["string", "number"]} for name in TOTALS},
                "additionalProperties": False,
                "minProperties": 1,
            }
        ),
    ] = Field(description="name: comparison, such as {delivered: '>=880', timeout: '<=40', receipts: 1000}")


Expectation = MessageExpectation | TotalsExpectation | InboundExpectation

KINDS: dict[str, type[Expectation]] = {
    "message": MessageExpectation,
    "totals": TotalsExpectation,
    "inbound": InboundExpectation,
}
"""By the key that tells them apart."""
