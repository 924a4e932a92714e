"""What the README shows is run."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.scenario import load_text

TOP = Path(__file__).parents[1]
README = (TOP / "README.md").read_text()
SERVE = [sys.executable, "-m", "simulator", "serve", "--clock", "1000x", "--http-port", "0", "--smpp-port", "0"]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def ports() -> Iterator[tuple[str, str]]:
    """Those of a running simulator: HTTP, SMPP."""
    with subprocess.Popen(SERVE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        announced = "".join(process.stdout.readline() for _ in range(4))
        http, smpp = re.search(r"http://[\d.]+:(\d+)", announced), re.search(r"SMPP +[\d.]+:(\d+)", announced)
        assert http, announced
        assert smpp, announced
        yield http[1], smpp[1]
        process.terminate()


def test_the_curl_commands_bring_a_message_to_delivered(ports: tuple[str, str]) -> None:
    script = next(block for block in blocks("sh") if "curl" in block).replace(":8080/", f":{ports[0]}/")
    send, status = script.split("curl -s $API/status/")
    message_id = json.loads(shell(send))["data"]["message_id"]
    exports = "\n".join(line for line in send.splitlines() if line.startswith("export"))
    asked = f"{exports}\ncurl -s $API/status/{status.replace('MESSAGE_ID', message_id)}"
    answers = (json.loads(shell(asked))["data"]["status"] for _ in range(100))
    assert "delivered" in answers


def shell(script: str) -> str:
    return subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=30, check=True).stdout


def test_the_smpp_client_gets_its_receipt(ports: tuple[str, str]) -> None:
    program = next(block for block in blocks("python") if "smpplib" in block).replace("2775", ports[1])
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    assert "message_id" in done.stdout
    assert "stat:DELIVRD" in done.stdout


def test_the_scenario_loads() -> None:
    for block in blocks("yaml"):
        assert load_text(block).name == "flaky-carrier"


async def test_the_python_example_runs() -> None:
    program = next(block for block in blocks("python") if "async with Simulator" in block)
    names: dict[str, object] = {}
    exec(program, names)
    await names["test_it"]()  # type: ignore[operator]


def test_the_commands_table_names_every_command() -> None:
    from simulator.cli import app

    for command in app.registered_commands:
        assert command.callback is not None
        assert f"`carrier-sim {command.callback.__name__}" in README


def test_the_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", README):
        assert os.path.exists(TOP / target), target
