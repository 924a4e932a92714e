"""submit_sm PDUs by the hundred: bytes in which only the numbers change.

What it is: a builder that is told the fields once. Messages whose numbers have equally many digits have PDUs of equal
shape, so for each width there is one format for Python's `%`, which runs in C: half a microsecond a PDU.
What it is not: a codec. The shape comes from `simulator.smpp`, and the tests hold every PDU against it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Final, Literal

from simulator.load.template import Template
from simulator.smpp import (
    Npi,
    PduError,
    Segment,
    SubmitSm,
    Tag,
    Ton,
    best_coding,
    encode,
    encode_text,
    encoding_name,
    split,
)
from simulator.smpp.constants import MAX_SEQUENCE

Long = Literal["udh8", "udh16", "sar", "payload"]
"""How a text travels that is too long for one submit_sm."""

_SEQUENCE: Final = Struct(">I").pack
_SHORT_CODE: Final = 6
"""Digits of the longest sender that is taken for a short code."""


@dataclass(frozen=True, slots=True)
class Message:
    """What every submit_sm of a run has in common."""

    to: Template
    text: Template
    source: str = "12345"
    long: Long = "udh8"
    registered_delivery: int = 0
    data_coding: int | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """One PDU of a message whose octets are cut up: its header, what comes before the text, and the cuts."""

    header: bytes
    tail: bytes
    start: int
    stop: int


class _Shape:
    """The PDUs of all messages whose number has `width` digits."""

    def __init__(self, message: Message, width: int) -> None:
        self.message = message
        sample = 10 ** (width - 1)
        text = message.text.render(sample)
        self.coding = best_coding(text) if message.data_coding is None else message.data_coding
        segments = _segments(message, text, self.coding)
        self.segments = len(segments)
        to = _destination(message.to)
        pdus = [encode(_pdu(message, to.render(sample), segment)) for segment in segments]
        self.head = _head(message)
        self.to_format = _format(to, width, "latin-1", 0)
        self.to_fields = to.fields
        # Where a digit is one octet, and the same as in ASCII, the text can be a format as well.
        self.plain = encoding_name(self.coding) in ("gsm7", "latin1")
        self.text_format = _format(message.text, width, None, self.coding) if self.plain else b""
        self.text_fields = message.text.fields
        self.single = b""
        if len(pdus) == 1 and segments[0].short_message and self.plain:
            tail = _tail(message, segments[0].esm_class, self.coding) + bytes((len(segments[0].short_message),))
            self.single = b"".join(
                (
                    _escape(pdus[0][:12]),
                    b"%b",
                    _escape(self.head),
                    self.to_format,
                    _escape(b"\0" + tail),
                    self.text_format,
                )
            )
        self.parts = list(self._parts(segments, pdus))

    def _parts(self, segments: list[Segment], pdus: list[bytes]) -> Iterator[_Part]:
        at = 0
        header = {"udh8": 6, "udh16": 7}.get(self.message.long, 0) if len(segments) > 1 else 0
        for segment, pdu in zip(segments, pdus, strict=True):
            octets = segment.short_message
            size = len(octets) - header
            tail = b"\0" + _tail(self.message, segment.esm_class, self.coding) + bytes((len(octets),))
            payload = segment.tlvs.get(Tag.MESSAGE_PAYLOAD)
            if isinstance(payload, bytes):
                size = len(payload)
                tail += b"\x04\x24" + _short(size)
            yield _Part(pdu[:12], tail, at, at + size)
            at += size

    def build(self, sequences: Sequence[int], first: int) -> bytes:
        """The PDUs of the messages `first`, `first + 1`, ... until the sequence numbers are used up."""
        to_fields, text_fields = self.to_fields, self.text_fields
        fields = to_fields + text_fields
        numbers = range(first, first + len(sequences) // self.segments)
        if self.single:
            form, pack = self.single, _SEQUENCE
            if fields == 0:
                return b"".join([form % pack(s) for s in sequences])
            if fields == 1:
                return b"".join([form % (pack(s), n) for s, n in zip(sequences, numbers, strict=True)])
            if fields == 2:
                return b"".join([form % (pack(s), n, n) for s, n in zip(sequences, numbers, strict=True)])
            return b"".join([form % (pack(s), *(n,) * fields) for s, n in zip(sequences, numbers, strict=True)])
        out: list[bytes] = []
        take = iter(sequences)
        sar = self.message.long == "sar" and len(self.parts) > 1
        for n in numbers:
            to = self.to_format % ((n,) * to_fields)
            octets = self._octets(n)
            for number, part in enumerate(self.parts, 1):
                out += (part.header, _SEQUENCE(next(take)), self.head, to, part.tail)
                if len(self.parts) > 1:
                    out.append(self._udh(n, number))
                out.append(octets[part.start : part.stop])
                if sar:
                    out.append(_sar(n, len(self.parts), number))
        return b"".join(out)

    def _octets(self, n: int) -> bytes:
        if not self.plain:
            return encode_text(self.message.text.render(n), self.coding)
        return self.text_format % ((n,) * self.text_fields)

    def _udh(self, n: int, part: int) -> bytes:
        if self.message.long == "udh8":
            return bytes((5, 0, 3, n & 0xFF, len(self.parts), part))
        if self.message.long == "udh16":
            return bytes((6, 8, 4, n >> 8 & 0xFF, n & 0xFF, len(self.parts), part))
        return b""


class Submits:
    """Builds the PDUs of one run."""

    def __init__(self, message: Message) -> None:
        """Raises ValueError if the fields or the text can't be sent."""
        self.message = message
        self._shapes: dict[int, _Shape] = {}
        self.segments(1)

    def segments(self, n: int) -> int:
        """How many submit_sm message `n` takes."""
        return self._shape(len(str(n))).segments

    def same_shape(self, n: int, count: int) -> int:
        """How many of the messages from `n` on, at most `count`, have PDUs of the same shape."""
        end: int = 10 ** len(str(n))
        return min(count, end - n)

    def build(self, sequences: Sequence[int], first: int) -> bytes:
        """The PDUs of messages from `first` on, all of one shape, with these sequence numbers."""
        return self._shape(len(str(first))).build(sequences, first)

    def _shape(self, width: int) -> _Shape:
        shape = self._shapes.get(width)
        if shape is None:
            try:
                shape = self._shapes[width] = _Shape(self.message, width)
            except PduError as error:
                raise ValueError(str(error)) from None
        return shape


