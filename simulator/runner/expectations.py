"""Checks."""

from collections.abc import Sequence

from simulator.runner.report import Report, Verdict
from simulator.scenario import Expectation


def check(expectations: Sequence[Expectation], report: Report) -> list[Verdict]:
    return []
