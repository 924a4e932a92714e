"""Optional parameters: two octets of tag, two of length, the value (SMPP v3.4 section 3.2.4, 5.3).

What it is: one table, tag -> name and shape, for all parameters of v3.4 and v5.0, and the reader and writer
that use it. A PDU keeps its parameters in a plain dict, tag -> value, in the order of the wire:

    number       -> int        C-Octet String -> str        anything else -> bytes
    no value (alert_on_message_delivery) -> True
    the same tag several times (broadcast_area_identifier and its like) -> list of the above

What it is not: a filter. A tag nobody knows is kept as bytes and written back as it came. So is a known
one in a shape that loses nothing only as bytes (a string without its NUL: many carriers send those).
Writing takes bytes for any tag, which is how a fault sends what the table would not let through.

Why a dict and not attributes: there are sixty, a message has two, and vendors add their own.
"""

from collections.abc import Mapping
from enum import IntEnum
from struct import Struct
from typing import Final, NamedTuple

from simulator.smpp.fields import PduError
from simulator.smpp.status import CommandStatus

TlvScalar = int | str | bytes
TlvValue = TlvScalar | list[TlvScalar]
Tlvs = dict[int, TlvValue]

_HEAD: Final = Struct(">HH")


class Tag(IntEnum):
    """Parameter tags (SMPP v3.4 section 5.3.2; v5.0 section 4.8.1)."""

    DEST_ADDR_SUBUNIT = 0x0005
    DEST_NETWORK_TYPE = 0x0006
    DEST_BEARER_TYPE = 0x0007
    DEST_TELEMATICS_ID = 0x0008
    SOURCE_ADDR_SUBUNIT = 0x000D
    SOURCE_NETWORK_TYPE = 0x000E
    SOURCE_BEARER_TYPE = 0x000F
    SOURCE_TELEMATICS_ID = 0x0010
    QOS_TIME_TO_LIVE = 0x0017
    PAYLOAD_TYPE = 0x0019
    ADDITIONAL_STATUS_INFO_TEXT = 0x001D
    RECEIPTED_MESSAGE_ID = 0x001E
    MS_MSG_WAIT_FACILITIES = 0x0030
    PRIVACY_INDICATOR = 0x0201
    SOURCE_SUBADDRESS = 0x0202
    DEST_SUBADDRESS = 0x0203
    USER_MESSAGE_REFERENCE = 0x0204
    USER_RESPONSE_CODE = 0x0205
    SOURCE_PORT = 0x020A
    DESTINATION_PORT = 0x020B
    SAR_MSG_REF_NUM = 0x020C
    LANGUAGE_INDICATOR = 0x020D
    SAR_TOTAL_SEGMENTS = 0x020E
    SAR_SEGMENT_SEQNUM = 0x020F
    SC_INTERFACE_VERSION = 0x0210
    CALLBACK_NUM_PRES_IND = 0x0302
    CALLBACK_NUM_ATAG = 0x0303
    NUMBER_OF_MESSAGES = 0x0304
    CALLBACK_NUM = 0x0381
    DPF_RESULT = 0x0420
    SET_DPF = 0x0421
    MS_AVAILABILITY_STATUS = 0x0422
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    DELIVERY_FAILURE_REASON = 0x0425
    MORE_MESSAGES_TO_SEND = 0x0426
    MESSAGE_STATE = 0x0427
    CONGESTION_STATE = 0x0428
    USSD_SERVICE_OP = 0x0501
    BROADCAST_CHANNEL_INDICATOR = 0x0600
    BROADCAST_CONTENT_TYPE = 0x0601
    BROADCAST_CONTENT_TYPE_INFO = 0x0602
    BROADCAST_MESSAGE_CLASS = 0x0603
    BROADCAST_REP_NUM = 0x0604
    BROADCAST_FREQUENCY_INTERVAL = 0x0605
    BROADCAST_AREA_IDENTIFIER = 0x0606
    BROADCAST_ERROR_STATUS = 0x0607
    BROADCAST_AREA_SUCCESS = 0x0608
    BROADCAST_END_TIME = 0x0609
    BROADCAST_SERVICE_GROUP = 0x060A
    BILLING_IDENTIFICATION = 0x060B
    SOURCE_NETWORK_ID = 0x060D
    DEST_NETWORK_ID = 0x060E
    SOURCE_NODE_ID = 0x060F
    DEST_NODE_ID = 0x0610
    DEST_ADDR_NP_RESOLUTION = 0x0611
    DEST_ADDR_NP_INFORMATION = 0x0612
    DEST_ADDR_NP_COUNTRY = 0x0613
    DISPLAY_TIME = 0x1201
    SMS_SIGNAL = 0x1203
    MS_VALIDITY = 0x1204
    ALERT_ON_MESSAGE_DELIVERY = 0x130C
    ITS_REPLY_TYPE = 0x1380
    ITS_SESSION_INFO = 0x1383


