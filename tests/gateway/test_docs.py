"""docs/gateway.md says what the code does."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from simulator.engine import GatewaySettings
from simulator.gateway import CATALOGUE
from simulator.gateway.events import EVENTS

TEXT = (Path(__file__).parents[2] / "docs" / "gateway.md").read_text()
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if line.startswith("|")]
CODES = {
    code: (row[1], int(row[2]))
    for row in ROWS
    if re.fullmatch(r"\d{4}(, \d{4})*", row[0])
    for code in row[0].split(", ")
}


def test_the_table_of_errors_is_the_catalogue() -> None:
    assert {code: (row.symbol, row.status) for code, row in CATALOGUE.items()} == CODES


@pytest.mark.parametrize("number", range(1, 33))
def test_every_decision_is_listed(number: int) -> None:
    assert [row[0] for row in ROWS].count(f"D{number}") == 1


@pytest.mark.parametrize("setting", [field.name for field in fields(GatewaySettings)])
def test_every_setting_is_listed(setting: str) -> None:
    assert f"`{setting}`" in TEXT


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_is_listed(event: str) -> None:
    assert f"`{event}`" in TEXT
