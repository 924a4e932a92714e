"""A PDU for people: field by field, as a dissector prints it. What `serve --log-pdus` writes.

    127.0.0.1:40112 -> SMSC  submit_sm  sequence_number 7, 53 octets, command_id 0x00000004
      source_addr_ton          5 (ALPHANUMERIC)
      ...
      short_message            5 octets: 48656c6c6f
      text                     'Hello' (GSM 03.38)
      user_message_reference   7 (TLV 0x0204)

What it is not: parsed by anything. Its layout may change.

Whatever a peer sent is safe to print: control characters are escaped, and passwords are not shown, not even those in
PDUs that can't be read.
"""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final, Literal

from simulator.smpp.codec import HEADER, decode
from simulator.smpp.concat import IEI_CONCAT_8, IEI_CONCAT_16, concat_of, octets_of, text_of
from simulator.smpp.constants import (
    ESM_MODE_MASK,
    ESM_REPLY_PATH,
    ESM_TYPE_INTERMEDIATE,
    ESM_TYPE_MASK,
    ESM_TYPE_RECEIPT,
    ESM_UDHI,
    HEADER_LENGTH,
    REGISTERED_ACK_DELIVERY,
    REGISTERED_ACK_USER,
    REGISTERED_INTERMEDIATE,
    REGISTERED_RECEIPT_MASK,
    CommandId,
    MessageState,
    Npi,
    Ton,
    name_of,
)
from simulator.smpp.fields import DistributionList, PduError, SmeAddress, UnsuccessSme
from simulator.smpp.pdus import PDUS, Bind, Outbind, Pdu
from simulator.smpp.receipt import parse_receipt
from simulator.smpp.status import meaning, status_name
from simulator.smpp.text import CODINGS, parse_udh
from simulator.smpp.times import is_time
from simulator.smpp.tlv import Tag, tlv_name

_WIDTH: Final = 26
_MOST_OCTETS: Final = 256
"""How many octets of one value are shown: all that a short_message may have."""
_MOST_CHARACTERS: Final = 1000
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
_TIMES: Final = frozenset({"schedule_delivery_time", "validity_period", "final_date", "broadcast_end_time"})

_NETWORKS: Final = ("unknown", "GSM", "ANSI-136/TDMA", "IS-95/CDMA", "PDC", "PHS", "iDEN", "AMPS", "paging network")
_BEARERS: Final = (
    *("unknown", "SMS", "circuit switched data", "packet data", "USSD", "CDPD", "DataTAC", "FLEX/ReFLEX"),
    "cell broadcast",
)
_SUBUNITS: Final = ("unknown", "MS display", "mobile equipment", "smart card 1", "external unit 1")
_ERROR_NETWORKS: Final = {
    1: "ANSI-136 access denied",
    2: "IS-95 access denied",
    3: "GSM",
    4: "ANSI-136 cause",
    5: "IS-95 cause",
    6: "ANSI-41",
    7: "SMPP",
    8: "message centre",
}
_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "priority_flag": ("normal", "priority", "priority", "priority", "priority"),
    "replace_if_present_flag": ("do not replace", "replace"),
    "dest_addr_subunit": _SUBUNITS,
    "source_addr_subunit": _SUBUNITS,
    "dest_network_type": _NETWORKS,
    "source_network_type": _NETWORKS,
    "dest_bearer_type": _BEARERS,
    "source_bearer_type": _BEARERS,
    "payload_type": ("default", "WCMP"),
    "privacy_indicator": ("not restricted", "restricted", "confidential", "secret"),
    "language_indicator": ("unspecified", "English", "French", "Spanish", "German", "Portuguese"),
    "dpf_result": ("delivery pending flag not set", "delivery pending flag set"),
    "set_dpf": ("no delivery pending flag asked for", "delivery pending flag asked for"),
    "ms_availability_status": ("available", "denied", "unavailable"),
    "delivery_failure_reason": (
        *("destination unavailable", "destination address invalid", "permanent network error"),
        "temporary network error",
    ),
    "more_messages_to_send": ("no more messages", "more messages follow"),
    "display_time": ("temporary", "default", "invoke"),
    "ms_validity": ("store indefinitely", "until power down", "until out of the registration area", "display only"),
    "its_reply_type": (
        *("digit", "number", "telephone number", "password", "character line", "menu", "date", "time", "continue"),
    ),
}
"""What small numbers mean, by the name of the field or parameter (SMPP v3.4 section 5.2 and 5.3, v5.0 section 4.8)."""

_LOADS: Final = (
    (91, "congested"),
    (80, "nearly congested"),
    (70, "optimum load"),
    (50, "high load"),
    (30, "medium load"),
    (1, "low load"),
    (0, "idle"),
)
"""congestion_state: from which number on (SMPP v5.0 section 4.8.4.18)."""

