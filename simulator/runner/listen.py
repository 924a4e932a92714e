"""`run --listen`: the traffic is left to the system under test; the scenario only checks what came of it.

The doors stay open until the expectations are decided: every message that `traffic` describes has come, by its number
and its door, and has ended; or a time limit ends it. Receipts are those that were due, as nobody but the system under
test sees them arrive; webhooks are those that it answered with a 2xx.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from simulator.app import Simulator
from simulator.engine import TERMINAL, Message, Recipient, Refusal, Step
from simulator.gateway.errors import lookup
from simulator.gateway.events import event_of
from simulator.gateway.messages import HttpMessage
from simulator.runner.collect import history_of
from simulator.runner.expectations import check
from simulator.runner.records import ReceiptSeen, Response, Walk, WebhookSeen
from simulator.runner.run import Run
from simulator.scenario import Scenario, Send
from simulator.smpp import VERSION_3_4, MessageState, parse_receipt
from simulator.smsc import SmppMessage, Smsc
from simulator.smsc.receipts import Receipt, ReceiptStyle, is_wanted
from simulator.smsc.states import refusal_status

POLL_S = 0.05
"""Real seconds between two looks whether all is decided."""

OTHER = "other"
"""The id of messages that `traffic` doesn't describe."""


class Arrivals:
    """Every message in order of arrival, the refused ones included: an observer of the engine."""

    def __init__(self) -> None:
        self.all: list[tuple[Message, Refusal | None]] = []

    def accepted(self, message: Message) -> None:
        self.all.append((message, None))

    def refused(self, message: Message, refusal: Refusal) -> None:
        self.all.append((message, refusal))

    def happened(self, steps: Sequence[tuple[Recipient, Step]]) -> None:
        """The plan is looked at in the end."""


class Slots:
    """The messages that `traffic` describes, each to be taken by one that comes."""

    def __init__(self, scenario: Scenario) -> None:
        self._free: dict[tuple[str, str], deque[tuple[str, int, int, str]]] = {}
        self.open = 0
        for number, item in enumerate([item for item in scenario.traffic if isinstance(item, Send)], 1):
            line = str(item.place) if item.place.line else ""
            for n in range(1, item.total + 1):
                for index, to in enumerate(item.render(n)[1]):
                    slots = self._free.setdefault((item.via, to.removeprefix("+")), deque())
                    slots.append((item.id or f"send {number}", n, index, line))
                    self.open += 1

    def take(self, via: str, to: str) -> tuple[str, int, int, str]:
        """(id, n, index, line) of the first that is free and goes there."""
        slots = self._free.get((via, to.removeprefix("+")))
        if not slots:
            return OTHER, 1, 0, ""
        self.open -= 1
        return slots.popleft()


