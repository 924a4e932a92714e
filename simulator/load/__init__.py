"""The load generator behind `carrier-sim load`: any SMPP or HTTP endpoint, as fast as one core of Python can.

    result = await run(Plan(message=Message(parse("+1555{n:07}"), parse("hello {n}")), port=2775, messages=10_000))

`feeds` decides what is sent when, a sender (`smpp_sender`, `http_sender`) writes and reads in batches, `stats` counts,
`matching` finds the message of a receipt, `result` is what comes out. Nothing here is made per message: no task, no
future, no object; that is what makes it fast.
"""

from simulator.load.matching import FORMS, Form
from simulator.load.plan import Account, Bind, HttpPlan, Plan, PlanError, Unreachable, Via
from simulator.load.result import Result
from simulator.load.run import run
from simulator.load.schedule import parse_rate, parse_seconds, parse_stages, with_ramp
from simulator.load.submits import Long, Message
from simulator.load.template import TemplateError, parse

__all__ = [
    "FORMS",
    "Account",
    "Bind",
    "Form",
    "HttpPlan",
    "Long",
    "Message",
    "Plan",
    "PlanError",
    "Result",
    "TemplateError",
    "Unreachable",
    "Via",
    "parse",
    "parse_rate",
    "parse_seconds",
    "parse_stages",
    "run",
    "with_ramp",
]
