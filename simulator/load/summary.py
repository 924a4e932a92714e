"""A result as a table of text, and the lines that show how a run goes."""

from simulator.load.matching import Matching
from simulator.load.result import Result, percent_name
from simulator.load.stats import PERCENTS, Row, Stats

BUSY = 0.9
"""From here on the generator's own core may be what limits the rate."""
_WIDTH = 12


def milliseconds(us: float) -> str:
    """Three digits that matter: `0.213 ms`, `21.3 ms`, `2,130 ms`."""
    ms = us / 1000
    return f"{ms:.3f}" if ms < 10 else f"{ms:.1f}" if ms < 100 else f"{ms:,.0f}"


def summary(result: Result) -> str:
    """What the command prints at the end."""
    lines = [
        _line("sent", f"{result.sent:,}", _parts(result)),
        _line("answered", f"{result.answered:,}", f"in {result.seconds:.3f} s, {result.rate:,.0f}/s"),
        _line("  accepted", f"{result.ok:,}"),
        *(_line(f"  {name}", f"{count:,}") for name, count in result.refused.items()),
    ]
    if result.unanswered:
        lines.append(_line("unanswered", f"{result.unanswered:,}"))
    if result.unexpected:
        lines.append(_line("unexpected", f"{result.unexpected:,}", "answers to nothing that was asked"))
    if result.receipts_expected or result.receipts or result.receipts_unknown:
        lines += _receipts(result)
    if result.inbound:
        lines.append(_line("inbound", f"{result.inbound:,}", "messages that are no receipts"))
    lines += ["", *_latencies(result)]
    busy = f"used {result.busy:.0%} of a core, {result.cpu_s / result.sent * 1e6 if result.sent else 0:.1f} us a submit"
    if result.busy >= BUSY:
        busy += ": it may have been the bottleneck itself"
    lines += ["", f"the generator {busy}"]
    lines += [f"note: {note}" for note in result.notes]
    if result.interrupted:
        lines.append("interrupted: the figures are of what was done")
    return "\n".join(lines)


def _line(name: str, figure: str, more: str = "") -> str:
    return f"{name:<24}{figure:>{_WIDTH}}  {more}".rstrip()


def _parts(result: Result) -> str:
    return f"in {result.messages:,} messages" if result.messages != result.sent else ""


def _receipts(result: Result) -> list[str]:
    rate = f"in {result.receipt_seconds:.3f} s, {result.receipt_rate:,.0f}/s" if result.receipts else ""
    lines = [_line("receipts", f"{result.receipts:,}", rate)]
    lines += [_line(f"  {name or '(no stat)'}", f"{count:,}") for name, count in result.receipts_by_status.items()]
    if result.receipts_expected:
        lines.append(_line("  missing", f"{result.receipts_missing:,}"))
    lines += [
        _line("  doubled", f"{result.receipts_doubled:,}"),
        _line("  unknown", f"{result.receipts_unknown:,}"),
    ]
    if result.intermediate:
        lines.append(_line("  intermediate", f"{result.intermediate:,}"))
    if result.id_form not in (None, "same"):
        lines.append(_line("  ids", "", f"a receipt's is the answer's as {result.id_form}"))
    return lines


def _latencies(result: Result) -> list[str]:
    names = [*map(percent_name, PERCENTS), "max"]
    lines = [f"{'milliseconds':<24}" + "".join(f"{name:>{_WIDTH}}" for name in names)]
    for name, histogram in (
        ("due to answer" if result.open_loop else "submit to answer", result.latency),
        ("due to receipt" if result.open_loop else "submit to receipt", result.receipt_latency),
        ("sent later than due", result.lateness),
    ):
        if histogram.count:
            figures = [*histogram.percentiles(PERCENTS), histogram.max]
            lines.append(f"{name:<24}" + "".join(f"{milliseconds(figure):>{_WIDTH}}" for figure in figures))
    return lines if len(lines) > 1 else []


def progress_line(row: Row, stats: Stats, matching: Matching | None) -> str:
    """One line a second."""
    line = f"{row.at_s:6.0f} s  sent {stats.sent:,}  answered {stats.answered:,} ({row.rate:,.0f}/s)"
    line += f"  errors {stats.errors:,}"
    if row.latency:
        line += f"  p50 {milliseconds(row.latency[0])}  p99 {milliseconds(row.latency[2])} ms"
    if matching is not None:
        line += f"  receipts {stats.receipts:,}"
    return line