_AREA_FORMATS: Final = ("name", "ellipsoid arc", "polygon")
_INTERVALS: Final = {
    0x08: "seconds",
    0x09: "minutes",
    0x0A: "hours",
    0x0B: "days",
    0x0C: "weeks",
    0x0D: "months",
    0x0E: "years",
}
_USSD: Final = {
    **{0: "PSSD indication", 1: "PSSR indication", 2: "USSR request", 3: "USSN request"},
    **{16: "PSSD response", 17: "PSSR response", 18: "USSR confirm", 19: "USSN confirm"},
}
_ELEMENTS: Final = {
    IEI_CONCAT_8: "concatenation, 8-bit reference",
    0x01: "special message indication",
    0x04: "ports, 8 bits",
    0x05: "ports, 16 bits",
    IEI_CONCAT_16: "concatenation, 16-bit reference",
    0x24: "national language single shift",
    0x25: "national language locking shift",
}
"""Elements of a user data header (3GPP TS 23.040 section 9.2.3.24)."""


def describe(pdu: Pdu) -> str:
    """All that a PDU says, with names and meanings, in several lines. Passwords are not shown."""
    lines = [f"{pdu.operation()}  sequence_number {pdu.sequence_number}", *_body(pdu)]
    return "\n".join(lines)


def describe_frame(frame: bytes) -> str:
    """The same from octets; for those that are no PDU, what is wrong with them, and the octets."""
    try:
        pdu = decode(frame, validate=False)
    except PduError as error:
        return _malformed(frame, error)
    return "\n".join([_title(frame), *_body(pdu)])


def pdu_log_line(way: Literal["in", "out"], peer: str, frame: bytes) -> str:
    """What a log of PDUs says of one: who to whom, and then as `describe_frame`. Fit for a session's `trace`:

    session.trace = lambda way, frame: print(pdu_log_line(way, peer, frame))
    """
    whither = f"{peer} -> SMSC" if way == "in" else f"SMSC -> {peer}"
    return f"{whither}  {describe_frame(frame)}"


def _title(frame: bytes) -> str:
    _, command_id, _, sequence_number = HEADER.unpack_from(frame)
    name = name_of(CommandId, command_id).lower() if command_id in PDUS else "unknown operation"
    return f"{name}  sequence_number {sequence_number}, {len(frame)} octets, command_id 0x{command_id:08X}"


def _malformed(frame: bytes, error: PduError) -> str:
    if len(frame) < HEADER_LENGTH:
        return f"no PDU: {error}\n{_line('octets', _hex(frame))}"
    command_id = int.from_bytes(frame[4:8], "big")
    lines = [_title(frame), _line("malformed", str(error))]
    if issubclass(PDUS.get(command_id, Pdu), Bind | Outbind):
        # Somewhere in there is the password.
        return "\n".join([*lines, _line("octets", f"{_hex(frame[:HEADER_LENGTH])} and {len(frame) - 16} not shown")])
    return "\n".join([*lines, _line("octets", _hex(frame))])


def _body(pdu: Pdu) -> list[str]:
    lines = []
    if pdu.is_response() or pdu.command_status:
        status = pdu.command_status
        lines.append(_line("command_status", f"{status_name(status)}: {meaning(status)}"))
    lines += [_line(kind.name, _field(kind.name, getattr(pdu, kind.name))) for kind in pdu.table]
    octets = octets_of(pdu)
    if octets:
        if getattr(pdu, "esm_class", 0) & ESM_UDHI:
            lines += [_line("user_data_header", _element(*element)) for element in parse_udh(octets)[0]]
        label = CODINGS[getattr(pdu, "data_coding", 0) & 0xFF].label
        lines.append(_line("text", f"{_quoted(text_of(pdu))} ({label})"))
    concat = concat_of(pdu)
    if concat is not None:
        lines.append(_line("part", f"{concat.part} of {concat.total}, reference {concat.ref} ({concat.bits} bits)"))
    if getattr(pdu, "esm_class", 0) & ESM_TYPE_MASK in (ESM_TYPE_RECEIPT, ESM_TYPE_INTERMEDIATE):
        lines += _receipt(pdu)
    for tag, value in getattr(pdu, "tlvs", {}).items():
        for item in value if isinstance(value, list) else [value]:
            lines.append(_line(tlv_name(tag), f"{_tlv(tag, item)} (TLV 0x{tag:04X})"))
    return lines


def _receipt(pdu: Pdu) -> list[str]:
    """The fields of a receipt's text, each on a line of its own."""
    receipt = parse_receipt(pdu)
    if receipt is None:
        return []
    lines = []
    for name, value in receipt.fields.items():
        said = _quoted(value)
        if name == "stat":
            said += f" ({receipt.state.name})" if receipt.state is not None else " (no state of the standard)"
        lines.append(_line(f"receipt {name}", said))
    return lines


def _line(name: str, value: str) -> str:
    return f"  {name:<{_WIDTH}} {value}"


def _count(number: int) -> str:
    return f"{number} octet" if number == 1 else f"{number} octets"


