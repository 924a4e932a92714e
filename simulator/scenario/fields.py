"""The kinds of value that a scenario's fields hold: how each is written, what it becomes, and how a wrong one is told.

Each is a plain function from what YAML gives to what the engine takes, and an annotated type made from it, with the
JSON Schema that editors see. None of them coerces behind the author's back.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Annotated, Any, TypeVar

from pydantic import PlainValidator, ValidationError, WithJsonSchema
from pydantic_core import InitErrorDetails, PydanticCustomError

from simulator.engine import CAUSES, Rate, Status, make_clock, parse_duration
from simulator.engine import comparison as engine_comparison
from simulator.engine.delays import NOTHING, Delay, Fixed, Uniform
from simulator.engine.units import DAY, HOUR, MINUTE, SECOND
from simulator.scenario.errors import did_you_mean, shown
from simulator.scenario.positions import Decimal, Whole
from simulator.smpp.status import CommandStatus

LONGEST_TEXT = 100_000

K = TypeVar("K")
T = TypeVar("T")

AT_KEY = "unknown"
"""The type of errors that are about a key, not about its value."""


def wrong(message: str, hint: str | None = None) -> PydanticCustomError:
    """An error with a finished text: what the loader shows as it stands."""
    # braces would be taken for a template's
    return PydanticCustomError("scenario", "{text}", {"text": message, "hint": hint})


def one_of(what: str, value: object, known: "list[str] | tuple[str, ...]") -> PydanticCustomError:
    """The error for a word that isn't among the known ones."""
    hint = did_you_mean(str(value), known)
    if hint is None and len(known) <= 12:
        hint = f"write {', '.join(known[:-1])} or {known[-1]}" if len(known) > 1 else f"write {known[0]}"
    return wrong(f"unknown {what} {shown(value)}", hint)


def each(values: Iterable[tuple[str | int, Any]], check: Callable[[Any], T]) -> list[T]:
    """Check each (key or index, value), so that every wrong one is told at its own place."""
    found, problems = [], []
    for key, value in values:
        try:
            found.append(check(value))
        except PydanticCustomError as error:
            problems.append(InitErrorDetails(type=error, loc=(key,), input=None))
    if problems:
        raise ValidationError.from_exception_data("list", problems)
    return found


def pairs(mapping: dict[str, Any], key: Callable[[Any], K], value: Callable[[Any], T]) -> list[tuple[K, T]]:
    """Check each key and each value of a mapping, so that every wrong one is told at its own place."""
    found, problems = [], []
    for name, item in mapping.items():
        try:
            good = key(name)
        except PydanticCustomError as error:
            told = PydanticCustomError(AT_KEY, "{text}", error.context)
            problems.append(InitErrorDetails(type=told, loc=(name,), input=None))
            continue
        try:
            found.append((good, value(item)))
        except PydanticCustomError as error:
            problems.append(InitErrorDetails(type=error, loc=(name,), input=None))
    if problems:
        raise ValidationError.from_exception_data("mapping", problems)
    return found


# ---- text ----


def to_text(value: Any) -> str:
    if isinstance(value, Whole | Decimal):
        return value.text
    if isinstance(value, bool):
        raise wrong(f"expected text, not the truth value {shown(value)}", "put it into quotes if the word is meant")
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str):
        raise wrong(f"expected text, not {shown(value)}")
    if len(value) > LONGEST_TEXT:
        raise wrong(f"a text of {len(value)} characters: {LONGEST_TEXT} at most")
    return value


