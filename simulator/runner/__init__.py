"""`run`: plays a scenario's traffic over real sockets, checks what it expects, and reports what became of it.

    report = await run_scenario(load("happy-path"))
    assert report.ok, report.failures

It is a client of `simulator.app` like any other: HTTP through aiohttp, SMPP through smpplib, webhooks into a
listener of its own. What it adds is that simulated time waits for it.
"""

from simulator.runner.problems import RunError
from simulator.runner.records import InboundSeen, Moment, ReceiptSeen, Response, Walk, WebhookSeen
from simulator.runner.report import Report, Verdict
from simulator.runner.run import run_scenario

__all__ = [
    "InboundSeen",
    "Moment",
    "ReceiptSeen",
    "Report",
    "Response",
    "RunError",
    "Verdict",
    "Walk",
    "WebhookSeen",
    "run_scenario",
]
