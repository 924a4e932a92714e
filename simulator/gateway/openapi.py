"""The gateway's own description, OpenAPI 3.1: what `/openapi.json` answers, and `/docs` shows.

It is made from the tables that the code goes by (the error catalogue, the limits of the validation, the events), for
the settings that are in force, so that it can't say anything else than what happens. The tests hold every answer of the
gateway against it.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from simulator.engine.clock import EPOCH
from simulator.engine.settings import GatewaySettings
from simulator.gateway.errors import CATALOGUE, ApiError, envelope
from simulator.gateway.events import EVENTS
from simulator.gateway.schemas import (
    AT,
    EVENT_EXAMPLES,
    LATER,
    MESSAGE_ID,
    PHONE,
    TOTALS,
    ref,
    schema_name,
    schemas,
)
from simulator.gateway.validation import read_send

BASE_PATH = "/api/v1/lisoloo/sms-api"
VERSION = "1.0.0"
SERVICE = "lisoloo-sms-api"

KEY_CODES = ("1001", "1002", "1003", "1004", "1005")
BODY_CODES = ("1101", "1102", "1103", "1104", "1105", "1106", "1107", "1108", "1109", "1110")
RATE_CODES = ("1301",)
ANY_CODES = ("1110", "1401")
"""What is no valid HTTP, and a fault of the simulator."""

EVENT_TEXTS = {
    "sms.queued": "Once for each message, right after the 201.",
    "sms.processing": "A recipient is processing.",
    "sms.sent": "The carrier confirmed dispatch.",
    "sms.delivered": "A recipient got it, or a part of it.",
    "sms.failed": "Any other end.",
}

_MANAGED = {"message_id": MESSAGE_ID, "status": "scheduled", "remaining_dispatches": 2}


class Operation(NamedTuple):
    """One endpoint."""

    method: str
    path: str
    id: str
    summary: str
    description: str
    success: int
    schema: str
    """Of a success, by name."""
    example: dict[str, Any]
    """A success."""
    codes: tuple[str, ...] = ()
    """With which it may fail, besides `ANY_CODES`."""
    key: bool = True

    @property
    def takes_id(self) -> bool:
        return "{message_id}" in self.path


_MANAGES = (*KEY_CODES, "1110")

OPERATIONS = (
    Operation(
        "POST",
        "/send",
        "sendMessage",
        "Send a message: now, on dates, or again and again",
        "The whole cost is taken at once, from the prepaid wallet first. A field that is `null` counts as absent; "
        "unknown fields are ignored. Nothing makes a repeated call the same message: it is another one, billed again. "
        "Any code of the catalogue may come from a scenario's rule.",
        201,
        "SendResult",
        {
            "status_code": 201,
            "success": True,
            "data": {"message_id": MESSAGE_ID, **TOTALS, "status": "pending", "sending_type": "immediate"},
        },
        tuple(CATALOGUE),
    ),
    Operation(
        "GET",
        "/status/{message_id}",
        "getStatus",
        "What has become of a message, and of each recipient",
        "A message that is another account's is not found, either.",
        200,
        "MessageStatus",
        {
            "status_code": 200,
            "data": {
                "message_id": MESSAGE_ID,
                "status": "delivered",
                "total_recipients": 1,
                "delivered": 1,
                "failed": 0,
                "pending": 0,
                "created_at": AT,
                "updated_at": LATER,
                "recipients": [
                    {
                        "recipient_phone": PHONE,
                        "status": "delivered",
                        "error_code": None,
                        "segments": 1,
                        "updated_at": LATER,
                    }
                ],
            },
        },
        (*KEY_CODES, *RATE_CODES),
    ),
    Operation(
        "GET",
        "/balance",
        "getBalance",
        "Wallets, and the price of a segment",
        "An account without any wallet gets a 400.",
        200,
        "Balance",
        {
            "status_code": 200,
            "data": {
                "balance": 100.5,
                "sms_wallet_balance": 80.0,
                "postpaid_wallet_balance": 20.5,
                "currency": "USD",
                "unit_price": 0.02,
                "available_sms": 5025,
            },
        },
        (*KEY_CODES, *RATE_CODES),
    ),
    Operation(
        "GET",
        "/health",
        "getHealth",
        "Whether the gateway is there",
        "Without a key, and without a limit.",
        200,
        "Health",
        {"status": "healthy", "service": SERVICE, "version": VERSION, "timestamp": AT},
        key=False,
    ),
    Operation(
        "DELETE",
        "/cancel/{message_id}",
        "cancelMessage",
        "Call off the dispatches that are left, and refund them",
        "Of scheduled and recurring messages only. Twice the same call changes nothing.",
        200,
        "Managed",
        {"status_code": 200, "success": True, "data": {**_MANAGED, "status": "failed", "remaining_dispatches": 0}},
        _MANAGES,
    ),
    Operation(
        "POST",
        "/pause/{message_id}",
        "pauseMessage",
        "Skip dispatches that fall due, until resumed",
        "Of scheduled and recurring messages only. Twice the same call changes nothing.",
        200,
        "Managed",
        {"status_code": 200, "success": True, "data": _MANAGED},
        _MANAGES,
    ),
    Operation(
        "POST",
        "/resume/{message_id}",
        "resumeMessage",
        "Go on after a pause",
        "Dispatches that fell due meanwhile stay skipped. Twice the same call changes nothing.",
        200,
        "Managed",
        {"status_code": 200, "success": True, "data": _MANAGED},
        _MANAGES,
    ),
)

IMMEDIATE: dict[str, Any] = {"to": [PHONE], "message": "Your OTP is 482194", "sender_id": "DIGI"}
_DAY = {"date": "2030-01-31", "time": "10:00"}
_RECURRENCE = {
    "start_date": "2030-01-31",
    "end_date": "2030-06-30",
    "frequency": "monthly",
    "interval": 1,
    "times": ["10:00", "18:30"],
}
REQUESTS: dict[str, dict[str, Any]] = {
    "immediate": IMMEDIATE,
    "scheduled": {**IMMEDIATE, "sending_type": "scheduled", "scheduled_dates": [_DAY]},
    "recurring": {**IMMEDIATE, "sending_type": "recurring", "recurring_schedule": _RECURRENCE},
}
"""Bodies of POST /send that are right."""

MISTAKES: dict[str, dict[str, Any]] = {
    "1101": {"to": []},
    "1102": {"message": ""},
    "1103": {"sender_id": "Far too long a name"},
    "1104": {"to": [PHONE, "+243 99"]},
    "1105": {"sending_type": "instant"},
    "1106": {"sending_type": "scheduled", "scheduled_dates": [{**_DAY, "date": "2030-02-30"}]},
    "1107": {"sending_type": "recurring", "recurring_schedule": {**_RECURRENCE, "interval": 0}},
    "1108": {"callback_url": "ftp://example.com/hook"},
    "1109": {"message": None},
    "1110": {"scheduled_dates": [_DAY]},
}
"""What makes the first of them wrong, by the code that answers it."""


def error_example(code: str) -> dict[str, Any]:
    """An envelope as the gateway writes it; for a code that the body's checks raise, with their details."""
    error = ApiError(code)
    if code in MISTAKES:
        try:
            read_send({**IMMEDIATE, **MISTAKES[code]}, GatewaySettings(), ZoneInfo("UTC"), EPOCH)
        except ApiError as raised:
            error = raised
    return envelope(error, "en", AT, "req_8f3a4c2e9b1d7a6f")


