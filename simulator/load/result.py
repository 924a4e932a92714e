"""What a run came to: numbers only. How they are shown is for `summary`, `plot` and whoever reads the JSON."""

from dataclasses import dataclass
from typing import Any

from simulator.load.histogram import Histogram
from simulator.load.matching import Form
from simulator.load.stats import PERCENTS, Row, Status
from simulator.smpp import status_name


@dataclass(frozen=True, slots=True)
class Result:
    """Seconds are seconds; latencies are in microseconds in the histograms, in milliseconds in the JSON."""

    via: str
    open_loop: bool
    seconds: float
    """From the first message to the last answer."""
    messages: int
    sent: int
    answered: int
    ok: int
    refused: dict[str, int]
    unanswered: int
    unexpected: int
    latency: Histogram
    lateness: Histogram
    receipts_expected: bool
    receipts: int
    receipts_by_status: dict[str, int]
    receipts_matched: int
    receipts_missing: int
    receipts_doubled: int
    receipts_unknown: int
    receipt_seconds: float
    """From the first message to the last receipt."""
    receipt_latency: Histogram
    id_form: Form | None
    intermediate: int
    inbound: int
    cpu_s: float
    """What the generator itself has used."""
    wall_s: float
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    interrupted: bool
    gave_up: bool
    """All connections were lost before the end."""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds if self.seconds else 0.0

    @property
    def receipt_rate(self) -> float:
        return self.receipts / self.receipt_seconds if self.receipt_seconds else 0.0

    @property
    def errors(self) -> int:
        """Submits that were refused or never answered."""
        return self.answered - self.ok + self.unanswered

    @property
    def busy(self) -> float:
        """How much of one core the generator needed: near 1, it may have been the bottleneck itself."""
        return self.cpu_s / self.wall_s if self.wall_s else 0.0

    def as_json(self) -> dict[str, Any]:
        """What `--json` writes."""
        found: dict[str, Any] = {
            "via": self.via,
            "loop": "open" if self.open_loop else "closed",
            "interrupted": self.interrupted,
            "gave_up": self.gave_up,
            "seconds": round(self.seconds, 6),
            "messages": self.messages,
            "sent": self.sent,
            "answered": self.answered,
            "ok": self.ok,
            "refused": self.refused,
            "unanswered": self.unanswered,
            "unexpected": self.unexpected,
            "errors": self.errors,
            "rate": round(self.rate, 3),
            "latency_ms": _latency(self.latency),
            "receipts": {
                "expected": self.receipts_expected,
                "received": self.receipts,
                "by_status": self.receipts_by_status,
                "matched": self.receipts_matched,
                "missing": self.receipts_missing,
                "doubled": self.receipts_doubled,
                "unknown": self.receipts_unknown,
                "intermediate": self.intermediate,
                "rate": round(self.receipt_rate, 3),
                "ids": self.id_form,
                "latency_ms": _latency(self.receipt_latency),
            },
            "inbound": self.inbound,
            "generator": {
                "cpu_s": round(self.cpu_s, 3),
                "busy": round(self.busy, 3),
                "late_ms": _latency(self.lateness),
            },
            "timeline": [_row(row) for row in self.rows],
            "notes": list(self.notes),
        }
        return found


def names(refused: dict[Status, int]) -> dict[str, int]:
    """Refusals by what they are called, the most frequent first."""
    ordered = sorted(refused.items(), key=lambda item: -item[1])
    return {status_name(status) if isinstance(status, int) else status: count for status, count in ordered}


def percent_name(percent: float) -> str:
    return f"p{percent:g}"


def _latency(histogram: Histogram) -> dict[str, float] | None:
    if not histogram.count:
        return None
    percentiles = zip(PERCENTS, histogram.percentiles(PERCENTS), strict=True)
    found = {percent_name(percent): value / 1000 for percent, value in percentiles}
    return {
        "min": histogram.min / 1000,
        "mean": round(histogram.mean / 1000, 3),
        **found,
        "max": histogram.max / 1000,
    }


def _row(row: Row) -> dict[str, Any]:
    keys = [*(percent_name(percent) for percent in PERCENTS), "max"]
    return {
        "at_s": round(row.at_s, 3),
        "seconds": round(row.seconds, 3),
        "sent": row.sent,
        "answered": row.answered,
        "errors": row.errors,
        "receipts": row.receipts,
        "in_flight": row.in_flight,
        "latency_ms": {key: value / 1000 for key, value in zip(keys, row.latency, strict=False)} or None,
        "receipt_latency_ms": {key: value / 1000 for key, value in zip(keys, row.receipt_latency, strict=False)}
        or None,
    }
