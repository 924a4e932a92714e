"""The common path of load: submits that have nothing unusual about them.

They are taken by the run, answered at once, and left with the engine as drafts: no PDU object, no message object, no
plan before somebody asks what became of one. Their receipts are written as octets (`plain_receipts`). What comes of it
all is what would have come anyway; tests hold the two ways against each other.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.engine import Message, Rules, Watch
from simulator.engine.remembered import Lot
from simulator.engine.units import MINUTE, SECOND
from simulator.smpp import VERSION_3_4
from simulator.smpp.constants import ESM_UDHI, REGISTERED_RECEIPT_FINAL, REGISTERED_RECEIPT_NONE
from simulator.smpp.fast import Plain
from simulator.smpp.runs import SubmitRun
from simulator.smpp.text import decode_text
from simulator.smsc.ids import spell_ids
from simulator.smsc.mailbox import Mailbox
from simulator.smsc.messages import SEGMENT, Envelope, SmppMessage, segments_of, shared
from simulator.smsc.receipts import watch_of

if TYPE_CHECKING:
    from simulator.smsc.connection import Connection

SAFE = b"\n\r !\"#%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
"""The characters that are the same octet in GSM 03.38, Latin-1 and UTF-8."""

LARGEST_LOT = 256
"""Drafts after which the next run begins a new lot: whoever asks for one has it looked for in its lot."""

_ONE_OCTET = frozenset({0, 1, 3})
"""Codings in which those characters are those octets."""


class Origin:
    """What the submits have in common that come from one session with the same fields, under the same rules."""

    __slots__ = (
        "connection",
        "envelope",
        "mailbox",
        "one_octet",
        "prefix",
        "receipt_begins",
        "receipt_names",
        "rules",
        "source",
    )

    def __init__(self, connection: "Connection", mailbox: Mailbox, fields: Plain) -> None:
        service_type, source_ton, source_npi, source, dest_ton, dest_npi = fields.first
        esm_class, protocol_id, priority, _, _, registered, _, coding, _ = fields.second
        numbers = (source_ton, source_npi, dest_ton, dest_npi, esm_class, protocol_id, priority, registered, coding)
        self.connection = connection
        self.mailbox = mailbox
        self.envelope = shared(Envelope(service_type, *numbers, connection.session.version))
        self.source = source
        self.rules = connection.smsc.engine.rules
        self.prefix = f"{connection.account_name}\0{source}\0".encode()
        """What the content of a message begins with."""
        self.one_octet = coding in _ONE_OCTET
        """Whether the safe characters are the same octets in this coding."""
        self.receipt_begins = bytes((0, dest_ton, dest_npi))
        """Of a receipt: service_type, and what comes before the source."""
        self.receipt_names = b"\0%c%c%b\0\4\0\0\0\0\0\0\0\0" % (source_ton, source_npi, source.encode("latin-1"))
        """Of a receipt: from the end of the source to sm_default_msg_id."""


class PlainLot(Lot):
    """The drafts of some runs that came within a second."""

    __slots__ = ("destinations", "minute", "origin", "safe", "second", "texts")

    def __init__(self, origin: Origin, at: int) -> None:
        super().__init__(origin.mailbox)
        self.origin = origin
        self.minute = at // MINUTE
        self.second = at // SECOND
        self.destinations: list[bytes] = []
        self.texts: list[bytes] = []
        self.safe = origin.one_octet
        """Whether no text has any but safe characters."""

    def put(self, run: SubmitRun) -> list[bytes]:
        """Keep what was sent; returns what the chance of each hangs on."""
        origin, texts = self.origin, run.texts
        self.destinations += run.destinations
        self.texts += texts
        if not origin.one_octet or b"".join(texts).translate(None, SAFE):
            self.safe = False
            coding, alphabet = origin.envelope.data_coding, origin.connection.smsc.settings.default_alphabet
            readable = [decode_text(text, coding, alphabet=alphabet) for text in texts]
            texts = tuple([text.encode("utf-8", "surrogatepass") for text in readable])
        prefix = origin.prefix
        return [
            b"".join((prefix, to.removeprefix(b"+"), b"\0", text))
            for to, text in zip(run.destinations, texts, strict=True)
        ]

    @property
    def validity(self) -> int:
        return self.origin.connection.smsc.settings.validity

    @property
    def rules(self) -> Rules:
        return self.origin.rules

    @property
    def watch(self) -> Watch:
        return watch_of(self.origin.envelope.registered_delivery)

    def probes(self, first: int) -> Iterator[Message]:
        origin = self.origin
        probe = SmppMessage(origin.connection, origin.source, "", origin.envelope, b"")
        for to, text in zip(self.destinations[first:], self.texts[first:], strict=True):
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

    __slots__ = ("_connection", "_fields", "_lot")

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._fields: Plain | None = None
        self._lot: PlainLot | None = None

    def wants(self, fields: Plain) -> bool:
        """Whether nothing in them is unusual."""
        esm_class, _, _, schedule, validity, registered, replace, coding, default_id = fields.second
        if schedule or validity or replace or default_id or esm_class & ESM_UDHI:
            return False
        if registered not in (REGISTERED_RECEIPT_NONE, REGISTERED_RECEIPT_FINAL):
            return False
        smsc = self._connection.smsc
        if self._connection.session.version < VERSION_3_4 or (registered and not smsc.style.is_plain):
            return False
        return not (coding == 0 and smsc.settings.default_alphabet == "gsm7-packed")

    def take(self, run: SubmitRun) -> list[bytes]:
        """Leave the messages with the engine; their ids."""
        connection, lot = self._connection, self._lot
        smsc = connection.smsc
        engine = smsc.engine
        now = engine.clock.now()
        if run.fields is not self._fields or lot is None or lot.origin.rules is not engine.rules:
            mailbox = smsc.mailbox(connection.account_name)
            lot = PlainLot(Origin(connection, mailbox, run.fields), now)
            self._fields = run.fields
        elif len(lot.texts) >= LARGEST_LOT or lot.second != now // SECOND:
            lot = PlainLot(lot.origin, now)
        self._lot = lot
        keys = engine.leave(lot, lot.put(run))
        connection.submitted += len(keys)
        return spell_ids(keys, smsc.settings.message_id)
