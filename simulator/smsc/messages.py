"""A message that came by SMPP."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from simulator.engine import IdFormat, Message, segment
from simulator.smpp import (
    VERSION_3_4,
    DataSm,
    SmeAddress,
    SubmitMulti,
    SubmitSm,
    Tlvs,
    decode_text,
    encoding_name,
)
from simulator.smpp.constants import ESM_UDHI
from simulator.smsc.ids import spell_id

if TYPE_CHECKING:
    from simulator.smsc.connection import Connection
    from simulator.smsc.server import Smsc


class Envelope(NamedTuple):
    """What a client seldom changes from one submit to the next: equal ones are one object (`shared`)."""

    service_type: str
    source_addr_ton: int
    source_addr_npi: int
    dest_addr_ton: int
    dest_addr_npi: int
    esm_class: int
    protocol_id: int
    priority_flag: int
    registered_delivery: int
    data_coding: int
    interface_version: int = 0x34
    """What the session speaks."""


_MOST_ENVELOPES = 4096
_envelopes: dict[Envelope, Envelope] = {}


def shared(envelope: Envelope) -> Envelope:
    """The one object for all envelopes equal to this."""
    if len(_envelopes) >= _MOST_ENVELOPES:
        _envelopes.clear()
    return _envelopes.setdefault(envelope, envelope)


def envelope_of(pdu: SubmitSm | SubmitMulti | DataSm, to: SubmitSm | SmeAddress | DataSm, version: int) -> Envelope:
    """That of a request on a session of this version. `to` has the numbers of the destination."""
    protocol_id, priority_flag = (0, 0) if isinstance(pdu, DataSm) else (pdu.protocol_id, pdu.priority_flag)
    return shared(
        Envelope(
            pdu.service_type,
            pdu.source_addr_ton,
            pdu.source_addr_npi,
            to.dest_addr_ton,
            to.dest_addr_npi,
            pdu.esm_class,
            protocol_id,
            priority_flag,
            pdu.registered_delivery,
            pdu.data_coding,
            version,
        )
    )


class SmppMessage(Message):
    """One submit_sm, data_sm or submit_multi. The text is kept as its octets, and read when somebody asks."""

    __slots__ = ("connection", "envelope", "octets", "tlvs")

    via = "smpp"

    def __init__(
        self,
        connection: "Connection",
        source: str,
        to: str | Sequence[str],
        envelope: Envelope,
        octets: bytes,
        tlvs: Tlvs | None = None,
    ) -> None:
        """`connection`: which brought it. `octets`: short_message or message_payload, with its user data header."""
        super().__init__(connection.account_name, source, to, 1)
        self.connection = connection
        self.envelope = envelope
        self.octets = octets
        self.tlvs = tlvs or None

    @property
    def text(self) -> str:
        envelope = self.envelope
        alphabet = self.connection.smsc.settings.default_alphabet
        return decode_text(self.octets, envelope.data_coding, bool(envelope.esm_class & ESM_UDHI), alphabet)

    @property
    def encoding(self) -> str:
        return encoding_name(self.envelope.data_coding)

    @property
    def smsc(self) -> "Smsc":
        """The SMSC to which it came."""
        return self.connection.smsc

    @property
    def message_id(self) -> str:
        """Its id, as the response spelled it."""
        form = self.smsc.settings.message_id
        if form == "decimal" and self.envelope.interface_version < VERSION_3_4:
            form = "HEX"  # ten digits would be too long
        return self.spelled(form)

    def spelled(self, form: IdFormat) -> str:
        """Its id in this format; of what came by SMPP 3.3, a shorter one."""
        if self.envelope.interface_version >= VERSION_3_4:
            return spell_id(self.key, form)
        number = self.smsc.short_ids.number(self.key)
        return str(number) if form == "decimal" else f"{number:08x}" if form == "hex" else f"{number:08X}"

    @property
    def smsc_name(self) -> str:
        return self.connection.smsc.settings.name

    @property
    def interface_version(self) -> int:
        return self.envelope.interface_version

    # What a receipt needs (simulator.smpp.Addressed):

    @property
    def source_addr(self) -> str:
        return self.source

    @property
    def destination_addr(self) -> str:
        return self.to

    @property
    def source_addr_ton(self) -> int:
        return self.envelope.source_addr_ton

    @property
    def source_addr_npi(self) -> int:
        return self.envelope.source_addr_npi

    @property
    def dest_addr_ton(self) -> int:
        return self.envelope.dest_addr_ton

    @property
    def dest_addr_npi(self) -> int:
        return self.envelope.dest_addr_npi


SEGMENT = 140
"""Octets that are one segment in any coding."""


def segments_of(octets: bytes, envelope: Envelope) -> int:
    """How many segments an air interface would need: more than 1 only for a message_payload."""
    if len(octets) <= SEGMENT or envelope.esm_class & ESM_UDHI:
        return 1
    if encoding_name(envelope.data_coding) in ("gsm7", "ucs2"):
        return segment(decode_text(octets, envelope.data_coding)).segments
    return -(-len(octets) // 134)
