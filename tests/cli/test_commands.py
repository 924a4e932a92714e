"""The commands, as a user calls them."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulator import __version__
from simulator.cli import app

TOP = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "simulator"]
Serve = Callable[..., tuple["subprocess.Popen[str]", str]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start `carrier-sim serve` with free ports; gives the process and what it announced."""
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: str, lines: int = 4, **environment: str) -> tuple["subprocess.Popen[str]", str]:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--http-port", "0", "--smpp-port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=TOP,
            env={**os.environ, **environment},
        )
        started.append(process)
        assert process.stdout is not None
        return process, "".join(process.stdout.readline() for _ in range(lines))

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def ports(announced: str) -> tuple[str, str]:
    http, smpp = re.search(r"http://[\d.]+:(\d+)", announced), re.search(r"SMPP +[\d.]+:(\d+)", announced)
    assert http, announced
    assert smpp, announced
    return http[1], smpp[1]


def call(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        timeout=50,
        cwd=TOP,
        env={**os.environ, **environment},
        check=False,
    )


def test_serve_says_what_listens_where_and_with_which_credentials(serve: Serve) -> None:
    _, announced = serve()
    assert f"carrier-sim {__version__} - scenario default, seed 0, clock real" in announced
    assert "/api/v1/lisoloo/sms-api" in announced
    assert "any system_id and password" in announced


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_ends_cleanly(serve: Serve, number: signal.Signals) -> None:
    process, _ = serve()
    process.send_signal(number)
    out, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, ""), out


def test_a_message_goes_both_ways(serve: Serve) -> None:
    _, announced = serve("--clock", "1000x")
    http, smpp = ports(announced)
    sent = call("send", "+15550100001", "Hello", "--http-port", http)
    assert (sent.returncode, sent.stdout.split()[-1]) == (0, "delivered"), sent
    sent = call("send", "--via", "smpp", "+15550100002", "Hello", "--smpp-port", smpp)
    assert sent.returncode == 1
    assert "stat:UNDELIV" in sent.stdout


def test_options_come_from_the_environment_unless_a_flag_says_otherwise(serve: Serve) -> None:
    _, announced = serve("--seed", "8", CARRIER_SIM_SEED="7", CARRIER_SIM_CLOCK="60x", CARRIER_SIM_SCENARIO="phone-off")
    assert "scenario phone-off, seed 8, clock 60x" in announced


def test_serve_can_announce_as_json(serve: Serve) -> None:
    _, announced = serve("--log-format", "json", lines=1)
    listening = json.loads(announced)
    assert listening["event"] == "listening"
    assert set(listening["smpp"]) == {"smsc"}


def test_serve_prints_pdus_decoded(serve: Serve) -> None:
    process, announced = serve("--log-pdus", "--clock", "1000x", PYTHONUNBUFFERED="1")
    call("send", "--via", "smpp", "+15550100001", "Hello you", "--smpp-port", ports(announced)[1])
    process.terminate()
    out, _ = process.communicate(timeout=20)
    for name in ("bind_transceiver", "submit_sm", "destination_addr", "Hello you", "deliver_sm", "message_state"):
        assert name in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--scenario", "phone-of"], "did you mean 'phone-off'?"),
        (["--scenario", "no/such.yaml"], "no/such.yaml"),
        (["--clock", "tomorrow"], "'tomorrow' is not a clock"),
        (["--keep-for", "soon"], "'soon' is not a duration"),
        (["--host", "203.0.113.7"], "can't listen"),
        (["--smpp-tls-port", "0", "--tls-cert", "none.pem"], "can't listen"),
    ],
)
def test_bad_input_gets_a_clear_error_and_exit_code_2(arguments: list[str], says: str) -> None:
    done = call("serve", "--http-port", "0", "--smpp-port", "0", *arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_validate_tells_all_errors_with_their_places(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("scenario: 1\nrules:\n  - path: delivered\n")
    bad.write_text("scenario: 1\nsed: 4\nrules:\n  - path: delivrd\n")
    done = CliRunner().invoke(app, ["validate", str(tmp_path)])
    assert done.exit_code == 2
    assert "good.yaml: ok" in done.output
    assert "bad.yaml:2:1: unknown field 'sed'" in done.output
    assert "bad.yaml:4:11: unknown path 'delivrd' - did you mean 'delivered'?" in done.output


def test_validate_of_the_shipped_scenarios() -> None:
    done = CliRunner().invoke(app, ["validate", str(TOP / "scenarios")])
    assert done.exit_code == 0


def test_schema_is_what_is_shipped() -> None:
    done = CliRunner().invoke(app, ["schema"])
    assert json.loads(done.output) == json.loads((TOP / "simulator/scenario/schema.json").read_text())


def test_scenarios_lists_a_line_each() -> None:
    lines = CliRunner().invoke(app, ["scenarios"]).output.splitlines()
    assert len(lines) >= 12
    assert any(line.startswith("phone-off ") for line in lines)


def test_version() -> None:
    assert CliRunner().invoke(app, ["--version"]).output.strip() == __version__


def test_send_to_nobody_says_so() -> None:
    done = call("send", "+15550100001", "--http-port", "1")
    assert done.returncode == 2
    assert "is `carrier-sim serve` running?" in done.stderr


@pytest.mark.parametrize("command", ["serve", "run", "validate", "schema", "scenarios", "send"])
def test_every_option_has_its_environment_variable(command: str) -> None:
    import typer.main

    group = typer.main.get_command(app)
    for parameter in group.commands[command].params:  # type: ignore[attr-defined]
        if parameter.param_type_name == "option" and parameter.name not in ("help",):
            assert parameter.envvar, f"{command} --{parameter.name}"
            assert str(parameter.envvar).startswith("CARRIER_SIM_")
