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

    `sequence_number` is the broken PDU's if it came, `octets` what came of its header, and `frames` the PDUs that
    `feed` found complete before it.
    """

    def __init__(self, length: int, max_length: int, octets: bytes) -> None:
        super().__init__(length, max_length)
        self.length = length
        self.max_length = max_length
        self.frames: list[bytes] = []
        self.octets = octets
        self.sequence_number: int | None = None
        if len(octets) >= HEADER_LENGTH:
            self.sequence_number = _SEQUENCE.unpack_from(octets, 12)[0]

    def __str__(self) -> str:
        return f"command_length is {self.length}; {HEADER_LENGTH} to {self.max_length} would be right"


class Framer:
    """Push what arrives, take the whole PDUs one by one; or `feed`, which does both.

    Whoever can read several PDUs at once finds them in `octets`, from `at` on, and moves `at` past them.
    """

    __slots__ = ("_needed", "_rest", "at", "max_length", "octets")

    def __init__(self, max_length: int = MAX_LENGTH) -> None:
        self.max_length = max_length
        self.octets = b""
        """What is being cut up."""
        self.at = 0
        """Where the next PDU begins in it."""
        self._rest = bytearray()  # of a PDU that is not whole yet
        self._needed = 4

    def __len__(self) -> int:
        """How many octets wait for the rest of their PDU."""
        return len(self._rest)

    def push(self, data: bytes) -> None:
        """Let `take` go on with what was read; all that it can has been taken before."""
        rest = self._rest
        if rest:
            rest += data
            data = b""
            if len(rest) >= self._needed:
                data = bytes(rest)
                rest.clear()
        self.octets, self.at = data, 0

    def take(self) -> bytes | None:
        """The next PDU; None: there is none before more is pushed. Raises FramingError; nothing may be pushed after
        that."""
        octets, at = self.octets, self.at
        left = len(octets) - at
        if left >= 4:
            (length,) = _LENGTH.unpack_from(octets, at)
            if not HEADER_LENGTH <= length <= self.max_length:
                raise FramingError(length, self.max_length, octets[at : at + HEADER_LENGTH])
            if length <= left:
                self.at = after = at + length
                return octets[at:after]
            self._needed = length
        elif left:
            self._needed = 4
        else:
            return None
        self._rest += octets[at:]
        self.octets, self.at = b"", 0
        return None

    def feed(self, data: bytes) -> list[bytes]:
        """The PDUs that are complete now. Raises FramingError, which has those before the broken one."""
        frames: list[bytes] = []
        self.push(data)
        try:
            while (frame := self.take()) is not None:
                frames.append(frame)
        except FramingError as error:
            error.frames = frames
            raise
        return frames
