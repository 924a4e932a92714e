"""One SMPP session, seen from the SMSC: bytes in, events out, bytes to write. No socket, no clock.

What it is: the rules that hold whatever the carrier does: states, sequence numbers, timers, and the answers
that the standard prescribes for broken PDUs. They go into the output buffer by themselves.

What it is not: a carrier. Whether a bind is accepted, which message_id a submit_sm gets and when its receipt
comes is for the caller, who sees requests as events and answers with `respond`. Nor is it strict with its
caller: `write` sends any octets at all, because faults must.

Whose fault: nothing that a peer sends raises. A mistake of the caller is a LocalProtocolError.

Times are integers in milliseconds, from whatever clock the caller has; only differences matter.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, Literal

from simulator.smpp import fast
from simulator.smpp.codec import HEADER, decode, encode, encode_header
from simulator.smpp.constants import (
    HEADER_LENGTH,
    RESPONSE_BIT,
    VERSION_3_3,
    VERSION_3_4,
    VERSION_5_0,
    CommandId,
)
from simulator.smpp.events import Closing, Event, Response, TimedOut
from simulator.smpp.fields import PduError
from simulator.smpp.framing import MAX_LENGTH, Framer, FramingError
from simulator.smpp.outstanding import Outstanding
from simulator.smpp.pdus import (
    PDUS,
    Bind,
    BindResp,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    Outbind,
    Pdu,
    SubmitSmResp,
    Unbind,
    response_to,
)
from simulator.smpp.runs import SubmitReader, SubmitTaker, read_acknowledgements, submit_sm_resps
from simulator.smpp.states import BINDS, BOUND, ESME_MAY, SMSC_MAY, State
from simulator.smpp.status import CommandStatus
from simulator.smpp.tlv import Tag, Tlvs

_SUBMIT_SM: Final = CommandId.SUBMIT_SM.to_bytes(4, "big")
_ENQUIRE_LINK: Final = CommandId.ENQUIRE_LINK.to_bytes(4, "big")
_DELIVER_SM_RESP: Final = int(CommandId.DELIVER_SM_RESP)
_DELIVER_SM: Final = int(CommandId.DELIVER_SM)
_HEADER: Final = HEADER.pack
_SEQUENCE_AT: Final = 12

_MOST_AT_ONCE: Final = 256
"""How many submits a run has at most, lest others wait."""

Trace = Callable[[Literal["in", "out"], bytes], None]


class LocalProtocolError(Exception):
    """The caller asked for what the session's state does not allow."""


@dataclass(frozen=True, slots=True)
class Timers:
    """The timers of SMPP v3.4 section 7.2, in milliseconds; None is off."""

    bind_ms: int | None = 30_000
    """From the connection to the bind request."""
    response_ms: int | None = 10_000
    """From a request of ours to its response."""
    enquire_link_ms: int | None = None
    """From the last octet received to an enquire_link of ours."""
    inactivity_ms: int | None = None
    """From the last request or response other than enquire_link to the end of the session."""


def negotiated(interface_version: int) -> int:
    """The version that a session speaks: below 0x34 it is 3.3, and from 0x50 on 5.0 (SMPP v3.4 section 5.2.4)."""
    if interface_version < VERSION_3_4:
        return VERSION_3_3
    return VERSION_3_4 if interface_version < VERSION_5_0 else VERSION_5_0