@lru_cache(maxsize=4)
def document_json(settings: GatewaySettings) -> bytes:
    """What `/openapi.json` answers."""
    return orjson.dumps(document(settings), option=orjson.OPT_INDENT_2)


def document(settings: GatewaySettings) -> dict[str, Any]:
    """The whole description of a gateway with these settings."""
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lisoloo SMS API v1, as carrier-sim imitates it",
            "version": VERSION,
            "description": "JSON in and out. Every error has the same envelope, but for a message that is not found. "
            "An unknown path is a 404 with that envelope. All times and limits follow the simulation's clock.",
        },
        "servers": [{"url": BASE_PATH, "description": f"This simulator, as {settings.environment}"}],
        "security": [{"appKey": []}],
        "paths": paths,
        "webhooks": {event: {"post": _webhook(event, settings)} for event in EVENTS},
        "components": {
            "securitySchemes": {
                "appKey": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "app-key",
                    "description": "`sk_test_` (sandbox) or `sk_live_` (production) and 32 letters or digits.",
                },
                "webhookBasic": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "If the account's webhook has a username and a password.",
                },
            },
            "parameters": {
                "AcceptLanguage": {
                    "name": "Accept-Language",
                    "in": "header",
                    "required": False,
                    "schema": {"type": "string"},
                    "description": "`fr` for error messages in French; English otherwise.",
                },
                "MessageId": {
                    "name": "message_id",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string", "pattern": "^[0-9a-f]{24}$"},
                    "description": "From the answer to `POST /send`.",
                    "example": MESSAGE_ID,
                },
            },
            "headers": {
                "Retry-After": {
                    "description": "Seconds; the same number as `retry_after`.",
                    "required": True,
                    "schema": {"type": "integer", "minimum": 1},
                },
                "Allow": {
                    "description": "The methods that the path takes.",
                    "required": True,
                    "schema": {"type": "string"},
                },
            },
            "schemas": schemas(settings),
        },
    }


# ---- endpoints ----


