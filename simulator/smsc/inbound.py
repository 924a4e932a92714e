"""Messages to an ESME (MO): from a phone, from another ESME, or a phone's answer. Long ones come in parts."""

from simulator.smpp import AlertNotification, DeliverSm, Npi, Pdu, Segment, Tag, Ton, split
from simulator.smpp.constants import ESM_REPLY_PATH, ESM_UDHI
from simulator.smsc.mailbox import Parcel
from simulator.smsc.messages import SmppMessage

CARRIED = frozenset(
    {
        Tag.USER_MESSAGE_REFERENCE,
        Tag.SOURCE_PORT,
        Tag.DESTINATION_PORT,
        Tag.SAR_MSG_REF_NUM,
        Tag.SAR_TOTAL_SEGMENTS,
        Tag.SAR_SEGMENT_SEQNUM,
        Tag.MESSAGE_PAYLOAD,
        Tag.PAYLOAD_TYPE,
        Tag.PRIVACY_INDICATOR,
        Tag.CALLBACK_NUM,
        Tag.CALLBACK_NUM_PRES_IND,
        Tag.CALLBACK_NUM_ATAG,
        Tag.SOURCE_SUBADDRESS,
        Tag.DEST_SUBADDRESS,
        Tag.LANGUAGE_INDICATOR,
        Tag.USER_RESPONSE_CODE,
        Tag.ITS_SESSION_INFO,
        Tag.USSD_SERVICE_OP,
    }
)
"""What deliver_sm takes over from a submit_sm (SMPP v3.4 section 4.6.1)."""


class Inbound(Parcel):
    """One part of an inbound message, or all of it."""

    __slots__ = ("segment", "source", "to")

    def __init__(self, source: str, to: str, segment: Segment) -> None:
        super().__init__()
        self.source = source
        self.to = to
        self.segment = segment

    def pdu(self, version: int) -> Pdu:
        segment = self.segment
        return DeliverSm(
            source_addr_ton=_ton(self.source),
            source_addr_npi=Npi.ISDN if self.source.removeprefix("+").isdigit() else Npi.UNKNOWN,
            source_addr=self.source[:20],
            dest_addr_ton=_ton(self.to),
            dest_addr_npi=Npi.ISDN,
            destination_addr=self.to[:20],
            esm_class=segment.esm_class,
            data_coding=segment.data_coding,
            short_message=segment.short_message,
            tlvs=dict(segment.tlvs),
        )

    def __repr__(self) -> str:
        return f"<Inbound from {self.source} to {self.to}>"


def _ton(address: str) -> int:
    if address.startswith("+"):
        return Ton.INTERNATIONAL
    return Ton.UNKNOWN if address.isdigit() else Ton.ALPHANUMERIC


def from_phone(source: str, to: str, text: str, reference: int) -> list[Inbound]:
    """A text, in as many parts as it takes; `reference` tells its parts from those of others."""
    return [Inbound(source, to, segment) for segment in split(text, reference=reference)]


class Forwarded(Parcel):
    """A message of one ESME that has been delivered to the number of another."""

    __slots__ = ("message", "to")

    def __init__(self, message: SmppMessage, to: str) -> None:
        super().__init__()
        self.message = message
        self.to = to

    def pdu(self, version: int) -> Pdu:
        message = self.message
        envelope = message.envelope
        long = len(message.octets) > 254
        tlvs = {tag: value for tag, value in (message.tlvs or {}).items() if tag in CARRIED}
        tlvs.pop(Tag.MESSAGE_PAYLOAD, None)
        if long:
            tlvs[Tag.MESSAGE_PAYLOAD] = message.octets
        return DeliverSm(
            service_type=envelope.service_type,
            source_addr_ton=envelope.source_addr_ton,
            source_addr_npi=envelope.source_addr_npi,
            source_addr=message.source[:20],
            dest_addr_ton=envelope.dest_addr_ton,
            dest_addr_npi=envelope.dest_addr_npi,
            destination_addr=self.to[:20],
            esm_class=envelope.esm_class & (ESM_UDHI | ESM_REPLY_PATH),
            protocol_id=envelope.protocol_id,
            priority_flag=envelope.priority_flag,
            data_coding=envelope.data_coding,
            short_message=b"" if long else message.octets,
            tlvs=tlvs,
        )


class Alert(Parcel):
    """A subscriber can be reached again (SMPP v3.4 section 4.12)."""

    __slots__ = ("message",)

    def __init__(self, message: SmppMessage) -> None:
        super().__init__()
        self.message = message

    def pdu(self, version: int) -> Pdu:
        message = self.message
        return AlertNotification(
            source_addr_ton=message.dest_addr_ton,
            source_addr_npi=message.dest_addr_npi,
            source_addr=message.to,
            esme_addr_ton=message.source_addr_ton,
            esme_addr_npi=message.source_addr_npi,
            esme_addr=message.source,
            tlvs={Tag.MS_AVAILABILITY_STATUS: 0},
        )
