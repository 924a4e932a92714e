"""The body of POST /send: what it asks for, or all that is wrong with it (lisoloo-api 3.1; decisions D7 to D12).

The checks come in groups: the shape of the body, required fields, each field, combinations of fields. The first group
with a problem answers, and lists all its problems; the first of them gives the `error_code`.
"""

import re
from array import array
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from simulator.engine.settings import GatewaySettings
from simulator.engine.units import MINUTE, parse_duration
from simulator.gateway import schedules
from simulator.gateway.errors import ApiError, Problem, Text
from simulator.gateway.messages import SendingType
from simulator.gateway.urls import is_webhook_url

MOST_RECIPIENTS = 1000
LONGEST_MESSAGE = 1600
DEFAULT_SENDER = "LISOLOO"
"""What a message without `sender_id` is sent from: the pages state no default."""
LONGEST_CANCEL_WITHIN = 10 * MINUTE

NUMBER = re.compile(r"\+?[0-9]{1,15}")
SENDER = re.compile(r"[A-Za-z0-9 ]{1,11}")
STRICT_SENDER = re.compile(r"[A-Z0-9]{1,11}")
SENDING_TYPES = ("immediate", "scheduled", "recurring")

_OBJECT = Text("The body must be a JSON object", "Le corps doit être un objet JSON")
_REQUIRED = Text("Is required", "Est obligatoire")
_REQUIRED_IF = Text("Is required when sending_type is {0}", "Est obligatoire quand sending_type vaut {0}")
_TO = Text("Must be an array of 1 to {0} strings", "Doit être un tableau de 1 à {0} chaînes")
_STRING = Text("Must be a string", "Doit être une chaîne")
_NUMBER = Text("Must match E.164 format", "Doit respecter le format E.164")
_MESSAGE = Text("Must be a string of 1 to {0} characters", "Doit être une chaîne de 1 à {0} caractères")
_SENDER = Text(
    "Must be 1 to 11 characters from A-Z, a-z, 0-9 and space",
    "Doit être de 1 à 11 caractères parmi A-Z, a-z, 0-9, espace",
)
_STRICT_SENDER = Text("Must be 1 to 11 characters from A-Z and 0-9", "Doit être de 1 à 11 caractères parmi A-Z et 0-9")
_TYPE = Text("Must be immediate, scheduled or recurring", "Doit être immediate, scheduled ou recurring")
_URL = Text("Must be a valid https URL", "Doit être une URL https valide")
_NOT_WITH = Text("Not allowed when sending_type is {0}", "Non autorisé quand sending_type vaut {0}")
_WITHIN = Text("Must be a duration such as 30s, at most {0}m", "Doit être une durée comme 30s, au plus {0}m")


class SendRequest(NamedTuple):
    """A POST /send that is valid."""

    to: list[str]
    text: str
    sender: str
    sending_type: SendingType
    instants: "array[int] | None"
    """When a scheduled or recurring one goes out."""
    callback_url: str | None
    cancel_within: int
    """Milliseconds (decision D26); 0: can't be cancelled."""


def read_send(body: object, settings: GatewaySettings, zone: ZoneInfo, now: int) -> SendRequest:
    """Raises ApiError."""
    if not isinstance(body, dict):
        raise ApiError("1110", (Problem("1110", "body", _OBJECT),))
    given = body.get("sending_type")
    sending_type: SendingType = "immediate" if given is None else given
    _refuse(_missing(body, sending_type))
    to, text, sender = body["to"], body["message"], body.get("sender_id")
    problems = [] if _plain(to) else check_recipients(to)
    if not isinstance(text, str) or not 1 <= len(text) <= LONGEST_MESSAGE:
        problems.append(Problem("1102", "message", _MESSAGE, (LONGEST_MESSAGE,)))
    if sender is not None:
        pattern, rule = (STRICT_SENDER, _STRICT_SENDER) if settings.strict_sender_id else (SENDER, _SENDER)
        if not isinstance(sender, str) or pattern.fullmatch(sender) is None:
            problems.append(Problem("1103", "sender_id", rule))
    if sending_type not in SENDING_TYPES:
        problems.append(Problem("1105", "sending_type", _TYPE))
    instants: array[int] | None = None
    dates, recurrence = body.get("scheduled_dates"), body.get("recurring_schedule")
    if dates is not None:
        instants, wrong = schedules.scheduled(dates, zone, now)
        problems += wrong
    if recurrence is not None:
        instants, wrong = schedules.recurring(recurrence, zone, now)
        problems += wrong
    callback_url = body.get("callback_url")
    if callback_url is not None and not (
        isinstance(callback_url, str) and is_webhook_url(callback_url, settings.https_only)
    ):
        problems.append(Problem("1108", "callback_url", _URL))
    cancel_within = 0
    if settings.cancel_within and (within := body.get("cancel_within")) is not None:
        cancel_within = _cancel_within(within)
        if not cancel_within:
            problems.append(Problem("1110", "cancel_within", _WITHIN, (LONGEST_CANCEL_WITHIN // MINUTE,)))
    _refuse(problems)
    if dates is not None or recurrence is not None or cancel_within:
        _refuse(_combinations(sending_type, dates, recurrence, cancel_within))
    return SendRequest(
        to, text, DEFAULT_SENDER if sender is None else sender, sending_type, instants, callback_url, cancel_within
    )


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise ApiError(problems[0].code, problems)


def _missing(body: dict[str, Any], sending_type: object) -> list[Problem]:
    missing = [Problem("1109", field, _REQUIRED) for field in ("to", "message") if body.get(field) is None]
    for kind, field in (("scheduled", "scheduled_dates"), ("recurring", "recurring_schedule")):
        if sending_type == kind and body.get(field) is None:
            missing.append(Problem("1109", field, _REQUIRED_IF, (kind,)))
    return missing


def _plain(to: object) -> bool:
    """Whether `to` is right: the quick answer for the usual case."""
    if type(to) is not list or not 1 <= len(to) <= MOST_RECIPIENTS:
        return False
    matches = NUMBER.fullmatch
    try:
        return all(map(matches, to))
    except TypeError:
        return False


def check_recipients(to: object) -> list[Problem]:
    """All that is wrong with `to` (decision D8)."""
    if not isinstance(to, list) or not 1 <= len(to) <= MOST_RECIPIENTS:
        return [Problem("1101", "to", _TO, (MOST_RECIPIENTS,))]
    strangers = [
        Problem("1101", f"to[{number}]", _STRING) for number, entry in enumerate(to) if not isinstance(entry, str)
    ]
    return strangers or [
        Problem("1104", f"to[{number}]", _NUMBER) for number, entry in enumerate(to) if NUMBER.fullmatch(entry) is None
    ]


def _combinations(sending_type: SendingType, dates: object, recurrence: object, cancel_within: int) -> list[Problem]:
    given = {
        "scheduled_dates": ("scheduled", dates is not None),
        "recurring_schedule": ("recurring", recurrence is not None),
        "cancel_within": ("immediate", cancel_within > 0),
    }
    return [
        Problem("1110", field, _NOT_WITH, (sending_type,))
        for field, (belongs_to, present) in given.items()
        if present and sending_type != belongs_to
    ]


def _cancel_within(value: object) -> int:
    """Milliseconds; 0 where it is none."""
    if not isinstance(value, str) or len(value) > 32:
        return 0
    try:
        duration = parse_duration(value)
    except ValueError:
        return 0
    return duration if duration <= LONGEST_CANCEL_WITHIN else 0