def _sized(low: int, high: int, what: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        text = to_text(value)
        if not low <= len(text) <= high:
            raise wrong(f"{what} has {low} to {high} characters, not {len(text)}")
        return text

    return check


def _ascii(low: int, high: int, what: str) -> Callable[[Any], str]:
    sized = _sized(low, high, what)

    def check(value: Any) -> str:
        text = sized(value)
        if not text.isascii() or not text.isprintable():
            raise wrong(f"{what} is plain ASCII: SMPP has room for nothing else")
        return text

    return check


_TEXT = {"type": ["string", "number"]}
Text = Annotated[str, PlainValidator(to_text), WithJsonSchema(_TEXT)]
Name = Annotated[str, PlainValidator(_sized(1, 200, "a name")), WithJsonSchema(_TEXT)]
SystemId = Annotated[str, PlainValidator(_ascii(1, 15, "a system_id")), WithJsonSchema(_TEXT)]
Password = Annotated[str, PlainValidator(_ascii(0, 8, "an SMPP password")), WithJsonSchema(_TEXT)]
ServiceType = Annotated[str, PlainValidator(_ascii(0, 5, "a service_type")), WithJsonSchema(_TEXT)]


def to_texts(value: Any) -> list[str]:
    if not isinstance(value, list):
        return [to_text(value)]
    if not value:
        raise wrong("an empty list: name at least one")
    return each(enumerate(value), to_text)


Texts = Annotated[
    list[str],
    PlainValidator(to_texts),
    WithJsonSchema({"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]}),
]

# ---- numbers and truth ----


def whole(low: int, high: int) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise wrong(f"expected a whole number from {low} to {high}, not {shown(value)}")
        if not low <= value <= high:
            raise wrong(f"expected a whole number from {low} to {high}, not {shown(_written(value))}")
        return int(value)

    return check


def number(low: float, high: float, *, above: bool = False) -> Callable[[Any], float]:
    def check(value: Any) -> float:
        limits = f"above {low:g}" if above else f"from {low:g}"
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong(f"expected a number {limits} to {high:g}, not {shown(value)}")
        if not isfinite(value) or not low <= value <= high or (above and value == low):
            raise wrong(f"expected a number {limits} to {high:g}, not {shown(_written(value))}")
        return float(value)

    return check


def _written(value: int | float) -> str:
    return str(getattr(value, "text", value))


def _integer(low: int, high: int) -> WithJsonSchema:
    return WithJsonSchema({"type": "integer", "minimum": low, "maximum": high})


def _money(value: Any) -> float | None:
    return None if value in ("none", None) else number(0, 1e9)(value)


Seed = Annotated[int, PlainValidator(whole(0, 2**63 - 1)), _integer(0, 2**63 - 1)]
Octet = Annotated[int, PlainValidator(whole(0, 255)), _integer(0, 255)]
RegisteredDelivery = Annotated[int, PlainValidator(whole(0, 31)), _integer(0, 31)]
Sixteen = Annotated[int, PlainValidator(whole(0, 65535)), _integer(0, 65535)]
Positive = Annotated[int, PlainValidator(whole(1, 1_000_000_000)), _integer(1, 1_000_000_000)]
Port = Annotated[int, PlainValidator(whole(0, 65535)), _integer(0, 65535)]
Tries = Annotated[int, PlainValidator(whole(0, 1000)), _integer(0, 1000)]
Parts = Annotated[int, PlainValidator(whole(1, 255)), _integer(1, 255)]
MessageCount = Annotated[int, PlainValidator(whole(1, 10_000_000)), _integer(1, 10_000_000)]
Weight = Annotated[float, PlainValidator(number(0, 1e12)), WithJsonSchema({"type": "number", "minimum": 0})]
Factor = Annotated[float, PlainValidator(number(1, 1000)), WithJsonSchema({"type": "number", "minimum": 1})]
Sigma = Annotated[float, PlainValidator(number(0, 10)), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 10})]
Price = Annotated[float, PlainValidator(number(0, 1e9)), WithJsonSchema({"type": "number", "minimum": 0})]
Money = Annotated[
    float | None,
    PlainValidator(_money),
    WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0}, {"enum": ["none"]}]}),
]


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = value.casefold() if isinstance(value, str) else None
    if word in ("yes", "on"):
        return True
    if word in ("no", "off"):
        return False
    raise wrong(f"expected true or false, not {shown(value)}")


Flag = Annotated[
    bool,
    PlainValidator(_flag),
    WithJsonSchema({"anyOf": [{"type": "boolean"}, {"enum": ["yes", "no", "on", "off"]}]}),
]

# ---- time ----


def to_duration(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise wrong(f"expected a duration such as 250ms, 2s, 1m30s or 4h, not {shown(value)}")
    text = to_text(value)
    try:
        return parse_duration(text)
    except OverflowError:
        raise wrong(f"{shown(text)} is too long") from None
    except ValueError as error:
        hint = f"did you mean '{text}s'?" if isinstance(value, Whole | Decimal) and value > 0 else None
        raise wrong(_without_value(str(error), text), hint) from None


def _without_value(message: str, text: str) -> str:
    """The engine's message, with a long value cut short."""
    return message.replace(f"'{text}'", shown(text), 1)


def _short_duration(value: Any) -> int:
    duration = to_duration(value)
    if duration == 0:
        raise wrong("a duration above 0 is needed here")
    return duration


_DURATION = r"^\s*(0|([0-9]+(\.[0-9]+)?\s*(ms|s|m|h|d)\s*)+)\s*$"
DURATION_SCHEMA: dict[str, Any] = {"anyOf": [{"type": "string", "pattern": _DURATION}, {"const": 0}]}
Duration = Annotated[int, PlainValidator(to_duration), WithJsonSchema(DURATION_SCHEMA)]
"""Milliseconds."""
PositiveDuration = Annotated[int, PlainValidator(_short_duration), WithJsonSchema(DURATION_SCHEMA)]


def _pauses(value: Any) -> list[int]:
    if not isinstance(value, list):
        return [to_duration(value)]
    if not value:
        raise wrong("an empty list: name at least one duration")
    return each(enumerate(value), to_duration)


Durations = Annotated[
    list[int],
    PlainValidator(_pauses),
    WithJsonSchema({"anyOf": [*DURATION_SCHEMA["anyOf"], {"type": "array", "items": DURATION_SCHEMA, "minItems": 1}]}),
]


def delay_of(value: Any) -> Delay:
    """A delay in its short form: a duration, or a range `a..b`."""
    text = to_text(value)
    low, dots, high = text.partition("..")
    if not dots:
        ms = to_duration(value)
        return Fixed(ms) if ms else NOTHING
    bounds = (to_duration(low), to_duration(high))
    if bounds[0] > bounds[1]:
        raise wrong(f"the range {shown(text)} is empty", f"did you mean '{high.strip()}..{low.strip()}'?")
    return Uniform(*bounds) if bounds[0] < bounds[1] else Fixed(bounds[0])


DELAY_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {
            "type": "string",
            "pattern": _DURATION.replace("$", r"(\.\.\s*(0|([0-9]+(\.[0-9]+)?\s*(ms|s|m|h|d)\s*)+)\s*)?$"),
            "description": "A duration (200ms, 1m30s), or a range (200ms..500ms) in which all are as likely.",
        },
        {"const": 0},
    ]
}


