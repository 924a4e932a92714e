"""How a run goes, while it goes: a live table on a terminal, a line a second elsewhere. On stderr, so that stdout is
the summary alone."""

from types import TracebackType
from typing import Self, TextIO

from simulator.load.matching import Matching
from simulator.load.stats import Row, Stats
from simulator.load.summary import milliseconds, progress_line

ROWS = 12
"""So many seconds are shown at a time."""


class Lines:
    """A line a second."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.flush()

    def show(self, row: Row, stats: Stats, matching: Matching | None) -> None:
        print(progress_line(row, stats, matching), file=self._stream, flush=True)


class Live:
    """The last seconds as a table that redraws itself."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.live import Live as RichLive

        self._rows: list[Row] = []
        self._live = RichLive(console=Console(file=stream), auto_refresh=False, transient=True)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, row: Row, stats: Stats, matching: Matching | None) -> None:
        from rich.table import Table

        self._rows = [*self._rows[-ROWS + 1 :], row]
        receipts = f"  receipts {stats.receipts:,}" if matching is not None else ""
        table = Table(
            title=f"sent {stats.sent:,}  answered {stats.answered:,}  errors {stats.errors:,}{receipts}",
            title_justify="left",
        )
        for name in ("s", "sent/s", "answered/s", "errors", "in flight", "p50 ms", "p99 ms", "max ms", "receipts/s"):
            table.add_column(name, justify="right")
        for shown in self._rows:
            each = shown.seconds or 1.0
            latency = [milliseconds(shown.latency[at]) for at in (0, 2, 4)] if shown.latency else ["", "", ""]
            table.add_row(
                f"{shown.at_s:.0f}",
                f"{shown.sent / each:,.0f}",
                f"{shown.answered / each:,.0f}",
                f"{shown.errors:,}",
                f"{shown.in_flight:,}",
                *latency,
                f"{shown.receipts / each:,.0f}",
            )
        self._live.update(table, refresh=True)


class Silent(Lines):
    """Nothing."""

    def show(self, row: Row, stats: Stats, matching: Matching | None) -> None:
        pass


def shower(stream: TextIO, quiet: bool) -> "Lines | Live":
    if quiet:
        return Silent(stream)
    return Live(stream) if stream.isatty() else Lines(stream)
