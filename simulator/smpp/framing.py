"""Bytes of a stream into frames of one PDU each, by the command_length that begins every PDU.

What it is: the receive buffer (SMPP v3.4 section 3.2). What it is not: a decoder. A frame goes on unread.

Why a bytearray only for what is left over: nearly every read holds whole PDUs, which are then cut straight
out of it. What comes in small pieces is appended (cheap), and looked at again only when the PDU is whole,
so a peer that writes one octet at a time costs no more than one copy a PDU.
"""

from struct import Struct
from typing import Final

from simulator.smpp.constants import HEADER_LENGTH

MAX_LENGTH: Final = 65536
"""Most SMSCs allow less. A full message_payload of 65535 octets never fits into what carriers take anyway."""

_LENGTH: Final = Struct(">I")
_SEQUENCE: Final = Struct(">I")


class FramingError(ValueError):
    """A command_length that can't be: nothing after it in the stream can be trusted.

    `frames` are the PDUs that were complete before it. `sequence_number` is the broken PDU's if it came, and `octets`
    what came of its header.
    """

    def __init__(self, length: int, max_length: int, frames: list[bytes], octets: bytes) -> None:
        super().__init__(length, max_length)
        self.length = length
        self.max_length = max_length
        self.frames = frames
        self.octets = octets
        self.sequence_number: int | None = None
        if len(octets) >= HEADER_LENGTH:
            self.sequence_number = _SEQUENCE.unpack_from(octets, 12)[0]

    def __str__(self) -> str:
        return f"command_length is {self.length}; {HEADER_LENGTH} to {self.max_length} would be right"


class Framer:
    """Feed what arrives, get the whole PDUs."""

    __slots__ = ("_buffer", "_needed", "max_length")

    def __init__(self, max_length: int = MAX_LENGTH) -> None:
        self.max_length = max_length
        self._buffer = bytearray()
        self._needed = 4

    def __len__(self) -> int:
        """How many octets wait for the rest of their PDU."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """The PDUs that are complete now. Raises FramingError; nothing may be fed after that."""
        buffer = self._buffer
        if buffer:
            buffer += data
            if len(buffer) < self._needed:
                return []
            data = bytes(buffer)
            buffer.clear()
        frames: list[bytes] = []
        at, end = 0, len(data)
        unpack, max_length = _LENGTH.unpack_from, self.max_length
        while end - at >= 4:
            (length,) = unpack(data, at)
            if not HEADER_LENGTH <= length <= max_length:
                raise FramingError(length, max_length, frames, data[at : at + HEADER_LENGTH])
            after = at + length
            if after > end:
                self._needed = length
                buffer += data[at:]
                return frames
            frames.append(data[at:after])
            at = after
        self._needed = 4
        if at < end:
            buffer += data[at:]
        return frames
