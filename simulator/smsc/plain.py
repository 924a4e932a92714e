"""The common path of load: submits that have nothing unusual about them.

They are taken by the run, answered at once, and left with the engine as drafts: no PDU object, no message object, no
plan before somebody asks what became of one. Their receipts are written as octets (`plain_receipts`). What comes of it
all is what would have come anyway; tests hold the two ways against each other.
"""

from collections.abc import Collection, Iterator
from itertools import repeat
from typing import TYPE_CHECKING, Any

from simulator.engine import Message
from simulator.engine.remembered import Lot
from simulator.engine.units import MINUTE, SECOND
from simulator.smpp import VERSION_3_4
from simulator.smpp.constants import ESM_UDHI, REGISTERED_RECEIPT_FINAL, REGISTERED_RECEIPT_NONE
from simulator.smpp.fast import Plain
from simulator.smpp.runs import SubmitRun
from simulator.smpp.text import decode_text
from simulator.smsc.ids import spell_ids
from simulator.smsc.messages import SEGMENT, Envelope, SmppMessage, segments_of, shared
from simulator.smsc.receipts import watch_of
from simulator.smsc.states import refusal_status

if TYPE_CHECKING:
    from simulator.smsc.connection import Connection
    from simulator.smsc.server import Smsc

SAFE = b"\n\r !\"#%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
"""The characters that are the same octet in GSM 03.38, Latin-1 and UTF-8."""

LARGEST_LOT = 256
"""Drafts after which the next run begins a new lot: whoever asks for one has it looked for in its lot."""

_ONE_OCTET = frozenset({0, 1, 3})
"""Codings in which those characters are those octets."""


class Origin:
    """What the submits of one session have in common that have the same fields but for destination and text."""

    __slots__ = (
        "connection",
        "envelope",
        "mailbox",
        "one_octet",
        "prefix",
        "receipt_begins",
        "receipt_names",
        "source",
        "watch",
    )

    def __init__(self, connection: "Connection", fields: Plain) -> None:
        service_type, source_ton, source_npi, source, dest_ton, dest_npi = fields.first
        esm_class, protocol_id, priority, _, _, registered, _, coding, _ = fields.second
        numbers = (source_ton, source_npi, dest_ton, dest_npi, esm_class, protocol_id, priority, registered, coding)
        self.connection = connection
        self.mailbox = connection.smsc.mailbox(connection.account_name)
        """Where their receipts go."""
        self.envelope = shared(Envelope(service_type, *numbers, connection.session.version))
        self.source = source
        self.watch = watch_of(registered)
        self.prefix = f"{connection.account_name}\0{source}\0".encode()
        """What the content of a message begins with."""
        self.one_octet = coding in _ONE_OCTET
        """Whether the safe characters are the same octets in this coding."""
        self.receipt_begins = bytes((0, dest_ton, dest_npi))
        """Of a receipt: service_type, and what comes before the source."""
        self.receipt_names = b"\0%c%c%b\0\4\0\0\0\0\0\0\0\0" % (source_ton, source_npi, source.encode("latin-1"))
        """Of a receipt: from the end of the source to sm_default_msg_id."""

    def readable(self, text: bytes) -> bytes:
        """A text in UTF-8."""
        alphabet = self.connection.smsc.settings.default_alphabet
        return decode_text(text, self.envelope.data_coding, alphabet=alphabet).encode("utf-8", "surrogatepass")


