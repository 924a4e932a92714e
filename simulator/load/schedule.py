"""When each message of an open loop is due, whatever the system under test does meanwhile.

What it is: stages, each a rate that holds or rises evenly, and the two ways to ask: how many messages are due by now,
and when exactly each of them was. What it is not: a timer.

Why: a latency that counts from the moment a message was *sent* leaves out the time that it waited because the system
was stuck (coordinated omission). So it counts from the moment the message was due, and this table is what says so.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from math import inf, sqrt
from typing import Final

from simulator.engine import parse_duration

US: Final = 1_000_000
"""Microseconds in a second."""

_RATE: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:/\s*(s|m|min|h)?)?\s*")
_PER: Final = {None: 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


def parse_rate(text: str) -> float:
    """Messages a second, of `2000/s`, `2000` or `90/m`. Raises ValueError."""
    match = _RATE.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is no rate: write 2000/s, 90/m or 10/h")
    rate = float(match[1]) / _PER[match[2]]
    if rate <= 0:
        raise ValueError(f"'{text}' is no rate: it must be more than 0")
    return rate


def parse_seconds(text: str) -> float:
    """Seconds, of a duration such as `30s`. Raises ValueError."""
    return parse_duration(text) / 1000


@dataclass(frozen=True, slots=True)
class Stage:
    """A rate (messages a second) that goes evenly from `begin` to `end` in `seconds`."""

    begin: float
    end: float
    seconds: float

    @property
    def messages(self) -> float:
        return (self.begin + self.end) / 2 * self.seconds if self.seconds < inf else inf

    def by(self, t: float) -> float:
        """How many messages are due in the first `t` seconds."""
        if self.begin == self.end:
            return self.begin * t
        return self.begin * t + (self.end - self.begin) * t * t / (2 * self.seconds)

    def times(self, first: float, count: int) -> list[float]:
        """When messages `first`, `first + 1`, ... of this stage are due: `by`, the other way round."""
        if self.begin == self.end:
            gap = 1 / self.begin
            return [(first + k) * gap for k in range(count)]
        rise = (self.end - self.begin) / self.seconds
        square = self.begin * self.begin
        return [(sqrt(max(0.0, square + 2 * rise * (first + k))) - self.begin) / rise for k in range(count)]


class Schedule:
    """Stages one after the other. Message 0 is due at once."""

    def __init__(self, stages: list[Stage], messages: int | None = None) -> None:
        """`messages`: no more than that."""
        self.stages = stages
        self._starts: list[float] = []
        self._numbers: list[float] = []
        at = number = 0.0
        for stage in stages:
            self._starts.append(at)
            self._numbers.append(number)
            at += stage.seconds
            number += stage.messages
        self.seconds = at
        # Half a message for the floats: 3 s at 1000/3 a second are 1,000 messages and not 999.
        whole = None if number == inf else int(number + 0.5)
        self.total = whole if messages is None else messages if whole is None else min(whole, messages)
        """How many messages in all; None: without end."""

    def due_by(self, seconds: float) -> int:
        """How many messages are due after that many seconds."""
        at = max(0, bisect_right(self._starts, seconds) - 1)
        stage = self.stages[at]
        within = min(max(0.0, seconds - self._starts[at]), stage.seconds)
        number = int(self._numbers[at] + stage.by(within)) + 1
        return number if self.total is None else min(number, self.total)

    def times_us(self, first: int, count: int) -> list[int]:
        """When messages `first`, `first + 1`, ... are due, in microseconds from the begin."""
        found: list[int] = []
        while count:
            at = max(0, bisect_right(self._numbers, first) - 1)
            stage = self.stages[at]
            end = self._numbers[at + 1] if at + 1 < len(self.stages) else inf
            here = count if end == inf else max(1, min(count, -int(first - end)))
            start = self._starts[at]
            found += [round((start + t) * US) for t in stage.times(first - self._numbers[at], here)]
            first += here
            count -= here
        return found


def parse_stages(text: str, ramp_s: float = 0.0) -> list[Stage]:
    """`1000/s:10s, 5000/s:30s`: each rate holds for its time. `ramp_s`: how much of that time the way from the rate
    before takes (the first comes from 0). Raises ValueError."""
    stages: list[Stage] = []
    before = 0.0
    for part in text.split(","):
        rate_text, colon, duration = part.partition(":")
        if not colon:
            raise ValueError(f"'{part.strip()}' is no stage: write a rate and how long it holds, as in 1000/s:10s")
        rate, seconds = parse_rate(rate_text), parse_seconds(duration.strip())
        if seconds <= 0:
            raise ValueError(f"'{part.strip()}' is no stage: it must last longer than 0")
        stages += with_ramp(before, rate, seconds, ramp_s)
        before = rate
    return stages


def with_ramp(before: float, rate: float, seconds: float, ramp_s: float) -> list[Stage]:
    """A stage whose first `ramp_s` seconds are the way from the rate before."""
    if not ramp_s or before == rate:
        return [Stage(rate, rate, seconds)]
    if ramp_s >= seconds:
        return [Stage(before, rate, seconds)]
    return [Stage(before, rate, ramp_s), Stage(rate, rate, seconds - ramp_s)]