def sequence_numbers(after: int, count: int) -> Sequence[int]:
    """The `count` numbers that follow `after`: 1 to 0x7FFFFFFF, and 1 again (SMPP v3.4 section 5.1.4)."""
    first = after % MAX_SEQUENCE + 1
    if first + count - 1 <= MAX_SEQUENCE:
        return range(first, first + count)
    return [*range(first, MAX_SEQUENCE + 1), *range(1, count - (MAX_SEQUENCE - first))]


def _segments(message: Message, text: str, coding: int) -> list[Segment]:
    try:
        if message.long == "payload":
            octets = encode_text(text, coding)
            if len(octets) > 254:
                return [Segment(0, coding, b"", {int(Tag.MESSAGE_PAYLOAD): octets})]
            return [Segment(0, coding, octets, {})]
        return split(text, data_coding=coding, method=message.long)
    except UnicodeEncodeError as error:
        raise ValueError(f"the text can't be written in data_coding {coding}: {error.reason}") from None


def _pdu(message: Message, to: str, segment: Segment) -> SubmitSm:
    ton, npi = _sender_type(message.source)
    return SubmitSm(
        source_addr_ton=ton,
        source_addr_npi=npi,
        source_addr=message.source.removeprefix("+"),
        dest_addr_ton=Ton.INTERNATIONAL,
        dest_addr_npi=Npi.ISDN,
        destination_addr=to,
        esm_class=segment.esm_class,
        registered_delivery=message.registered_delivery,
        data_coding=segment.data_coding,
        short_message=segment.short_message,
        tlvs=segment.tlvs,
    )


def _destination(to: Template) -> Template:
    """An international number travels without its plus."""
    first = to.pieces[0] if to.pieces else ""
    if isinstance(first, str) and first.startswith("+"):
        return Template(to.text, (first[1:], *to.pieces[1:]))
    return to


def _sender_type(sender: str) -> tuple[int, int]:
    digits = sender.removeprefix("+")
    if not digits:
        return 0, 0
    if not digits.isdigit():
        return Ton.ALPHANUMERIC, Npi.UNKNOWN
    return (Ton.NETWORK_SPECIFIC if len(digits) <= _SHORT_CODE else Ton.INTERNATIONAL), Npi.ISDN


def _head(message: Message) -> bytes:
    """service_type up to the destination's type."""
    ton, npi = _sender_type(message.source)
    source = message.source.removeprefix("+").encode("latin-1")
    return bytes((0, ton, npi)) + source + bytes((0, Ton.INTERNATIONAL, Npi.ISDN))


def _tail(message: Message, esm_class: int, coding: int) -> bytes:
    """esm_class up to sm_default_msg_id."""
    return bytes((esm_class, 0, 0, 0, 0, message.registered_delivery, 0, coding, 0))


def _format(template: Template, width: int, codec: str | None, coding: int) -> bytes:
    """For `%`. `codec` None: as the text of a message, in `coding`."""
    out = bytearray()
    for piece in template.pieces:
        if isinstance(piece, int):
            out += b"%%0%dd" % max(piece, width)
        else:
            out += _escape(piece.encode(codec) if codec else encode_text(piece, coding))
    return bytes(out)


def _escape(octets: bytes) -> bytes:
    return octets.replace(b"%", b"%%")


def _short(value: int) -> bytes:
    return value.to_bytes(2, "big")


def _sar(n: int, total: int, part: int) -> bytes:
    """sar_msg_ref_num, sar_total_segments, sar_segment_seqnum (SMPP v3.4 section 5.3.2.22 to 5.3.2.24)."""
    return b"\x02\x0c\0\x02%b\x02\x0e\0\x01%c\x02\x0f\0\x01%c" % (_short(n & 0xFFFF), total, part)
