"""A PDU for people: field by field, as a dissector prints it. What `serve --log-pdus` writes.

    submit_sm  sequence_number 7, 53 octets
      source_addr_ton          5 (ALPHANUMERIC)
      ...
      short_message            5 octets: 48656c6c6f
      text                     'Hello' (GSM 03.38)
      user_message_reference   7 (TLV 0x0204)

What it is not: parsed by anything. Its layout may change.
"""

from typing import Any, Final

from simulator.smpp.codec import decode
from simulator.smpp.concat import concat_of, octets_of, text_of
from simulator.smpp.constants import (
    ESM_MODE_MASK,
    ESM_REPLY_PATH,
    ESM_TYPE_MASK,
    ESM_UDHI,
    REGISTERED_ACK_DELIVERY,
    REGISTERED_ACK_USER,
    REGISTERED_INTERMEDIATE,
    REGISTERED_RECEIPT_MASK,
    MessageState,
    Npi,
    Ton,
    name_of,
)
from simulator.smpp.fields import PduError
from simulator.smpp.pdus import Pdu
from simulator.smpp.status import meaning, status_name
from simulator.smpp.text import CODINGS
from simulator.smpp.tlv import Tag, tlv_name

_WIDTH: Final = 26
_MODES: Final = ("default mode", "datagram", "forward", "store and forward")
_TYPES: Final[dict[int, str]] = {
    0x00: "",
    0x04: "delivery receipt",
    0x08: "delivery acknowledgement",
    0x10: "user acknowledgement",
    0x18: "conversation abort",
    0x20: "intermediate notification",
}
_RECEIPTS: Final = ("no receipt", "receipt when final", "receipt on failure", "receipt on success")
_SECRET: Final = frozenset({"password"})


def describe(pdu: Pdu) -> str:
    """All that a PDU says, with names and meanings, in several lines. Passwords are not shown."""
    lines = [f"{pdu.operation()}  sequence_number {pdu.sequence_number}"]
    if pdu.is_response() or pdu.command_status:
        status = pdu.command_status
        lines.append(_line("command_status", f"{status_name(status)}: {meaning(status)}"))
    lines += [_line(kind.name, _field(kind.name, getattr(pdu, kind.name))) for kind in pdu.table]
    if octets_of(pdu):
        label = CODINGS[getattr(pdu, "data_coding", 0) & 0xFF].label
        lines.append(_line("text", f"{text_of(pdu)!r} ({label})"))
    concat = concat_of(pdu)
    if concat is not None:
        lines.append(_line("part", f"{concat.part} of {concat.total}, reference {concat.ref} ({concat.bits} bits)"))
    for tag, value in getattr(pdu, "tlvs", {}).items():
        for item in value if isinstance(value, list) else [value]:
            lines.append(_line(tlv_name(tag), f"{_tlv(tag, item)} (TLV 0x{tag:04X})"))
    return "\n".join(lines)


def describe_frame(frame: bytes) -> str:
    """The same from octets; for those that are no PDU, what is wrong with them, and the octets."""
    try:
        return describe(decode(frame, validate=False))
    except PduError as error:
        return f"no PDU: {error}\n  {frame[:256].hex(' ', 4)}"


def _line(name: str, value: str) -> str:
    return f"  {name:<{_WIDTH}} {value}"


def _field(name: str, value: Any) -> str:
    if name in _SECRET:
        return "(not shown)" if value else "''"
    if isinstance(value, bytes):
        return f"{len(value)} octets: {value.hex()}" if value else "0 octets"
    if isinstance(value, list):
        return "; ".join(" ".join(map(str, item)) for item in value) or "none"
    if isinstance(value, str):
        return repr(value)
    words = _meaning(name, value)
    return f"{value} ({words})" if words else str(value)


def _meaning(name: str, value: int) -> str:
    if name.endswith("_ton"):
        return name_of(Ton, value)
    if name.endswith("_npi"):
        return name_of(Npi, value)
    if name == "esm_class":
        return _esm_class(value)
    if name == "registered_delivery":
        return _registered(value)
    if name == "data_coding":
        return CODINGS[value & 0xFF].label
    if name == "message_state":
        return name_of(MessageState, value)
    if name == "interface_version":
        return f"{value >> 4}.{value & 0xF}"
    return ""


def _esm_class(value: int) -> str:
    kind = value & ESM_TYPE_MASK
    words = [_MODES[value & ESM_MODE_MASK], _TYPES.get(kind, f"type 0x{kind:02X}")]
    words += ["UDHI"] if value & ESM_UDHI else []
    words += ["reply path"] if value & ESM_REPLY_PATH else []
    return ", ".join(filter(None, words))


def _registered(value: int) -> str:
    words = [_RECEIPTS[value & REGISTERED_RECEIPT_MASK]]
    words += ["delivery acknowledgement"] if value & REGISTERED_ACK_DELIVERY else []
    words += ["user acknowledgement"] if value & REGISTERED_ACK_USER else []
    words += ["intermediate notifications"] if value & REGISTERED_INTERMEDIATE else []
    return ", ".join(words)


def _tlv(tag: int, value: Any) -> str:
    if isinstance(value, bytes):
        if tag == Tag.NETWORK_ERROR_CODE and len(value) == 3:
            return f"network type {value[0]}, error {int.from_bytes(value[1:], 'big')}"
        return f"{len(value)} octets: {value.hex()}"
    if tag == Tag.MESSAGE_STATE and isinstance(value, int):
        return f"{value} ({name_of(MessageState, value)})"
    if tag == Tag.SC_INTERFACE_VERSION and isinstance(value, int):
        return f"{value} ({value >> 4}.{value & 0xF})"
    return repr(value)
