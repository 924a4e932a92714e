"""What happens in a simulation, as the events of a journal, with the order that they have within one instant.

Nothing that is real gets into an event: no time, port, address or sequence number. Within one instant of simulated time
the real order of what happens is chance (which socket was read first), so each event comes with a key, and a journal
has an instant's events in the order of their keys. What came in keeps the order in which it came on its session, or
from its account; all of it does where a rule counts arrivals.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import orjson
from aiohttp import web

from simulator.engine import ManualClock, Message, Recipient, Refusal, Rules, Status, Step, iso_ms
from simulator.engine.causes import CANCELLED, Cause
from simulator.gateway import Attempt, HttpMessage
from simulator.smpp import STAT, CommandId, status_name
from simulator.smpp.constants import RESPONSE_BIT
from simulator.smsc import Connection, SmppMessage, Smsc, message_state
from simulator.smsc.inbound import Alert, Forwarded, Inbound
from simulator.smsc.mailbox import NO_ANSWER, Parcel
from simulator.smsc.receipts import Receipt

if TYPE_CHECKING:
    from simulator.app import Simulator
    from simulator.scenario import Scenario

Event = dict[str, Any]
"""`t`, when; `e`, what; and whatever belongs to it, in this order."""

Order = tuple[Any, ...]
"""Where an event stands among those of its instant."""

Emit = Callable[[int, Order, Event], None]
"""Gets the instant, the order, and the event."""

_CHANGE, _HTTP, _SMPP, _INBOUND, _FORCED = range(5)
_REFUSED, _ACCEPTED, _ANSWER, _STATUS, _DELIVER, _DELIVERED, _WEBHOOK, _ADVANCE = range(5, 13)

_NAMES = {int(operation): operation.name.lower() for operation in CommandId}
_ENQUIRE_LINKS = frozenset({CommandId.ENQUIRE_LINK, CommandId.ENQUIRE_LINK | RESPONSE_BIT})
_WITH_ID = frozenset(
    CommandId[name] | RESPONSE_BIT for name in ("SUBMIT_SM", "SUBMIT_MULTI", "DATA_SM", "BROADCAST_SM")
)
_WITH_BODY = frozenset(CommandId[name] | RESPONSE_BIT for name in ("QUERY_SM", "SUBMIT_MULTI", "QUERY_BROADCAST_SM"))
_HEADER = 16

_LOOPBACK = re.compile(r"^(https?://(?:127(?:\.\d+){3}|localhost|\[::1\])):\d+", re.IGNORECASE)

NO_ANSWER_NAME = "no answer"

iso = lru_cache(maxsize=1024)(iso_ms)


class Recorder:
    """Makes events of what a simulator's hooks tell: an engine.Observer, an SmscListener and a SimulatorListener."""

    def __init__(self, sim: "Simulator", emit: Emit) -> None:
        """Attach it before the simulator is started."""
        self._sim = sim
        self._emit = emit
        self._arrivals = 0
        self._sessions: dict[Connection, _Session] = {}
        self._numbered = 0
        self._counting = _counts(sim.engine.rules)
        self.portless = isinstance(sim.clock, ManualClock)
        """Ports of loopback addresses are left out: a run that is to be like another has free ones for its webhooks."""
        sim.engine.observers.append(self)
        sim.engine.on_force.append(self.forced)
        sim.gateway.listeners.append(self.requested)
        sim.gateway.webhooks.listeners.append(self.posted)
        sim.listeners.append(self)
        for smsc in sim.smscs:
            smsc.listeners.append(self)
            smsc.frame_listeners.append(self.frame)

    def detach(self) -> None:
        """Hear no more of the simulator."""
        sim = self._sim
        sim.engine.observers.remove(self)
        sim.engine.on_force.remove(self.forced)
        sim.gateway.listeners.remove(self.requested)
        sim.gateway.webhooks.listeners.remove(self.posted)
        sim.listeners.remove(self)
        for smsc in sim.smscs:
            smsc.listeners.remove(self)
            smsc.frame_listeners.remove(self.frame)

    def _came(self, rank: int, *order: Any) -> Order:
        """The order of something that came in from outside."""
        self._arrivals += 1
        return (0, self._arrivals) if self._counting else (rank, *order, self._arrivals)

    # ---- what is done to the simulation ----

    def advanced(self, duration: int) -> None:
        now = self._sim.now
        self._emit(now, (_ADVANCE, self._arrivals), {"t": iso(now), "e": "advance", "ms": duration})

    def loaded(self, scenario: "Scenario") -> None:
        from simulator.journal.setup import files_of

        self._counting = _counts(self._sim.engine.rules)
        now = self._sim.now
        event = {"t": iso(now), "e": "load", "scenario": scenario.name, **files_of(scenario)}
        self._emit(now, self._came(_CHANGE), event)

    def reset(self) -> None:
        from simulator.journal.setup import setup_of

        self._sessions.clear()
        self._numbered = 0
        self._counting = _counts(self._sim.engine.rules)
        self.portless = isinstance(self._sim.clock, ManualClock)
        now = self._sim.now
        self._emit(now, self._came(_CHANGE), {"t": iso(now), "e": "reset", **setup_of(self._sim)})

    def stopped(self) -> None:
        """The writer sees to the end."""

    def forced(self, recipient: Recipient, status: Status, cause: Cause | None) -> None:
        if cause is CANCELLED:
            return  # a client's request, or a schedule's end: that is the input
        message, now = recipient.message, self._sim.now
        event = {"t": iso(now), "e": "force", "id": id_of(message), **_index(recipient), "status": str(status)}
        if cause is not None:
            event["cause"] = cause.name
        self._emit(now, self._came(_FORCED), event)

    # ---- HTTP ----

    def requested(self, request: web.Request, response: web.StreamResponse) -> None:
        now = self._sim.now
        key = request.headers.get("app-key")
        account = self._sim.accounts.by_api_key(key) if key else None
        name = account.name if account is not None else ""
        event: Event = {"t": iso(now), "e": "http", "account": name, "key": key}
        event |= {"method": request.method, "path": request.path_qs}
        body: bytes | None = request.get("body")
        text = ""
        if body is not None:
            try:
                event["body"] = text = self._portless_callback(body)
            except UnicodeDecodeError:
                event["octets"] = body.hex()
        kind = request.headers.get("Content-Type")
        if kind != "application/json" and (body is not None or kind is not None):  # a wrong one has its body unread
            event["type"] = kind
        event["status"] = response.status
        answer = getattr(response, "body", None)
        if isinstance(answer, bytes) and answer[:1] == b"{":
            read = orjson.loads(answer)
            data = read.get("data")
            if isinstance(data, dict) and "message_id" in data:
                event["id"] = data["message_id"]
            if "error_code" in read:
                event["error_code"] = read["error_code"]
        taken = response.status == 201
        # sends that were all taken may come in any order; others change what comes after them
        self._emit(now, self._came(_HTTP, name, taken, text if taken else ""), event)

    def _portless_callback(self, body: bytes) -> str:
        text = body.decode()
        if self.portless and "callback_url" in text:
            try:
                url = orjson.loads(body)["callback_url"]
                text = text.replace(url, _LOOPBACK.sub(r"\1", url), 1)
            except (orjson.JSONDecodeError, LookupError, TypeError):
                pass
        return text

    # ---- SMPP ----

    def frame(self, connection: Connection, way: Literal["in", "out"], frame: bytes) -> None:
        command_id = int.from_bytes(frame[4:8], "big")
        if command_id in _ENQUIRE_LINKS:
            return
        if way == "in":
            if not command_id & RESPONSE_BIT:
                self._request(connection, command_id, frame)
        elif command_id & RESPONSE_BIT:
            self._answer(connection, command_id, frame)

    def _request(self, connection: Connection, command_id: int, frame: bytes) -> None:
        session = self._sessions.get(connection)
        now = connection.smsc.clock.now()
        event: Event = {"t": iso(now), "e": "smpp"}
        if session is None:
            self._numbered += 1
            session = self._sessions[connection] = _Session(self._numbered)
            if len(self._sim.smscs) > 1:
                event["smsc"] = connection.smsc.settings.name
        session.requests += 1
        session.open[frame[12:16]] = session.requests
        event["session"] = session.number
        event["n"] = session.requests
        event["op"] = _NAMES.get(command_id, "unknown")
        event["pdu"] = (frame[:12] + b"\0\0\0\0" + frame[16:]).hex() if len(frame) >= _HEADER else frame.hex()
        self._emit(now, self._came(_SMPP, session.number), event)

    def _answer(self, connection: Connection, command_id: int, frame: bytes) -> None:
        session = self._sessions.get(connection)
        if session is None:
            return
        number = session.open.pop(frame[12:16], 0)
        now = connection.smsc.clock.now()
        status = int.from_bytes(frame[8:12], "big")
        event: Event = {"t": iso(now), "e": "answer", "session": session.number, "n": number}
        event["status"] = status_name(status)
        if command_id in _WITH_ID and len(frame) > _HEADER:
            event["id"] = frame[_HEADER : frame.index(b"\0", _HEADER)].decode("latin-1")
        if command_id in _WITH_BODY and not status:
            event["body"] = frame[_HEADER:].hex()
        self._emit(now, (_ANSWER, session.number, number), event)

    def left(self, connection: Connection) -> None:
        session = self._sessions.pop(connection, None)
        if session is not None:
            now = connection.smsc.clock.now()
            event = {"t": iso(now), "e": "left", "session": session.number}
            self._emit(now, self._came(_SMPP, session.number), event)

    def inbound(self, smsc: Smsc, account: str, source: str, to: str, text: str) -> None:
        now = smsc.clock.now()
        event: Event = {"t": iso(now), "e": "inbound"}
        if len(self._sim.smscs) > 1:
            event["smsc"] = smsc.settings.name
        event |= {"account": account, "from": source, "to": to, "text": text}
        self._emit(now, self._came(_INBOUND), event)

    def sent(self, connection: Connection, parcel: Parcel) -> None:
        self._delivered(connection, parcel, _DELIVER, {})

    def answered(self, connection: Connection, parcel: Parcel, command_status: int) -> None:
        answer = NO_ANSWER_NAME if command_status == NO_ANSWER else status_name(command_status)
        self._delivered(connection, parcel, _DELIVERED, {"answer": answer})

    def _delivered(self, connection: Connection, parcel: Parcel, rank: int, answer: Event) -> None:
        now = connection.smsc.clock.now()
        what = identity(connection, parcel)
        order = (rank, what["e"], *map(str, what.values()))
        self._emit(now, order, {"t": iso(now), **what, **answer})

    # ---- what becomes of messages ----

    def accepted(self, message: Message) -> None:
        at = message.accepted_at
        event: Event = {"t": iso(at), "e": "accepted", "id": id_of(message), "via": message.via}
        event |= _content(message)
        event["segments"] = message.segments
        event["status"] = str(message.recipients[0].plan.step(0).status)
        self._emit(self._sim.now, (_ACCEPTED, message.key), event)

    def refused(self, message: Message, refusal: Refusal) -> None:
        now = self._sim.now
        event: Event = {"t": iso(now), "e": "refused", "via": message.via, **_content(message)}
        if refusal.error_code is not None:
            event["error_code"] = refusal.error_code
        if refusal.command_status is not None:
            event["command_status"] = status_name(refusal.command_status)
        self._emit(now, (_REFUSED, message.key), event)

    def happened(self, steps: Sequence[tuple[Recipient, Step]]) -> None:
        now = self._sim.now
        emit = self._emit
        for number, (recipient, step) in enumerate(steps):
            message = recipient.message
            event: Event = {"t": iso(recipient.started_at + step.offset), "e": "status", "id": id_of(message)}
            if message.parts is not None:
                event |= _index(recipient)
            event["status"] = str(step.status)
            if step.cause is not None:
                event["cause"] = step.cause.name
            if step.attempt:
                event["attempt"] = step.attempt
            emit(now, (_STATUS, message.key, recipient.dispatch, recipient.index, number), event)

    def posted(self, message: HttpMessage, attempt: Attempt) -> None:
        at = attempt.at + attempt.latency
        event: Event = {"t": iso(at), "e": "webhook", "id": message.id, "event": attempt.event_type}
        if attempt.recipient is not None:
            event["n"] = attempt.recipient
        event["event_id"] = attempt.event_id
        event["url"] = url_of(attempt.url, self.portless)
        event["attempt"] = attempt.number
        if attempt.status is not None:
            event["status"] = attempt.status
        else:
            event["error"] = (attempt.error or "").partition(":")[0]
        event["took"] = attempt.latency
        if attempt.retry_at is not None:
            event["retry_at"] = iso(attempt.retry_at)
        order = (_WEBHOOK, message.key, attempt.event_id, event["url"], attempt.number)
        self._emit(max(at, self._sim.now), order, event)


