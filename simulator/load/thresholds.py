"""`--fail-if 'p99>50ms'`: what a run must not be.

What it is: a metric, a comparison and a limit; if the comparison holds, the run has failed. METRICS is the table that
the command, its help and docs/load.md share.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from simulator.engine import parse_duration
from simulator.load.histogram import Histogram
from simulator.load.plan import PlanError
from simulator.load.result import Result
from simulator.load.schedule import parse_rate

Unit = Literal["duration", "count", "rate"]


@dataclass(frozen=True, slots=True)
class Metric:
    unit: Unit
    value: Callable[[Result], float | None]
    """In milliseconds, messages, or messages a second; None: there is nothing to judge."""
    means: str


def _percentile(which: str, percent: float) -> Callable[[Result], float | None]:
    def value(result: Result) -> float | None:
        histogram: Histogram = getattr(result, which)
        return histogram.percentile(percent) / 1000 if histogram.count else None

    return value


def _of(which: str, name: str) -> Callable[[Result], float | None]:
    def value(result: Result) -> float | None:
        histogram: Histogram = getattr(result, which)
        return float(getattr(histogram, name)) / 1000 if histogram.count else None

    return value


def _latencies(prefix: str, which: str, what: str) -> dict[str, Metric]:
    found = {
        f"{prefix}p{percent}": Metric("duration", _percentile(which, float(percent)), f"{percent} % of {what}")
        for percent in ("50", "90", "95", "99", "99.9")
    }
    found[f"{prefix}max"] = Metric("duration", _of(which, "max"), f"the longest of {what}")
    found[f"{prefix}mean"] = Metric("duration", _of(which, "mean"), f"the mean of {what}")
    return found


METRICS: Final[dict[str, Metric]] = {
    **_latencies("", "latency", "times to the answer"),
    **_latencies("receipt.", "receipt_latency", "times to the receipt"),
    "rate": Metric("rate", lambda result: result.rate, "answers a second"),
    "receipt.rate": Metric("rate", lambda result: result.receipt_rate, "receipts a second"),
    "errors": Metric("count", lambda result: result.errors, "submits refused or not answered; also in %"),
    "unanswered": Metric("count", lambda result: result.unanswered, "submits not answered; also in %"),
    "missing": Metric(
        "count", lambda result: result.receipts_missing, "accepted messages without a receipt; also in %"
    ),
    "doubled": Metric("count", lambda result: result.receipts_doubled, "receipts that came again"),
    "unknown": Metric("count", lambda result: result.receipts_unknown, "receipts for no message of this run"),
}

_COMPARE: Final[dict[str, Callable[[float, float], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_TEXT: Final = re.compile(r"\s*([a-z0-9.]+)\s*(>=|<=|>|<)\s*(.+?)\s*")


@dataclass(frozen=True, slots=True)
class Threshold:
    text: str
    metric: Metric
    compare: str
    limit: float
    percent: bool

    def broken(self, result: Result) -> str | None:
        """What is wrong, in words; None if nothing is."""
        value = self.metric.value(result)
        if value is None:
            return f"{self.text}: there was nothing to measure"
        if self.percent:
            value = 100 * value / result.sent if result.sent else 0.0
        if not _COMPARE[self.compare](value, self.limit):
            return None
        return f"{self.text}: it was {self._shown(value)}"

    def _shown(self, value: float) -> str:
        if self.percent:
            return f"{value:.3g}%"
        if self.metric.unit == "duration":
            return f"{value:,.3f} ms"
        return f"{value:,.0f}" + ("/s" if self.metric.unit == "rate" else "")


def parse_threshold(text: str) -> Threshold:
    """Raises PlanError."""
    match = _TEXT.fullmatch(text)
    if match is None:
        raise PlanError(f"'{text}' is no threshold: write a metric, a comparison and a limit, as in p99>50ms")
    name, compare, limit_text = match.groups()
    metric = METRICS.get(name)
    if metric is None:
        raise PlanError(f"'{text}': there is no '{name}'; there are {', '.join(METRICS)}")
    percent = limit_text.endswith("%") and metric.unit == "count"
    try:
        if metric.unit == "duration":
            limit = float(parse_duration(limit_text)) if not _fine(limit_text) else _fine_ms(limit_text)
        elif metric.unit == "rate":
            limit = parse_rate(limit_text)
        else:
            limit = float(limit_text.rstrip("%"))
    except ValueError as error:
        raise PlanError(f"'{text}': {_right(metric, str(error))}") from None
    return Threshold(text, metric, compare, limit, percent)


def _fine(text: str) -> bool:
    """Whether it is in milliseconds or below, where a fraction counts."""
    return re.fullmatch(r"\d+(\.\d+)?\s*(us|ms)", text) is not None


def _fine_ms(text: str) -> float:
    number = float(re.split(r"[um]", text)[0])
    return number / 1000 if text.endswith("us") else number


def _right(metric: Metric, error: str) -> str:
    return "write a number, or a share such as 1%" if metric.unit == "count" else error