class TlvKind(NamedTuple):
    """Shape of one parameter. `low` and `high` bound the length in octets, the NUL of a string included."""

    name: str
    shape: str
    low: int
    high: int


def _int(tag: Tag, size: int) -> tuple[int, TlvKind]:
    return int(tag), TlvKind(tag.name.lower(), "integer", size, size)


def _text(tag: Tag, low: int, high: int) -> tuple[int, TlvKind]:
    return int(tag), TlvKind(tag.name.lower(), "c_octet", low, high)


def _octets(tag: Tag, low: int, high: int) -> tuple[int, TlvKind]:
    return int(tag), TlvKind(tag.name.lower(), "octets", low, high)


TLV_KINDS: Final[dict[int, TlvKind]] = dict(
    [
        _int(Tag.DEST_ADDR_SUBUNIT, 1),
        _int(Tag.DEST_NETWORK_TYPE, 1),
        _int(Tag.DEST_BEARER_TYPE, 1),
        _int(Tag.DEST_TELEMATICS_ID, 2),
        _int(Tag.SOURCE_ADDR_SUBUNIT, 1),
        _int(Tag.SOURCE_NETWORK_TYPE, 1),
        _int(Tag.SOURCE_BEARER_TYPE, 1),
        _int(Tag.SOURCE_TELEMATICS_ID, 1),
        _int(Tag.QOS_TIME_TO_LIVE, 4),
        _int(Tag.PAYLOAD_TYPE, 1),
        _text(Tag.ADDITIONAL_STATUS_INFO_TEXT, 1, 256),
        _text(Tag.RECEIPTED_MESSAGE_ID, 1, 65),
        _int(Tag.MS_MSG_WAIT_FACILITIES, 1),
        _int(Tag.PRIVACY_INDICATOR, 1),
        _octets(Tag.SOURCE_SUBADDRESS, 2, 23),
        _octets(Tag.DEST_SUBADDRESS, 2, 23),
        _int(Tag.USER_MESSAGE_REFERENCE, 2),
        _int(Tag.USER_RESPONSE_CODE, 1),
        _int(Tag.SOURCE_PORT, 2),
        _int(Tag.DESTINATION_PORT, 2),
        _int(Tag.SAR_MSG_REF_NUM, 2),
        _int(Tag.LANGUAGE_INDICATOR, 1),
        _int(Tag.SAR_TOTAL_SEGMENTS, 1),
        _int(Tag.SAR_SEGMENT_SEQNUM, 1),
        _int(Tag.SC_INTERFACE_VERSION, 1),
        _int(Tag.CALLBACK_NUM_PRES_IND, 1),
        _octets(Tag.CALLBACK_NUM_ATAG, 0, 65),
        _int(Tag.NUMBER_OF_MESSAGES, 1),
        _octets(Tag.CALLBACK_NUM, 4, 19),
        _int(Tag.DPF_RESULT, 1),
        _int(Tag.SET_DPF, 1),
        _int(Tag.MS_AVAILABILITY_STATUS, 1),
        _octets(Tag.NETWORK_ERROR_CODE, 3, 3),
        _octets(Tag.MESSAGE_PAYLOAD, 0, 0xFFFF),
        _int(Tag.DELIVERY_FAILURE_REASON, 1),
        _int(Tag.MORE_MESSAGES_TO_SEND, 1),
        _int(Tag.MESSAGE_STATE, 1),
        _int(Tag.CONGESTION_STATE, 1),
        _octets(Tag.USSD_SERVICE_OP, 1, 1),
        _int(Tag.BROADCAST_CHANNEL_INDICATOR, 1),
        _octets(Tag.BROADCAST_CONTENT_TYPE, 3, 3),
        _octets(Tag.BROADCAST_CONTENT_TYPE_INFO, 1, 255),
        _int(Tag.BROADCAST_MESSAGE_CLASS, 1),
        _int(Tag.BROADCAST_REP_NUM, 2),
        _octets(Tag.BROADCAST_FREQUENCY_INTERVAL, 3, 3),
        _octets(Tag.BROADCAST_AREA_IDENTIFIER, 1, 0xFFFF),
        _int(Tag.BROADCAST_ERROR_STATUS, 4),
        _int(Tag.BROADCAST_AREA_SUCCESS, 1),
        _text(Tag.BROADCAST_END_TIME, 1, 17),
        _octets(Tag.BROADCAST_SERVICE_GROUP, 1, 255),
        _octets(Tag.BILLING_IDENTIFICATION, 1, 1024),
        _text(Tag.SOURCE_NETWORK_ID, 1, 65),
        _text(Tag.DEST_NETWORK_ID, 1, 65),
        _octets(Tag.SOURCE_NODE_ID, 6, 6),
        _octets(Tag.DEST_NODE_ID, 6, 6),
        _int(Tag.DEST_ADDR_NP_RESOLUTION, 1),
        _octets(Tag.DEST_ADDR_NP_INFORMATION, 1, 255),
        _octets(Tag.DEST_ADDR_NP_COUNTRY, 1, 5),
        _int(Tag.DISPLAY_TIME, 1),
        _int(Tag.SMS_SIGNAL, 2),
        # One octet in v3.4; v5.0 adds a form of four (behaviour, unit of time, number of units).
        (int(Tag.MS_VALIDITY), TlvKind("ms_validity", "integer", 1, 4)),
        # No value in v3.4; v5.0 allows one octet.
        (int(Tag.ALERT_ON_MESSAGE_DELIVERY), TlvKind("alert_on_message_delivery", "flag", 0, 1)),
        _int(Tag.ITS_REPLY_TYPE, 1),
        _octets(Tag.ITS_SESSION_INFO, 2, 2),
    ]
)
"""The table. Where the standard is silent or its editions differ, the bounds are the wider ones."""


