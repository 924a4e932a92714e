"""How many segments a text takes: GSM 03.38 or UCS-2 (decision D10; 3GPP TS 23.038, 23.040 9.2.3.24.1)."""

import re
from typing import Literal, NamedTuple

import gsm0338

BASIC = gsm0338.Codec().decode(bytes(code for code in range(128) if code != 0x1B))[0]
"""One septet each."""
EXTENSION = "^{}\\[~]|€\f"
"""Two septets: an escape and the character."""

_basic = re.compile(f"[{re.escape(BASIC)}]*").fullmatch
_extended = re.compile(f"[{re.escape(BASIC + EXTENSION)}]*").fullmatch

GSM_SINGLE, GSM_PART = 160, 153
UCS2_SINGLE, UCS2_PART = 70, 67


class Segmentation(NamedTuple):
    encoding: Literal["gsm7", "ucs2"]
    units: int
    """Septets, or 16-bit code units."""
    segments: int


def septets(text: str) -> int | None:
    """The length in GSM 03.38 septets; None if a character is in neither of its tables."""
    if _basic(text):
        return len(text)
    return len(text) + sum(map(text.count, EXTENSION)) if _extended(text) else None


def segment(text: str) -> Segmentation:
    """Encoding, length and number of segments; an empty text takes one."""
    units = septets(text)
    if units is not None:
        return Segmentation("gsm7", units, 1 if units <= GSM_SINGLE else -(-units // GSM_PART))
    units = len(text) + sum(character > "\uffff" for character in text)
    return Segmentation("ucs2", units, 1 if units <= UCS2_SINGLE else -(-units // UCS2_PART))
