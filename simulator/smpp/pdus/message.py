"""The operations that carry a message: submit_sm, submit_multi, deliver_sm, data_sm.

What a client may not send is said here: `high`, `valid` and `required` are judged only when the codec is
asked to validate, which an SMSC does with what its clients send. deliver_sm has none of them, since
carriers send anything in it.
"""

# c_octet, integer and the others are dataclasses.field in all but name.
# ruff: noqa: RUF009

from dataclasses import dataclass, field
from typing import ClassVar, Final

from simulator.smpp.constants import CommandId
from simulator.smpp.fields import (
    MAX_NPI,
    MAX_TON,
    DistributionList,
    SmeAddress,
    UnsuccessSme,
    c_octet,
    dest_addresses,
    integer,
    octets,
    unsuccess_smes,
)
from simulator.smpp.pdus.base import Pdu
from simulator.smpp.status import CommandStatus as S
from simulator.smpp.times import is_time
from simulator.smpp.tlv import Tlvs

ESME_ESM_CLASSES: Final = frozenset(value for value in range(256) if value & 0x3C in (0x00, 0x08, 0x10))
"""Message types that an ESME may send: default, delivery and user acknowledgement (SMPP v3.4 section 5.2.12)."""

DATA_CODINGS: Final = frozenset(range(256)) - {0x0B, 0x0C, 0x0F} - frozenset(range(0x80, 0xC0))
"""All but the values that SMPP v3.4 section 5.2.19 and 3GPP TS 23.038 section 4 reserve."""


@dataclass(slots=True)
class SubmitSm(Pdu):
    """The ESME sends a message (SMPP v3.4 section 4.4.1)."""

    command_id: ClassVar[CommandId] = CommandId.SUBMIT_SM
    service_type: str = c_octet(6, S.ESME_RINVSERTYP)
    source_addr_ton: int = integer(S.ESME_RINVSRCTON, high=MAX_TON)
    source_addr_npi: int = integer(S.ESME_RINVSRCNPI, high=MAX_NPI)
    source_addr: str = c_octet(21, S.ESME_RINVSRCADR)
    dest_addr_ton: int = integer(S.ESME_RINVDSTTON, high=MAX_TON)
    dest_addr_npi: int = integer(S.ESME_RINVDSTNPI, high=MAX_NPI)
    destination_addr: str = c_octet(21, S.ESME_RINVDSTADR, required=True)
    esm_class: int = integer(S.ESME_RINVESMCLASS, valid=ESME_ESM_CLASSES)
    protocol_id: int = integer()
    priority_flag: int = integer(S.ESME_RINVPRTFLG, high=3)
    schedule_delivery_time: str = c_octet(17, S.ESME_RINVSCHED, fixed=True, valid=is_time)
    validity_period: str = c_octet(17, S.ESME_RINVEXPIRY, fixed=True, valid=is_time)
    registered_delivery: int = integer(S.ESME_RINVREGDLVFLG, high=0x1F)
    replace_if_present_flag: int = integer(S.ESME_RINVREPFLAG, high=1)
    data_coding: int = integer(S.ESME_RINVDCS, valid=DATA_CODINGS)
    sm_default_msg_id: int = integer(S.ESME_RINVDFTMSGID, high=254)
    short_message: bytes = octets(254, S.ESME_RINVMSGLEN, length_field="sm_length")
    tlvs: Tlvs = field(default_factory=dict)


@dataclass(slots=True)
class SubmitSmResp(Pdu):
    """Answer to submit_sm (SMPP v3.4 section 4.4.2)."""

    command_id: ClassVar[CommandId] = CommandId.SUBMIT_SM_RESP
    message_id: str = c_octet(65, S.ESME_RINVMSGID)
    tlvs: Tlvs = field(default_factory=dict)


@dataclass(slots=True)
class SubmitMulti(Pdu):
    """The ESME sends one message to many (SMPP v3.4 section 4.5.1)."""

    command_id: ClassVar[CommandId] = CommandId.SUBMIT_MULTI
    service_type: str = c_octet(6, S.ESME_RINVSERTYP)
    source_addr_ton: int = integer(S.ESME_RINVSRCTON, high=MAX_TON)
    source_addr_npi: int = integer(S.ESME_RINVSRCNPI, high=MAX_NPI)
    source_addr: str = c_octet(21, S.ESME_RINVSRCADR)
    dest_addresses: list[SmeAddress | DistributionList] = dest_addresses()
    esm_class: int = integer(S.ESME_RINVESMCLASS, valid=ESME_ESM_CLASSES)
    protocol_id: int = integer()
    priority_flag: int = integer(S.ESME_RINVPRTFLG, high=3)
    schedule_delivery_time: str = c_octet(17, S.ESME_RINVSCHED, fixed=True, valid=is_time)
    validity_period: str = c_octet(17, S.ESME_RINVEXPIRY, fixed=True, valid=is_time)
    registered_delivery: int = integer(S.ESME_RINVREGDLVFLG, high=0x1F)
    replace_if_present_flag: int = integer(S.ESME_RINVREPFLAG, high=1)
    data_coding: int = integer(S.ESME_RINVDCS, valid=DATA_CODINGS)
    sm_default_msg_id: int = integer(S.ESME_RINVDFTMSGID, high=254)
    short_message: bytes = octets(254, S.ESME_RINVMSGLEN, length_field="sm_length")
    tlvs: Tlvs = field(default_factory=dict)


