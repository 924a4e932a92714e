"""Runs: many PDUs of one kind that stand in a row in what was read, taken in one go.

What it is: the two runs that load is made of. One is of submit_sm whose fields before the destination, and those
between it and the text, are mostly what they were before; the other of deliver_sm_resp that say no more than "taken".
Both come by the hundred in one read, and what they share is compared, not read again.

What it is not: a judge. A submit_sm whose shared fields are not valid (`fast.plain_fields`) ends a run, and so does
anything that is not exactly as it must be: `fast` or `codec` says what is wrong with it.

Why layouts: PDUs of the same length whose destinations have the same length have their fields at the same places. So
one `Struct`, which runs in C, cuts a whole PDU up, and comparing three of the pieces tells whether the cuts were right.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from struct import Struct
from typing import Any, Final, NamedTuple, Protocol

from simulator.smpp.constants import HEADER_LENGTH, MAX_SHORT_MESSAGE
from simulator.smpp.fast import Plain, plain_fields, submit_sm_parts

_SUBMIT_SM: Final = b"\0\0\0\4\0\0\0\0"
"""command_id and command_status of a submit_sm."""
_ACKNOWLEDGED: Final = b"\x80\0\0\5\0\0\0\0"
"""command_id and command_status of a deliver_sm_resp that has no complaint."""
_MAX_ADDR: Final = 20
_MOST_LAYOUTS: Final = 1024
_MOST_KINDS: Final = 1024

_LENGTH: Final = Struct(">I").unpack_from
_RESPONSES: Final = re.compile(
    b"(?:\0\0\0\x11" + _ACKNOWLEDGED + b".{4}\0)++|(?:\0\0\0\x10" + _ACKNOWLEDGED + b".{4})++", re.DOTALL
)
_SEQUENCES: Final = {
    17: Struct(">12xIx").iter_unpack,
    16: Struct(">12xI").iter_unpack,
}


class SubmitRun(NamedTuple):
    """Submits in a row."""

    kinds: list[tuple[Any, int]]
    """What the taker has made of their fields, and how many in a row have the same."""
    sequences: tuple[bytes, ...]
    """The four octets of each sequence_number."""
    destinations: tuple[bytes, ...]
    """1 to 20 octets of ASCII without NUL."""
    texts: tuple[bytes, ...]


class SubmitTaker(Protocol):
    """Who takes submits by the run, and answers them at once."""

    def most(self) -> int:
        """How many it takes now; more than that are events."""

    def kind(self, fields: Plain) -> object | None:
        """What it wants to know of submits that share these fields; None: it wants none such, and they are events."""

    def take(self, run: SubmitRun) -> tuple[list[bytes], dict[int, int]]:
        """The message_ids, 1 to 64 octets without NUL; and the command_status of those that are refused, by place."""


class _Layout(NamedTuple):
    begin: bytes
    """The header up to the sequence_number."""
    head: bytes
    """From there to the destination."""
    tail: bytes
    """From the NUL of the destination up to and with the length of the text."""
    length: int
    cut: Callable[[bytes, int], tuple[Any, ...]]
    """(begin, sequence_number, head, destination, tail, text) of a PDU."""
    kind: object


_NO_LAYOUT: Final = _Layout(b"", b"", b"", 1 << 62, Struct("").unpack_from, None)


@lru_cache(maxsize=8192)
def _cut(head: int, destination: int, tail: int, text: int) -> Callable[[bytes, int], tuple[Any, ...]]:
    return Struct(f"12s4s{head}s{destination}s{tail}s{text}s").unpack_from


class SubmitReader:
    """Finds the runs in what one session reads, and remembers what it has seen there."""

    __slots__ = ("_kinds", "_layout", "_layouts", "_taker")

    def __init__(self, taker: SubmitTaker) -> None:
        self._taker = taker
        self._kinds: dict[tuple[bytes, bytes], object | None] = {}
        self._layout = _NO_LAYOUT
        self._layouts: dict[bytes, _Layout] = {}

    def read(self, octets: bytes, at: int, most: int) -> tuple[SubmitRun, int] | None:
        """The run of at most `most` PDUs that begins at `at`, and where it ends; None: there is none."""
        start, end = at, len(octets)
        begin, head, tail, length, cut, kind = self._layout
        rows: list[tuple[Any, ...]] = []
        kinds: list[tuple[Any, int]] = []
        before = 0
        while len(rows) < most:
            if at + length <= end:
                row = cut(octets, at)
                if row[0] == begin and row[4] == tail and row[2] == head:
                    rows.append(row)
                    at += length
                    continue
            layout = self._layouts.get(octets[at : at + 12])
            if layout is None or layout.length == length:
                layout = self._look(octets, at)
                if layout is None:
                    break
            if layout.kind is not kind and len(rows) > before:
                kinds.append((kind, len(rows) - before))
                before = len(rows)
            begin, head, tail, length, cut, kind = self._layout = layout
            if at + length > end:
                break
        if not rows:
            return None
        if len(rows) > before:
            kinds.append((kind, len(rows) - before))
        _, sequences, _, destinations, _, texts = zip(*rows, strict=True)
        together = b"".join(destinations)
        if 0 in together or not together.isascii():  # a cut went wrong, or the address is nothing for us
            good = next(index for index, to in enumerate(destinations) if 0 in to or not to.isascii())
            return self.read(octets, start, good) if good else None
        return SubmitRun(kinds, sequences, destinations, texts), at

    def _look(self, octets: bytes, at: int) -> _Layout | None:
        """The layout of the PDU at `at`; None if it can't go into a run."""
        if octets[at + 4 : at + 12] != _SUBMIT_SM:
            return None
        (length,) = _LENGTH(octets, at)
        if length > len(octets) - at:
            return None
        frame = octets[at : at + length]
        found = submit_sm_parts(frame)
        if found is None:
            return None
        head, destination, tail = found
        after = HEADER_LENGTH + len(head) + len(destination)
        text_at = after + len(tail) + 2
        if len(destination) > _MAX_ADDR or text_at > length:
            return None
        text = frame[text_at - 1]
        if text > MAX_SHORT_MESSAGE or text_at + text != length:
            return None
        kind = self._kind(head, tail)
        if kind is None:
            return None
        cut = _cut(len(head), len(destination), text_at - after, text)
        layout = _Layout(frame[:12], head, frame[after:text_at], length, cut, kind)
        if len(self._layouts) >= _MOST_LAYOUTS:
            self._layouts.clear()
        self._layouts[layout.begin] = layout
        return layout

    def _kind(self, head: bytes, tail: bytes) -> object | None:
        known, both = self._kinds, (head, tail)
        if both in known:
            return known[both]
        fields = plain_fields(head, tail)
        if fields is None:  # not to be remembered: they may be of any length
            return None
        if len(known) >= _MOST_KINDS:
            known.clear()
        kind = known[both] = self._taker.kind(fields)
        return kind


