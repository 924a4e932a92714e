"""The JSON Schema: current, and right about every file that loads."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from simulator.scenario import json_schema, load_text, shipped
from simulator.scenario.load import DEFAULT_FILE
from simulator.scenario.positions import Source
from simulator.scenario.schema import FILE, schema_text

SCENARIOS = {name: file for name, _, file in shipped()} | {"default": DEFAULT_FILE}

DESIGN = """
scenario: 1
name: flaky-carrier
description: one in ten phones is off
seed: 42
clock: real
accounts:
  - name: acme
    api_key: test-key
    system_id: acme
    password: secret
    webhook: {url: "http://127.0.0.1:9000/hook", username: u, password: p}
    balance: 100.00
    limits: {send: 60/min, status: 120/min, submit: 100/s, window: 10, sessions: 4}
paths:
  delivered:
    - processing: 50ms
    - accepted: 100ms
    - enroute: 200ms..500ms
    - sent
    - delivered: {after: {normal: {mean: 2s, sd: 500ms, min: 0s}}}
  phone-off:
    - accepted
    - attempts:
        fail: 3
        error: absent_subscriber
        every: [20m, 80m, 140m]
        then: [{undelivered: 1s}]
  too-late:
    - accepted
    - enroute: 1s
    - expired
  silent:
    - accepted
    - timeout
rules:
  - match: {to: "+24399*0001"}
    path: phone-off
  - match: {text: {regex: "(?i)otp"}, via: http, account: acme}
    path: delivered
  - match: {to: ["+1*", "+44*"]}
    outcomes: {delivered: 90, phone-off: 8, silent: 2}
  - match: {nth: 3}
    reject: {error_code: 1201}
  - path: delivered
smsc:
  system_id: CARRIER
  message_id: {format: decimal}
  receipts: {via: deliver_sm, message_id: hex, retries: {attempts: 3, every: 10s}}
gateway:
  hold: 24h
  webhooks: {retries: {attempts: 4, every: [30s, 2m, 10m, 1h]}, timeout: 10s}
traffic:
  - send: {id: otp, via: http, account: acme, to: ["+243998857000"], message: "Your OTP is 482194"}
  - send: {id: bulk, via: smpp, account: acme, to: "+15550{n:06}", message: "hello {n}", count: 1000, rate: 200/s}
  - wait: 24h
expect:
  - message: otp
    walks: [pending, processing, accepted, enroute, sent, delivered]
    webhooks: [sms.queued, sms.processing, sms.sent, sms.delivered]
    within: 5s
  - totals: {delivered: ">=880", timeout: "<=40"}
"""


def problems(text: str) -> list[str]:
    data: Any = Source("text", text).data
    found = Draft202012Validator(json_schema()).iter_errors(json.loads(json.dumps(data)))
    return [f"{'.'.join(map(str, error.path))}: {error.message[:200]}" for error in found]


def test_the_shipped_schema_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == schema_text(), "run: carrier-sim schema > simulator/scenario/schema.json"


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("file", SCENARIOS.values(), ids=SCENARIOS)
def test_every_shipped_scenario_fits_the_schema(file: Path) -> None:
    assert problems(file.read_text(encoding="utf-8")) == []


def test_the_example_of_the_design_loads_and_fits_the_schema() -> None:
    load_text(DESIGN)
    assert problems(DESIGN) == []


@pytest.mark.parametrize(
    "wrong",
    [
        "scenario: 2",
        "scenario: 1\nnmae: x",
        "scenario: 1\nrules: [{}]",
        "scenario: 1\nrules: [{path: a, reject: {error_code: 1502}}]",
        "scenario: 1\npaths: {p: [delivrd]}",
        "scenario: 1\npaths: {p: [{sent: 1s, delivered: 2s}]}",
        "scenario: 1\npaths: {p: [{sent: 5}]}",
        "scenario: 1\npaths: {p: [{undelivered: {error: absent_subscribr}}]}",
        "scenario: 1\ntraffic: [{wait: soon}]",
        "scenario: 1\nexpect: [{message: m, status: deliverd}]",
    ],
)
def test_an_editor_sees_common_mistakes(wrong: str) -> None:
    assert problems(wrong) != []


def test_every_field_is_described() -> None:
    for name, definition in json_schema()["$defs"].items():
        long = definition.get("anyOf", [definition])[-1]
        for field, schema in long["properties"].items():
            assert re.search(r"\w", schema.get("description", "")), f"{name}.{field}"