def _hex(octets: bytes) -> str:
    if not octets:
        return "0 octets"
    more = len(octets) - _MOST_OCTETS
    return f"{_count(len(octets))}: {octets[:_MOST_OCTETS].hex()}" + (f"… and {more} more" if more > 0 else "")


def _quoted(text: str) -> str:
    more = len(text) - _MOST_CHARACTERS
    return f"{text[:_MOST_CHARACTERS]!r}… and {more} more" if more > 0 else repr(text)


def _element(identifier: int, data: bytes) -> str:
    name = _ELEMENTS.get(identifier, "element")
    return f"{name} (0x{identifier:02X}): {data.hex() or 'empty'}"


def _field(name: str, value: Any) -> str:
    if name in _SECRET:
        return "(not shown)" if value else "''"
    if isinstance(value, bytes):
        return _hex(value)
    if isinstance(value, list):
        return "; ".join(map(_destination, value)) or "none"
    if isinstance(value, str):
        words = _moment(value) if name in _TIMES else ""
        return f"{value!r} ({words})" if words else repr(value)
    words = _meaning(name, value)
    return f"{value} ({words})" if words else str(value)


def _destination(value: SmeAddress | DistributionList | UnsuccessSme) -> str:
    if isinstance(value, DistributionList):
        return f"distribution list {value.dl_name!r}"
    address = f"{value.destination_addr!r} ({name_of(Ton, value.dest_addr_ton)}, {name_of(Npi, value.dest_addr_npi)})"
    if isinstance(value, UnsuccessSme):
        return f"{address} {status_name(value.error_status_code)}: {meaning(value.error_status_code)}"
    return address


def _moment(text: str) -> str:
    """What a time says (SMPP v3.4 section 7.1.1); empty if it is none."""
    if not text or not is_time(text):
        return ""
    year, month, day, hour, minute, second = (int(text[at : at + 2]) for at in range(0, 12, 2))
    if text[15] == "R":
        units = ("years", "months", "days", "hours", "minutes", "seconds")
        amounts = zip((year, month, day, hour, minute, second), units, strict=True)
        said = [f"{amount} {unit.removesuffix('s') if amount == 1 else unit}" for amount, unit in amounts if amount]
        return "in " + (" ".join(said) or "0 seconds")
    quarters = int(text[13:15]) * (-1 if text[15] == "-" else 1)
    zone = timezone(timedelta(minutes=15 * quarters)) if quarters else UTC
    moment = datetime(2000 + year, month, day, hour, minute, second, int(text[12]) * 100_000, tzinfo=zone)
    return moment.isoformat(" ", "milliseconds")


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
    if name in ("interface_version", "sc_interface_version"):
        return f"{value >> 4}.{value & 0xF}"
    if name == "broadcast_error_status":
        return f"{status_name(value)}: {meaning(value)}"
    if name == "broadcast_area_success":
        return f"{value} % of the area" if value <= 100 else "not known"
    if name == "congestion_state":
        return next((words for least, words in _LOADS if value >= least), "")
    if name == "qos_time_to_live":
        return "seconds"
    words = _WORDS.get(name, ())
    return words[value] if 0 <= value < len(words) else ""


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
    name = tlv_name(tag)
    if value is True:
        return "no value"
    if isinstance(value, int | str):
        return _field(name, value)
    words = _octets_mean(tag, value)
    return f"{_hex(value)} ({words})" if words else _hex(value)


def _octets_mean(tag: int, value: bytes) -> str:
    """What the octets of a parameter with a form of its own say; empty if they have another form, or none."""
    size = len(value)
    if tag == Tag.NETWORK_ERROR_CODE and size == 3:
        network = _ERROR_NETWORKS.get(value[0], "reserved")
        return f"network type {value[0]}: {network}, error {int.from_bytes(value[1:], 'big')}"
    if tag == Tag.CALLBACK_NUM and size >= 4:
        digits = value[3:].decode("latin-1") if value[0] == 1 else value[3:].hex()
        return f"{digits!r}, {name_of(Ton, value[1])}, {name_of(Npi, value[2])}"
    if tag == Tag.BROADCAST_AREA_IDENTIFIER and size and value[0] < len(_AREA_FORMATS):
        area = value[1:].decode("latin-1") if value[0] == 0 else value[1:].hex()
        return f"{_AREA_FORMATS[value[0]]} {_quoted(area)}"
    if tag == Tag.BROADCAST_CONTENT_TYPE and size == 3:
        network = ("generic", *_NETWORKS[1:4])[value[0]] if value[0] < 4 else "reserved"
        return f"network type {value[0]}: {network}, service {value[1] << 8 | value[2]}"
    if tag == Tag.BROADCAST_FREQUENCY_INTERVAL and size == 3:
        if value[0] == 0:
            return "as often as possible"
        return f"every {value[1] << 8 | value[2]} {_INTERVALS.get(value[0], 'units that the standard reserves')}"
    if tag == Tag.USSD_SERVICE_OP and size == 1:
        return _USSD.get(value[0], "")
    return ""
