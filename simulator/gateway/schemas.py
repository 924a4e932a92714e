"""What the gateway takes and answers, as JSON Schema (2020-12): the `components/schemas` of the OpenAPI document.

Limits, patterns and lists come from the tables that the code itself goes by; only what can't be read from a table is
written here.
"""

from collections.abc import Iterable
from typing import Any

from simulator.engine.causes import CAUSES
from simulator.engine.settings import GatewaySettings
from simulator.engine.statuses import Status
from simulator.engine.units import MINUTE
from simulator.gateway.errors import CATALOGUE
from simulator.gateway.events import EVENT_OF, EVENTS, QUEUED
from simulator.gateway.schedules import FREQUENCIES, MOST_DATES, MOST_DISPATCHES, MOST_TIMES, RECURRING_FIELDS, TIME
from simulator.gateway.urls import LONGEST_URL
from simulator.gateway.validation import (
    DEFAULT_SENDER,
    LONGEST_CANCEL_WITHIN,
    LONGEST_MESSAGE,
    MOST_RECIPIENTS,
    NUMBER,
    SENDER,
    SENDING_TYPES,
    STRICT_SENDER,
)

Schema = dict[str, Any]

MESSAGE_ID = "507f1f77bcf86cd799439011"
PHONE = "+243998857000"
AT, LATER = "2026-01-01T10:15:00Z", "2026-01-01T10:15:08Z"
TOTALS: dict[str, Any] = {"total_recipients": 1, "total_messages": 1, "total_cost": 0.02, "currency": "USD"}
"""Values for examples, here and in the document."""

MESSAGE_STATUSES = tuple(str(status) for status in Status if status is not Status.NONE)
"""What a status field may say: the internal sentinel never surfaces."""


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def object_of(properties: dict[str, Schema], optional: Iterable[str] = (), **more: Any) -> Schema:
    """An object that has all these properties, but for the optional ones."""
    required = [name for name in properties if name not in set(optional)]
    return {"type": "object", "required": required, "properties": properties, **more}


def answer_of(status: int, data: Schema, success: bool = False) -> Schema:
    """The envelope of an answer that is no error; `success` is there where the public documentation shows it."""
    properties: dict[str, Schema] = {"status_code": {"const": status}}
    if success:
        properties["success"] = {"const": True}
    return object_of({**properties, "data": data})


def schemas(settings: GatewaySettings) -> dict[str, Schema]:
    """All of them, by name."""
    kinds = ("Immediate", "Scheduled", "Recurring")
    return {
        "SendRequest": {"oneOf": [ref(f"{kind}Send") for kind in kinds]},
        **{f"{kind}Send": _send(name, settings) for kind, name in zip(kinds, SENDING_TYPES, strict=True)},
        "ScheduledDate": object_of({"date": _DATE, "time": _TIME}),
        "RecurringSchedule": _recurring_schedule(),
        "SendResult": answer_of(201, _send_data(), success=True),
        "MessageStatus": answer_of(200, _status_data()),
        "Recipient": _recipient(),
        "Balance": answer_of(200, _balance_data()),
        "Managed": answer_of(200, _managed_data(), success=True),
        "Health": _health(),
        "Error": _error(),
        "ErrorDetail": object_of(
            {
                "field": {"type": "string", "description": "Which one, such as `to[0]`."},
                "message": {"type": "string"},
                "code": {"enum": sorted({row.symbol for row in CATALOGUE.values()}), "description": "Symbolic name."},
            }
        ),
        "MessageNotFound": object_of({"detail": {"const": "Message not found"}}),
        **{schema_name(kind): _event(kind) for kind in EVENTS},
    }


def schema_name(event: str) -> str:
    """`sms.queued`: `SmsQueued`."""
    return "".join(part.capitalize() for part in event.split("."))


# ---- what POST /send takes ----

_DATE: Schema = {"type": "string", "format": "date", "description": "`YYYY-MM-DD`, in the account's time zone."}
_TIME: Schema = {"type": "string", "pattern": f"^{TIME.pattern}$", "description": "`HH:mm`, 24 hours."}


def _or_null(schema: Schema) -> Schema:
    """Optional, and `null` counts as absent."""
    return {**schema, "type": [schema["type"], "null"]}


