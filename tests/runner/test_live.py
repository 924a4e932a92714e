"""The table at the foot of the terminal."""

import io

from rich.console import Console

from simulator.runner.live import LiveTable


def test_it_shows_which_scenario_is_played_and_how_far_it_is() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=100)
    table = LiveTable(console, 16)
    with table:
        table.begin(3)
        table.update("phone-off", 1200, 7, 3, 90_000)
        console.print(table._table())
    for words in ("3 of 16", "phone-off", "1,200", "1m30s"):
        assert words in out.getvalue()
