"""The files that a run leaves: JUnit XML, one HTML page, JSON."""

import importlib.util
import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from simulator.runner import Report
from simulator.runner.html import html_report
from simulator.runner.json_report import json_report
from simulator.runner.junit import junit_report

_spec = importlib.util.spec_from_file_location("junit_schema", Path(__file__).parent / "junit_schema.py")
assert _spec is not None
assert _spec.loader is not None
_schema = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_schema)

SCENARIO = """
traffic:
  - send: {id: otp, to: "+15550101", message: "<script>alert(1)</script> & \\x07 bell"}
  - send: {id: lost, via: smpp, to: "+15550113", message: x}
expect:
  - {message: otp, status: failed}
  - {message: lost, receipts: [UNDELIV]}
"""


async def test_junit_follows_the_schema(play: Any) -> None:
    root = ET.fromstring(junit_report([await play(SCENARIO), await play("traffic: [{wait: 1s}]")]))
    assert _schema.problems(root) == []


async def test_junit_has_a_case_for_each_expectation_and_one_for_the_traffic(play: Any) -> None:
    root = ET.fromstring(junit_report([await play(SCENARIO)]))
    (suite,) = root
    assert (suite.get("name"), suite.get("tests"), suite.get("failures"), suite.get("errors")) == (
        "test",
        "3",
        "1",
        "0",
    )
    cases = suite.findall("testcase")
    assert [case.get("name") for case in cases] == [
        "traffic",
        "otp: status (test.yaml:21)",
        "lost: receipts (test.yaml:22)",
    ]
    (failure,) = suite.iter("failure")
    assert failure.get("message", "").startswith("otp #1: expected the status failed")
    assert "timeline of otp #1" in (failure.text or "")


async def test_junit_tells_what_could_not_be_played_as_an_error(play: Any) -> None:
    report = await play(
        """
        traffic:
          - send: {id: a, via: smpp, to: "+15550101", message: x}
          - pause: a
        """
    )
    root = ET.fromstring(junit_report([report]))
    assert _schema.problems(root) == []
    (error,) = root.iter("error")
    assert "can't be asked to pause" in (error.text or "")


async def test_junit_has_no_character_that_xml_forbids(play: Any) -> None:
    report = await play(SCENARIO)
    report.notes.append("bell \x07, nothing \x00, surrogate \ud800")
    assert "bell \ufffd" in "".join(ET.fromstring(junit_report([report])).itertext())


class Page(HTMLParser):
    """Which elements are open, in order, and what they refer to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.references: list[str] = []
        self.unbalanced: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.references += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open.pop() != tag:
            self.unbalanced.append(tag)


async def test_html_is_one_page_that_needs_nothing_else(play: Any) -> None:
    page = Page(html_report([await play(SCENARIO)]))
    assert (page.open, page.unbalanced) == ([], [])
    assert page.references == ["#s0"]
    assert "script" not in page.seen


async def test_html_escapes_what_comes_from_messages_and_files(play: Any) -> None:
    text = html_report([await play(SCENARIO)])
    assert "<script>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


async def test_html_draws_a_timeline_for_each_row(play: Any) -> None:
    text = html_report([await play(SCENARIO)])
    pictures = text.split("<svg")[1:]
    assert len(pictures) == 2
    assert pictures[0].count("<circle") == 5  # pending, processing, accepted, sent, delivered
    assert "sms.delivered" in pictures[0]
    assert "receipt UNDELIV" in pictures[1]


async def test_json_has_everything(play: Any) -> None:
    document = json.loads(json_report([await play(SCENARIO)]))
    assert document["ok"] is False
    (scenario,) = document["scenarios"]
    assert scenario["totals"] == {"accepted": 2, "delivered": 1, "undelivered": 1, "receipts": 1, "webhooks": 4}
    assert [message["status"] for message in scenario["messages"]] == ["delivered", "undelivered"]
    assert scenario["messages"][1]["receipts"][0]["stat"] == "UNDELIV"
    assert [verdict["held"] for verdict in scenario["verdicts"]] == [False, True]


def test_reports_of_nothing_are_valid_too() -> None:
    assert _schema.problems(ET.fromstring(junit_report([]))) == []
    assert Page(html_report([])).open == []
    assert json.loads(json_report([]))["scenarios"] == []


def test_a_report_without_messages_can_be_written() -> None:
    report = Report("empty", "", "empty.yaml", 0, "instant")
    assert _schema.problems(ET.fromstring(junit_report([report]))) == []
    assert "empty" in html_report([report])
