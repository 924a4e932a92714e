"""When a scheduled or recurring message goes out: dates and times of the merchant's zone made into instants.

Pure: what it is given in, instants (milliseconds since the epoch) or problems out. The hours that a change of summer
time repeats or leaves out: a repeated one means its first occurrence (PEP 495, fold=0); one left out is refused in
`scheduled_dates` and, in a recurrence (where the date was not chosen but computed), moves forward by the gap, as
iCalendar does it (RFC 5545 3.3.5).
"""

import re
from array import array
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from simulator.engine.units import LONGEST
from simulator.gateway.errors import Problem, Text

MOST_DATES = 20
"""Of `scheduled_dates` (lisoloo-api 3.1.2)."""
MOST_DISPATCHES = 10_000
"""Of a recurring message: the pages state no limit, memory does."""
MOST_TIMES = 24 * 60

Instants = array  # of signed 64-bit numbers, ascending

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

_ARRAY = Text("Must be an array of 1 to {0} entries", "Doit être un tableau de 1 à {0} entrées")
_ENTRY = Text("Must be an object with date and time", "Doit être un objet avec date et time")
_BAD_DATE = Text("Must be a date, YYYY-MM-DD", "Doit être une date, AAAA-MM-JJ")
_BAD_TIME = Text("Must be a time, HH:mm, from 00:00 to 23:59", "Doit être une heure, HH:mm, de 00:00 à 23:59")
_PAST = Text("Must not be in the past", "Ne doit pas être dans le passé")
_FAR = Text("Is too far in the future", "Est trop loin dans l'avenir")
_GAP = Text("This time does not exist on that day in {0}", "Cette heure n'existe pas ce jour-là à {0}")
_OBJECT = Text("Must be an object", "Doit être un objet")
_FREQUENCY = Text("Must be daily, weekly, monthly or yearly", "Doit être daily, weekly, monthly ou yearly")
_INTERVAL = Text("Must be a whole number, 1 or more", "Doit être un nombre entier, 1 ou plus")
_ORDER = Text("Must not be before start_date", "Ne doit pas précéder start_date")
_ABSENT = Text("Is required", "Est obligatoire")
_NONE = Text("No occurrence is left in this period", "Aucune occurrence ne reste dans cette période")
_MANY = Text("Makes more than {0} dispatches", "Produit plus de {0} envois")

FREQUENCIES = ("daily", "weekly", "monthly", "yearly")
RECURRING_FIELDS = ("start_date", "end_date", "frequency", "interval", "times")


def scheduled(value: object, zone: ZoneInfo, now: int) -> tuple["Instants[int]", list[Problem]]:
    """The instants of `scheduled_dates`, and what is wrong with it."""
    instants: Instants[int] = array("q")
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_DATES:
        return instants, [Problem("1106", "scheduled_dates", _ARRAY, (MOST_DATES,))]
    problems: list[Problem] = []
    found: list[int] = []
    for number, entry in enumerate(value):
        field = f"scheduled_dates[{number}]"
        if not isinstance(entry, dict):
            problems.append(Problem("1106", field, _ENTRY))
            continue
        day, at = parse_date(entry.get("date")), parse_time(entry.get("time"))
        if day is None:
            problems.append(Problem("1106", f"{field}.date", _BAD_DATE))
        if at is None:
            problems.append(Problem("1106", f"{field}.time", _BAD_TIME))
        if day is None or at is None:
            continue
        instant = to_instant(day, at, zone)
        if instant is None or instant > now + LONGEST:
            problems.append(Problem("1106", field, _FAR))
        elif instant < now:
            problems.append(Problem("1106", field, _PAST))
        elif not exists(day, at, zone):
            problems.append(Problem("1110", field, _GAP, (zone.key,)))
        else:
            found.append(instant)
    instants.extend(sorted(found))
    return instants, problems


