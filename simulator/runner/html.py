"""The report as one HTML page that needs nothing else: no script, no font, no network. Timelines are inline SVG."""

from collections.abc import Sequence
from html import escape

from simulator.runner.drawing import svg
from simulator.runner.records import InboundSeen, Walk
from simulator.runner.report import Report, Verdict
from simulator.runner.table import rows
from simulator.runner.words import number, short, span

MOST_ROWS = 500
"""Of one scenario: a page with more would be of no use, and the JSON report has them all."""

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2024; --paper: #fff; --faint: #687076; --line: #d7dbdf; --soft: #f4f5f6;
  --good: #18794e; --bad: #cd2b31; --warn: #ad5700; }
@media (prefers-color-scheme: dark) { :root { --ink: #ecedee; --paper: #151718; --faint: #9ba1a6; --line: #313538;
  --soft: #1d2022; --good: #4cc38a; --bad: #ff6369; --warn: #f1a10d; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0 auto;
  max-width: 1200px; padding: 24px; }
h1 { font-size: 22px; margin: 0 0 4px; } h2 { font-size: 18px; margin: 0; }
p { margin: 4px 0; } .faint { color: var(--faint); } .good { color: var(--good); } .bad { color: var(--bad); }
section { border: 1px solid var(--line); border-radius: 8px; margin: 20px 0; padding: 16px; }
details { border-top: 1px solid var(--line); padding: 6px 0; }
summary { cursor: pointer; display: flex; gap: 12px; flex-wrap: wrap; }
summary .name { font-weight: 600; min-width: 10em; } summary .status { margin-left: auto; }
pre { background: var(--soft); padding: 10px; overflow-x: auto; border-radius: 6px; font-size: 13px; }
.picture { overflow-x: auto; } svg { font: 12px system-ui, sans-serif; display: block; }
svg text { fill: var(--ink); } svg .when { fill: var(--faint); } svg line { stroke: var(--line); stroke-width: 2; }
.dot { fill: var(--faint); } .delivered { fill: var(--good); }
.attempt, .unknown, .partially_delivered { fill: var(--warn); }
.failed, .undelivered, .rejected, .expired, .delivery_unknown { fill: var(--bad); }
nav a { color: inherit; display: inline-block; margin-right: 16px; }
"""


def html_report(reports: Sequence[Report]) -> str:
    """The whole page."""
    held, failed = sum(report.held for report in reports), sum(report.failed for report in reports)
    broken = sum(report.error is not None for report in reports)
    ok = all(report.ok for report in reports)
    head = "All expectations held" if ok else f"{number(failed, 'expectation')} failed"
    if broken:
        head += f"; {number(broken, 'scenario')} could not be played"
    counts = (
        f"{number(len(reports), 'scenario')}, {number(sum(len(report.walks) for report in reports), 'message')}, "
        f"{held} held, {failed} failed, {short(sum(report.simulated for report in reports))} of simulated time in "
        f"{short(int(sum(report.elapsed_s for report in reports) * 1000))}"
    )
    links = "".join(
        f'<a href="#s{place}" class="{_class(report)}">{escape(report.name)}</a>'
        for place, report in enumerate(reports)
    )
    sections = "".join(_section(place, report) for place, report in enumerate(reports))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>carrier-sim: {escape(head)}</title><style>{_STYLE}</style></head><body>"
        f'<h1 class="{"good" if ok else "bad"}">{escape(head)}</h1><p class="faint">{escape(counts)}</p>'
        f"<nav>{links}</nav>{sections}</body></html>\n"
    )


def _class(report: Report) -> str:
    return "good" if report.ok else "bad"


def _section(place: int, report: Report) -> str:
    verdict = f"{report.held} held, {report.failed} failed" if report.verdicts else "no expectations"
    facts = f"{report.file} - seed {report.seed} - {report.clock} clock - {short(report.simulated)} of simulated time"
    totals = ", ".join(f"{name} {count}" for name, count in report.totals.items()) or "nothing happened"
    parts = [
        f'<section id="s{place}"><h2>{escape(report.name)} <span class="{_class(report)}">{verdict}</span></h2>',
        f'<p>{escape(report.description)}</p><p class="faint">{escape(facts)}</p><p class="faint">{escape(totals)}</p>',
    ]
    if report.error is not None:
        parts.append(f'<pre class="bad">{escape(report.error)}</pre>')
    if report.interrupted:
        parts.append('<p class="bad">interrupted before all was over</p>')
    parts += [f'<p class="faint">{escape(note)}</p>' for note in report.notes]
    parts += [_failure(verdict) for verdict in report.verdicts if not verdict.held]
    shared = rows(report.walks)
    parts += [_row(walks) for walks in shared[:MOST_ROWS]]
    if len(shared) > MOST_ROWS:
        parts.append(f'<p class="faint">and {len(shared) - MOST_ROWS} more rows: see the JSON report</p>')
    parts += [_inbound(seen) for seen in report.inbound[:MOST_ROWS]]
    return "".join(parts) + "</section>"


def _failure(verdict: Verdict) -> str:
    source = f"{verdict.source}\n\n" if verdict.source else ""
    return (
        f'<p class="bad"><strong>failed</strong> {escape(verdict.line)} {escape(verdict.expectation)}</p>'
        f"<pre>{escape(source + verdict.text)}</pre>"
    )


def _row(walks: list[Walk]) -> str:
    first = walks[0]
    times = f" ×{len(walks)}" if len(walks) > 1 else f" #{first.n}" if first.n > 1 else ""
    part = f" part {first.part}" if first.part else ""
    status = first.status
    if status is None:
        status = "refused: " + str(first.response.failure) if first.response is not None else "no response"
    durations = [walk.duration for walk in walks if walk.duration is not None]
    took = f" in {span(durations)}" if durations else ""
    heard = (
        f"{number(len(first.receipts), 'receipt')}" if first.via == "smpp" else number(len(first.webhooks), "webhook")
    )
    example = f'<p class="faint">the first of {len(walks)}, to {escape(first.to)}</p>' if len(walks) > 1 else ""
    return (
        f'<details{" open" if len(walks) == 1 else ""}><summary><span class="name">{escape(first.id + times + part)}'
        f'</span><span class="faint">{escape(first.via)} {escape(first.account)} to {escape(first.to)}</span>'
        f'<span class="faint">{heard}</span><span class="status">{escape(status + took)}</span></summary>'
        f'{example}<div class="picture">{svg(first)}</div></details>'
    )


def _inbound(seen: InboundSeen) -> str:
    got = "not received" if seen.received_at is None else f"received after {short(seen.received_at - seen.sent_at)}"
    return (
        f'<details><summary><span class="name">{escape(seen.id)} #{seen.n}</span><span class="faint">from '
        f'{escape(seen.source)} for {escape(seen.account)}</span><span class="status">{got}</span></summary>'
        f"<p>{escape(seen.text)}</p></details>"
    )