def read_acknowledgements(octets: bytes, at: int) -> tuple[list[int], int] | None:
    """The sequence_numbers of the deliver_sm_resp with status 0 that stand in a row from `at` on, and where they end;
    None: there is none, or it has a message_id."""
    if not octets.startswith(_ACKNOWLEDGED, at + 4):
        return None
    found = _RESPONSES.match(octets, at)
    if found is None:
        return None
    return [sequence for (sequence,) in _SEQUENCES[octets[at + 3]](found[0])], found.end()


def submit_sm_resps(sequences: tuple[bytes, ...], message_ids: list[bytes], refused: dict[int, int]) -> bytes:
    """A submit_sm_resp for each (SMPP v3.4 section 4.4.2); for what a SubmitTaker takes, the ids and statuses that it
    gives."""
    pieces: list[bytes] = []
    for sequence, message_id in zip(sequences, message_ids, strict=True):
        pieces += (_RESP_BEGINS[len(message_id)], sequence, message_id, b"\0")
    for place, command_status in refused.items():
        at = place * 4
        pieces[at : at + 4] = _REFUSAL_BEGINS + command_status.to_bytes(4, "big"), sequences[place], b"", b""
    return b"".join(pieces)


_RESP_BEGINS: Final = [(17 + length).to_bytes(4, "big") + b"\x80\0\0\4\0\0\0\0" for length in range(65)]
_REFUSAL_BEGINS: Final = b"\0\0\0\x10\x80\0\0\4"
