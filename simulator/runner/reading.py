"""What a receipt says, from the PDU as smpplib has parsed it."""

from typing import Any

from simulator.runner.records import ReceiptSeen
from simulator.smpp import STAT, MessageState, decode_text
from simulator.smpp.constants import ESM_TYPE_INTERMEDIATE, ESM_TYPE_MASK, ESM_TYPE_RECEIPT, ESM_UDHI
from simulator.smpp.receipt import parse_fields


def text_of(pdu: Any) -> str:
    """The text of a deliver_sm or data_sm."""
    octets = getattr(pdu, "short_message", None) or getattr(pdu, "message_payload", None) or b""
    return decode_text(octets, int(pdu.data_coding or 0), bool(int(pdu.esm_class or 0) & ESM_UDHI))


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
        message_id=_text(getattr(pdu, "receipted_message_id", None)) or fields.get("id", ""),
        message_state=state,
        network_error=int.from_bytes(network[1:], "big") if network else None,
        esm_class=int(pdu.esm_class or 0),
        source=_text(pdu.source_addr),
        destination=_text(pdu.destination_addr),
    )


def _text(value: bytes | None) -> str:
    return (value or b"").decode("latin-1").rstrip("\0")
