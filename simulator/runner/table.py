"""The table of a run, for a terminal: what each message walked through, and what the client heard of it.

Messages of one `send` item that fared alike share a row. In a file or a pipe it is the same, without colours and lines.
"""

from collections.abc import Sequence
from os.path import commonprefix

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from simulator.runner.records import InboundSeen, Walk, WebhookSeen
from simulator.runner.report import Report
from simulator.runner.words import number, short, span, walk_pieces

PLAIN_WIDTH = 120
"""Columns where there is no terminal that says how many it has."""

STYLES = {
    "delivered": "green",
    "partially_delivered": "yellow",
    "delivery_unknown": "magenta",
    "undelivered": "red",
    "rejected": "red",
    "expired": "yellow",
    "failed": "red",
    "unknown": "magenta",
    "attempt": "yellow",
}


def kin(walk: Walk) -> tuple[object, ...]:
    """What walks have in common that share a row."""
    return (
        walk.id,
        walk.part,
        walk.via,
        walk.account,
        walk.response.failure if walk.response is not None else "",
        tuple((moment.status, moment.cause, moment.attempt) for moment in walk.history),
        tuple(receipt.stat for receipt in walk.receipts),
        tuple((seen.target, seen.event) for seen in walk.webhooks),
    )


def rows(walks: Sequence[Walk]) -> list[list[Walk]]:
    """Walks that share a row, in order of their first."""
    found: dict[tuple[object, ...], list[Walk]] = {}
    for walk in walks:
        found.setdefault(kin(walk), []).append(walk)
    return list(found.values())


def render(report: Report, *, plain: bool = False, ascii_only: bool = False, width: int = 120) -> RenderableType:
    """One scenario: heading, a row for each kind of message, totals, notes, and what failed."""
    times = "x" if ascii_only else "×"
    heading = Text(report.name, style="bold")
    if report.description:
        heading.append("  " + report.description, style="not bold dim" if not plain else "not bold")
    parts: list[RenderableType] = [heading]
    if report.walks or report.inbound:
        parts.append(_table(report, plain, times, width))
    parts += [Padding(_totals(report), (0, 0, 0, 2))]
    for note in report.notes:
        parts.append(Padding(Text(note, style="yellow"), (0, 0, 0, 2)))
    if report.error is not None:
        parts.append(Padding(Text(f"not played: {report.error}", style="bold red"), (0, 0, 0, 2)))
    for verdict in report.verdicts:
        if not verdict.held:
            head = Text.assemble(("FAILED ", "bold red"), (f"{verdict.line}  ", "bold"), verdict.expectation)
            parts += [Text(), Padding(head, (0, 0, 0, 2))]
            if verdict.source:
                parts.append(Padding(Text(verdict.source, style="cyan"), (0, 0, 0, 4)))
            parts.append(Padding(Text(verdict.text), (0, 0, 0, 4)))
    parts.append(Text())
    return Group(*parts)


NARROW, WIDE = 100, 140
"""Columns from which on there is room for the time, and for all webhooks on one line."""


def _table(report: Report, plain: bool, times: str, width: int) -> Table:
    found = rows(report.walks)
    timed = width >= NARROW  # the last status tells it, too
    if plain:
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    else:
        table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim", show_edge=False)
    cells = [_row(walks, times) for walks in found]
    cells += [_inbound_row(seen) for seen in report.inbound]
    caps = (24, 16, 16, 36, 14) if width >= WIDE else (18, 14, 10, 17, 14)
    names = ("message", "to", "receipts", "webhooks", "time")
    widths = [
        min(cap, max(len(name), *(_length(row[place]) for row in cells)))
        for name, place, cap in zip(names, (0, 1, 3, 4, 5), caps, strict=True)
    ]
    if not timed:
        widths.pop()
    rest = max(width - sum(widths) - 2 * len(widths), 20)
    longest = max(_length(row[2]) for row in cells)
    widths.insert(2, max(min(rest, longest), len("statuses walked")))
    for place, name in enumerate(("message", "to", "statuses walked", "receipts", "webhooks", "time")[: len(widths)]):
        table.add_column(name, overflow="fold", width=widths[place], justify="right" if name == "time" else "left")
    for row in cells:
        table.add_row(*row[: len(widths)])
    return table


def _length(cell: RenderableType) -> int:
    return cell.cell_len if isinstance(cell, Text | Way) else len(str(cell))


def _inbound_row(seen: InboundSeen) -> tuple[RenderableType, ...]:
    got = Text("not received", style="red")
    took = "-"
    if seen.received_at is not None:
        took = short(seen.received_at - seen.sent_at)
        got = Text(f"from {seen.source}: received +{took}", style="green")
    return f"{seen.id} in" + (f" #{seen.n}" if seen.n > 1 else ""), seen.account, got, "-", "-", took


