"""The common path of load: a submit_sm that has nothing unusual about it, and its final receipt if it asks for one.

Such a message is answered at once and left with the engine as a draft: no PDU object, no message object, no plan before
somebody asks what became of it. Its receipt is written as octets. What comes of it all is what would have come anyway;
tests hold the two ways against each other.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from simulator.engine import Message, Rules, Step, Watch
from simulator.engine.remembered import Ended, Lot
from simulator.engine.units import MINUTE
from simulator.smpp import STAT, VERSION_3_4, Tag, Tlvs
from simulator.smpp.constants import ESM_UDHI, REGISTERED_RECEIPT_FINAL, REGISTERED_RECEIPT_NONE
from simulator.smpp.fast import Plain
from simulator.smpp.receipt import NETWORK_GSM, receipt_text
from simulator.smpp.runs import SubmitRun
from simulator.smpp.text import decode_text
from simulator.smpp.tlv import encode_tlvs
from simulator.smsc.ids import spell_ids
from simulator.smsc.messages import SEGMENT, Envelope, SmppMessage, segments_of, shared
from simulator.smsc.receipts import ReceiptStyle, watch_of
from simulator.smsc.states import message_state

if TYPE_CHECKING:
    from simulator.smsc.connection import Connection

SAFE = b"\n\r !\"#%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
"""The characters that are the same octet in GSM 03.38, Latin-1 and UTF-8."""

TEXT_LENGTH = 20
"""How much of the message's text a receipt repeats."""

_ONE_OCTET = frozenset({0, 1, 3})
"""Codings in which those characters are those octets."""

_OCTETS = [bytes((number,)) for number in range(256)]
_ID_TLV = [Tag.RECEIPTED_MESSAGE_ID.to_bytes(2, "big") + (length + 1).to_bytes(2, "big") for length in range(65)]
"""The header of receipted_message_id for an id of so many octets."""


class Origin:
    """What the submits have in common that come from one session with the same fields, under the same rules."""

    __slots__ = (
        "connection",
        "envelope",
        "one_octet",
        "prefix",
        "receipt_begins",
        "receipt_names",
        "rules",
        "source",
        "watch",
    )

    def __init__(self, connection: "Connection", fields: Plain) -> None:
        service_type, source_ton, source_npi, source, dest_ton, dest_npi = fields.first
        esm_class, protocol_id, priority, _, _, registered, _, coding, _ = fields.second
        numbers = (source_ton, source_npi, dest_ton, dest_npi, esm_class, protocol_id, priority, registered, coding)
        self.connection = connection
        self.envelope = shared(Envelope(service_type, *numbers, connection.session.version))
        self.source = source
        self.rules = connection.smsc.engine.rules
        self.watch = watch_of(registered)
        self.prefix = f"{connection.account_name}\0{source}\0".encode()
        """What the content of a message begins with."""
        self.one_octet = coding in _ONE_OCTET
        """Whether the safe characters are the same octets in this coding."""
        self.receipt_begins = bytes((0, dest_ton, dest_npi))
        """service_type, and what comes before the source of a receipt."""
        self.receipt_names = b"\0%c%c%b\0\4\0\0\0\0\0\0\0\0" % (source_ton, source_npi, source.encode("latin-1"))
        """From the end of its source to its sm_default_msg_id."""


class PlainLot(Lot):
    """The drafts of one run."""

    __slots__ = ("destinations", "origin", "safe", "texts")

    def __init__(self, origin: Origin, run: SubmitRun, at: int) -> None:
        super().__init__(at, origin.connection.smsc)
        self.origin = origin
        self.destinations = run.destinations
        self.texts = run.texts
        self.safe = origin.one_octet and not b"".join(run.texts).translate(None, SAFE)
        """Whether no text has any but safe characters."""

    @property
    def validity(self) -> int:
        return self.origin.connection.smsc.settings.validity

    @property
    def rules(self) -> Rules:
        return self.origin.rules

    @property
    def watch(self) -> Watch:
        return self.origin.watch

    def contents(self) -> list[bytes]:
        """What the chance of each draft hangs on."""
        prefix, destinations, texts = self.origin.prefix, self.destinations, self.texts
        if not self.safe:
            coding, alphabet = self.origin.envelope.data_coding, self.origin.connection.smsc.settings.default_alphabet
            readable = [decode_text(text, coding, alphabet=alphabet) for text in texts]
            texts = tuple([text.encode("utf-8", "surrogatepass") for text in readable])
        return [
            b"".join((prefix, to.removeprefix(b"+"), b"\0", text)) for to, text in zip(destinations, texts, strict=True)
        ]

    def probes(self) -> Iterator[Message]:
        origin = self.origin
        probe = SmppMessage(origin.connection, origin.source, "", origin.envelope, b"")
        for to, text in zip(self.destinations, self.texts, strict=True):
            probe.to = to.decode()
            probe.octets = text
            if len(text) > SEGMENT:
                probe.segments = segments_of(text, origin.envelope)
            yield probe
            probe.segments = 1

    def make(self, index: int) -> Message:
        origin, octets = self.origin, self.texts[index]
        to = self.destinations[index].decode()
        message = SmppMessage(origin.connection, origin.source, to, origin.envelope, octets)
        message.segments = segments_of(octets, origin.envelope)
        return message


