"""The table: readable at any width, plain where there is no terminal."""

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from simulator.runner import Report
from simulator.runner.table import show, summary

SCENARIO = """
traffic:
  - send: {id: otp, to: "+243998857001", message: x}
  - send: {id: lost, via: smpp, to: "+243998857013", message: x}
  - send: {id: bulk, via: smpp, to: "+1555{n:04}1", message: "x {n}", count: 50}
  - send: {id: refused, to: "+243998857099", message: x}
  - inbound: {id: mo, from: "+15550101", to: "8080", message: hi}
expect:
  - {message: otp, status: failed}
  - {message: lost, receipts: [UNDELIV]}
"""


def drawn(report: Report, width: int, **options: Any) -> str:
    console = Console(file=StringIO(), width=width, highlight=False, **options)
    show(console, report)
    return console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 140, 200])
async def test_no_line_is_wider_than_the_terminal_and_no_word_is_lost(play: Any, width: int) -> None:
    text = drawn(await play(SCENARIO), width)
    assert max(len(line) for line in text.splitlines()) <= max(width, 80)
    if width >= 80:
        for word in ("otp", "bulk ×50", "+243998857001", "undelivered +2.1s", "UNDELIV", "processing", "queued"):
            assert word in text


async def test_messages_that_fared_alike_share_a_row(play: Any) -> None:
    lines = drawn(await play(SCENARIO), 200).splitlines()
    (row,) = [line for line in lines if "×50" in line]
    assert "+155500*" in row
    assert "pending > processing +50ms > accepted +150ms > sent +500ms > delivered +1.5s" in row


async def test_without_a_terminal_there_are_neither_colours_nor_lines_nor_trailing_blanks(play: Any) -> None:
    text = drawn(await play(SCENARIO), 120)
    assert "\x1b" not in text
    assert "─" not in text
    assert not any(line.endswith(" ") for line in text.splitlines())


async def test_on_a_terminal_statuses_have_their_colours(play: Any) -> None:
    assert "\x1b[32mdelivered" in drawn(await play(SCENARIO), 120, force_terminal=True, color_system="standard")


async def test_the_time_is_left_out_where_there_is_no_room(play: Any) -> None:
    report = await play(SCENARIO)
    assert "time" in drawn(report, 120).splitlines()[1]
    assert "time" not in drawn(report, 80).splitlines()[1]


async def test_refusals_inbound_messages_and_failures_are_shown(play: Any) -> None:
    text = drawn(await play(SCENARIO), 120)
    assert "refused: HTTP 502, error_code 1502" in text
    assert "from +15550101: received +0s" in text
    assert "FAILED test.yaml:" in text
    assert "timeline of otp #1" in text


async def test_square_brackets_in_texts_are_no_markup(play: Any) -> None:
    report = await play("traffic: [{send: {id: '[bold]x[/bold]', to: '+1', message: hi}}]")
    assert "[bold]x[/bold]" in drawn(report, 120)


async def test_the_last_line_sums_all_up(play: Any) -> None:
    reports = [await play(SCENARIO), await play(SCENARIO)]
    assert str(summary(reports, 1.3)) == (
        "2 scenarios, 106 messages; expectations: 2 held, 2 failed; 4.2s simulated in 1.3s"
    )
