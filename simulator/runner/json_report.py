"""The report as JSON: everything that was recorded, for programs."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import orjson

from simulator.runner.records import Walk
from simulator.runner.report import Report

FORMAT = 1
"""Grows when a field changes its meaning or goes away; new fields may come at any time."""


def json_report(reports: Sequence[Report]) -> str:
    """The whole document. Instants are milliseconds since the Unix epoch, in simulated time."""
    document = {
        "format": FORMAT,
        "ok": all(report.ok for report in reports),
        "scenarios": [_scenario(report) for report in reports],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode() + "\n"


def _scenario(report: Report) -> dict[str, Any]:
    whole = asdict(report)
    walks = whole.pop("walks")
    return {
        **whole,
        "ok": report.ok,
        "held": report.held,
        "failed": report.failed,
        "simulated": report.simulated,
        "totals": report.totals,
        "messages": [_message(walk, fields) for walk, fields in zip(report.walks, walks, strict=True)],
    }


def _message(walk: Walk, fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, "status": walk.status, "error_code": walk.error_code, "duration": walk.duration}
