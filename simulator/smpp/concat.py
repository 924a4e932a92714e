"""Long messages: parts of one text, and how each says which part it is.

What it is: the three ways there are. Two are user data headers (3GPP TS 23.040 section 9.2.3.24.1 and
9.2.3.24.8) with a reference of 8 or 16 bits, one is SMPP's own (the sar_ parameters, SMPP v3.4 section
5.3.2.22 to 5.3.2.24). What it is not: a store that puts parts together; that needs time, which is not here.
"""

from typing import Final, Literal, NamedTuple

from simulator.smpp.constants import ESM_UDHI
from simulator.smpp.pdus import Pdu
from simulator.smpp.text import best_coding, decode_text, encode_text, encoding_name, parse_udh
from simulator.smpp.tlv import Tag, Tlvs

Method = Literal["udh8", "udh16", "sar"]

IEI_CONCAT_8: Final = 0x00
IEI_CONCAT_16: Final = 0x08
MAX_PARTS: Final = 255
_HEADER_OCTETS: Final[dict[Method, int]] = {"udh8": 6, "udh16": 7, "sar": 6}
"""What a header takes away. With SAR the SMSC will put one on for the radio, so as much must be left."""


class Concat(NamedTuple):
    """Which part of which message. `bits` is the size of the reference."""

    ref: int
    total: int
    part: int
    bits: int


class Segment(NamedTuple):
    """One part, ready for the fields of a submit_sm. `tlvs` is empty unless the method is SAR."""

    esm_class: int
    data_coding: int
    short_message: bytes
    tlvs: Tlvs


def octets_of(pdu: Pdu) -> bytes:
    """The message of a PDU, from wherever it is: short_message, or else message_payload."""
    short: bytes = getattr(pdu, "short_message", b"")
    if short:
        return short
    payload = getattr(pdu, "tlvs", {}).get(Tag.MESSAGE_PAYLOAD, b"")
    if isinstance(payload, list):
        payload = payload[0]
    return payload if isinstance(payload, bytes) else b""


def text_of(pdu: Pdu) -> str:
    """The message of a PDU as text, without its user data header. Never raises."""
    udhi = bool(getattr(pdu, "esm_class", 0) & ESM_UDHI)
    return decode_text(octets_of(pdu), getattr(pdu, "data_coding", 0), udhi)


def concat_of(pdu: Pdu) -> Concat | None:
    """Which part of a long message this is; None if it is whole, or says something that can't be.

    A part number of 0 or beyond the total is ignored, as 3GPP TS 23.040 section 9.2.3.24.1 asks.
    """
    found: Concat | None = None
    if getattr(pdu, "esm_class", 0) & ESM_UDHI:
        for identifier, data in parse_udh(octets_of(pdu))[0]:
            if identifier == IEI_CONCAT_8 and len(data) == 3:
                found = Concat(data[0], data[1], data[2], 8)
            elif identifier == IEI_CONCAT_16 and len(data) == 4:
                found = Concat(data[0] << 8 | data[1], data[2], data[3], 16)
    if found is None:
        tlvs: Tlvs = getattr(pdu, "tlvs", {})
        if Tag.SAR_MSG_REF_NUM not in tlvs:
            return None
        ref = tlvs[Tag.SAR_MSG_REF_NUM]
        total, part = tlvs.get(Tag.SAR_TOTAL_SEGMENTS), tlvs.get(Tag.SAR_SEGMENT_SEQNUM)
        if not (isinstance(ref, int) and isinstance(total, int) and isinstance(part, int)):
            return None
        found = Concat(ref, total, part, 16)
    return found if 1 <= found.part <= found.total else None


def split(text: str, *, data_coding: int | None = None, reference: int = 0, method: Method = "udh8") -> list[Segment]:
    """A text as the parts that carry it: one if it fits (160 septets or 140 octets), else up to 255.

    Neither an escape with its character nor a surrogate pair is cut apart. Raises UnicodeEncodeError if
    the coding lacks a character, ValueError if there would be too many parts.
    """
    coding = best_coding(text) if data_coding is None else data_coding
    octets = encode_text(text, coding)
    kind = encoding_name(coding)
    # 140 octets go over the air; in GSM 03.38 they hold 160 septets, and a header takes whole septets.
    gsm = kind == "gsm7"
    if len(octets) <= (160 if gsm else 140):
        return [Segment(0, coding, octets, {})]
    header = _HEADER_OCTETS[method]
    room = (140 - header) * 8 // 7 if gsm else 140 - header
    room -= room % 2 if kind == "ucs2" else 0
    pieces, at = [], 0
    while at < len(octets):
        end = min(at + room, len(octets))
        if end < len(octets):
            end -= _too_far(octets, at, end, kind)
        pieces.append(octets[at:end])
        at = end
    total = len(pieces)
    if total > MAX_PARTS:
        raise ValueError(f"the text needs {total} parts; a long message has at most {MAX_PARTS}")
    return [_segment(piece, coding, reference, total, part, method) for part, piece in enumerate(pieces, 1)]


def _too_far(octets: bytes, at: int, end: int, kind: str) -> int:
    """How many octets a part must give back so that it does not end within a character."""
    if kind == "gsm7":
        escapes = 0
        while end - escapes > at and octets[end - 1 - escapes] == 0x1B:
            escapes += 1
        return escapes % 2
    if kind == "ucs2":
        return 2 if 0xD8 <= octets[end - 2] <= 0xDB else 0
    return 0


def _segment(piece: bytes, coding: int, reference: int, total: int, part: int, method: Method) -> Segment:
    if method == "udh8":
        return Segment(ESM_UDHI, coding, bytes((5, IEI_CONCAT_8, 3, reference & 0xFF, total, part)) + piece, {})
    reference &= 0xFFFF
    if method == "udh16":
        head = bytes((6, IEI_CONCAT_16, 4, reference >> 8, reference & 0xFF, total, part))
        return Segment(ESM_UDHI, coding, head + piece, {})
    tlvs: Tlvs = {
        int(Tag.SAR_MSG_REF_NUM): reference,
        int(Tag.SAR_TOTAL_SEGMENTS): total,
        int(Tag.SAR_SEGMENT_SEQNUM): part,
    }
    return Segment(0, coding, piece, tlvs)
