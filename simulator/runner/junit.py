"""The report as JUnit XML, which CI systems read: a suite for each scenario, a case for each expectation."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from simulator.runner.report import Report, Verdict
from simulator.runner.words import number, short

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 can't hold, escaped or not (section 2.2)."""


def junit_report(reports: Sequence[Report]) -> str:
    """The whole document. Only what all the dialects of the format have in common is used."""
    root = ET.Element("testsuites", name="carrier-sim")
    cases = failures = errors = 0
    for report in reports:
        suite = _suite(report)
        cases += int(suite.get("tests", 0))
        failures += int(suite.get("failures", 0))
        errors += int(suite.get("errors", 0))
        root.append(suite)
    root.set("tests", str(cases))
    root.set("failures", str(failures))
    root.set("errors", str(errors))
    root.set("time", _seconds(sum(report.elapsed_s for report in reports)))
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(report: Report) -> ET.Element:
    cases = [_traffic(report), *(_case(report, verdict) for verdict in report.verdicts)]
    suite = ET.Element(
        "testsuite",
        name=_clean(report.name),
        tests=str(len(cases)),
        failures=str(report.failed),
        errors=str(int(report.error is not None)),
        skipped=str(int(report.interrupted and report.error is None)),
        time=_seconds(report.elapsed_s),
    )
    suite.extend(cases)
    output = ET.SubElement(suite, "system-out")
    totals = ", ".join(f"{name} {count}" for name, count in report.totals.items())
    lines = [
        report.description,
        f"file {report.file}, seed {report.seed}, clock {report.clock}, {short(report.simulated)} of simulated time",
        f"{number(len(report.walks), 'message')}: {totals}",
        *report.notes,
    ]
    output.text = _clean("\n".join(line for line in lines if line))
    return suite


def _traffic(report: Report) -> ET.Element:
    """The case that stands for the traffic itself: a scenario without expectations has one, too."""
    case = ET.Element("testcase", name="traffic", classname=_clean(report.name), time=_seconds(report.elapsed_s))
    if report.error is not None:
        error = ET.SubElement(case, "error", message=_clean(report.error), type="RunError")
        error.text = _clean(report.error)
    elif report.interrupted:
        ET.SubElement(case, "skipped", message="interrupted before all was over")
    return case


def _case(report: Report, verdict: Verdict) -> ET.Element:
    name = f"{verdict.expectation} ({verdict.line})"
    case = ET.Element("testcase", name=_clean(name), classname=_clean(report.name), time="0.000")
    if not verdict.held:
        first = verdict.text.splitlines()[0] if verdict.text else "it did not hold"
        failure = ET.SubElement(case, "failure", message=_clean(first), type="ExpectationFailed")
        failure.text = _clean(f"{verdict.line}: {verdict.source}\n{verdict.text}")
    return case


def _seconds(value: float) -> str:
    return f"{value:.3f}"


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