def _send(kind: str, settings: GatewaySettings) -> Schema:
    sender = STRICT_SENDER if settings.strict_sender_id else SENDER
    properties: dict[str, Schema] = {
        "to": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_RECIPIENTS,
            "items": {"type": "string", "pattern": f"^{NUMBER.pattern}$"},
            "description": "Recipients. Duplicates are kept, and charged.",
        },
        "message": {"type": "string", "minLength": 1, "maxLength": LONGEST_MESSAGE, "description": "The text."},
        "sender_id": _or_null(
            {
                "type": "string",
                "pattern": f"^{sender.pattern}$",
                "description": f"What the message comes from; without it `{DEFAULT_SENDER}`.",
            }
        ),
        "sending_type": {"const": kind, "description": f"`{kind}`."},
        "scheduled_dates": {"type": "null", "description": "Only with `scheduled`."},
        "recurring_schedule": {"type": "null", "description": "Only with `recurring`."},
        "callback_url": _or_null(
            {
                "type": "string",
                "format": "uri",
                "description": "Gets this message's events, besides the account's webhook. https"
                + ("" if settings.https_only else "; `http://` only for loopback and private hosts")
                + f"; at most {LONGEST_URL} characters, no credentials in it.",
            }
        ),
    }
    required = ["to", "message", "sending_type"]
    if kind == "immediate":
        required.remove("sending_type")
        properties["sending_type"] = {"enum": [kind, None], "description": f"`{kind}`, the default."}
        if settings.cancel_within:
            minutes = LONGEST_CANCEL_WITHIN // MINUTE
            properties["cancel_within"] = {
                "type": ["string", "null"],
                "description": f"Wait so long, such as `30s`, at most {minutes}m; until then it can be cancelled.",
            }
    elif kind == "scheduled":
        required.append("scheduled_dates")
        properties["scheduled_dates"] = {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_DATES,
            "items": ref("ScheduledDate"),
            "description": "When: each is a dispatch to all recipients. None in the past.",
        }
    else:
        required.append("recurring_schedule")
        properties["recurring_schedule"] = ref("RecurringSchedule")
    return {"type": "object", "required": required, "properties": properties}


def _recurring_schedule() -> Schema:
    properties: dict[str, Schema] = {
        "start_date": {**_DATE, "description": "The first day, and the anchor of `monthly` and `yearly`."},
        "end_date": {**_DATE, "description": "The last day, included."},
        "frequency": {"enum": list(FREQUENCIES)},
        "interval": {"type": "integer", "minimum": 1, "description": "Every so many days, weeks, months or years."},
        "times": {"type": "array", "minItems": 1, "maxItems": MOST_TIMES, "items": _TIME},
    }
    return object_of(
        {name: properties[name] for name in RECURRING_FIELDS},
        description=f"At least one occurrence must be left, and at most {MOST_DISPATCHES} may be.",
    )


# ---- what is answered ----

_COUNT: Schema = {"type": "integer", "minimum": 0}
_AMOUNT: Schema = {"type": "number"}
_INSTANT: Schema = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$",
    "description": "ISO 8601, UTC, whole seconds.",
}
_ID: Schema = {"type": "string", "pattern": "^[0-9a-f]{24}$"}
_PHONE: Schema = {"type": "string", "pattern": r"^\+[0-9]{1,15}$"}
_CODE: Schema = {"type": "string", "pattern": "^[0-9]{4}$"}
_CODE_OR_NULL: Schema = _or_null(_CODE)
_MESSAGE_STATUS: Schema = {"enum": list(MESSAGE_STATUSES)}

_TOTALS: dict[str, Schema] = {
    "total_recipients": {**_COUNT, "minimum": 1},
    "total_messages": {**_COUNT, "minimum": 1, "description": "Recipients x segments x dispatches."},
    "total_cost": {**_AMOUNT, "description": "Taken from the balance."},
    "currency": {"type": "string"},
}


def _send_data() -> Schema:
    return object_of(
        {
            "message_id": _ID,
            **_TOTALS,
            "status": {"enum": [str(Status.PENDING), str(Status.SCHEDULED)]},
            "sending_type": {"enum": list(SENDING_TYPES)},
        }
    )


def _status_data() -> Schema:
    return object_of(
        {
            "message_id": _ID,
            "status": {**_MESSAGE_STATUS, "description": "The aggregate; the counters say who got it."},
            "total_recipients": {**_COUNT, "minimum": 1},
            "delivered": {**_COUNT, "description": "Partial deliveries included."},
            "failed": {**_COUNT, "description": "Every other end."},
            "pending": {**_COUNT, "description": "The rest."},
            "created_at": _INSTANT,
            "updated_at": _INSTANT,
            "recipients": {"type": "array", "minItems": 1, "items": ref("Recipient"), "description": "As in `to`."},
        }
    )


