"""Fast paths for the PDUs that load is made of: submit_sm and its answer, deliver_sm and its answer.

What it is: the same results as `codec`, for the same octets, in a tenth of the time. A function here either
is sure, or gives None and leaves the verdict (and the words of the error) to the table. Property tests hold
the two against each other.

What it is not: another reading of the standard. Nothing is judged here: a run of fields that is not known
yet goes through the kinds of the table, once, and is remembered if it passed.

Why remember: from one message to the next a client's submit_sm differs in the destination and in the text.
What comes before the destination, and what is between it and the text, is nearly always what it was. So
one regular expression, which runs in C, cuts the two runs out, and they are looked up. A hit saves fifteen fields.
"""

import re
from struct import Struct
from struct import error as StructError
from typing import Any, Final, NamedTuple

from simulator.smpp.constants import MAX_SHORT_MESSAGE
from simulator.smpp.fields import Kind, PduError
from simulator.smpp.pdus import DeliverSm, SubmitSm
from simulator.smpp.tlv import Tag, Tlvs, decode_tlvs, encode_tlvs

_pack_header: Final = Struct(">IIII").pack
_STATUS_SEQUENCE: Final = Struct(">II")
_LENGTH: Final = Struct(">H")
_MAX_ADDR: Final = 20
_PAYLOAD: Final = int(Tag.MESSAGE_PAYLOAD)

CACHE_LIMIT: Final = 4096
"""How many runs are remembered before all are forgotten: a client with ever new ones gains nothing anyway."""

_SUBMIT_SM: Final = re.compile(
    rb"([^\0]*+\0..[^\0]*+\0..)"  # service_type; ton, npi and address of the source; ton and npi of the destination
    rb"([^\0]++)\0"  # destination_addr
    rb"(...[^\0]*+\0[^\0]*+\0....)",  # esm_class to sm_default_msg_id, with two times within
    re.DOTALL,
)
_RECEIPT_TAGS: Final = (int(Tag.RECEIPTED_MESSAGE_ID), int(Tag.MESSAGE_STATE), int(Tag.NETWORK_ERROR_CODE))

_Run = tuple[Any, ...]
_HEAD_KINDS: Final[tuple[Kind, ...]] = SubmitSm.table[:6]
_TAIL_KINDS: Final[tuple[Kind, ...]] = SubmitSm.table[7:16]
_heads: dict[bytes, _Run] = {}
_tails: dict[bytes, _Run] = {}
_DELIVERY_KINDS: Final[tuple[Kind, ...]] = DeliverSm.table[7:16]
_deliveries: dict[_Run, bytes] = {}


def _learn(run: bytes, kinds: tuple[Kind, ...], cache: dict[bytes, _Run]) -> _Run | None:
    """Judge a run by the table; None if it doesn't pass."""
    values, at, end = [], 0, len(run)
    try:
        for kind in kinds:
            value, after = kind.read(run, at, end)
            kind.check(value, at)
            values.append(value)
            at = after
    except PduError:
        return None
    if at != end:
        return None
    if len(cache) >= CACHE_LIMIT:
        cache.clear()
    found = cache[run] = tuple(values)
    return found


class Plain(NamedTuple):
    """The two runs of fields of a submit_sm that are mostly what they were before, as values."""

    first: _Run
    """`service_type` to `dest_addr_npi`."""
    second: _Run
    """`esm_class` to `sm_default_msg_id`."""


def submit_sm_parts(frame: bytes) -> tuple[bytes, bytes, bytes] | None:
    """The octets before the destination, the destination, and those from after its NUL up to sm_length.

    None if it isn't made so. What comes then is not looked at.
    """
    match = _SUBMIT_SM.match(frame, 16)
    return None if match is None else match.groups()  # type: ignore[return-value]


def plain_fields(head: bytes, tail: bytes) -> Plain | None:
    """The values of the two runs; None if they are not valid."""
    first = _heads.get(head) or _learn(head, _HEAD_KINDS, _heads)
    second = _tails.get(tail) or _learn(tail, _TAIL_KINDS, _tails)
    return None if first is None or second is None else Plain(first, second)