class _Session:
    """A connection, by the order in which the first word came over it."""

    __slots__ = ("number", "open", "requests")

    def __init__(self, number: int) -> None:
        self.number = number
        self.requests = 0
        self.open: dict[bytes, int] = {}
        """sequence_number -> which request, from 1."""


def identity(connection: Connection, parcel: Parcel) -> Event:
    """What tells one thing that the SMSC delivers from others."""
    if isinstance(parcel, Receipt):
        recipient, step = parcel.recipient, parcel.step
        event: Event = {"e": "receipt", "id": id_of(recipient.message)}
        if recipient.message.parts is not None:
            event |= _index(recipient)
        event["stat"] = STAT[message_state(step, connection.session.version)]
        event["err"] = step.cause.network_error if step.cause is not None else 0
    else:
        event = {"e": "deliver", "kind": type(parcel).__name__.lower(), "account": connection.account_name}
        if isinstance(parcel, Inbound):
            octets = parcel.segment.short_message
            event |= {"from": parcel.source, "to": parcel.to, "octets": octets.hex()}
        elif isinstance(parcel, Forwarded | Alert):
            event |= {"id": id_of(parcel.message)}
    event["attempt"] = parcel.tries
    return event


def id_of(message: Message) -> str:
    """The message_id that the client got."""
    if isinstance(message, HttpMessage):
        return message.id
    assert isinstance(message, SmppMessage)
    return message.message_id


def url_of(url: str, portless: bool) -> str:
    """A URL as a journal shows it."""
    return _LOOPBACK.sub(r"\1", url) if portless else url


def _content(message: Message) -> Event:
    return {
        "account": message.account,
        "from": message.source,
        "to": [recipient.to for recipient in message.recipients],
        "text": message.text,
    }


def _index(recipient: Recipient) -> Event:
    found: Event = {"n": recipient.index}
    if recipient.dispatch:
        found["dispatch"] = recipient.dispatch
    return found


def _counts(rules: Rules) -> bool:
    """Whether a rule counts arrivals: a fresh one is then another."""
    return any(rule.fresh() is not rule for rule in rules.rules)
