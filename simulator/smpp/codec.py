"""PDUs to octets and back, by one loop over the tables in `pdus`.

What it is: the reference. Every operation goes through the same few lines, so that what is true for one is
true for all. What it is not: the hot path; `fast` does the three PDUs that load is made of, and is tested
against this.

Why a response may lack its body: an error response has none (SMPP v3.4 section 4.1.2, 4.4.2), clients differ
in whether they send one all the same, and some leave it out even with status 0. All of them are understood.
When writing, an error response has a body only if somebody gave it one.
"""

from struct import Struct
from typing import Any, Final

from simulator.smpp.constants import HEADER_LENGTH, RESPONSE_BIT, VERSION_3_4
from simulator.smpp.fields import PduError
from simulator.smpp.pdus import PDUS, Pdu
from simulator.smpp.status import CommandStatus
from simulator.smpp.tlv import Tag, decode_tlvs, encode_tlvs

HEADER: Final = Struct(">IIII")
"""command_length, command_id, command_status, sequence_number (SMPP v3.4 section 3.2)."""


class UnknownCommandError(PduError):
    """A command_id that no version knows: generic_nack with ESME_RINVCMDID is the answer."""

    def __init__(self, command_id: int, sequence_number: int) -> None:
        why = f"0x{command_id:08X} is no operation of SMPP"
        super().__init__(CommandStatus.ESME_RINVCMDID, "command_id", 4, why)
        self.command_id = command_id
        self.sequence_number = sequence_number


def decode(frame: bytes, *, version: int = VERSION_3_4, validate: bool = True) -> Pdu:
    """Read one whole PDU. Raises PduError (with the command_status to answer) or UnknownCommandError.

    `validate` judges values as an SMSC judges its clients; without it only the structure must hold.
    `version` is the session's: below 3.4 what follows the mandatory part is no error, and read if it can be.
    """
    size = len(frame)
    if size < HEADER_LENGTH:
        why = f"{size} octets are too few for the header of {HEADER_LENGTH}"
        raise PduError(CommandStatus.ESME_RINVCMDLEN, "command_length", 0, why)
    length, command_id, status, sequence_number = HEADER.unpack_from(frame)
    if length != size:
        why = f"it says {length}, but the PDU has {size} octets"
        raise PduError(CommandStatus.ESME_RINVCMDLEN, "command_length", 0, why)
    cls = PDUS.get(command_id)
    if cls is None:
        raise UnknownCommandError(command_id, sequence_number)
    if size == HEADER_LENGTH and command_id & RESPONSE_BIT:
        return cls(sequence_number, status)
    at = HEADER_LENGTH
    values: list[Any] = []
    for kind in cls.table:
        value, after = kind.read(frame, at, size)
        if validate:
            kind.check(value, at)
        values.append(value)
        at = after
    if at < size:
        if cls.has_tlvs:
            values.append(_tlvs(frame, at, size, version, validate))
        elif validate and version >= VERSION_3_4:
            why = f"{size - at} octet(s) follow the last field; {cls.operation()} has no optional parameters"
            raise PduError(CommandStatus.ESME_RINVCMDLEN, "command_length", at, why)
    pdu = cls(sequence_number, status, *values)
    if validate:
        check_payload(pdu, at)
    return pdu


def _tlvs(frame: bytes, at: int, size: int, version: int, validate: bool) -> Any:
    if version >= VERSION_3_4:
        return decode_tlvs(frame, at, size, validate=validate)
    try:
        return decode_tlvs(frame, at, size, validate=False)
    except PduError:
        return {}


def check_payload(pdu: Pdu, at: int) -> None:
    """short_message and message_payload exclude each other (SMPP v3.4 section 5.3.2.32)."""
    if getattr(pdu, "short_message", b"") and Tag.MESSAGE_PAYLOAD in getattr(pdu, "tlvs", ()):
        why = f"it is there beside a short_message of {len(pdu.short_message)} octets; one of them must be empty"  # type: ignore[attr-defined]
        raise PduError(CommandStatus.ESME_RINVOPTPARAMVAL, "message_payload", at, why)


def _is_bare(pdu: Pdu, values: list[Any]) -> bool:
    """An error response to which nobody gave a body."""
    return bool(pdu.command_status and pdu.command_id & RESPONSE_BIT and not any(values))


def encode(pdu: Pdu, *, version: int = VERSION_3_4) -> bytes:
    """Write one PDU; below version 3.4 without optional parameters.

    Raises PduError for what can't be put on the wire. Values are not judged: faults want to send bad ones.
    """
    tlvs = getattr(pdu, "tlvs", None) if version >= VERSION_3_4 else None
    values = [getattr(pdu, kind.name) for kind in pdu.table]
    out = bytearray(HEADER_LENGTH)
    if tlvs or not _is_bare(pdu, values):
        for kind, value in zip(pdu.table, values, strict=True):
            kind.write(value, out)
        if tlvs:
            encode_tlvs(tlvs, out)
    HEADER.pack_into(
        out, 0, len(out), pdu.command_id, pdu.command_status & 0xFFFFFFFF, pdu.sequence_number & 0xFFFFFFFF
    )
    return bytes(out)


def encode_header(command_id: int, command_status: int, sequence_number: int) -> bytes:
    """A PDU that is only a header, such as an error response."""
    return HEADER.pack(HEADER_LENGTH, command_id, command_status, sequence_number)