class SmscSession:
    """The SMSC's end of one connection.

    Call `receive` with what was read and handle its events, call `expired` when `next_deadline` has come,
    and after either write what `take_output` gives.
    """

    def __init__(
        self,
        *,
        system_id: str = "SMSC",
        timers: Timers = Timers(),
        window: int | None = None,
        max_length: int = MAX_LENGTH,
        validate: bool = True,
        sc_version: int = VERSION_5_0,
        trace: Trace | None = None,
        now: int = 0,
    ) -> None:
        self.system_id = system_id
        """What our bind responses say."""
        self.timers = timers
        self.window = window
        """How many requests may wait for our answer; more are refused with ESME_RTHROTTLED. None: any."""
        self.validate = validate
        """Whether values are judged, and not only the structure."""
        self.sc_version = sc_version
        """The highest version that sc_interface_version admits to."""
        self.trace = trace
        """Called with each PDU that comes or goes, if it is set."""
        self.state = State.OPEN
        self.version = VERSION_3_4
        """What both sides speak; known once a bind request came."""
        self.bind: Bind | None = None
        """The bind request, once it was accepted."""
        self.close_reason: str | None = None
        self.outstanding = Outstanding()
        """Our requests that are not answered yet; `len` of it says how many."""
        self._binding: int | None = None
        self.taker: SubmitTaker | None = None
        """Who takes submits by the run; None: each is an event."""
        self.quiet_acknowledgements = False
        """True: a deliver_sm_resp with status 0 that answers a deliver_sm of ours is counted, and makes no event."""
        self.acknowledged = 0
        """How many of those there were."""
        self._unanswered: set[int] = set()
        self._in_runs = 0  # of what was read last: they came together with those that are unanswered
        self._submits: SubmitReader | None = None
        self._framer = Framer(max_length)
        self._output: list[bytes] = []
        self._farewell: bytes | None = None  # the last PDU: after whatever the caller answers to what came before it
        self._opened = now
        self._heard = now
        self._active = now
        self._enquiry: int | None = None

    # What is known

    @property
    def unanswered(self) -> int:
        """How many requests of the client wait for our answer."""
        return len(self._unanswered)

    @property
    def is_bound(self) -> bool:
        return self.state in BOUND

    @property
    def can_deliver(self) -> bool:
        """Whether deliver_sm may be sent: bound as receiver or transceiver."""
        return self.state is State.BOUND_TRX or self.state is State.BOUND_RX

    @property
    def has_output(self) -> bool:
        return bool(self._output or self._farewell)

    # What comes in

    def receive(self, data: bytes, now: int) -> list[Event]:
        """Take what was read. The events are in the order of the PDUs. Never raises."""
        if self.close_reason is not None:
            return []
        self._heard = now
        self._enquiry = None
        self._in_runs = 0
        events: list[Event] = []
        framer = self._framer
        framer.push(data)
        try:
            self._take_all(framer, events, now)
        except FramingError as broken:
            if self.trace is not None:
                self.trace("in", broken.octets)
            sequence = broken.sequence_number or 0
            self._farewell = encode_header(CommandId.GENERIC_NACK, CommandStatus.ESME_RINVCMDLEN, sequence)
            self._close(str(broken), events)
        return events

    def _take_all(self, framer: Framer, events: list[Event], now: int) -> None:
        """Take what the framer has, up to a PDU that ends the session. Raises FramingError."""
        trace = self.trace
        unanswered = self._unanswered
        quiet = self.quiet_acknowledgements and trace is None
        decode_submit_sm = fast.decode_submit_sm
        fast_submit = self.validate and CommandId.SUBMIT_SM in ESME_MAY[self.state]
        runs = fast_submit and trace is None and self.taker is not None
        while True:
            if runs and not events and self._take_run(framer):
                self._active = now
                continue
            if quiet and (found := read_acknowledgements(framer.octets, framer.at)) is not None:
                sequences, framer.at = found
                self.acknowledged += self.outstanding.all_answered(_DELIVER_SM, sequences)
                self._active = now
                continue
            frame = framer.take()
            if frame is None:
                return
            if trace is not None:
                trace("in", frame)
            operation = frame[4:8]
            if operation == _SUBMIT_SM and fast_submit and self._room() > 0:
                submit = decode_submit_sm(frame)
                if submit is not None:
                    unanswered.add(submit.sequence_number)
                    self._active = now
                    events.append(submit)
                    continue
            if operation == _ENQUIRE_LINK and len(frame) == 16:
                self._send(fast.enquire_link_resp(frame))
                continue
            if operation != _ENQUIRE_LINK:
                self._active = now
            command_id = int.from_bytes(operation, "big")
            if command_id & RESPONSE_BIT:
                self._take_response(frame, command_id, events)
            else:
                self._take_request(frame, command_id, events)
            if events and type(events[-1]) is Closing:
                return
            fast_submit = self.validate and CommandId.SUBMIT_SM in ESME_MAY[self.state]

    def _take_run(self, framer: Framer) -> bool:
        """Take the run of submits that comes next, if there is one."""
        taker = self.taker
        assert taker is not None
        if self._submits is None:
            self._submits = SubmitReader(taker)
        most = min(taker.most(), self._room())
        found = self._submits.read(framer.octets, framer.at, most)
        if found is None:
            return False
        run, framer.at = found
        self._in_runs += len(run.sequences)
        self._output.append(submit_sm_resps(run.sequences, *taker.take(run)))
        return True

    def _take_response(self, frame: bytes, command_id: int, events: list[Event]) -> None:
        pdu: Pdu
        known = fast.read_deliver_sm_resp(frame) if command_id == _DELIVER_SM_RESP else None
        if known is not None:
            pdu = DeliverSmResp(known[1], known[0])
        else:
            cls = PDUS.get(command_id)
            if cls is None:
                # A response is never answered: two sides that did so would never stop.
                return
            try:
                pdu = decode(frame, version=self.version, validate=False)
            except PduError:
                # The header is enough to know which request this is about, and how it went.
                _, _, status, sequence = HEADER.unpack_from(frame)
                pdu = cls(sequence, status)
        answered = self.outstanding.answered(command_id, pdu.sequence_number)
        if answered is None:
            events.append(Response(pdu, None))
            return
        asked, request = answered
        if asked == CommandId.ENQUIRE_LINK:
            return
        events.append(Response(pdu, request))
        if asked == CommandId.UNBIND:
            self._close("unbound by us", events, State.UNBOUND)

    def _take_request(self, frame: bytes, command_id: int, events: list[Event]) -> None:
        sequence = HEADER.unpack_from(frame)[3]
        cls = PDUS.get(command_id)
        if cls is None:
            self._refuse(CommandId.GENERIC_NACK, CommandStatus.ESME_RINVCMDID, sequence)
            return
        answer = CommandId.GENERIC_NACK if cls.response_class is None else cls.response_class.command_id
        if cls.command_id in BINDS and (self.state in BOUND or self._binding is not None):
            self._refuse(answer, CommandStatus.ESME_RALYBND, sequence)
            return
        if cls.command_id not in ESME_MAY[self.state]:
            self._refuse(answer, CommandStatus.ESME_RINVBNDSTS, sequence)
            return
        if self._room() <= 0 and cls is not Unbind and cls is not EnquireLink:
            self._refuse(answer, CommandStatus.ESME_RTHROTTLED, sequence)
            return
        try:
            pdu = decode(frame, version=self.version, validate=self.validate)
        except PduError as error:
            self._refuse(answer, error.command_status, sequence)
            return
        if cls is EnquireLink:
            self._send(fast.enquire_link_resp(frame))
        elif cls is Unbind:
            self._farewell = encode(response_to(pdu))
            self._close("unbound by the client", events, State.UNBOUND)
        else:
            if isinstance(pdu, Bind):
                self.version = negotiated(pdu.interface_version)
                self._binding = sequence
            self._unanswered.add(sequence)
            events.append(pdu)

    # What goes out

    def accept_bind(self, request: Bind, system_id: str | None = None, tlvs: Tlvs | None = None) -> None:
        """Answer a bind request with ESME_ROK; the session is bound then, unless what came after it has ended it."""
        self._answer_bind(request)
        optional: Tlvs = {}
        if self.version >= VERSION_3_4:
            optional[int(Tag.SC_INTERFACE_VERSION)] = min(self.sc_version, self.version)
            optional.update(tlvs or {})
        response = response_to(request)
        assert isinstance(response, BindResp)
        response.system_id = self.system_id if system_id is None else system_id
        response.tlvs = optional
        self._send(encode(response, version=self.version))
        if self.close_reason is None:
            self.bind = request
            self.state = BINDS[request.command_id]

    def refuse_bind(self, request: Bind, command_status: int = CommandStatus.ESME_RBINDFAIL) -> None:
        """Answer a bind request with an error. The session stays open, unbound, until its bind timer."""
        self._answer_bind(request)
        self._refuse(response_to(request).command_id, command_status, request.sequence_number)

    def _answer_bind(self, request: Bind) -> None:
        if self._binding != request.sequence_number:
            raise LocalProtocolError(f"no bind request {request.sequence_number} waits for an answer")
        self._binding = None
        self._unanswered.discard(request.sequence_number)

    def respond(self, response: Pdu) -> None:
        """Send a response to a request. Raises PduError if it can't be put on the wire."""
        frame = None
        if type(response) is SubmitSmResp and not (response.tlvs or response.command_status):
            frame = fast.encode_submit_sm_resp(response.sequence_number, response.message_id)
        self._send(frame or encode(response, version=self.version))
        self._unanswered.discard(response.sequence_number)

    def respond_submit(self, sequence_number: int, message_id: str) -> None:
        """The same as `respond(SubmitSmResp(...))` with status 0, without the object."""
        frame = fast.encode_submit_sm_resp(sequence_number, message_id)
        if frame is None:
            frame = encode(SubmitSmResp(sequence_number, 0, message_id), version=self.version)
        if self.trace is not None:
            self.trace("out", frame)
        self._output.append(frame)
        self._unanswered.discard(sequence_number)

    def refuse(self, request: Pdu, command_status: int) -> None:
        """Answer a request with an error, without a body."""
        self.respond(response_to(request, command_status))

    def forget(self, sequence_number: int) -> None:
        """Count a request as answered without answering it: for a carrier that stays silent."""
        self._unanswered.discard(sequence_number)

    def send_request(self, pdu: Pdu, now: int, request: object = None) -> int:
        """Send a request of ours with the next sequence_number, which is returned and set in the PDU.

        `request` is what the Response or TimedOut will carry; None stands for the PDU.
        Raises LocalProtocolError if the state does not allow it, PduError if it can't be written.
        """
        if pdu.command_id not in SMSC_MAY[self.state]:
            raise LocalProtocolError(f"{pdu.operation()} can't be sent to a session that is {self.state.value}")
        pdu.sequence_number = sequence = self.outstanding.next_sequence()
        frame = None
        if type(pdu) is DeliverSm:
            frame = fast.encode_deliver_sm(pdu, with_tlvs=self.version >= VERSION_3_4)
        self._send(frame or encode(pdu, version=self.version))
        if pdu.response_class is not None:
            self._expect(sequence, pdu.command_id, pdu if request is None else request, now)
        return sequence

    def send_deliver_sms(self, bodies: Sequence[bytes], now: int, requests: Sequence[object]) -> None:
        """Send deliver_sm whose bodies are octets already. Not while there is a `trace`. `requests` are what the events
        about each will carry."""
        response_ms = self.timers.response_ms
        deadline = None if response_ms is None else now + response_ms
        numbers = self.outstanding.add_all(_DELIVER_SM, requests, deadline)
        headers = [
            _HEADER(HEADER_LENGTH + len(body), _DELIVER_SM, 0, number)
            for number, body in zip(numbers, bodies, strict=True)
        ]
        self._output += chain.from_iterable(zip(headers, bodies, strict=True))

    def send_frame(self, frame: bytes, now: int, request: object = None) -> int:
        """Send a PDU that is octets already, with the next sequence_number put into it.

        For PDUs encoded once and sent often, and for broken ones: nothing is looked at but the header.
        """
        sequence = self.outstanding.next_sequence()
        command_id = int.from_bytes(frame[4:8], "big")
        frame = frame[:_SEQUENCE_AT] + sequence.to_bytes(4, "big") + frame[_SEQUENCE_AT + 4 :]
        self._send(frame)
        cls = PDUS.get(command_id)
        if cls is None or cls.response_class is not None:
            self._expect(sequence, command_id, frame if request is None else request, now)
        return sequence

    def outbind(self, system_id: str, password: str, now: int) -> None:
        """Having connected to an ESME, ask it to bind as a receiver (SMPP v3.4 section 2.2.1)."""
        self.send_request(Outbind(system_id=system_id, password=password), now)
        self.state = State.OUTBOUND

    def unbind(self, now: int) -> int:
        """Ask the client to end the session; its answer (or none in time) gives Closing."""
        return self.send_request(Unbind(), now)

    def close(self, reason: str = "closed by us") -> Closing:
        """End the session at once. What is in the output buffer may still be written."""
        self._close(reason, [])
        return Closing(self.close_reason or reason)

    def write(self, data: bytes) -> None:
        """Send octets as they are, whatever they are."""
        self._send(data)

    def take_output(self) -> bytes:
        """All that is to be written, for one write; empty if there is nothing."""
        if self._farewell is not None:
            self._send(self._farewell)
            self._farewell = None
        output = self._output
        if not output:
            return b""
        data = output[0] if len(output) == 1 else b"".join(output)
        output.clear()
        return data

    # Time

    def next_deadline(self) -> int | None:
        """When `expired` must be called at the latest; None if no timer runs."""
        if self.close_reason is not None:
            return None
        timers = self.timers
        found: list[int] = []
        if self.state in (State.OPEN, State.OUTBOUND) and timers.bind_ms is not None:
            found.append(self._opened + timers.bind_ms)
        unanswered = self.outstanding.first_deadline()
        if unanswered is not None:
            found.append(unanswered)
        if self.state in BOUND:
            if timers.enquire_link_ms is not None and self._enquiry is None:
                found.append(self._heard + timers.enquire_link_ms)
            if timers.inactivity_ms is not None:
                found.append(self._active + timers.inactivity_ms)
        return min(found, default=None)

    def expired(self, now: int) -> list[Event]:
        """Let time pass: what did not come until `now` has its consequences. Calling too early is harmless."""
        events: list[Event] = []
        if self.close_reason is not None:
            return events
        timers = self.timers
        if self.state in (State.OPEN, State.OUTBOUND) and _is_over(self._opened, timers.bind_ms, now):
            self._close(f"no bind within {timers.bind_ms} ms", events)
            return events
        while (overdue := self.outstanding.overdue(now)) is not None:
            sequence, asked, request = overdue
            if asked == CommandId.ENQUIRE_LINK:
                self._close(f"enquire_link not answered within {timers.response_ms} ms", events)
                return events
            events.append(TimedOut(sequence, request))
            if asked == CommandId.UNBIND:
                self._close(f"unbind not answered within {timers.response_ms} ms", events)
                return events
        if self.state in BOUND:
            if _is_over(self._active, timers.inactivity_ms, now):
                self._close(f"inactive for {timers.inactivity_ms} ms", events)
            elif self._enquiry is None and _is_over(self._heard, timers.enquire_link_ms, now):
                self._enquiry = self.send_request(EnquireLink(), now)
        return events

    # Within

    def _expect(self, sequence: int, command_id: int, request: object, now: int) -> None:
        response_ms = self.timers.response_ms
        self.outstanding.add(sequence, command_id, request, None if response_ms is None else now + response_ms)

    def _send(self, frame: bytes) -> None:
        if self.trace is not None:
            self.trace("out", frame)
        self._output.append(frame)

    def _refuse(self, command_id: int, command_status: int, sequence_number: int) -> None:
        self._send(encode_header(command_id, command_status, sequence_number))

    def _room(self) -> int:
        """How many more requests the window lets in now; without one, as many as a run may have."""
        return _MOST_AT_ONCE if self.window is None else self.window - len(self._unanswered) - self._in_runs

    def _close(self, reason: str, events: list[Event], state: State = State.CLOSED) -> None:
        if self.close_reason is None:
            self.state = state
            self.close_reason = reason
            events.append(Closing(reason))


def _is_over(since: int, period: int | None, now: int) -> bool:
    return period is not None and now - since >= period