def _row(walks: list[Walk], times: str) -> tuple[RenderableType, ...]:
    first = walks[0]
    name = Text(first.id)
    if len(walks) > 1:
        name.append(f" {times}{len(walks)}", style="bold")
    elif first.n > 1:
        name.append(f" #{first.n}")
    if first.part:
        name.append(f" part {first.part}")
    to = commonprefix([walk.to for walk in walks])  # noqa: RUF071  # numbers, no paths
    if to != first.to:
        to += "*"
    durations = [walk.duration for walk in walks if walk.duration is not None]
    return (
        name,
        to,
        _walked(walks, times),
        _list([receipt.stat for receipt in first.receipts]),
        _list([seen.event.removeprefix("sms.") for seen in _of_one_target(first)]),
        span(durations) if durations else "-",
    )


def _of_one_target(walk: Walk) -> list[WebhookSeen]:
    """Where each event went to two targets, one of them shows them all."""
    targets = [seen.target for seen in walk.webhooks]
    return [seen for seen in walk.webhooks if seen.target == targets[0]]


def _walked(walks: list[Walk], times: str) -> RenderableType:
    first = walks[0]
    if first.response is None:
        return Text("no response", style="red")
    if not first.response.ok:
        return Text(f"refused: {first.response.failure}", style="red")
    if not first.history:
        return Text("not remembered", style="yellow")
    return Way([Text(piece, style=STYLES.get(status, "")) for piece, status in walk_pieces(walks, times)])


class Way:
    """Pieces with a sign in between, broken into lines only there: a status stays with its time."""

    def __init__(self, pieces: list[Text], sign: str = " >") -> None:
        self.pieces = pieces
        self.sign = sign

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        line = Text()
        for place, piece in enumerate(self.pieces):
            last = place == len(self.pieces) - 1
            needed = piece.cell_len + (0 if last else len(self.sign))
            if place and line.cell_len + 1 + needed > options.max_width:
                yield line
                line = Text()
            if line:
                line.append(" ")
            line.append_text(piece)
            if not last:
                line.append(self.sign, style="dim")
        yield line

    @property
    def cell_len(self) -> int:
        """All on one line."""
        return sum(piece.cell_len + len(self.sign) + 1 for piece in self.pieces) - len(self.sign) - 1


def _list(words: list[str]) -> RenderableType:
    return Way([Text(word) for word in words], "") if words else "-"


def _totals(report: Report) -> Text:
    totals = report.totals
    sent = len(report.walks)
    counts = [f"{count} {name}" for name, count in totals.items() if name not in ("receipts", "webhooks", "accepted")]
    text = Text(number(sent, "message") + (": " + ", ".join(counts) if counts else ""))
    text.append(f"; {number(report.receipts, 'receipt')}, {number(report.webhooks, 'webhook')}")
    text.append(f"; {short(report.simulated)} simulated, {short(int(report.elapsed_s * 1000))} real")
    if report.verdicts:
        text.append("; expectations: ")
        text.append(f"{report.held} held", style="green")
        if report.failed:
            text.append(f", {report.failed} failed", style="bold red")
    return text


def summary(reports: Sequence[Report], elapsed_s: float, interrupted: bool = False) -> Text:
    """The last line of a run."""
    held, failed = sum(report.held for report in reports), sum(report.failed for report in reports)
    broken = [report for report in reports if report.error is not None]
    text = Text()
    text.append(number(len(reports), "scenario"), style="bold")
    text.append(f", {number(sum(len(report.walks) for report in reports), 'message')}; expectations: ")
    text.append(f"{held} held", style="green")
    text.append(f", {failed} failed", style="bold red" if failed else "")
    if broken:
        text.append(f"; {number(len(broken), 'scenario')} not played to the end", style="bold red")
    simulated = sum(report.simulated for report in reports)
    text.append(f"; {short(simulated)} simulated in {short(int(elapsed_s * 1000))}")
    if interrupted:
        text.append("; interrupted", style="bold yellow")
    return text


def console_for_output(width: int | None = None) -> Console:
    """Where the table goes: the terminal as it is, or a plain file with a readable width."""
    console = Console(width=width, highlight=False, soft_wrap=False)
    if width is None and not console.is_terminal and not console._environ.get("COLUMNS"):
        console = Console(width=PLAIN_WIDTH, highlight=False)
    return console


def show(console: Console, report: Report) -> None:
    """Print one scenario's table."""
    plain = not console.is_terminal
    ascii_only = not console.encoding.lower().startswith("utf")
    picture = render(report, plain=plain, ascii_only=ascii_only, width=console.width)
    if not plain:
        console.print(picture)
        return
    with console.capture() as captured:
        console.print(picture)
    console.file.write("".join(line.rstrip() + "\n" for line in captured.get().splitlines()))
    console.file.flush()
