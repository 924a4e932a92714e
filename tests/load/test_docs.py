"""docs/load.md: its commands run, and it names what there is."""

import json
import re
import shlex
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import Result as Called

from simulator.app import Simulator
from simulator.load import FORMS
from simulator.load.thresholds import METRICS
from simulator.scenario import load_text
from tests.load.conftest import APP

PAGE = (Path(__file__).parents[2] / "docs" / "load.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = [
    line for block in BLOCKS for line in block.replace("\\\n", " ").splitlines() if line.startswith("carrier-sim load")
]
SCENARIO = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[0]


def test_there_are_commands() -> None:
    assert len(COMMANDS) >= 12


@pytest.mark.parametrize("command", COMMANDS)
async def test_a_command_does_what_it_says(
    command: str,
    call: Callable[..., Awaitable[Called]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    # Seconds become hundredths, thousands tens: what is tested is that the command is right.
    short = re.sub(r"(?<=[ :])(\d+)s\b", lambda found: f"{int(found[1]) * 10}ms", command)
    short = re.sub(r"(?<=-n )(\d+)\b", lambda found: str(min(100, int(found[1]))), short)
    async with Simulator(load_text(SCENARIO), clock="1000x") as sim:
        short = short.replace(":8080/", f":{sim.http_port}/")
        port = sim.http_port if "--via http" in short else sim.smpp_port
        called = await call(*shlex.split(short)[2:], "--port", port, "--wait", "1s")
    # How fast this machine is today is not what is tested.
    slow = called.exit_code == 1 and re.search(r"failed: (p99|rate)", called.output)
    assert called.exit_code == 0 or slow, called.output
    assert "answered" in called.stdout
    assert "HTTP 4" not in called.stdout
    assert "ESME_R" not in called.stdout
    if "--webhook-port" in short or "--registered-delivery" in short:
        assert re.search(r"missing +0$", called.stdout, re.MULTILINE)
    if "--json" in short:
        found: dict[str, Any] = json.loads((tmp_path / "result.json").read_text())
        described = PAGE.split("The JSON has")[1].split("##")[0]
        assert set(re.findall(r"`(\w+)`", described)) <= {*found, *found["receipts"], *found["generator"]}
        assert (tmp_path / "result.svg").exists()


def test_every_option_is_listed() -> None:
    command = typer.main.get_command(APP)
    options = [name for parameter in command.params for name in parameter.opts if name.startswith("--")]
    assert len(options) > 30
    for name in options:
        if name not in ("--install-completion", "--show-completion"):
            assert f"`{name}`" in PAGE, name


def test_every_metric_and_every_form_of_ids_is_listed() -> None:
    for name in (*METRICS, *(form.replace(" ", "-") for form in FORMS)):
        assert f"`{name}`" in PAGE, name
