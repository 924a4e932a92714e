"""The common path of load: a submit_sm that has nothing unusual about it, and its final receipt if it asks for one.

Such a message is answered at once and left with the engine as a draft: no PDU object, no message object, no plan before
somebody asks what became of it. Its receipt is written as octets. What comes of it all is what would have come anyway;
tests hold the two ways against each other.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from simulator.engine import Cause, Message, Status, Step
from simulator.engine.remembered import Draft, Teller
from simulator.smpp import STAT, VERSION_3_4, Tag, Tlvs, format_receipt_date
from simulator.smpp.constants import (
    ESM_UDHI,
    HEADER_LENGTH,
    MAX_SHORT_MESSAGE,
    REGISTERED_RECEIPT_FINAL,
    REGISTERED_RECEIPT_NONE,
)
from simulator.smpp.fast import plain_submit_sm
from simulator.smpp.receipt import NETWORK_GSM
from simulator.smpp.text import decode_text
from simulator.smpp.tlv import encode_tlvs
from simulator.smsc.ids import spell_id
from simulator.smsc.messages import Envelope, SmppMessage, segments_of, shared
from simulator.smsc.receipts import MOST_DIGITS, ReceiptStyle, watch_of
from simulator.smsc.states import message_state

if TYPE_CHECKING:
    from simulator.smsc.connection import Connection

SAFE = b"\n\r !\"#%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
"""The characters that are the same octet in GSM 03.38, Latin-1 and UTF-8."""

FIRST = HEADER_LENGTH
"""Where the first field of a PDU begins."""

TEXT_LENGTH = 20
"""How much of the message's text a receipt repeats."""

_ONE_OCTET = frozenset({0, 1, 3})
"""Codings in which those characters are those octets."""


class Lot:
    """What the drafts of one read with the same envelope share (engine.Lot)."""

    __slots__ = ("at", "connection", "envelope", "rules", "source", "teller", "validity", "watch")

    def __init__(self, connection: "Connection", source: str, envelope: Envelope, at: int) -> None:
        self.connection = connection
        self.source = source
        self.envelope = envelope
        self.at = at
        self.rules = connection.smsc.engine.rules
        self.validity = connection.smsc.settings.validity
        self.watch = watch_of(envelope.registered_delivery)
        self.teller: Teller = connection.smsc

    def make(self, draft: tuple[Any, ...]) -> Message:
        _, destination, octets = draft
        message = SmppMessage(self.connection, self.source, destination.decode("latin-1"), self.envelope, octets)
        message.segments = segments_of(octets, self.envelope)
        return message


