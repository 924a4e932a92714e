"""Durations and instants. Both are whole milliseconds: an instant counts from the Unix epoch, in UTC.

One unit everywhere keeps the arithmetic exact (no float ever decides which of two events comes first), and gives
the calendar its buckets for nothing.
"""

import re
from datetime import UTC, datetime

MILLISECOND = 1
SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

UNITS = {"ms": MILLISECOND, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}

_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_WHOLE = re.compile(r"(?:\d+(?:\.\d+)?\s*(?:ms|s|m|h|d)\s*)+")

LONGEST = 10_000 * DAY
"""No duration is longer: some 27 years, so that every date stays one that a client can read."""


def parse_duration(text: str) -> int:
    """Milliseconds of `0`, `250ms`, `2s`, `1m30s`, `4h`, `2d`. Raises ValueError, which says what would be right."""
    trimmed = text.strip()
    if trimmed == "0":
        return 0
    if not _WHOLE.fullmatch(trimmed):
        raise ValueError(f"'{text}' is not a duration: write 0, 250ms, 2s, 1m30s, 4h or 2d")
    value = sum(float(number) * UNITS[unit] for number, unit in _PART.findall(trimmed))
    if value > LONGEST:
        raise ValueError(f"'{text}' is too long: {LONGEST // DAY}d at most")
    return round(value)


def format_duration(milliseconds: int) -> str:
    """The shortest spelling that `parse_duration` reads back: 90000 is `1m30s`."""
    if milliseconds == 0:
        return "0"
    sign, rest, parts = "-" if milliseconds < 0 else "", abs(milliseconds), []
    for unit, size in (("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", SECOND), ("ms", MILLISECOND)):
        number, rest = divmod(rest, size)
        if number:
            parts.append(f"{number}{unit}")
    return sign + "".join(parts)


def iso(instant: int) -> str:
    """ISO 8601 in UTC, whole seconds, as the gateway writes it: `2026-05-27T10:15:08Z`."""
    return datetime.fromtimestamp(instant // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_ms(instant: int) -> str:
    """ISO 8601 in UTC with milliseconds: `2026-05-27T10:15:08.042Z`."""
    return f"{iso(instant)[:-1]}.{instant % SECOND:03d}Z"
