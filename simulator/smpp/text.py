"""What the octets of a message say, by their data_coding (SMPP v3.4 section 5.2.19, 3GPP TS 23.038).

What it is: a table of 256 codings, and text to octets and back in each of them. Reading never raises: it is
used on what peers sent. What carries characters that can't be told becomes U+FFFD; what is no text, hex.

What it is not: a guess. A client that sends Latin-1 under data_coding 0 gets read as GSM 03.38, which is
what a carrier would do, and what its tests should show.

Why charmaps: `codecs.charmap_decode` with a table of 256 characters runs in C, so that a GSM text costs
half a microsecond. Only texts with the escape to the extension table take a second step.
"""

import codecs
import re
from typing import Final, Literal, NamedTuple

from simulator.smpp.constants import CODING_DEFAULT, CODING_UCS2

EncodingName = Literal["gsm7", "ucs2", "latin1", "binary"]

ESCAPE: Final = 0x1B

GSM_BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet, septet 0 to 127 (3GPP TS 23.038 section 6.2.1)."""

GSM_EXTENSION: Final[dict[int, str]] = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
"""What follows the escape (3GPP TS 23.038 section 6.2.1.1). Others show as in the default alphabet."""

_GSM_DECODING: Final = GSM_BASIC + "\ufffd" * 128
_GSM_ENCODING: Final = codecs.charmap_build(GSM_BASIC.replace("\x1b", "\ufffe") + "\ufffe" * 128)
_IA5_DECODING: Final = "".join(map(chr, range(128))) + "\ufffd" * 128
_IA5_ENCODING: Final = codecs.charmap_build("".join(map(chr, range(128))) + "\ufffe" * 128)
# The characters of ASCII that GSM 03.38 has at the same place, and those that it has at all.
_ASCII_SAME: Final = bytes(code for code in range(128) if GSM_BASIC[code] == chr(code) and code != ESCAPE)
_ASCII_KNOWN: Final = bytes(code for code in range(128) if chr(code) in GSM_BASIC and code != ESCAPE)
_ASCII_TO_GSM: Final = bytes(max(GSM_BASIC.find(chr(code)), 0) for code in range(256))
_EXTENDED: Final[dict[str, str]] = {"\x1b" + GSM_BASIC[code]: char for code, char in GSM_EXTENSION.items()}
_EXTENSION_CODE: Final[dict[str, bytes]] = {char: bytes((ESCAPE, code)) for code, char in GSM_EXTENSION.items()}
_ESCAPED: Final = re.compile("\x1b(.?)", re.DOTALL)


class Coding(NamedTuple):
    """How one data_coding is read. `codec` is Python's name, empty for GSM 03.38 and for octets."""

    encoding: EncodingName
    codec: str
    label: str


_GSM: Final = Coding("gsm7", "", "GSM 03.38")
_BINARY: Final = Coding("binary", "", "octets")
_UCS2: Final = Coding("ucs2", "utf-16-be", "UCS-2")

_SMPP_CODINGS: Final[dict[int, Coding]] = {
    0x00: _GSM,
    0x01: Coding("latin1", "ia5", "IA5"),
    0x02: _BINARY,
    0x03: Coding("latin1", "latin-1", "Latin-1"),
    0x04: _BINARY,
    0x05: Coding("binary", "shift_jis", "JIS"),
    0x06: Coding("latin1", "iso8859-5", "Cyrillic"),
    0x07: Coding("latin1", "iso8859-8", "Hebrew"),
    0x08: _UCS2,
    0x0A: Coding("binary", "iso2022_jp", "ISO-2022-JP"),
    0x0D: Coding("binary", "euc_jp", "extended Kanji JIS"),
    0x0E: Coding("binary", "euc_kr", "KS C 5601"),
}


def _coding(value: int) -> Coding:
    """The groups of 3GPP TS 23.038 section 4, below which SMPP has a table of its own."""
    group = value >> 4
    if group == 0:
        return _SMPP_CODINGS.get(value, _BINARY)
    if group < 8:
        # Bit 5: compressed, which nobody reads without the dictionary. Bits 2 and 3: the alphabet.
        return _BINARY if value & 0x20 else (_GSM, _BINARY, _UCS2, _BINARY)[value >> 2 & 3]
    if group in (0xC, 0xD):
        return _GSM
    if group == 0xE:
        return _UCS2
    if group == 0xF:
        return _BINARY if value & 0x04 else _GSM
    return _BINARY


CODINGS: Final[tuple[Coding, ...]] = tuple(_coding(value) for value in range(256))
"""Every data_coding there is."""


def encoding_name(data_coding: int) -> EncodingName:
    """The family of a coding. IA5, Cyrillic and Hebrew count as latin1: one octet a character."""
    return CODINGS[data_coding & 0xFF].encoding


def decode_gsm(septets: bytes) -> str:
    """GSM 03.38, one septet an octet (3GPP TS 23.038 section 6.2.1). Never raises."""
    text = codecs.charmap_decode(septets, "replace", _GSM_DECODING)[0]
    return _ESCAPED.sub(_unescape, text) if ESCAPE in septets else text


