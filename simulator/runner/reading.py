"""What a receipt says, from the PDU as smpplib has parsed it."""

from typing import Any

from simulator.runner.records import ReceiptSeen
from simulator.smpp import STAT, MessageState, decode_text, parse_udh
from simulator.smpp.concat import IEI_CONCAT_8
from simulator.smpp.constants import ESM_TYPE_INTERMEDIATE, ESM_TYPE_MASK, ESM_TYPE_RECEIPT, ESM_UDHI
from simulator.smpp.receipt import parse_fields


def text_of(pdu: Any) -> str:
    """The text of a deliver_sm or data_sm."""
    octets = getattr(pdu, "short_message", None) or getattr(pdu, "message_payload", None) or b""
    return decode_text(octets, int(pdu.data_coding or 0), bool(int(pdu.esm_class or 0) & ESM_UDHI))


def part_of(pdu: Any) -> tuple[int, int, int] | None:
    """(reference, total, part) of a part of a long message; None: it is whole."""
    if not int(pdu.esm_class or 0) & ESM_UDHI:
        return None
    for identifier, data in parse_udh(pdu.short_message or b"")[0]:
        if identifier == IEI_CONCAT_8 and len(data) == 3:
            return data[0], data[1], data[2]
    return None


def is_receipt(pdu: Any) -> bool:
    """A delivery receipt or an intermediate notification; else it is a message from a phone."""
    return int(pdu.esm_class or 0) & ESM_TYPE_MASK in (ESM_TYPE_RECEIPT, ESM_TYPE_INTERMEDIATE)


def receipt_of(pdu: Any, at: int) -> ReceiptSeen:
    fields = parse_fields(text_of(pdu))
    state = getattr(pdu, "message_state", None)
    network = getattr(pdu, "network_error_code", None)
    stat = fields.get("stat", "")
    if not stat and state is not None and state in MessageState._value2member_map_:
        stat = STAT[MessageState(state)]
    return ReceiptSeen(
        at=at,
        stat=stat,
        err=fields.get("err", ""),
        sub=fields.get("sub", ""),
        dlvrd=fields.get("dlvrd", ""),
        text=fields.get("text", ""),
        message_id=plain(getattr(pdu, "receipted_message_id", None)) or fields.get("id", ""),
        message_state=state,
        network_error=int.from_bytes(network[1:], "big") if network else None,
        esm_class=int(pdu.esm_class or 0),
        source=plain(pdu.source_addr),
        destination=plain(pdu.destination_addr),
    )


def plain(value: bytes | None) -> str:
    """The text of a field, as smpplib leaves it: octets, with or without their end."""
    return (value or b"").decode("latin-1").rstrip("\0")
