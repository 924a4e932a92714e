"""The command as a user calls it: options, exit codes, summary, files."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result as Called

from simulator.load import PlanError
from simulator.load.arguments import Arguments, plan_of
from simulator.load.histogram import Histogram
from simulator.load.plot import plot
from simulator.load.progress import Live
from simulator.load.result import Result
from simulator.load.schedule import Stage
from simulator.load.stats import Row, Stats
from simulator.load.summary import milliseconds, progress_line, summary
from simulator.load.thresholds import METRICS, parse_threshold
from tests.load.conftest import Smsc

Start = Callable[..., Awaitable[Smsc]]
Call = Callable[..., Awaitable[Called]]
TOP = Path(__file__).parents[2]


async def test_a_run_prints_a_summary_and_writes_its_files(smsc: Start, call: Call, tmp_path: Path) -> None:
    stub = await smsc()
    as_json, as_svg = tmp_path / "new" / "r.json", tmp_path / "r.svg"
    options = ("--registered-delivery", 1, "--json", as_json, "--plot", as_svg, "--fail-if", "missing>0")
    called = await call("--port", stub.port, "-n", 150, "-c", 2, *options)
    assert called.exit_code == 0, called.output
    for words in ("sent  ", "accepted  ", "DELIVRD  ", "missing  ", "p99.9", "submit to receipt", "us a submit"):
        assert words in called.stdout
    found = json.loads(as_json.read_text())
    assert (found["sent"], found["ok"], found["receipts"]["matched"], found["loop"]) == (150, 150, 150, "closed")
    assert found["latency_ms"]["p50"] <= found["latency_ms"]["p99"] <= found["latency_ms"]["max"]
    assert sum(row["answered"] for row in found["timeline"]) == 150
    assert ElementTree.parse(as_svg).getroot().tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.parametrize(
    ("threshold", "code"),
    [
        ("p99<60s", 1),
        ("p99>60s", 0),
        ("max < 1m", 1),
        ("errors>=20%", 1),
        ("errors>20%", 0),
        ("errors>9", 1),
        ("rate<1/h", 0),
        ("missing>0", 0),
        ("receipt.p50>1h", 1),  # there were none
    ],
)
async def test_a_threshold_that_is_broken_is_exit_code_1(smsc: Start, call: Call, threshold: str, code: int) -> None:
    stub = await smsc(status=lambda n: 8 if n % 5 == 0 else 0)
    called = await call("--port", stub.port, "-n", 50, "--quiet", "--fail-if", threshold)
    assert called.exit_code == code
    assert (f"failed: {threshold}" in called.stderr) == bool(code)
    assert "ESME_RSYSERR" in called.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--rate", "fast"], "--rate: 'fast' is no rate"),
        (["--stages", "1000/s"], "--stages: '1000/s' is no stage"),
        (["--stages", "1/s:1s", "--rate", "5/s"], "leave --rate and --duration out"),
        (["--duration", "soon"], "--duration: 'soon' is not a duration"),
        (["--duration", "0"], "longer than 0"),
        (["--ramp", "x"], "--ramp: 'x'"),
        (["--to", "+1{m}"], "--to: '{m}'"),
        (["--text", "{"], "--text: '{'"),
        (["--text", "мир", "--data-coding", "3"], "data_coding 3"),
        (["--from", "a sender with too many letters"], "source_addr"),
        (["--smpp-version", "2"], "--smpp-version 2: write 3.3, 3.4, 5.0"),
        (["--fail-if", "p42>1s"], "there is no 'p42'"),
        (["--fail-if", "p99=1s"], "is no threshold"),
        (["--fail-if", "errors>some"], "write a number"),
        (["--fail-if", "p99>5"], "is not a duration"),
        (["--fail-if", "rate<x"], "is no rate"),
        (["--via", "http", "--url", "ftp://x/"], "is no URL"),
        (["--via", "http", "--url", "http://x:port/"], "is no URL"),
        (["--via", "http", "--header", "nothing"], "write 'Name: value'"),
        (["--via", "http", "--body", "@/none/such"], "No such file"),
        (["--accounts", "/none/such"], "No such file"),
        (["--accounts", "/dev/null"], "there is no account"),
        (["--port", "1"], "nobody answers at 127.0.0.1:1"),
        (["--via", "http", "--port", "1"], "nobody answers at 127.0.0.1:1"),
        (["--json", "/proc/none/such"], "/proc/none"),
        (["--bind", "none"], "--bind"),
        (["--connections", "0"], "--connections"),
    ],
)
async def test_what_is_wrong_is_said_with_exit_code_2(call: Call, arguments: list[str], words: str) -> None:
    called = await call(*arguments)
    assert called.exit_code == 2, called.output
    assert words in called.output
    assert "Traceback" not in called.output


async def test_a_lost_endpoint_is_exit_code_1(smsc: Start, call: Call) -> None:
    stub = await smsc(hang_up_after=5)
    called = await call("--port", stub.port, "-n", 500)
    assert called.exit_code == 1
    assert "all connections were lost" in called.stdout


async def test_options_have_environment_variables(smsc: Start, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    stub = await smsc()
    monkeypatch.setenv("CARRIER_SIM_PORT", str(stub.port))
    monkeypatch.setenv("CARRIER_SIM_MESSAGES", "7")
    monkeypatch.setenv("CARRIER_SIM_SYSTEM_ID", "from-env")
    called = await call()
    assert called.exit_code == 0, called.output
    assert len(stub.submits) == 7
    assert stub.binds[0].system_id == "from-env"


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT to send")
async def test_ctrl_c_ends_with_the_summary(smsc: Start) -> None:
    stub = await smsc()
    program = "import typer; from simulator.cli.load import load; typer.run(load)"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, "--port", str(stub.port), "-d", "60s"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=TOP,
    )
    await stub.busy.wait()
    process.send_signal(signal.SIGINT)
    out, error = await process.communicate()
    assert process.returncode == 0, error
    assert b"interrupted" in out
    assert b"answered" in out


# ---- what the arguments mean ----


def test_without_a_number_or_a_time_a_run_takes_10_s() -> None:
    assert plan_of(Arguments()).duration_s == 10.0
    assert plan_of(Arguments(messages=5)).duration_s is None
    assert plan_of(Arguments(rate="50/s")).stages == (Stage(50, 50, 10.0),)
    assert plan_of(Arguments(rate="50/s", duration="4s", ramp="1s")).stages == (Stage(0, 50, 1.0), Stage(50, 50, 3.0))


def test_windows_by_kind() -> None:
    assert plan_of(Arguments()).window == 100
    assert plan_of(Arguments(rate="1/s")).window is None
    assert plan_of(Arguments(rate="1/s", window=5)).window == 5
    assert plan_of(Arguments(via="http")).window == 1


def test_accounts_come_from_options_and_a_file(tmp_path: Path) -> None:
    file = tmp_path / "accounts"
    file.write_text("# those of the test\nb:pw:with:colons\n\n c:3 \n")
    found = plan_of(Arguments(account=("a:1",), accounts=file)).accounts
    assert [(one.system_id, one.password) for one in found] == [("a", "1"), ("b", "pw:with:colons"), ("c", "3")]
    keys = plan_of(Arguments(via="http", account=("k1", "k2"))).accounts
    assert [one.app_key for one in keys] == ["k1", "k2"]


def test_a_text_is_filled_up() -> None:
    assert len(plan_of(Arguments(text="{n:05}", length=300)).message.text.render(1)) == 300
    assert plan_of(Arguments(text="long enough", length=3)).message.text.render(1) == "long enough"


def test_a_body_comes_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "body.json"
    file.write_text('{"n": {n}}')
    http = plan_of(Arguments(via="http", body=f"@{file}", url="https://h/p", header=("A: b:c",))).http
    assert http is not None
    assert (http.body, http.headers) == ('{"n": {n}}', (("A", "b:c"),))


def test_https_has_its_port_and_tls() -> None:
    plan = plan_of(Arguments(via="http", url="https://example.test/p"))
    assert (plan.host, plan.port, plan.tls) == ("example.test", 443, True)


# ---- how results are shown ----


def result(**more: Any) -> Result:
    latency = Histogram()
    latency.record(range(1, 1001))
    row = Row(1.0, 1.0, 100, 90, 3, 50, 10, (200, 300, 400, 500, 60_000), ())
    silent = Row(2.0, 1.0, 0, 0, 0, 0, 10, (), ())
    fields: dict[str, Any] = dict.fromkeys(Result.__dataclass_fields__, 0)
    fields |= {
        "via": "smpp",
        "open_loop": True,
        "seconds": 3.0,
        "sent": 1000,
        "answered": 1000,
        "ok": 990,
        "refused": {"ESME_RTHROTTLED": 10},
        "latency": latency,
        "lateness": latency,
        "receipt_latency": Histogram(),
        "receipts_by_status": {},
        "id_form": None,
        "cpu_s": 2.9,
        "wall_s": 3.0,
        "rows": (row, silent, row, Row(3.0, 0.0, 0, 0, 0, 0, 0, (), ())),
        "notes": ("something <odd>",),
        "interrupted": False,
        "gave_up": False,
        "receipts_expected": False,
    }
    return Result(**fields | more)


def test_a_summary_says_when_the_generator_may_be_the_bottleneck() -> None:
    assert "may have been the bottleneck" in summary(result())
    assert "may have been the bottleneck" not in summary(result(cpu_s=1.0))


def test_a_summary_of_nothing() -> None:
    nothing = {"sent": 0, "answered": 0, "ok": 0, "seconds": 0.0, "latency": Histogram(), "lateness": Histogram()}
    text = summary(result(**nothing, refused={}))
    assert "0/s" in text
    assert "p99" not in text


def test_a_plot_of_gaps_and_of_nothing_is_still_xml() -> None:
    for given in (result(), result(rows=()), result(rows=result().rows[3:])):
        root = ElementTree.fromstring(plot(given))
        assert root.tag.endswith("svg")
    assert plot(result()).count("<circle") > 0  # single seconds between gaps
    assert plot(result()) == plot(result())


def test_figures_have_three_digits_that_matter() -> None:
    assert [milliseconds(us) for us in (1, 9_999, 21_300, 2_130_000)] == ["0.001", "9.999", "21.3", "2,130"]


def test_progress_is_a_line_or_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    row = result().rows[0]
    assert "answered 0 (90/s)" in progress_line(row, Stats(), None)
    with Live(sys.stdout) as live:
        for _ in range(20):
            live.show(row, Stats(), None)
    assert capsys.readouterr() is not None


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_can_be_a_threshold(name: str) -> None:
    unit = METRICS[name].unit
    limit = {"duration": "5us", "count": "0", "rate": "1/s"}[unit]
    threshold = parse_threshold(f"{name} >= {limit}")
    assert threshold.text == f"{name} >= {limit}"
    words = threshold.broken(result())
    if name.startswith("receipt.") and unit == "duration":
        assert words == f"{threshold.text}: there was nothing to measure"
    else:
        assert words is None or "it was" in words


def test_a_plan_that_is_wrong_is_a_value_error() -> None:
    assert issubclass(PlanError, ValueError)
