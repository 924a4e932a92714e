"""What a session tells its caller.

A request that the caller must answer comes as the PDU itself: no wrapper, since a busy session gives tens of
thousands a second. Only what is not a request has a class here.
"""

from dataclasses import dataclass

from simulator.smpp.pdus import Pdu


@dataclass(slots=True)
class Response:
    """The peer answered. `request` is what was given to `send_request`; None if we sent no such thing."""

    pdu: Pdu
    request: object | None


@dataclass(slots=True)
class TimedOut:
    """The peer did not answer in time (response timer, SMPP v3.4 section 7.2)."""

    sequence_number: int
    request: object


@dataclass(slots=True)
class Closing:
    """The session is over: write what `take_output` gives, then close the connection."""

    reason: str


Event = Pdu | Response | TimedOut | Closing