@dataclass(slots=True)
class SubmitMultiResp(Pdu):
    """Answer to submit_multi, with the destinations that failed (SMPP v3.4 section 4.5.2)."""

    command_id: ClassVar[CommandId] = CommandId.SUBMIT_MULTI_RESP
    message_id: str = c_octet(65, S.ESME_RINVMSGID)
    unsuccess_smes: list[UnsuccessSme] = unsuccess_smes()
    tlvs: Tlvs = field(default_factory=dict)


@dataclass(slots=True)
class DeliverSm(Pdu):
    """The SMSC sends a message or a receipt (SMPP v3.4 section 4.6.1)."""

    command_id: ClassVar[CommandId] = CommandId.DELIVER_SM
    service_type: str = c_octet(6, S.ESME_RINVSERTYP)
    source_addr_ton: int = integer(S.ESME_RINVSRCTON)
    source_addr_npi: int = integer(S.ESME_RINVSRCNPI)
    source_addr: str = c_octet(21, S.ESME_RINVSRCADR)
    dest_addr_ton: int = integer(S.ESME_RINVDSTTON)
    dest_addr_npi: int = integer(S.ESME_RINVDSTNPI)
    destination_addr: str = c_octet(21, S.ESME_RINVDSTADR)
    esm_class: int = integer(S.ESME_RINVESMCLASS)
    protocol_id: int = integer()
    priority_flag: int = integer(S.ESME_RINVPRTFLG)
    schedule_delivery_time: str = c_octet(17, S.ESME_RINVSCHED)
    validity_period: str = c_octet(17, S.ESME_RINVEXPIRY)
    registered_delivery: int = integer(S.ESME_RINVREGDLVFLG)
    replace_if_present_flag: int = integer(S.ESME_RINVREPFLAG)
    data_coding: int = integer(S.ESME_RINVDCS)
    sm_default_msg_id: int = integer(S.ESME_RINVDFTMSGID)
    short_message: bytes = octets(255, S.ESME_RINVMSGLEN, length_field="sm_length")
    tlvs: Tlvs = field(default_factory=dict)


@dataclass(slots=True)
class DeliverSmResp(Pdu):
    """Answer to deliver_sm; its message_id is empty (SMPP v3.4 section 4.6.2)."""

    command_id: ClassVar[CommandId] = CommandId.DELIVER_SM_RESP
    message_id: str = c_octet(65, S.ESME_RINVMSGID)
    tlvs: Tlvs = field(default_factory=dict)


@dataclass(slots=True)
class DataSm(Pdu):
    """Either side sends a message; its text is in message_payload (SMPP v3.4 section 4.7.1)."""

    command_id: ClassVar[CommandId] = CommandId.DATA_SM
    service_type: str = c_octet(6, S.ESME_RINVSERTYP)
    source_addr_ton: int = integer(S.ESME_RINVSRCTON, high=MAX_TON)
    source_addr_npi: int = integer(S.ESME_RINVSRCNPI, high=MAX_NPI)
    source_addr: str = c_octet(65, S.ESME_RINVSRCADR)
    dest_addr_ton: int = integer(S.ESME_RINVDSTTON, high=MAX_TON)
    dest_addr_npi: int = integer(S.ESME_RINVDSTNPI, high=MAX_NPI)
    destination_addr: str = c_octet(65, S.ESME_RINVDSTADR, required=True)
    esm_class: int = integer(S.ESME_RINVESMCLASS)
    registered_delivery: int = integer(S.ESME_RINVREGDLVFLG, high=0x1F)
    data_coding: int = integer(S.ESME_RINVDCS, valid=DATA_CODINGS)
    tlvs: Tlvs = field(default_factory=dict)


@dataclass(slots=True)
class DataSmResp(Pdu):
    """Answer to data_sm (SMPP v3.4 section 4.7.2)."""

    command_id: ClassVar[CommandId] = CommandId.DATA_SM_RESP
    message_id: str = c_octet(65, S.ESME_RINVMSGID)
    tlvs: Tlvs = field(default_factory=dict)
