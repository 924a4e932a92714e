"""What stands at the foot of the terminal while scenarios run: the one that is being played, and how far it is."""

from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table

from simulator.engine import format_duration


class LiveTable:
    """A table of one row that is drawn anew a few times a second; what is printed meanwhile comes above it."""

    def __init__(self, console: Console, total: int) -> None:
        self._total = total
        self._number = 0
        self._cells = ("", "0", "0", "0", "0")
        self._live = Live(get_renderable=self._table, console=console, refresh_per_second=8, transient=True)

    def begin(self, number: int) -> None:
        """The `number`-th scenario begins."""
        self._number = number

    def update(self, name: str, sent: int, receipts: int, webhooks: int, passed: int) -> None:
        """How far it is (runner.run.Progress)."""
        self._cells = (name, f"{sent:,}", f"{receipts:,}", f"{webhooks:,}", format_duration(passed))

    def _table(self) -> Table:
        table = Table(f"{self._number} of {self._total}", box=None, pad_edge=False)
        for head in ("sent", "receipts", "webhooks", "simulated time"):
            table.add_column(head, justify="right")
        table.add_row(*self._cells)
        return table

    def __enter__(self) -> None:
        self._live.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()
