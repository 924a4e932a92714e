"""What is about the link and not about a message: enquire_link, generic_nack, alert_notification."""

# c_octet, integer and the others are dataclasses.field in all but name.

from dataclasses import dataclass, field
from typing import ClassVar

from simulator.smpp.constants import CommandId
from simulator.smpp.fields import c_octet, integer
from simulator.smpp.pdus.base import Pdu
from simulator.smpp.status import CommandStatus as S
from simulator.smpp.tlv import Tlvs


@dataclass(slots=True)
class GenericNack(Pdu):
    """Answer to what can't be answered otherwise (SMPP v3.4 section 4.3.1)."""

    command_id: ClassVar[CommandId] = CommandId.GENERIC_NACK


@dataclass(slots=True)
class EnquireLink(Pdu):
    """Are you there? (SMPP v3.4 section 4.11.1)."""

    command_id: ClassVar[CommandId] = CommandId.ENQUIRE_LINK


@dataclass(slots=True)
class EnquireLinkResp(Pdu):
    """Yes (SMPP v3.4 section 4.11.2)."""

    command_id: ClassVar[CommandId] = CommandId.ENQUIRE_LINK_RESP


@dataclass(slots=True)
class AlertNotification(Pdu):
    """A subscriber can be reached again (SMPP v3.4 section 4.12.1). Nothing answers it."""

    command_id: ClassVar[CommandId] = CommandId.ALERT_NOTIFICATION
    source_addr_ton: int = integer(S.ESME_RINVSRCTON)
    source_addr_npi: int = integer(S.ESME_RINVSRCNPI)
    source_addr: str = c_octet(65, S.ESME_RINVSRCADR)
    esme_addr_ton: int = integer(S.ESME_RINVDSTTON)
    esme_addr_npi: int = integer(S.ESME_RINVDSTNPI)
    esme_addr: str = c_octet(65, S.ESME_RINVDSTADR)
    tlvs: Tlvs = field(default_factory=dict)