def _unescape(match: re.Match[str]) -> str:
    # An escape that means nothing is a space to a phone without the table; the character after it stands.
    return _EXTENDED.get(match[0], " " if match[1] in ("", "\x1b") else match[1])


def encode_gsm(text: str, errors: Literal["strict", "replace"] = "strict") -> bytes:
    """GSM 03.38, one septet an octet, the extension table after its escape. Raises UnicodeEncodeError."""
    if text.isascii():
        octets = text.encode("ascii")
        if not octets.translate(None, _ASCII_SAME):
            return octets
        if not octets.translate(None, _ASCII_KNOWN):
            return octets.translate(_ASCII_TO_GSM)
    try:
        return codecs.charmap_encode(text, "strict", _GSM_ENCODING)[0]
    except UnicodeEncodeError:
        parts = []
        for at, char in enumerate(text):
            extension = _EXTENSION_CODE.get(char)
            try:
                parts.append(extension or codecs.charmap_encode(char, errors, _GSM_ENCODING)[0])
            except UnicodeEncodeError:
                why = "it is not in the GSM 03.38 alphabet"
                raise UnicodeEncodeError("gsm0338", text, at, at + 1, why) from None
        return b"".join(parts)


Alphabet = Literal["gsm7", "gsm7-packed", "latin1"]
"""What data_coding 0, the SMSC's default alphabet, means: carriers differ."""


def decode_text(octets: bytes, data_coding: int, udhi: bool = False, alphabet: Alphabet = "gsm7") -> str:
    """What a message says, without its user data header. Never raises; binary comes as hex."""
    header = 0
    if udhi:
        text = parse_udh(octets)[1]
        header, octets = len(octets) - len(text), text
    if alphabet != "gsm7" and data_coding == CODING_DEFAULT:
        if alphabet == "latin1":
            return octets.decode("latin-1")
        # the text begins at the next septet boundary after the header (3GPP TS 23.040 section 9.2.3.24)
        septets = unpack_septets(octets, fill_bits=-8 * header % 7)
        if len(septets) % 8 == 0 and septets.endswith(b"\r"):
            septets = septets[:-1]  # what fills the seven bits that are left (3GPP TS 23.038 section 6.1.2.3.1)
        return decode_gsm(septets)
    coding = CODINGS[data_coding & 0xFF]
    if coding is _GSM:
        return decode_gsm(octets)
    if not coding.codec:
        return octets.hex()
    if coding.codec == "ia5":
        return codecs.charmap_decode(octets, "replace", _IA5_DECODING)[0]
    return octets.decode(coding.codec, "replace")


def encode_text(text: str, data_coding: int, errors: Literal["strict", "replace"] = "strict") -> bytes:
    """A text in a coding. Raises UnicodeEncodeError for characters that it lacks, unless they are replaced.

    For binary codings the text is hex, as `decode_text` writes it; ValueError if it is not.
    """
    coding = CODINGS[data_coding & 0xFF]
    if coding is _GSM:
        return encode_gsm(text, errors)
    if not coding.codec:
        return bytes.fromhex(text)
    if coding.codec == "ia5":
        return codecs.charmap_encode(text, errors, _IA5_ENCODING)[0]
    return text.encode(coding.codec, errors)


def best_coding(text: str) -> int:
    """0 if GSM 03.38 has every character, else 8 (UCS-2): what a client that saves octets chooses."""
    try:
        encode_gsm(text)
    except UnicodeEncodeError:
        return CODING_UCS2
    return CODING_DEFAULT


def pack_septets(septets: bytes, fill_bits: int = 0) -> bytes:
    """Eight septets in seven octets (3GPP TS 23.038 section 6.1.2.1), after `fill_bits` bits of nothing."""
    bits = 0
    for at, septet in enumerate(septets):
        bits |= (septet & 0x7F) << 7 * at
    return (bits << fill_bits).to_bytes((7 * len(septets) + fill_bits + 7) // 8, "little")


def unpack_septets(octets: bytes, count: int | None = None, fill_bits: int = 0) -> bytes:
    """The other way. Without a count all whole septets come, which may be one more than were packed."""
    bits = int.from_bytes(octets, "little") >> fill_bits
    whole = max(0, (8 * len(octets) - fill_bits) // 7)
    count = whole if count is None else min(count, whole)
    return bytes(bits >> 7 * at & 0x7F for at in range(count))


class InformationElement(NamedTuple):
    """One element of a user data header (3GPP TS 23.040 section 9.2.3.24)."""

    identifier: int
    data: bytes


def parse_udh(octets: bytes) -> tuple[list[InformationElement], bytes]:
    """The elements of the user data header, and what follows it.

    A header that says it is longer than the message has no elements, and all octets are the rest.
    """
    if not octets or octets[0] + 1 > len(octets):
        return [], octets
    end = octets[0] + 1
    elements, at = [], 1
    while at + 2 <= end:
        after = at + 2 + octets[at + 1]
        if after > end:
            break
        elements.append(InformationElement(octets[at], octets[at + 2 : after]))
        at = after
    return elements, octets[end:]