def _instant(value: Any) -> int:
    text = to_text(value)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise wrong(f"{shown(text)} is not an instant", "write it as 2026-01-31T08:00:00Z") from None
    if not 1980 <= moment.year < 2070:
        raise wrong(f"{shown(text)} is too far away: from 1980 to 2069")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * SECOND)


Instant = Annotated[int, PlainValidator(_instant), WithJsonSchema({"type": "string"})]
"""Milliseconds since the Unix epoch."""


def _clock(value: Any) -> str:
    text = to_text(value)
    try:
        make_clock(text)
    except (ValueError, OverflowError):
        hint = did_you_mean(text, ("real", "instant", "manual"))
        raise wrong(
            f"unknown clock {shown(text)}", hint or "write real, instant, manual, or a rate such as 60x"
        ) from None
    return text


ClockKind = Annotated[
    str,
    PlainValidator(_clock),
    WithJsonSchema({"anyOf": [{"enum": ["real", "instant", "manual"]}, {"type": "string", "pattern": r"^[0-9.]+x$"}]}),
]

_WINDOWS = {
    **dict.fromkeys(("s", "sec", "second"), SECOND),
    **dict.fromkeys(("m", "min", "minute"), MINUTE),
    **dict.fromkeys(("h", "hour"), HOUR),
    **dict.fromkeys(("d", "day"), DAY),
}
_RATE = re.compile(r"([0-9]{1,9})\s*/\s*([0-9a-z.]+)")


def _rate(value: Any) -> Rate:
    text = to_text(value)
    match = _RATE.fullmatch(text.strip())
    window = 0
    if match is not None:
        try:
            window = _WINDOWS.get(match[2]) or parse_duration(match[2])
        except (ValueError, OverflowError):
            window = 0
    if match is None or window == 0 or int(match[1]) == 0:
        raise wrong(f"{shown(text)} is not a rate", "write it as 60/min, 100/s, 5/h or 10/30s")
    return Rate(int(match[1]), window)


def _limit(value: Any) -> Rate | None:
    return None if value in ("none", None) else _rate(value)


_RATE_SCHEMA = {
    "type": "string",
    "pattern": r"^\s*[0-9]+\s*/\s*([0-9.]+(ms|s|m|h|d)|s|sec|m|min|h|hour|d|day|second|minute)\s*$",
}
RateField = Annotated[Rate, PlainValidator(_rate), WithJsonSchema(_RATE_SCHEMA)]
Limit = Annotated[Rate | None, PlainValidator(_limit), WithJsonSchema({"anyOf": [_RATE_SCHEMA, {"enum": ["none"]}]})]


def _percent(value: Any) -> float:
    text = value.strip() if isinstance(value, str) else ""
    if text.endswith("%"):
        try:
            value = float(text[:-1]) / 100
        except ValueError:
            raise wrong(f"{shown(text)} is not a share", "write it as 10% or 0.1") from None
    return number(0, 1)(value)


Share = Annotated[
    float,
    PlainValidator(_percent),
    WithJsonSchema(
        {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "string", "pattern": r"^\s*[0-9.]+%\s*$"}]}
    ),
]

# ---- comparisons ----


@dataclass(frozen=True, slots=True)
class Comparison:
    """`3`, `>1`, `<=40`: a test of a number, and how it was written."""

    text: str
    test: Callable[[float], bool]

    def __call__(self, value: float) -> bool:
        return self.test(value)

    def __str__(self) -> str:
        return self.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Comparison) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


