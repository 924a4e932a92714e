"""Times as SMPP writes them: `YYMMDDhhmmsstnnp` (SMPP v3.4 section 7.1.1).

    absolute   260131235959 5 04 +    tenths of a second, quarter hours from UTC, and on which side
    relative   000001000000 0 00 R    that long from now

What it is: text to milliseconds since the Unix epoch, and back. An empty text is None: the default.
What it is not: a clock. Whoever calls says what time it is.

The standard does not say how long a month is in a relative time. Here a year is 365 days and a month 30,
as in most clients: a period then has one length whenever it is sent, and survives a round trip.
The two digits of a year are 2000 to 2099: SMS is younger than that century.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

SECOND_MS: Final = 1000
MINUTE_MS: Final = 60 * SECOND_MS
QUARTER_MS: Final = 15 * MINUTE_MS
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS
MONTH_MS: Final = 30 * DAY_MS
YEAR_MS: Final = 365 * DAY_MS
MAX_QUARTERS: Final = 48
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=4096)
def _parse(text: str) -> tuple[bool, int]:
    """(relative?, milliseconds). Cached, because clients send the same validity_period with everything."""
    digits, sign = text[:15], text[15:]
    if len(text) != 16 or not (digits.isascii() and digits.isdigit()) or sign not in ("+", "-", "R"):
        raise ValueError(f"{text!r} is not a time: YYMMDDhhmmsstnn and then +, - or R would be right")
    year, month, day, hour, minute, second = (int(digits[at : at + 2]) for at in range(0, 12, 2))
    tenths, quarters = int(digits[12]), int(digits[13:])
    if sign == "R":
        if month > 12 or day > 31 or hour > 23 or minute > 59 or second > 59:
            raise ValueError(f"{text!r}: months go to 12, days to 31, hours to 23, minutes and seconds to 59")
        days = year * YEAR_MS + month * MONTH_MS + day * DAY_MS
        return True, days + hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS
    if quarters > MAX_QUARTERS:
        raise ValueError(f"{text!r}: the offset from UTC is at most {MAX_QUARTERS} quarter hours")
    try:
        moment = datetime(2000 + year, month, day, hour, minute, second, tenths * 100_000, tzinfo=UTC)
    except ValueError as error:
        raise ValueError(f"{text!r}: {error}") from None
    offset = quarters * QUARTER_MS if sign == "+" else -quarters * QUARTER_MS
    return False, (moment - _EPOCH) // timedelta(milliseconds=1) - offset


def parse_time(text: str, now_ms: int) -> int | None:
    """Milliseconds since the epoch; None for an empty text. Raises ValueError for anything else."""
    if not text:
        return None
    relative, value = _parse(text)
    return now_ms + value if relative else value


def is_time(text: str) -> bool:
    """Whether a text is empty or a time: what schedule_delivery_time and validity_period must be."""
    if not text:
        return True
    try:
        _parse(text)
    except ValueError:
        return False
    return True


def format_absolute(ms: int) -> str:
    """A moment, in UTC: `2601312359595` and `00+`. Finer than a tenth of a second is cut off."""
    moment = _EPOCH + timedelta(milliseconds=ms)
    return f"{moment:%y%m%d%H%M%S}{moment.microsecond // 100_000}00+"


def format_relative(duration_ms: int) -> str:
    """A period from now on: `000001000000000R` for a day. Finer than a second is cut off."""
    if not 0 <= duration_ms < 100 * YEAR_MS:
        raise ValueError(f"{duration_ms} ms is not a period from 0 to 99 years")
    years, rest = divmod(duration_ms, YEAR_MS)
    months, rest = divmod(rest, MONTH_MS)
    days, rest = divmod(rest, DAY_MS)
    hours, rest = divmod(rest, HOUR_MS)
    minutes, rest = divmod(rest, MINUTE_MS)
    return f"{years:02}{months:02}{days:02}{hours:02}{minutes:02}{rest // SECOND_MS:02}000R"


@lru_cache(maxsize=4096)
def _receipt_minute(minute: int) -> str:
    return f"{_EPOCH + timedelta(minutes=minute):%y%m%d%H%M}"


def format_receipt_date(ms: int, *, seconds: bool = False) -> str:
    """`YYMMDDhhmm` as receipts have it (SMPP v3.4 Appendix B), or with the seconds that many carriers add."""
    minute = _receipt_minute(ms // MINUTE_MS)
    return f"{minute}{ms // SECOND_MS % 60:02}" if seconds else minute
