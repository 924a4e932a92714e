"""Runs: many PDUs of one kind that stand in a row in what was read, taken in one go.

What it is: the two runs that load is made of. One is of submit_sm that differ in nothing but the sequence_number, the
destination and the text; the other of deliver_sm_resp that say no more than "taken". Both come by the hundred in one
read, and what they share is compared, not read again.

What it is not: a judge. A submit_sm whose shared fields are not valid (`fast.plain_submit_sm`) ends a run, and so does
anything that is not exactly as it must be: `fast` or `codec` says what is wrong with it.

Why layouts: PDUs of the same length whose destinations have the same length have their fields at the same places. So
one `Struct`, which runs in C, cuts a whole PDU up, and comparing three of the pieces tells whether the cuts were right.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from struct import Struct
from typing import Any, Final, NamedTuple

from simulator.smpp.constants import HEADER_LENGTH, MAX_SHORT_MESSAGE
from simulator.smpp.fast import Plain, plain_submit_sm

_SUBMIT_SM: Final = b"\0\0\0\4\0\0\0\0"
"""command_id and command_status of a submit_sm."""
_ACKNOWLEDGED: Final = b"\x80\0\0\5\0\0\0\0"
"""command_id and command_status of a deliver_sm_resp that has no complaint."""
_MAX_ADDR: Final = 20
_MOST_LAYOUTS: Final = 1024

_LENGTH: Final = Struct(">I").unpack_from
_RESPONSES: Final = re.compile(
    b"(?:\0\0\0\x11" + _ACKNOWLEDGED + b".{4}\0)++|(?:\0\0\0\x10" + _ACKNOWLEDGED + b".{4})++", re.DOTALL
)
_SEQUENCES: Final = {
    17: Struct(">12xIx").iter_unpack,
    16: Struct(">12xI").iter_unpack,
}


class SubmitRun(NamedTuple):
    """Submits in a row, one entry in each list for one of them."""

    fields: Plain
    """What they share; the same object as long as it is the same on this session."""
    sequences: tuple[bytes, ...]
    """The four octets of each sequence_number."""
    destinations: tuple[bytes, ...]
    """1 to 20 octets of ASCII without NUL."""
    texts: tuple[bytes, ...]


class _Layout(NamedTuple):
    begin: bytes
    """The header up to the sequence_number."""
    tail: bytes
    """From the NUL of the destination up to and with the length of the text."""
    length: int
    cut: Callable[[bytes, int], tuple[Any, ...]]
    """(begin, sequence_number, head, destination, tail, text) of a PDU."""


_NO_LAYOUT: Final = _Layout(b"", b"", 1 << 62, Struct("").unpack_from)


@lru_cache(maxsize=8192)
def _cut(head: int, destination: int, tail: int, text: int) -> Callable[[bytes, int], tuple[Any, ...]]:
    return Struct(f"12s4s{head}s{destination}s{tail}s{text}s").unpack_from


class SubmitReader:
    """Finds the runs in what one session reads. `wants` says of shared fields whether runs with them are wanted; it
    is asked once for each change."""

    __slots__ = ("_fields", "_layout", "_layouts", "_wanted", "_wants")

    def __init__(self, wants: Callable[[Plain], bool]) -> None:
        self._wants = wants
        self._wanted = False
        self._fields = Plain(b"?", b"?", (), ())  # no submit_sm has these
        self._layout = _NO_LAYOUT
        self._layouts: dict[bytes, _Layout] = {}

    def read(self, octets: bytes, at: int, most: int) -> tuple[SubmitRun, int] | None:
        """The run of at most `most` PDUs that begins at `at`, and where it ends; None: there is none."""
        start, end = at, len(octets)
        fields, layouts = self._fields, self._layouts
        head = fields.head
        begin, tail, length, cut = self._layout
        rows: list[tuple[Any, ...]] = []
        while len(rows) < most:
            if at + length <= end:
                row = cut(octets, at)
                if row[0] == begin and row[4] == tail and row[2] == head:
                    rows.append(row)
                    at += length
                    continue
            known = layouts.get(octets[at : at + 12])
            if known is None or known.length == length:
                known = self._look(octets, at, learn=not rows)
                if known is None:
                    break
                fields, layouts = self._fields, self._layouts
                head = fields.head
            begin, tail, length, cut = self._layout = known
            if at + length > end:
                break
        if not rows:
            return None
        _, sequences, _, destinations, _, texts = zip(*rows, strict=True)
        together = b"".join(destinations)
        if 0 in together or not together.isascii():  # a cut went wrong, or the address is nothing for us
            good = next(index for index, to in enumerate(destinations) if 0 in to or not to.isascii())
            if not good:
                return None
            return self.read(octets, start, good)
        return SubmitRun(fields, sequences, destinations, texts), at

    def _look(self, octets: bytes, at: int, learn: bool) -> _Layout | None:
        """The layout of the PDU at `at`; None if it can't go into a run, or not into the present one. `learn`: it may
        have other fields than those before."""
        if octets[at + 4 : at + 12] != _SUBMIT_SM:
            return None
        (length,) = _LENGTH(octets, at)
        if length > len(octets) - at:
            return None
        frame = octets[at : at + length]
        fields = self._fields
        begins = HEADER_LENGTH + len(fields.head)
        after = frame.find(0, begins)
        if not (frame.startswith(fields.head, HEADER_LENGTH) and frame.startswith(fields.tail, after)):
            if not learn:
                return None
            new = plain_submit_sm(frame)
            if new is None:
                return None
            self._fields = fields = new
            self._wanted = self._wants(new)
            self._layout = _NO_LAYOUT
            self._layouts = {}
            begins = HEADER_LENGTH + len(fields.head)
            after = frame.find(0, begins)
        text_at = after + len(fields.tail) + 1
        if not self._wanted or not 0 < after - begins <= _MAX_ADDR or text_at > length:
            return None
        text = frame[text_at - 1]
        if text > MAX_SHORT_MESSAGE or text_at + text != length:
            return None
        if len(self._layouts) >= _MOST_LAYOUTS:
            self._layouts.clear()
        cut = _cut(len(fields.head), after - begins, text_at - after, text)
        layout = self._layouts[frame[:12]] = _Layout(frame[:12], frame[after:text_at], length, cut)
        return layout


def read_acknowledgements(octets: bytes, at: int) -> tuple[list[int], int] | None:
    """The sequence_numbers of the deliver_sm_resp with status 0 that stand in a row from `at` on, and where they end;
    None: there is none, or it has a message_id."""
    if not octets.startswith(_ACKNOWLEDGED, at + 4):
        return None
    found = _RESPONSES.match(octets, at)
    if found is None:
        return None
    return [sequence for (sequence,) in _SEQUENCES[octets[at + 3]](found[0])], found.end()


def submit_sm_resps(sequences: tuple[bytes, ...], message_ids: list[bytes]) -> bytes:
    """A submit_sm_resp with status 0 for each (SMPP v3.4 section 4.4.2). The ids have 1 to 64 octets without NUL."""
    pieces: list[bytes] = []
    for sequence, message_id in zip(sequences, message_ids, strict=True):
        pieces += (_RESP_BEGINS[len(message_id)], sequence, message_id, b"\0")
    return b"".join(pieces)


_RESP_BEGINS: Final = [(17 + length).to_bytes(4, "big") + b"\x80\0\0\4\0\0\0\0" for length in range(65)]