async def listen(run: Run, host: str, http_port: int, smpp_port: int, announce: Callable[[str], None]) -> None:
    """Serve until the expectations are decided; `run.report` has the result. Raises OSError if a port is taken."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    report, scenario = run.report, run.scenario
    sim = Simulator(scenario, seed=run.seed, clock=run.clock, host=host, http_port=http_port, smpp_port=smpp_port)
    report.seed, report.clock = sim.seed, sim.clock.name
    arrivals = Arrivals()
    sim.engine.observers.append(arrivals)
    async with sim:
        report.started_at = sim.clock.now()
        smpp = ", ".join(f"{sim.host}:{smsc.port}" for smsc in sim.smscs)
        announce(f"{scenario.name}: send to {sim.base_url} (HTTP) or {smpp} (SMPP)")
        try:
            async with asyncio.timeout(run.time_limit_s):
                while not _decided(run, sim, arrivals):  # noqa: ASYNC110  # most of it is ended by time itself
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            report.notes.append(f"ended after {run.time_limit_s:g} s of real time")
            _look(run, sim, arrivals)
        except asyncio.CancelledError:
            report.interrupted = True
            report.verdicts = []
            raise
        finally:
            report.elapsed_s = loop.time() - began_s


def _decided(run: Run, sim: Simulator, arrivals: Arrivals) -> bool:
    """Whether nothing that may still come can change a verdict."""
    missing = _look(run, sim, arrivals)
    report = run.report
    if missing or not report.walks or not all(walk.is_final for walk in report.walks if walk.history):
        return False
    over = not sim.clock.calendar.wanted and not sim.clock.activity.in_flight
    return over or not report.failed


def _look(run: Run, sim: Simulator, arrivals: Arrivals) -> int:
    """Fill the report with what has come so far; returns how many are missing."""
    report, now = run.report, sim.clock.now()
    slots = Slots(run.scenario)
    report.walks = [walk for message, refusal in arrivals.all for walk in _walks_of(sim, slots, message, refusal, now)]
    report.receipts = sum(len(walk.receipts) for walk in report.walks)
    report.webhooks = sum(len(walk.webhooks) for walk in report.walks)
    report.ended_at = now
    report.verdicts = check(run.scenario.expect, report)
    if run.progress is not None:
        passed = sim.clock.now() - report.started_at
        run.progress(report.name, len(arrivals.all), report.receipts, report.webhooks, passed)
    return slots.open


def _walks_of(sim: Simulator, slots: Slots, message: Message, refusal: Refusal | None, now: int) -> list[Walk]:
    response = _response(sim, message, refusal)
    walks = []
    for recipient in message.recipients:
        name, n, index, line = slots.take(message.via, recipient.to)
        walk = Walk(name, n, message.via, message.account, recipient.to, message.text, message.accepted_at, line, index)
        walk.response = response
        if refusal is None:
            walk.accepted_at = message.accepted_at
            walk.history = history_of(recipient, now)
            walk.receipts = _receipts(sim, recipient, now)
            walk.webhooks = _webhooks(sim, recipient, now)
        walks.append(walk)
    return walks


def _response(sim: Simulator, message: Message, refusal: Refusal | None) -> Response:
    http = isinstance(message, HttpMessage)
    at = message.accepted_at
    if refusal is None and isinstance(message, HttpMessage):
        return Response(at, 201, message_id=message.id)
    if refusal is None and isinstance(message, SmppMessage):
        return Response(at, command_status=0, message_id=message.message_id)
    assert refusal is not None
    if http:
        code = refusal.error_code or "1502"
        return Response(at, lookup(code).status, code)
    return Response(at, command_status=refusal_status(refusal))


def _smsc_of(sim: Simulator, message: Message) -> Smsc:
    """The SMSC by which a message came."""
    return next((smsc for smsc in sim.smscs if smsc.settings.name == message.smsc_name), sim.smsc)


def _receipts(sim: Simulator, recipient: Recipient, now: int) -> list[ReceiptSeen]:
    message = recipient.message
    if not isinstance(message, SmppMessage):
        return []
    settings = _smsc_of(sim, message).settings
    style = ReceiptStyle(settings.receipts, settings.message_id)
    found = []
    for at, step in recipient.history(now):
        if not is_wanted(step, step.status in TERMINAL, message.envelope.registered_delivery):
            continue
        pdu = Receipt(recipient, step, style).pdu(VERSION_3_4)
        read = parse_receipt(pdu)
        if read is None:
            continue
        state = int(read.state) if isinstance(read.state, MessageState) else None
        found.append(
            ReceiptSeen(
                at=at,
                stat=read.stat,
                err=read.error,
                sub=read.fields.get("sub", ""),
                dlvrd=read.fields.get("dlvrd", ""),
                text=read.text,
                message_id=read.message_id,
                message_state=state,
                network_error=step.cause.network_error if step.cause is not None else None,
                esm_class=getattr(pdu, "esm_class", 0),
                source=recipient.to,
                destination=message.source,
            )
        )
    return found


def _webhooks(sim: Simulator, recipient: Recipient, now: int) -> list[WebhookSeen]:
    message = recipient.message
    if not isinstance(message, HttpMessage) or message.attempts is None:
        return []
    data: dict[str, Any] = {}
    for _, step in recipient.history(now):
        event = event_of(recipient, step)
        if event is not None:
            data[event.type] = orjson.loads(sim.gateway.webhooks.writer.write(event))["data"]
    return [
        WebhookSeen(attempt.at, attempt.event_type, attempt.url, message.id, data.get(attempt.event_type, {}))
        for attempt in message.attempts
        if attempt.ok and attempt.recipient in (None, recipient.index)
    ]