class PlainSubmits:
    """One session's. It remembers the fields that seldom change from one submit to the next."""

    __slots__ = ("_destination_at", "_envelope", "_head", "_one_octet", "_prefix", "_probe", "_source", "_tail")

    def __init__(self) -> None:
        self._head = self._tail = b"?"  # no submit_sm begins so
        self._destination_at = 0
        self._envelope: Envelope | None = None
        self._source = ""
        self._prefix = b""
        self._one_octet = False
        self._probe: SmppMessage | None = None

    def taker(self, connection: "Connection", now: int) -> Callable[[bytes], bytes | None] | None:
        """What takes the plain submits of one read; None: this session's are all looked at more closely."""
        if connection.throttle is not None or connection.senders is not None:
            return None
        smsc = connection.smsc
        leave = smsc.engine.leave
        form, alphabet = smsc.settings.message_id, smsc.settings.default_alphabet
        lot: Lot | None = None

        def take(frame: bytes) -> bytes | None:
            nonlocal lot
            at = self._destination_at
            after = frame.find(0, at)
            if not frame.startswith(self._head, FIRST) or not frame.startswith(self._tail, after):
                if not self._look(connection, frame):
                    return None
                lot = None
                at = self._destination_at
                after = frame.find(0, at)
            envelope = self._envelope
            if envelope is None:
                return None
            length_at = after + len(self._tail)
            destination, octets = frame[at:after], frame[length_at + 1 :]
            # without a destination, with TLVs, or cut off: the careful way knows what to say
            if not 0 < len(destination) <= MOST_DIGITS or not destination.isascii():
                return None
            if length_at >= len(frame) or len(octets) != frame[length_at] or len(octets) > MAX_SHORT_MESSAGE:
                return None
            if lot is None:
                lot = Lot(connection, self._source, envelope, now)
            if self._one_octet and not octets.translate(None, SAFE):
                text = octets
            else:
                text = decode_text(octets, envelope.data_coding, alphabet=alphabet).encode("utf-8", "surrogatepass")
            probe = self._probe
            if probe is not None:
                probe.to = destination.decode()
                probe.octets = octets
                probe.segments = segments_of(octets, envelope)
            content = b"".join((self._prefix, destination.removeprefix(b"+"), b"\0", text))
            key = leave(content, (lot, destination, octets), probe)
            connection.submitted += 1
            return b"%019d" % key if form == "decimal" else spell_id(key, form).encode()

        return take

    def _look(self, connection: "Connection", frame: bytes) -> bool:
        """Take note of other fields, and whether they are those of a plain submit. False: they are not known at all."""
        plain = plain_submit_sm(frame)
        if plain is None:
            return False
        self._head, self._tail = plain.head, plain.tail
        self._destination_at = FIRST + len(plain.head)
        service_type, source_ton, source_npi, source, dest_ton, dest_npi = plain.first
        esm_class, protocol_id, priority, schedule, validity, registered, replace, coding, default_id = plain.second
        self._envelope = self._probe = None
        if schedule or validity or replace or default_id or esm_class & ESM_UDHI:
            return True
        if registered not in (REGISTERED_RECEIPT_NONE, REGISTERED_RECEIPT_FINAL):
            return True
        if connection.session.version < VERSION_3_4:
            return True
        if coding == 0 and connection.smsc.settings.default_alphabet == "gsm7-packed":
            return True
        numbers = (source_ton, source_npi, dest_ton, dest_npi, esm_class, protocol_id, priority, registered, coding)
        self._envelope = shared(Envelope(service_type, *numbers, connection.session.version))
        self._source = source
        self._prefix = f"{connection.account_name}\0{source}\0".encode()
        self._one_octet = coding in _ONE_OCTET
        if registered:
            self._probe = SmppMessage(connection, source, "", self._envelope, b"")
        return True


class ReceiptWriter:
    """Writes final receipts (SMPP v3.4 Appendix B) as octets: the body of the deliver_sm that `build_receipt` would
    make with the standard's own format."""

    def __init__(self, style: ReceiptStyle) -> None:
        self._style = style
        self._ends: dict[tuple[Status, Cause | None], tuple[bytes, bytes]] = {}

    def body(self, key: int, draft: Draft, final: Step, at: int) -> bytes | None:
        """The octets after the header; None: this one needs more care."""
        lot: Lot = draft[0]
        _, destination, octets = draft
        text = octets[:TEXT_LENGTH]
        if lot.envelope.data_coding not in _ONE_OCTET or text.translate(None, SAFE) or len(destination) > MOST_DIGITS:
            return None
        form = self._style.id_format
        message_id = b"%019d" % key if form == "decimal" else spell_id(key, form).encode()
        words, tlvs = self._ends.get((final.status, final.cause)) or self._end(final)
        said = b"id:%b sub:001 %b submit date:%b done date:%b %b text:%b" % (
            message_id,
            words[:9],
            format_receipt_date(lot.at).encode(),
            format_receipt_date(at).encode(),
            words[10:],
            text,
        )
        envelope = lot.envelope
        return b"\0%c%c%b\0%c%c%b\0\4\0\0\0\0\0\0\0\0%c%b\0\x1e%b%b\0%b" % (
            envelope.dest_addr_ton,
            envelope.dest_addr_npi,
            destination,
            envelope.source_addr_ton,
            envelope.source_addr_npi,
            lot.source.encode("latin-1"),
            len(said),
            said,
            (len(message_id) + 1).to_bytes(2, "big"),
            message_id,
            tlvs,
        )

    def _end(self, final: Step) -> tuple[bytes, bytes]:
        """What a status and its cause give: `dlvrd:... stat:... err:...`, and the TLVs after the id."""
        state = message_state(final)
        error = final.cause.network_error if final.cause is not None else 0
        stat = STAT[state]
        words = f"dlvrd:{'001' if stat == 'DELIVRD' else '000'} stat:{stat} err:{error:03}".encode()
        tlvs: Tlvs = {Tag.MESSAGE_STATE: state, Tag.NETWORK_ERROR_CODE: bytes((NETWORK_GSM, error >> 8, error & 0xFF))}
        out = bytearray()
        encode_tlvs(tlvs, out)
        found = self._ends[final.status, final.cause] = (words, bytes(out))
        return found
