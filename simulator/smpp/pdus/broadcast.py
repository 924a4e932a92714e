"""Cell broadcast, which came with v5.0: broadcast_sm, query_broadcast_sm, cancel_broadcast_sm.

The area, the content type and how often to repeat are TLVs, although broadcast_sm can't do without them.
"""

# c_octet, integer and the others are dataclasses.field in all but name.

from dataclasses import dataclass, field
from typing import ClassVar

from simulator.smpp.constants import CommandId
from simulator.smpp.fields import MAX_NPI, MAX_TON, c_octet, integer
from simulator.smpp.pdus.base import Pdu
from simulator.smpp.pdus.message import DATA_CODINGS
from simulator.smpp.status import CommandStatus as S
from simulator.smpp.times import is_time
from simulator.smpp.tlv import Tlvs


@dataclass(slots=True)
class BroadcastSm(Pdu):
    """The ESME sends a message to everybody in an area (SMPP v5.0 section 4.4.1)."""

    command_id: ClassVar[CommandId] = CommandId.BROADCAST_SM
    service_type: str = c_octet(6, S.ESME_RINVSERTYP)
    source_addr_ton: int = integer(S.ESME_RINVSRCTON, high=MAX_TON)
    source_addr_npi: int = integer(S.ESME_RINVSRCNPI, high=MAX_NPI)
    source_addr: str = c_octet(21, S.ESME_RINVSRCADR)
    message_id: str = c_octet(65, S.ESME_RINVMSGID)
    priority_flag: int = integer(S.ESME_RINVPRTFLG, high=4)
    schedule_delivery_time: str = c_octet(17, S.ESME_RINVSCHED, fixed=True, valid=is_time)
    validity_period: str = c_octet(17, S.ESME_RINVEXPIRY, fixed=True, valid=is_time)
    replace_if_present_flag: int = integer(S.ESME_RINVREPFLAG, high=1)
    data_coding: int = integer(S.ESME_RINVDCS, valid=DATA_CODINGS)
    sm_default_msg_id: int = integer(S.ESME_RINVDFTMSGID, high=254)
    tlvs: Tlvs = field(default_factory=dict)


@dataclass(slots=True)
class BroadcastSmResp(Pdu):
    """Answer to broadcast_sm (SMPP v5.0 section 4.4.1)."""

    command_id: ClassVar[CommandId] = CommandId.BROADCAST_SM_RESP
    message_id: str = c_octet(65, S.ESME_RINVMSGID)
    tlvs: Tlvs = field(default_factory=dict)


@dataclass(slots=True)
class QueryBroadcastSm(Pdu):
    """What has become of a broadcast? (SMPP v5.0 section 4.6)."""

    command_id: ClassVar[CommandId] = CommandId.QUERY_BROADCAST_SM
    message_id: str = c_octet(65, S.ESME_RINVMSGID, required=True)
    source_addr_ton: int = integer(S.ESME_RINVSRCTON, high=MAX_TON)
    source_addr_npi: int = integer(S.ESME_RINVSRCNPI, high=MAX_NPI)
    source_addr: str = c_octet(21, S.ESME_RINVSRCADR)
    tlvs: Tlvs = field(default_factory=dict)


@dataclass(slots=True)
class QueryBroadcastSmResp(Pdu):
    """Answer to query_broadcast_sm; states and areas are TLVs (SMPP v5.0 section 4.6)."""

    command_id: ClassVar[CommandId] = CommandId.QUERY_BROADCAST_SM_RESP
    message_id: str = c_octet(65, S.ESME_RINVMSGID)
    tlvs: Tlvs = field(default_factory=dict)


@dataclass(slots=True)
class CancelBroadcastSm(Pdu):
    """Cancel a broadcast by its id, or all of a source (SMPP v5.0 section 4.6)."""

    command_id: ClassVar[CommandId] = CommandId.CANCEL_BROADCAST_SM
    service_type: str = c_octet(6, S.ESME_RINVSERTYP)
    message_id: str = c_octet(65, S.ESME_RINVMSGID)
    source_addr_ton: int = integer(S.ESME_RINVSRCTON, high=MAX_TON)
    source_addr_npi: int = integer(S.ESME_RINVSRCNPI, high=MAX_NPI)
    source_addr: str = c_octet(21, S.ESME_RINVSRCADR)
    tlvs: Tlvs = field(default_factory=dict)


@dataclass(slots=True)
class CancelBroadcastSmResp(Pdu):
    """Answer to cancel_broadcast_sm (SMPP v5.0 section 4.6)."""

    command_id: ClassVar[CommandId] = CommandId.CANCEL_BROADCAST_SM_RESP