def recurring(value: object, zone: ZoneInfo, now: int) -> tuple["Instants[int]", list[Problem]]:
    """The instants of `recurring_schedule` from `now` on, and what is wrong with it. `end_date` is included (D12)."""
    instants: Instants[int] = array("q")
    name = "recurring_schedule"
    if not isinstance(value, dict):
        return instants, [Problem("1107", name, _OBJECT)]
    problems: list[Problem] = [
        Problem("1107", f"{name}.{field}", _ABSENT) for field in RECURRING_FIELDS if value.get(field) is None
    ]
    if problems:
        return instants, problems
    start, end = parse_date(value["start_date"]), parse_date(value["end_date"])
    frequency, interval, times = value["frequency"], whole(value["interval"]), value["times"]
    problems += [
        Problem("1107", f"{name}.{field}", _BAD_DATE)
        for field, day in (("start_date", start), ("end_date", end))
        if day is None
    ]
    if frequency not in FREQUENCIES:
        problems.append(Problem("1107", f"{name}.frequency", _FREQUENCY))
    if interval is None or interval < 1:
        problems.append(Problem("1107", f"{name}.interval", _INTERVAL))
    clock_times: list[time] = []
    if not isinstance(times, list) or not 1 <= len(times) <= MOST_TIMES:
        problems.append(Problem("1107", f"{name}.times", _ARRAY, (MOST_TIMES,)))
    else:
        for number, entry in enumerate(times):
            at = parse_time(entry)
            if at is None:
                problems.append(Problem("1107", f"{name}.times[{number}]", _BAD_TIME))
            else:
                clock_times.append(at)
    if start is None or end is None or interval is None or problems:
        return instants, problems
    if end < start:
        return instants, [Problem("1107", f"{name}.end_date", _ORDER)]
    last = to_instant(end, time(0), zone)
    if last is None or last > now + LONGEST:
        return instants, [Problem("1107", f"{name}.end_date", _FAR)]
    found: list[int] = []
    yesterday = (_EPOCH + timedelta(milliseconds=now)).date() - timedelta(days=1)  # in any zone, what is before is over
    for day in days(start, end, frequency, interval, yesterday):
        for at in clock_times:
            instant = to_instant(day, at, zone)
            if instant is not None and instant >= now:
                found.append(instant)
        if len(found) > MOST_DISPATCHES:
            return instants, [Problem("1107", name, _MANY, (MOST_DISPATCHES,))]
    if not found:
        return instants, [Problem("1107", name, _NONE)]
    instants.extend(sorted(found))
    return instants, problems


def days(start: date, end: date, frequency: str, interval: int, since: date = date.min) -> Iterator[date]:
    """The eligible days from `start` to `end`, both included, but none before `since`. Where a month lacks the
    anchor's day its last one serves, and the months after it don't drift."""
    if frequency in ("daily", "weekly"):
        step = interval * (7 if frequency == "weekly" else 1)
        first = max(0, -(-(since - start).days // step)) * step
        for offset in range(first, (end - start).days + 1, step):
            yield start + timedelta(days=offset)
        return
    step = interval * (12 if frequency == "yearly" else 1)
    months = (end.year - start.year) * 12 + end.month - start.month
    for offset in range(0, months + 1, step):
        year, month = divmod(start.year * 12 + start.month - 1 + offset, 12)
        day = date(year, month + 1, min(start.day, last_day(year, month + 1)))
        if since <= day <= end:
            yield day


def last_day(year: int, month: int) -> int:
    """The number of days of a month."""
    if month == 2:
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return 29 if leap else 28
    return 30 if month in (4, 6, 9, 11) else 31


def whole(value: object) -> int | None:
    """A number without a fraction; None for anything else. `2.0` is one: JSON has but one kind of number."""
    if type(value) is float and value.is_integer():
        return int(value)
    return value if type(value) is int else None


def parse_date(value: object) -> date | None:
    """A date spelled `YYYY-MM-DD`; None for anything else."""
    if not isinstance(value, str) or _DATE.fullmatch(value) is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def parse_time(value: object) -> time | None:
    """A time spelled `HH:mm`, 24 hours; None for anything else."""
    if not isinstance(value, str) or TIME.fullmatch(value) is None:
        return None
    return time(int(value[:2]), int(value[3:]))


def to_instant(day: date, at: time, zone: ZoneInfo) -> int | None:
    """Milliseconds since the epoch; None at the end of the calendar."""
    try:
        return (datetime.combine(day, at, zone) - _EPOCH) // _MILLISECOND
    except OverflowError:
        return None


def exists(day: date, at: time, zone: ZoneInfo) -> bool:
    """Whether the zone's clocks show this time on that day: a change to summer time leaves an hour out."""
    local = datetime.combine(day, at, zone)
    return local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None)