class PlainLot(Lot):
    """The drafts of some runs that came to an SMSC within a second, whoever sent them."""

    __slots__ = ("destinations", "minute", "origins", "safe", "second", "texts")

    def __init__(self, smsc: "Smsc", at: int) -> None:
        super().__init__(smsc, smsc.engine.rules, smsc.settings.validity)
        self.minute = at // MINUTE
        self.second = at // SECOND
        self.origins: list[Origin] = []
        self.destinations: list[bytes] = []
        self.texts: list[bytes] = []
        self.safe = True
        """Whether all texts are safe characters, one octet each."""

    def put(self, run: SubmitRun) -> list[bytes]:
        """Keep what was sent; returns what the chance of each hangs on."""
        origins: list[Origin] = []
        for origin, number in run.kinds:
            origins += repeat(origin, number)
        texts = run.texts
        safe = all(origin.one_octet for origin, _ in run.kinds) and not b"".join(texts).translate(None, SAFE)
        if not safe:
            texts = tuple([origin.readable(text) for origin, text in zip(origins, texts, strict=True)])
        contents = [
            b"".join((origin.prefix, to.removeprefix(b"+"), b"\0", text))
            for origin, to, text in zip(origins, run.destinations, texts, strict=True)
        ]
        self.safe = self.safe and safe
        self.origins += origins
        self.destinations += run.destinations
        self.texts += run.texts
        return contents

    def leave_out(self, places: Collection[int]) -> None:
        first = len(self.keys)
        columns: tuple[list[Any], ...] = (self.origins, self.destinations, self.texts)
        for column in columns:
            column[first:] = [entry for place, entry in enumerate(column[first:]) if place not in places]

    def probes(self, first: int, every: bool) -> Iterator[Message | None]:
        if not (every or any(origin.watch for origin in set(self.origins[first:]))):
            return
        probe: SmppMessage | None = None
        before: Origin | None = None
        for index in range(first, len(self.texts)):
            origin, text = self.origins[index], self.texts[index]
            if origin is not before:
                before = origin
                probe = self.make(index) if every or origin.watch else None
            if probe is not None:
                probe.to = self.destinations[index].decode()
                probe.octets = text
                probe.segments = 1 if len(text) <= SEGMENT else segments_of(text, origin.envelope)
            yield probe

    def make(self, index: int) -> SmppMessage:
        origin, octets = self.origins[index], self.texts[index]
        to = self.destinations[index].decode()
        message = SmppMessage(origin.connection, origin.source, to, origin.envelope, octets)
        message.segments = segments_of(octets, origin.envelope)
        message.watch = origin.watch
        return message


class PlainSubmits:
    """Takes the plain submits of one session (smpp.SubmitTaker)."""

    __slots__ = ("_connection",)

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    def kind(self, fields: Plain) -> Origin | None:
        """None if there is anything unusual in them."""
        esm_class, _, _, schedule, validity, registered, replace, coding, default_id = fields.second
        if schedule or validity or replace or default_id or esm_class & ESM_UDHI:
            return None
        if registered not in (REGISTERED_RECEIPT_NONE, REGISTERED_RECEIPT_FINAL):
            return None
        connection = self._connection
        smsc = connection.smsc
        if not connection.may_use(fields.first[3]):
            return None
        if connection.session.version < VERSION_3_4 or (registered and not smsc.style.is_plain):
            return None
        if coding == 0 and smsc.settings.default_alphabet == "gsm7-packed":
            return None
        return Origin(connection, fields)

    def most(self) -> int:
        """As many as the account's limit admits."""
        throttle = self._connection.throttle
        return LARGEST_LOT if throttle is None else throttle.room(self._connection.smsc.clock.now())

    def take(self, run: SubmitRun) -> tuple[list[bytes], dict[int, int]]:
        """Leave the messages with the engine."""
        connection = self._connection
        smsc = connection.smsc
        engine, lot = smsc.engine, smsc.lot
        now = engine.clock.now()
        if lot is None or len(lot.texts) >= LARGEST_LOT or lot.second != now // SECOND or lot.rules is not engine.rules:
            lot = smsc.lot = PlainLot(smsc, now)
        keys, refused = engine.leave(lot, lot.put(run))
        connection.submitted += len(keys) - len(refused)
        if connection.throttle is not None:
            connection.throttle.count(len(keys), now)
        statuses = {place: refusal_status(why) for place, why in refused.items()}
        return spell_ids(keys, smsc.settings.message_id), statuses
