"""The common path of load: a submit_sm that asks for no receipt and has nothing unusual about it.

Such a message is answered at once and left with the engine as a draft: no PDU object, no message object, no path and no
plan before somebody asks what became of it. What it becomes then is what it would have become anyway; tests hold the
two ways against each other.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from simulator.engine import Message
from simulator.smpp.constants import ESM_UDHI
from simulator.smpp.fast import Plain
from simulator.smpp.text import decode_text
from simulator.smsc.ids import spell_id
from simulator.smsc.messages import Envelope, SmppMessage, segments_of, shared

if TYPE_CHECKING:
    from simulator.smsc.connection import Connection

SAFE = b"\n\r !\"#%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
"""The characters that are the same octet in GSM 03.38, Latin-1 and UTF-8."""

_ONE_OCTET = frozenset({0, 1, 3})
"""Codings in which those characters are those octets."""


class Lot:
    """What the drafts of one read with the same envelope share (engine.Lot)."""

    __slots__ = ("at", "connection", "envelope", "source", "validity")

    def __init__(self, connection: "Connection", source: str, envelope: Envelope, at: int) -> None:
        self.connection = connection
        self.source = source
        self.envelope = envelope
        self.at = at
        self.validity = connection.smsc.settings.validity

    def make(self, draft: tuple[Any, ...]) -> Message:
        _, destination, octets = draft
        message = SmppMessage(self.connection, self.source, destination.decode("latin-1"), self.envelope, octets)
        message.segments = segments_of(octets, self.envelope)
        return message


class PlainSubmits:
    """One session's. It remembers the fields that seldom change from one submit to the next."""

    __slots__ = ("_envelope", "_first", "_one_octet", "_prefix", "_second", "_source")

    def __init__(self) -> None:
        self._first: tuple[Any, ...] = ()
        self._second: tuple[Any, ...] = ()
        self._envelope: Envelope | None = None
        self._source = ""
        self._prefix = b""
        self._one_octet = False

    def taker(self, connection: "Connection", now: int) -> Callable[[Plain], bytes | None] | None:
        """What takes the plain submits of one read; None: this session's are all looked at more closely."""
        if connection.throttle is not None or connection.senders is not None:
            return None
        smsc = connection.smsc
        leave = smsc.engine.leave
        form = smsc.settings.message_id
        lot: Lot | None = None

        def take(plain: Plain) -> bytes | None:
            nonlocal lot
            first, second, destination, octets = plain
            if first is not self._first or second is not self._second:
                self._look(connection, first, second)
                lot = None
            envelope = self._envelope
            if envelope is None or not destination.isascii():
                return None
            if lot is None:
                lot = Lot(connection, self._source, envelope, now)
            if self._one_octet and not octets.translate(None, SAFE):
                text = octets
            else:
                text = decode_text(octets, envelope.data_coding).encode("utf-8", "surrogatepass")
            key = leave(self._prefix + destination.removeprefix(b"+") + b"\0" + text, (lot, destination, octets))
            connection.submitted += 1
            return b"%019d" % key if form == "decimal" else spell_id(key, form).encode()

        return take

    def _look(self, connection: "Connection", first: tuple[Any, ...], second: tuple[Any, ...]) -> None:
        """Take note of other fields, and whether they are those of a plain submit."""
        self._first, self._second = first, second
        service_type, source_ton, source_npi, source, dest_ton, dest_npi = first
        esm_class, protocol_id, priority, schedule, validity, registered, replace, coding, default_id = second
        self._envelope = None
        if schedule or validity or registered or replace or default_id or esm_class & ESM_UDHI:
            return
        numbers = (source_ton, source_npi, dest_ton, dest_npi, esm_class, protocol_id, priority, registered, coding)
        self._envelope = shared(Envelope(service_type, *numbers, connection.session.version))
        self._source = source
        self._prefix = f"{connection.account_name}\0{source}\0".encode()
        self._one_octet = coding in _ONE_OCTET
