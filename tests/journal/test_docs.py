"""What docs/journal.md shows is run, and says what is so."""

import json
import re
from pathlib import Path

import pytest

from tests.journal.conftest import Journaled, RunJournaled, events
from tests.journal.test_replay import every_kind_of_input

TEXT = (Path(__file__).parents[2] / "docs" / "journal.md").read_text()


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    exec(example, {"__name__": "example"})
    assert [event["e"] for event in events(tmp_path / "run.jsonl")] == ["inbound", "advance", "end"]


async def test_every_event_and_each_of_its_fields_is_in_the_table(
    tmp_path: Path, journaled: Journaled, run_journaled: RunJournaled
) -> None:
    async with journaled() as client:
        await every_kind_of_input(client)
    await run_journaled(Path(__file__).parents[2] / "scenarios" / "magic-suffixes.yaml", tmp_path / "run.jsonl")
    rows = {
        name: row for row in TEXT.splitlines() if row.startswith("| `") for name in re.findall(r"`(\w+)`", row[:40])
    }
    header = next(row for row in TEXT.splitlines() if row.startswith("| (first line)"))
    for event in [*events(tmp_path / "journal.jsonl"), *events(tmp_path / "run.jsonl")]:
        row = header if event["e"] in ("load", "reset") else rows[event["e"]]
        for name in list(event)[2:]:
            assert f"`{name}`" in row, json.dumps(event)