def _recipient() -> Schema:
    return object_of(
        {
            "recipient_phone": _PHONE,
            "status": _MESSAGE_STATUS,
            "error_code": {**_CODE_OR_NULL, "description": "Why it failed."},
            "segments": _COUNT,
            "updated_at": _INSTANT,
        }
    )


def _balance_data() -> Schema:
    return object_of(
        {
            "balance": {**_AMOUNT, "description": "Of both wallets."},
            "sms_wallet_balance": {**_AMOUNT, "description": "Prepaid; drawn first."},
            "postpaid_wallet_balance": _AMOUNT,
            "currency": {"type": "string"},
            "unit_price": {**_AMOUNT, "description": "Of one segment."},
            "available_sms": {"type": "integer", "description": "Segments that the balance pays for."},
        }
    )


def _managed_data() -> Schema:
    return object_of({"message_id": _ID, "status": _MESSAGE_STATUS, "remaining_dispatches": _COUNT})


def _health() -> Schema:
    return object_of(
        {
            "status": {"const": "healthy"},
            "service": {"type": "string"},
            "version": {"type": "string"},
            "timestamp": _INSTANT,
        }
    )


def _error() -> Schema:
    return object_of(
        {
            "success": {"const": False},
            "status_code": {"type": "integer", "description": "The HTTP status."},
            "error_code": {**_CODE, "description": "Stable: the only thing to branch on."},
            "message": {"type": "string", "description": "English, or French if `Accept-Language` prefers it."},
            "details": {"type": ["array", "null"], "items": ref("ErrorDetail"), "description": "All that is wrong."},
            "timestamp": _INSTANT,
            "request_id": {"type": "string", "pattern": "^req_[0-9a-f]{16}$"},
            "retryable": {"type": "boolean", "description": "False: the same request will fail again."},
            "retry_after": {"type": ["integer", "null"], "minimum": 1, "description": "Seconds, as `Retry-After`."},
        }
    )


# ---- webhooks ----

_OF_RECIPIENT: dict[str, Schema] = {
    "recipient_phone": _PHONE,
    "carrier": {"type": "string", "description": "By the number's prefix. Informational."},
}

_EVENT_DATA: dict[str, dict[str, Schema]] = {
    QUEUED: {
        **_TOTALS,
        "scheduled_at": {**_or_null(_INSTANT), "description": "The first dispatch; null: at once."},
    },
    "sms.processing": _OF_RECIPIENT,
    "sms.sent": {**_OF_RECIPIENT, "sent_at": _INSTANT},
    "sms.delivered": {
        **_OF_RECIPIENT,
        "delivered_at": _INSTANT,
        "segments": {**_COUNT, "description": "Those that arrived."},
    },
    "sms.failed": {
        **_OF_RECIPIENT,
        "failed_at": _INSTANT,
        "status": {"enum": [str(status) for status, event in EVENT_OF.items() if event == "sms.failed"]},
        "error_code": _CODE_OR_NULL,
        "error_message": {"type": ["string", "null"]},
    },
}

_OF_EXAMPLE = {"recipient_phone": PHONE, "carrier": "sim"}

EVENT_EXAMPLES: dict[str, dict[str, Any]] = {
    QUEUED: {**TOTALS, "scheduled_at": None},
    "sms.processing": _OF_EXAMPLE,
    "sms.sent": {**_OF_EXAMPLE, "sent_at": "2026-01-01T10:15:03Z"},
    "sms.delivered": {**_OF_EXAMPLE, "delivered_at": LATER, "segments": 1},
    "sms.failed": {
        **_OF_EXAMPLE,
        "failed_at": LATER,
        "status": "undelivered",
        "error_code": CAUSES["absent_subscriber"].error_code,
        "error_message": CAUSES["absent_subscriber"].text,
    },
}
"""An example of each event's `data`."""


def _event(kind: str) -> Schema:
    return object_of(
        {
            "event_id": {"type": "string", "format": "uuid", "description": "The same with each retry."},
            "event_type": {"const": kind},
            "timestamp": _INSTANT,
            "message_id": _ID,
            "data": object_of(_EVENT_DATA[kind]),
        }
    )