def to_comparison(value: Any) -> Comparison:
    text = to_text(value)
    try:
        return Comparison(text.strip(), engine_comparison(text))
    except ValueError as error:
        raise wrong(_without_value(str(error), text)) from None


COMPARISON_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "number", "minimum": 0},
        {"type": "string", "pattern": r"^\s*(<=|>=|!=|==|<|>)?\s*[0-9]+(\.[0-9]+)?\s*$"},
    ]
}
ComparisonField = Annotated[Comparison, PlainValidator(to_comparison), WithJsonSchema(COMPARISON_SCHEMA)]

# ---- words from a table ----

EVENTS = ("sms.queued", "sms.processing", "sms.sent", "sms.delivered", "sms.failed")
STATS = ("ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD", "SCHEDLD", "SKIPPED")
ERROR_CODES = tuple(
    str(code)
    for start, end in ((1001, 1005), (1101, 1110), (1201, 1205), (1301, 1305), (1401, 1405), (1501, 1505))
    for code in range(start, end + 1)
)
_CATALOGUE = "the catalogue has 1001-1005, 1101-1110, 1201-1205, 1301-1305, 1401-1405, 1501-1505"
VISIBLE = tuple(status.value for status in Status if status is not Status.NONE)


def word(what: str, known: tuple[str, ...]) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        text = to_text(value)
        if text not in known:
            raise one_of(what, text, known)
        return text

    return check


def _error_code(value: Any) -> str:
    text = to_text(value)
    if text not in ERROR_CODES:
        raise wrong(f"unknown error_code {shown(text)}", _CATALOGUE)
    return text


def _status(value: Any) -> Status:
    return Status(word("status", VISIBLE)(value))


def _forced(value: Any) -> Status:
    status = _status(value)
    if status in (Status.PENDING, Status.SCHEDULED):
        raise wrong(f"no message can be forced to '{status}': that is where it begins")
    return status


def to_command_status(value: Any) -> int:
    if isinstance(value, bool):
        raise wrong("expected the name of a command_status, such as ESME_RTHROTTLED, or a number")
    if isinstance(value, int):
        return whole(0, 0xFFFF_FFFF)(value)
    text = to_text(value)
    if text not in CommandStatus.__members__:
        raise one_of("command_status", text, tuple(CommandStatus.__members__))
    return int(CommandStatus[text])


def _refusing_status(value: Any) -> int:
    status = to_command_status(value)
    if status == 0:
        raise wrong("ESME_ROK refuses nothing: name an error")
    return status


_COMMAND_STATUS_SCHEMA = {
    "anyOf": [{"enum": list(CommandStatus.__members__)}, {"type": "integer", "minimum": 0, "maximum": 0xFFFF_FFFF}]
}
StatusField = Annotated[Status, PlainValidator(_status), WithJsonSchema({"enum": list(VISIBLE)})]
ForcedStatus = Annotated[
    Status,
    PlainValidator(_forced),
    WithJsonSchema({"enum": [status for status in VISIBLE if status not in ("pending", "scheduled")]}),
]
CommandStatusField = Annotated[int, PlainValidator(to_command_status), WithJsonSchema(_COMMAND_STATUS_SCHEMA)]
RefusingStatus = Annotated[int, PlainValidator(_refusing_status), WithJsonSchema(_COMMAND_STATUS_SCHEMA)]
ErrorCode = Annotated[
    str,
    PlainValidator(_error_code),
    WithJsonSchema({"anyOf": [{"enum": list(ERROR_CODES)}, {"enum": [int(code) for code in ERROR_CODES]}]}),
]
EventField = Annotated[str, PlainValidator(word("webhook event", EVENTS)), WithJsonSchema({"enum": list(EVENTS)})]
StatField = Annotated[str, PlainValidator(word("receipt stat", STATS)), WithJsonSchema({"enum": list(STATS)})]


def _error(value: Any) -> str:
    text = to_text(value)
    if text in CAUSES or text in ERROR_CODES:
        return text
    if text.isdigit():
        return _error_code(value)
    raise one_of("cause", text, tuple(CAUSES))


ErrorField = Annotated[
    str,
    PlainValidator(_error),
    WithJsonSchema(
        {"anyOf": [{"enum": list(CAUSES)}, {"enum": list(ERROR_CODES)}, {"enum": [int(code) for code in ERROR_CODES]}]}
    ),
]
"""A cause's name, or one of the gateway's error codes."""


def choice(what: str, *known: str) -> tuple[PlainValidator, WithJsonSchema]:
    """The metadata of a field that takes one of a few words."""
    return PlainValidator(word(what, known)), WithJsonSchema({"enum": list(known)})