def _operation(operation: Operation) -> dict[str, Any]:
    parameters = [{"$ref": "#/components/parameters/AcceptLanguage"}]
    if operation.takes_id:
        parameters.insert(0, {"$ref": "#/components/parameters/MessageId"})
    made: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "description": operation.description,
        "parameters": parameters,
        "responses": _responses(operation),
    }
    if not operation.key:
        made["security"] = []
    if operation.id == "sendMessage":
        body = {
            "schema": ref("SendRequest"),
            "examples": {kind: {"summary": kind, "value": value} for kind, value in REQUESTS.items()},
        }
        made["requestBody"] = {"required": True, "content": {"application/json": body}}
        made["callbacks"] = {"events": {"{$request.body#/callback_url}": {"post": _callback()}}}
    return made


def _responses(operation: Operation) -> dict[str, Any]:
    success: dict[str, Any] = {"description": "Done", "content": _json(ref(operation.schema), operation.example)}
    if operation.id == "sendMessage":
        success["description"] = "Taken, and charged"
        success["links"] = {
            other.id: {"operationId": other.id, "parameters": {"message_id": "$response.body#/data/message_id"}}
            for other in OPERATIONS
            if other.takes_id
        }
    responses = {str(operation.success): success}
    by_status: dict[int, list[str]] = {}
    for code in sorted({*ANY_CODES, *operation.codes}):
        by_status.setdefault(CATALOGUE[code].status, []).append(code)
    for status, codes in by_status.items():
        responses[str(status)] = _failure(status, codes)
    if operation.takes_id:
        responses["404"] = {
            "description": "There is no such message, or it is another account's",
            "content": _json(ref("MessageNotFound"), {"detail": "Message not found"}),
        }
    responses["405"] = {
        "description": "1110: another method than this path takes",
        "headers": {"Allow": {"$ref": "#/components/headers/Allow"}},
        "content": _json(_error_of(405, ["1110"])),
    }
    return dict(sorted(responses.items()))


def _failure(status: int, codes: list[str]) -> dict[str, Any]:
    rows = [CATALOGUE[code] for code in codes]
    made: dict[str, Any] = {
        "description": "; ".join(f"{row.code} {row.symbol}" for row in rows),
        "content": {
            "application/json": {
                "schema": _error_of(status, codes),
                "examples": {row.code: {"summary": row.text.en, "value": error_example(row.code)} for row in rows},
            }
        },
    }
    retryable = [row for row in rows if row.retryable]
    if len(retryable) == len(rows):
        made["headers"] = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
    elif retryable:
        names = ", ".join(row.code for row in retryable)
        made["headers"] = {
            "Retry-After": {"description": f"With {names}: seconds.", "schema": {"type": "integer", "minimum": 1}}
        }
    return made


def _error_of(status: int, codes: Iterable[str]) -> dict[str, Any]:
    """The envelope with this status and one of these codes."""
    narrowed = {"status_code": {"const": status}, "error_code": {"enum": list(codes)}}
    return {"allOf": [ref("Error"), {"type": "object", "properties": narrowed}]}


def _json(schema: dict[str, Any], example: object = None) -> dict[str, Any]:
    media: dict[str, Any] = {"schema": schema}
    if example is not None:
        media["example"] = example
    return {"application/json": media}


# ---- webhooks ----

_ANSWERS = {
    "2XX": {"description": "Taken."},
    "3XX": {"description": "Final, too: redirects are not followed."},
    "4XX": {"description": "Final, too: it is not tried again."},
    "5XX": {"description": "Tried again, as is a connection that fails or gives no answer in time."},
}


def _webhook(event: str, settings: GatewaySettings) -> dict[str, Any]:
    tries = 1 + settings.webhook_retries.attempts
    made: dict[str, Any] = {
        "operationId": "on" + schema_name(event),
        "summary": EVENT_TEXTS[event],
        "description": "Posted to the account's webhook and to the request's `callback_url`, "
        f"up to {tries} times with the same `event_id`. No order is promised.",
        "security": [{}, {"webhookBasic": []}],
        "requestBody": {"required": True, "content": _json(ref(schema_name(event)), event_example(event))},
        "responses": _ANSWERS,
    }
    if settings.webhook_secret is not None:
        made["parameters"] = [
            {"name": name, "in": "header", "required": True, "schema": {"type": "string"}, "description": text}
            for name, text in (
                ("X-Lisoloo-Signature", "HMAC-SHA256 of the body, in hexadecimal."),
                ("X-Lisoloo-Timestamp", "Seconds since the epoch."),
            )
        ]
    return made


def event_example(event: str) -> dict[str, Any]:
    """The body of a post."""
    return {
        "event_id": "f8a3b7c1-2e4d-4a9b-9d8f-7c6e5b4a3d2c",
        "event_type": event,
        "timestamp": LATER,
        "message_id": MESSAGE_ID,
        "data": EVENT_EXAMPLES[event],
    }


def _callback() -> dict[str, Any]:
    schema = {"oneOf": [ref(schema_name(event)) for event in EVENTS]}
    return {
        "summary": "Each event of the message, as under `webhooks`",
        "security": [{}, {"webhookBasic": []}],
        "requestBody": {"required": True, "content": _json(schema)},
        "responses": _ANSWERS,
    }
