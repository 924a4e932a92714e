"""What the tests of the runner share: small scenarios as text, played over real sockets on free ports."""

from collections.abc import Callable, Coroutine
from textwrap import dedent
from typing import Any

import pytest

from simulator.runner import Report, run_scenario
from simulator.scenario import load_text

HEAD = """
scenario: 1
name: test
accounts:
  - {name: acme, api_key: sk_test_runner00000000000000000000000001, system_id: acme, password: secret}
paths:
  quick: [processing: 50ms, accepted: 100ms, sent: 350ms, delivered: 1s]
  lost: [accepted: 100ms, enroute: 1s, undelivered: {after: 1s, error: absent_subscriber}]
"""
RULES = """
rules:
  - match: {to: "*13"}
    path: lost
  - match: {to: "*99"}
    reject: {error_code: 1502, command_status: ESME_RSUBMITFAIL}
  - path: quick
"""

Play = Callable[..., Coroutine[Any, Any, Report]]


@pytest.fixture
def play() -> Play:
    """Plays the rest of a scenario: its traffic and what it expects."""

    async def run(rest: str, *, head: str = HEAD, rules: str = RULES, **options: Any) -> Report:
        return await run_scenario(load_text(head + rules + dedent(rest), "test.yaml"), **options)

    return run
