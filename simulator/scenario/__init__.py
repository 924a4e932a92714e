"""The scenario language: YAML in, a `Scenario` out, or everything that is wrong with it, with file, line and column."""

from simulator.scenario.errors import ScenarioError, ScenarioErrors
from simulator.scenario.expect import (
    Expectation,
    InboundExpectation,
    MessageExpectation,
    ReceiptExpectation,
    ReceiptsExpectation,
    ResponseExpectation,
    TotalsExpectation,
    WebhookExpectation,
    WebhooksExpectation,
)
from simulator.scenario.fields import Comparison
from simulator.scenario.load import DEFAULT, Scenario, builtin_paths, default, find, load, load_text, shipped
from simulator.scenario.positions import Place
from simulator.scenario.schema import json_schema
from simulator.scenario.templates import Template
from simulator.scenario.traffic import (
    Action,
    Bind,
    Cancel,
    Drop,
    Force,
    Inbound,
    Pause,
    Query,
    Replace,
    Resume,
    Send,
    StopReading,
    Unbind,
    Wait,
)

__all__ = [
    "DEFAULT",
    "Action",
    "Bind",
    "Cancel",
    "Comparison",
    "Drop",
    "Expectation",
    "Force",
    "Inbound",
    "InboundExpectation",
    "MessageExpectation",
    "Pause",
    "Place",
    "Query",
    "ReceiptExpectation",
    "ReceiptsExpectation",
    "Replace",
    "ResponseExpectation",
    "Resume",
    "Scenario",
    "ScenarioError",
    "ScenarioErrors",
    "Send",
    "StopReading",
    "Template",
    "TotalsExpectation",
    "Unbind",
    "Wait",
    "WebhookExpectation",
    "WebhooksExpectation",
    "builtin_paths",
    "default",
    "find",
    "json_schema",
    "load",
    "load_text",
    "shipped",
]