def tlv_name(tag: int) -> str:
    """The standard's name of a tag, or `tlv_0x1400` for one that it doesn't know."""
    kind = TLV_KINDS.get(tag)
    return f"tlv_0x{tag:04X}" if kind is None else kind.name


def tlv_text(value: TlvValue | None) -> str:
    """What a textual parameter says, whichever way it came: with its NUL, without, or not at all."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, bytes):
        return value.split(b"\0", 1)[0].decode("latin-1")
    return "" if value is None else str(value)


def _value(kind: TlvKind, raw: bytes) -> TlvScalar:
    if kind.shape == "integer":
        # The long form of ms_validity is three numbers, not one.
        return int.from_bytes(raw, "big") if len(raw) == kind.low else raw
    if kind.shape == "c_octet" and raw.find(0) == len(raw) - 1:
        return raw[:-1].decode("latin-1")
    if kind.shape == "flag":
        return raw[0] if raw else True
    return raw


def decode_tlvs(data: bytes, at: int, end: int, *, validate: bool = True) -> Tlvs:
    """Read parameters from `at` to `end`. Lengths that the table forbids are refused if `validate`."""
    found: Tlvs = {}
    while at < end:
        if end - at < 4:
            why = f"{end - at} octet(s) are left, too few for the tag and length of an optional parameter"
            raise PduError(CommandStatus.ESME_RINVOPTPARSTREAM, "tlvs", at, why)
        tag, length = _HEAD.unpack_from(data, at)
        start = at + 4
        after = start + length
        if after > end:
            why = f"its length says {length} octets, but {end - start} are left in the PDU"
            raise PduError(CommandStatus.ESME_RINVOPTPARSTREAM, tlv_name(tag), at, why)
        raw = data[start:after]
        kind = TLV_KINDS.get(tag)
        value: TlvScalar = raw
        if kind is not None:
            if kind.low <= length <= kind.high:
                value = _value(kind, raw)
            elif validate:
                right = str(kind.low) if kind.low == kind.high else f"{kind.low} to {kind.high}"
                why = f"its length is {length} octet(s); {right} would be right"
                raise PduError(CommandStatus.ESME_RINVPARLEN, kind.name, at, why)
        if tag in found:
            before = found[tag]
            found[tag] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            found[tag] = value
        at = after
    return found


def _octets_of(tag: int, value: TlvScalar, at: int) -> bytes:
    kind = TLV_KINDS.get(tag)
    name = tlv_name(tag)
    try:
        if isinstance(value, bytes):
            return value
        if isinstance(value, str):
            return value.encode("latin-1") + b"\0"
        if value is True and (kind is None or kind.shape == "flag"):
            return b""
        size = kind.low if kind is not None and kind.shape == "integer" else 1
        return value.to_bytes(size, "big")
    except (UnicodeEncodeError, OverflowError) as error:
        why = f"{value!r} can't be written: {error}"
        raise PduError(CommandStatus.ESME_RINVOPTPARAMVAL, name, at, why) from None


def encode_tlvs(tlvs: Mapping[int, TlvValue], out: bytearray) -> None:
    """Append parameters in the order of the dict; a list becomes one parameter for each item."""
    for tag, value in tlvs.items():
        for item in value if isinstance(value, list) else (value,):
            raw = _octets_of(tag, item, len(out))
            if len(raw) > 0xFFFF or not 0 <= tag <= 0xFFFF:
                why = f"{len(raw)} octets under tag {tag:#x}: neither may exceed 0xFFFF"
                raise PduError(CommandStatus.ESME_RINVPARLEN, tlv_name(tag), len(out), why)
            out += _HEAD.pack(tag, len(raw))
            out += raw
