"""How a session begins and ends: bind, outbind, unbind (SMPP v3.4 section 4.1 and 4.2)."""

# c_octet, integer and the others are dataclasses.field in all but name.

from dataclasses import dataclass, field
from typing import ClassVar

from simulator.smpp.constants import VERSION_3_4, CommandId
from simulator.smpp.fields import c_octet, integer
from simulator.smpp.pdus.base import Pdu
from simulator.smpp.status import CommandStatus as S
from simulator.smpp.tlv import Tlvs


@dataclass(slots=True)
class Bind(Pdu):
    """What the three binds share (SMPP v3.4 section 4.1.1, 4.1.3 and 4.1.5). Not an operation itself."""

    system_id: str = c_octet(16, S.ESME_RINVSYSID)
    password: str = c_octet(9, S.ESME_RINVPASWD)
    system_type: str = c_octet(13, S.ESME_RINVSYSTYP)
    interface_version: int = integer(default=VERSION_3_4)
    addr_ton: int = integer()
    addr_npi: int = integer()
    address_range: str = c_octet(41, S.ESME_RBINDFAIL)


@dataclass(slots=True)
class BindReceiver(Bind):
    """The ESME wants to receive (SMPP v3.4 section 4.1.3)."""

    command_id: ClassVar[CommandId] = CommandId.BIND_RECEIVER


@dataclass(slots=True)
class BindTransmitter(Bind):
    """The ESME wants to send (SMPP v3.4 section 4.1.1)."""

    command_id: ClassVar[CommandId] = CommandId.BIND_TRANSMITTER


@dataclass(slots=True)
class BindTransceiver(Bind):
    """The ESME wants both (SMPP v3.4 section 4.1.5)."""

    command_id: ClassVar[CommandId] = CommandId.BIND_TRANSCEIVER


@dataclass(slots=True)
class BindResp(Pdu):
    """What the three answers share (SMPP v3.4 section 4.1.2, 4.1.4 and 4.1.6). Not an operation itself."""

    system_id: str = c_octet(16, S.ESME_RINVSYSID)
    tlvs: Tlvs = field(default_factory=dict)


@dataclass(slots=True)
class BindReceiverResp(BindResp):
    """Answer to bind_receiver (SMPP v3.4 section 4.1.4)."""

    command_id: ClassVar[CommandId] = CommandId.BIND_RECEIVER_RESP


@dataclass(slots=True)
class BindTransmitterResp(BindResp):
    """Answer to bind_transmitter (SMPP v3.4 section 4.1.2)."""

    command_id: ClassVar[CommandId] = CommandId.BIND_TRANSMITTER_RESP


@dataclass(slots=True)
class BindTransceiverResp(BindResp):
    """Answer to bind_transceiver (SMPP v3.4 section 4.1.6)."""

    command_id: ClassVar[CommandId] = CommandId.BIND_TRANSCEIVER_RESP


@dataclass(slots=True)
class Outbind(Pdu):
    """The SMSC, having connected, asks the ESME to bind (SMPP v3.4 section 4.1.7). Nothing answers it."""

    command_id: ClassVar[CommandId] = CommandId.OUTBIND
    system_id: str = c_octet(16, S.ESME_RINVSYSID)
    password: str = c_octet(9, S.ESME_RINVPASWD)


@dataclass(slots=True)
class Unbind(Pdu):
    """Either side wants to end the session (SMPP v3.4 section 4.2.1)."""

    command_id: ClassVar[CommandId] = CommandId.UNBIND


@dataclass(slots=True)
class UnbindResp(Pdu):
    """Answer to unbind (SMPP v3.4 section 4.2.2)."""

    command_id: ClassVar[CommandId] = CommandId.UNBIND_RESP