class PlainSubmits:
    """Takes the plain submits of one session (smpp.SubmitTaker)."""

    __slots__ = ("_connection", "_fields", "_origin")

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._fields: Plain | None = None
        self._origin: Origin | None = None

    def wants(self, fields: Plain) -> bool:
        """Whether nothing in them is unusual."""
        esm_class, _, _, schedule, validity, registered, replace, coding, default_id = fields.second
        if schedule or validity or replace or default_id or esm_class & ESM_UDHI:
            return False
        if registered not in (REGISTERED_RECEIPT_NONE, REGISTERED_RECEIPT_FINAL):
            return False
        if self._connection.session.version < VERSION_3_4:
            return False
        return not (coding == 0 and self._connection.smsc.settings.default_alphabet == "gsm7-packed")

    def take(self, run: SubmitRun) -> list[bytes]:
        """Leave the messages with the engine; their ids."""
        connection = self._connection
        smsc = connection.smsc
        engine = smsc.engine
        origin = self._origin
        if origin is None or run.fields is not self._fields or origin.rules is not engine.rules:
            origin = self._origin = Origin(connection, run.fields)
            self._fields = run.fields
        lot = PlainLot(origin, run, engine.clock.now())
        keys = engine.leave(lot, lot.contents())
        connection.submitted += len(keys)
        return spell_ids(keys, smsc.settings.message_id)


class ReceiptWriter:
    """Writes final receipts (SMPP v3.4 Appendix B) as octets: the body of the deliver_sm that `build_receipt` would
    make with the standard's own format."""

    def __init__(self, style: ReceiptStyle) -> None:
        self._form = style.id_format

    def bodies(self, entries: Sequence[Ended], at: int) -> list[bytes | None]:
        """The octets after the header for each draft that ended at the instant `at`; None: this one needs more care."""
        ids = spell_ids([entry[0] for entry in entries], self._form)
        known: dict[tuple[int, int], tuple[bytes, bytes]] = {}  # by the identity of the step, which `entries` keeps
        bodies: list[bytes | None] = []
        for (_, lot, index, final), message_id in zip(entries, ids, strict=True):
            assert isinstance(lot, PlainLot)
            origin = lot.origin
            text = lot.texts[index][:TEXT_LENGTH]
            if not lot.safe and (not origin.one_octet or text.translate(None, SAFE)):
                bodies.append(None)
                continue
            which = (id(final), lot.at // MINUTE)
            words, tlvs = known.get(which) or known.setdefault(which, _words(final, lot.at, at))
            length = len(message_id)
            body = (
                origin.receipt_begins,
                lot.destinations[index],
                origin.receipt_names,
                _OCTETS[3 + length + len(words) + len(text)],
                b"id:",
                message_id,
                words,
                text,
                _ID_TLV[length],
                message_id,
                tlvs,
            )
            bodies.append(b"".join(body))
        return bodies


def _words(final: Step, submitted: int, done: int) -> tuple[bytes, bytes]:
    """What a receipt says between the id and the text of its message, and from the end of receipted_message_id on."""
    state = message_state(final)
    error = final.cause.network_error if final.cause is not None else 0
    said = receipt_text("", STAT[state], submitted, done, f"{error:03}").encode()
    tlvs: Tlvs = {Tag.MESSAGE_STATE: state, Tag.NETWORK_ERROR_CODE: bytes((NETWORK_GSM, error >> 8, error & 0xFF))}
    out = bytearray(1)
    encode_tlvs(tlvs, out)
    return said[len("id:") :], bytes(out)
