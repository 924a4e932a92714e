"""`carrier-sim run`: arguments, exit codes, files."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import typer
from typer.testing import CliRunner

from simulator.cli.run import run

GOOD = """
scenario: 1
name: good
traffic: [{send: {id: a, to: "+15550101", message: hi}}]
rules: [{path: delivered}]
expect: [{message: a, status: delivered}]
"""
BAD = GOOD.replace("name: good", "name: bad").replace("status: delivered", "status: failed")
ENDLESS = GOOD.replace("name: good", "name: endless\nclock: 1x").replace("}}]\nrules", "}}, {wait: 1h}]\nrules")

app = typer.Typer()
app.command()(run)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "bad.yml").write_text(BAD)
    (tmp_path / "sub" / "paths.yaml").write_text("paths: {}\n")
    return tmp_path


def invoke(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.output


def test_0_when_all_expectations_hold(folder: Path) -> None:
    code, output = invoke(folder / "good.yaml")
    assert code == 0
    assert "1 scenario, 1 message; expectations: 1 held, 0 failed" in output


def test_1_when_one_fails_and_folders_are_searched(folder: Path) -> None:
    code, output = invoke(folder)
    assert code == 1
    assert "2 scenarios, 2 messages; expectations: 1 held, 1 failed" in output


def test_2_when_a_file_is_wrong_with_its_line(folder: Path) -> None:
    (folder / "wrong.yaml").write_text(GOOD.replace("path: delivered", "path: delivrd"))
    code, output = invoke(folder)
    assert code == 2
    assert "wrong.yaml:5" in output
    assert "did you mean 'delivered'?" in output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nowhere.yaml",), "nowhere.yaml"),
        (("--clock", "never"), "'never' is not a clock"),
        (("--time-limit", "soon"), "'soon' is not a duration"),
        (("-k", "neither"), "no scenario's name contains 'neither': there are good"),
        (("--jobs", "0"), "jobs"),
    ],
)
def test_2_when_an_argument_is_wrong(folder: Path, arguments: tuple[str, ...], told: str) -> None:
    files = () if arguments == ("nowhere.yaml",) else (folder / "good.yaml",)
    code, output = invoke(*files, *arguments)
    assert code == 2
    assert told in output


def test_2_when_a_folder_has_no_scenario(tmp_path: Path) -> None:
    code, output = invoke(tmp_path)
    assert code == 2
    assert "no scenario in this folder" in output


def test_2_when_a_report_cant_be_written(folder: Path) -> None:
    code, _ = invoke(folder / "good.yaml", "--json", folder / "good.yaml" / "x.json")
    assert code == 2


def test_k_picks_scenarios_by_name(folder: Path) -> None:
    code, output = invoke(folder, "-k", "GOO")
    assert code == 0
    assert "1 scenario," in output


def test_shipped_scenarios_are_known_by_name() -> None:
    code, output = invoke("happy-path")
    assert code == 0
    assert "happy-path" in output


def test_all_three_reports_are_written(folder: Path) -> None:
    paths = [folder / "out" / name for name in ("r.xml", "r.html", "r.json")]
    code, _ = invoke(folder, "--junit", paths[0], "--html", paths[1], "--json", paths[2])
    assert code == 1
    assert ET.parse(paths[0]).getroot().get("failures") == "1"
    assert paths[1].read_text().startswith("<!DOCTYPE html>")
    assert len(json.loads(paths[2].read_text())["scenarios"]) == 2


def test_jobs_play_in_processes_and_report_in_order(folder: Path) -> None:
    code, output = invoke(folder, "--jobs", "2")
    assert code == 1
    assert output.index("good") < output.index("bad\n")


def test_options_come_from_the_environment_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARRIER_SIM_JSON", str(folder / "env.json"))
    monkeypatch.setenv("CARRIER_SIM_SEED", "7")
    invoke(folder / "good.yaml")
    assert json.loads((folder / "env.json").read_text())["scenarios"][0]["seed"] == 7


def test_ctrl_c_leaves_a_report_of_what_was_done(folder: Path) -> None:
    (folder / "sub" / "bad.yml").write_text(ENDLESS)
    out = folder / "r.json"
    code = "import sys; from simulator.cli import main; sys.argv[0] = 'carrier-sim'; main()"
    arguments = [sys.executable, "-u", "-c", code, "run", str(folder), "--json", str(out), "--clock", "20x"]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    seen = ""
    while "real" not in seen:  # the first scenario is over
        line = process.stdout.readline()
        assert line, seen
        seen += line
    os.kill(process.pid, signal.SIGINT)
    seen += process.communicate(timeout=20)[0]
    assert process.returncode == 130, seen
    assert "interrupted" in seen
    assert "Traceback" not in seen
    done = json.loads(out.read_text())["scenarios"]
    assert [(scenario["name"], scenario["interrupted"]) for scenario in done] == [("good", False), ("endless", True)]


def test_a_time_limit_ends_a_scenario(folder: Path) -> None:
    (folder / "endless.yaml").write_text(ENDLESS)
    code, output = invoke(folder / "endless.yaml", "--time-limit", "300ms", "--clock", "real")
    assert "ended after 0.3 s of real time" in output
    assert code == 1


def test_listen_leaves_the_traffic_to_others(folder: Path) -> None:
    code, output = invoke(folder / "good.yaml", "--listen", "--time-limit", "100ms")
    assert code == 1
    assert "good: send to http://127.0.0.1:" in output
    assert "no message 'a' was sent" in output