def decode_submit_sm(frame: bytes) -> SubmitSm | None:
    """A valid submit_sm (SMPP v3.4 section 4.4.1) from a frame whose length and command_id are right.

    None: not sure; ask `codec.decode`, which either reads it or says what is wrong.
    """
    match = _SUBMIT_SM.match(frame, 16)
    if match is None:
        return None
    head, destination, tail = match.groups()
    end = match.end()
    size = len(frame)
    if end == size or len(destination) > _MAX_ADDR:
        return None
    length = frame[end]
    first = _heads.get(head) or _learn(head, _HEAD_KINDS, _heads)
    second = _tails.get(tail) or _learn(tail, _TAIL_KINDS, _tails)
    if first is None or second is None or length > MAX_SHORT_MESSAGE:
        return None
    start = end + 1
    stop = start + length
    tlvs: Tlvs = {}
    if stop != size:
        if stop > size:
            return None
        try:
            tlvs = decode_tlvs(frame, stop, size)
        except PduError:
            return None
        if length and _PAYLOAD in tlvs:
            return None
    service_type, source_ton, source_npi, source, dest_ton, dest_npi = first
    esm_class, protocol_id, priority, schedule, validity, registered, replace, coding, default_id = second
    status, sequence_number = _STATUS_SEQUENCE.unpack_from(frame, 8)
    return SubmitSm(
        sequence_number,
        status,
        service_type,
        source_ton,
        source_npi,
        source,
        dest_ton,
        dest_npi,
        destination.decode("latin-1"),
        esm_class,
        protocol_id,
        priority,
        schedule,
        validity,
        registered,
        replace,
        coding,
        default_id,
        frame[start:stop],
        tlvs,
    )


def encode_submit_sm_resp(sequence_number: int, message_id: str) -> bytes | None:
    """A submit_sm_resp with status 0 (SMPP v3.4 section 4.4.2); None if the table should judge the id."""
    try:
        octets = message_id.encode("latin-1")
    except UnicodeEncodeError:
        return None
    length = len(octets)
    # `0 in octets` is several times faster than `b"\0" in octets`.
    if length > 64 or 0 in octets:
        return None
    return _pack_header(17 + length, 0x80000004, 0, sequence_number) + octets + b"\0"


def _learn_delivery(values: _Run) -> bytes | None:
    """The octets of esm_class to sm_default_msg_id; None if the table would not write them."""
    out = bytearray()
    try:
        for kind, value in zip(_DELIVERY_KINDS, values, strict=True):
            kind.write(value, out)
    except PduError:
        return None
    if len(_deliveries) >= CACHE_LIMIT:
        _deliveries.clear()
    found = _deliveries[values] = bytes(out)
    return found


def _receipt_tlvs(tlvs: Tlvs) -> bytes:
    """The three TLVs of a receipt, or any others. Raises PduError."""
    if tuple(tlvs) == _RECEIPT_TAGS:
        message_id, state, error = tlvs.values()
        if type(message_id) is str and type(state) is int and type(error) is bytes and len(error) == 3:
            try:
                octets = message_id.encode("latin-1")
                return b"\0\x1e%b%b\0\x04\x27\0\x01%c\x04\x23\0\x03%b" % (
                    _LENGTH.pack(len(octets) + 1),
                    octets,
                    state,
                    error,
                )
            except (UnicodeEncodeError, OverflowError, StructError):
                pass
    out = bytearray()
    encode_tlvs(tlvs, out)
    return bytes(out)


def encode_deliver_sm(pdu: DeliverSm, *, with_tlvs: bool = True) -> bytes | None:
    """A deliver_sm (SMPP v3.4 section 4.6.1); None if some field is not as it must be."""
    run = (
        pdu.esm_class,
        pdu.protocol_id,
        pdu.priority_flag,
        pdu.schedule_delivery_time,
        pdu.validity_period,
        pdu.registered_delivery,
        pdu.replace_if_present_flag,
        pdu.data_coding,
        pdu.sm_default_msg_id,
    )
    middle = _deliveries.get(run) or _learn_delivery(run)
    if middle is None:
        return None
    text = pdu.short_message
    try:
        service_type = pdu.service_type.encode("latin-1")
        source = pdu.source_addr.encode("latin-1")
        destination = pdu.destination_addr.encode("latin-1")
        optional = _receipt_tlvs(pdu.tlvs) if with_tlvs and pdu.tlvs else b""
        out = b"%b\0%c%c%b\0%c%c%b\0%b%c%b%b" % (
            service_type,
            pdu.source_addr_ton,
            pdu.source_addr_npi,
            source,
            pdu.dest_addr_ton,
            pdu.dest_addr_npi,
            destination,
            middle,
            len(text),
            text,
            optional,
        )
    except (UnicodeEncodeError, OverflowError, PduError):
        return None
    if len(service_type) > 5 or len(source) > _MAX_ADDR or len(destination) > _MAX_ADDR:
        return None
    if 0 in source or 0 in destination or 0 in service_type:
        return None
    return _pack_header(16 + len(out), 5, pdu.command_status & 0xFFFFFFFF, pdu.sequence_number & 0xFFFFFFFF) + out


def read_deliver_sm_resp(frame: bytes) -> tuple[int, int] | None:
    """(command_status, sequence_number) of a deliver_sm_resp that says nothing else; None if it does."""
    size = len(frame)
    if size == 16 or (size == 17 and frame[16] == 0):
        status, sequence_number = _STATUS_SEQUENCE.unpack_from(frame, 8)
        return status, sequence_number
    return None


def enquire_link_resp(frame: bytes) -> bytes:
    """The answer to an enquire_link: its own header, with the response bit and status 0."""
    return b"\0\0\0\x10\x80\0\0\x15\0\0\0\0" + frame[12:16]
