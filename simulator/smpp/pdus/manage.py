"""The operations about a message that was sent before: query_sm, cancel_sm, replace_sm."""

# c_octet, integer and the others are dataclasses.field in all but name.

from dataclasses import dataclass, field
from typing import ClassVar

from simulator.smpp.constants import CommandId
from simulator.smpp.fields import MAX_NPI, MAX_TON, c_octet, integer, octets
from simulator.smpp.pdus.base import Pdu
from simulator.smpp.status import CommandStatus as S
from simulator.smpp.times import is_time
from simulator.smpp.tlv import Tlvs


@dataclass(slots=True)
class QuerySm(Pdu):
    """What has become of a message? (SMPP v3.4 section 4.8.1)."""

    command_id: ClassVar[CommandId] = CommandId.QUERY_SM
    message_id: str = c_octet(65, S.ESME_RINVMSGID, required=True)
    source_addr_ton: int = integer(S.ESME_RINVSRCTON, high=MAX_TON)
    source_addr_npi: int = integer(S.ESME_RINVSRCNPI, high=MAX_NPI)
    source_addr: str = c_octet(21, S.ESME_RINVSRCADR)


@dataclass(slots=True)
class QuerySmResp(Pdu):
    """Answer to query_sm; final_date is empty until the state is final (SMPP v3.4 section 4.8.2)."""

    command_id: ClassVar[CommandId] = CommandId.QUERY_SM_RESP
    message_id: str = c_octet(65, S.ESME_RINVMSGID)
    final_date: str = c_octet(17, S.ESME_RQUERYFAIL)
    message_state: int = integer(S.ESME_RQUERYFAIL)
    error_code: int = integer(S.ESME_RQUERYFAIL)


@dataclass(slots=True)
class CancelSm(Pdu):
    """Cancel one message by its id, or all from a source to a destination (SMPP v3.4 section 4.9.1)."""

    command_id: ClassVar[CommandId] = CommandId.CANCEL_SM
    service_type: str = c_octet(6, S.ESME_RINVSERTYP)
    message_id: str = c_octet(65, S.ESME_RINVMSGID)
    source_addr_ton: int = integer(S.ESME_RINVSRCTON, high=MAX_TON)
    source_addr_npi: int = integer(S.ESME_RINVSRCNPI, high=MAX_NPI)
    source_addr: str = c_octet(21, S.ESME_RINVSRCADR)
    dest_addr_ton: int = integer(S.ESME_RINVDSTTON, high=MAX_TON)
    dest_addr_npi: int = integer(S.ESME_RINVDSTNPI, high=MAX_NPI)
    destination_addr: str = c_octet(21, S.ESME_RINVDSTADR)


@dataclass(slots=True)
class CancelSmResp(Pdu):
    """Answer to cancel_sm (SMPP v3.4 section 4.9.2)."""

    command_id: ClassVar[CommandId] = CommandId.CANCEL_SM_RESP


@dataclass(slots=True)
class ReplaceSm(Pdu):
    """Another text for a message that is still on its way (SMPP v3.4 section 4.10.1; TLVs in v5.0)."""

    command_id: ClassVar[CommandId] = CommandId.REPLACE_SM
    message_id: str = c_octet(65, S.ESME_RINVMSGID, required=True)
    source_addr_ton: int = integer(S.ESME_RINVSRCTON, high=MAX_TON)
    source_addr_npi: int = integer(S.ESME_RINVSRCNPI, high=MAX_NPI)
    source_addr: str = c_octet(21, S.ESME_RINVSRCADR)
    schedule_delivery_time: str = c_octet(17, S.ESME_RINVSCHED, fixed=True, valid=is_time)
    validity_period: str = c_octet(17, S.ESME_RINVEXPIRY, fixed=True, valid=is_time)
    registered_delivery: int = integer(S.ESME_RINVREGDLVFLG, high=0x1F)
    sm_default_msg_id: int = integer(S.ESME_RINVDFTMSGID, high=254)
    short_message: bytes = octets(254, S.ESME_RINVMSGLEN, length_field="sm_length")
    tlvs: Tlvs = field(default_factory=dict)


@dataclass(slots=True)
class ReplaceSmResp(Pdu):
    """Answer to replace_sm (SMPP v3.4 section 4.10.2)."""

    command_id: ClassVar[CommandId] = CommandId.REPLACE_SM_RESP
