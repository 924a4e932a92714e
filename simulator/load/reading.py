"""What an SMSC sends, a whole read at once.

What it is: the receive side of a client without I/O: octets in, one `Batch` out. Equal answers in a row, which is what
load looks like, are read by one `Struct.iter_unpack`, which runs in C. What isn't known here goes through the codec.
What it is not: a judge. An answer to nothing is found by whoever knows what was asked.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from struct import Struct
from typing import Final

from simulator.smpp import (
    DataSm,
    DeliverSm,
    FramingError,
    PduError,
    decode,
    encode_header,
    parse_receipt,
)
from simulator.smpp.constants import RESPONSE_BIT, VERSION_3_3
from simulator.smpp.framing import MAX_LENGTH
from simulator.smpp.status import CommandStatus

_HEADER: Final = Struct(">IIII")
_REPLY: Final = Struct(">IIIIx").pack
"""deliver_sm_resp and data_sm_resp: a header and an empty message_id."""

SUBMIT_SM_RESP: Final = 0x80000004
DELIVER_SM: Final = 0x00000005
DATA_SM: Final = 0x00000103
ENQUIRE_LINK: Final = 0x00000015
UNBIND: Final = 0x00000006
ALERT_NOTIFICATION: Final = 0x00000102
_LONGEST_RUN: Final = 4096

_RECEIPT: Final = re.compile(
    rb"[^\0]*+\0..[^\0]*+\0..[^\0]*+\0(.)"  # up to esm_class
    rb"..[^\0]*+\0[^\0]*+\0....."  # up to sm_length
    rb"id:([^ \0]++) ",
    re.DOTALL,
)


@dataclass(slots=True)
class Batch:
    """What one read has brought."""

    answered: list[int] = field(default_factory=list)
    """Sequence numbers of submits that were accepted."""
    ids: list[bytes] = field(default_factory=list)
    """Their message ids, if ids are wanted."""
    refused: list[tuple[int, int]] = field(default_factory=list)
    """(sequence_number, command_status)"""
    receipts: list[tuple[bytes, str]] = field(default_factory=list)
    """(message_id, stat) of final receipts."""
    intermediate: int = 0
    inbound: int = 0
    replies: list[bytes] = field(default_factory=list)
    """What must be answered at once."""
    responses: list[tuple[int, int, int]] = field(default_factory=list)
    """(command_id, command_status, sequence_number) of any other response: to a bind, to an enquire_link."""
    unbind: bool = False


class Reader:
    """Feed what arrives."""

    def __init__(self, *, want_ids: bool) -> None:
        self._want_ids = want_ids
        self._rest = b""
        self._run = 8

    def feed(self, data: bytes) -> Batch:
        """Raises FramingError for a command_length that can't be."""
        if self._rest:
            data = self._rest + data
        batch = Batch()
        at, size = 0, len(data)
        while size - at >= 16:
            length, command, status, sequence = _HEADER.unpack_from(data, at)
            if not 16 <= length <= MAX_LENGTH:
                raise FramingError(length, MAX_LENGTH, data[at : at + 16])
            end = at + length
            if end > size:
                break
            if command == SUBMIT_SM_RESP:
                if status:
                    batch.refused.append((sequence, status))
                elif length > 17 and data[end : end + 12] == data[at : at + 12]:
                    end = self._read_run(batch, data, at, length)
                else:
                    batch.answered.append(sequence)
                    if self._want_ids:
                        batch.ids.append(data[at + 16 : end].partition(b"\0")[0])
            elif command == DELIVER_SM:
                batch.replies.append(_REPLY(17, DELIVER_SM | RESPONSE_BIT, 0, sequence))
                match = _RECEIPT.match(data, at + 16, end)
                if match is not None and match[1] == b"\x04":
                    start = data.find(b"stat:", match.end(), end) + 5
                    stat = data[start : start + 7].decode("latin-1").rstrip() if start > 4 else ""
                    batch.receipts.append((match[2], stat))
                else:
                    _read_message(batch, data[at:end])
            else:
                _read_other(batch, data[at:end], command, status, sequence)
            at = end
        self._rest = data[at:]
        return batch

    def _read_run(self, batch: Batch, data: bytes, at: int, length: int) -> int:
        """Equal answers in a row, from `at`, where there are at least two. Gives where they end."""
        count = min((len(data) - at) // length, self._run)
        rows = _rows(length).iter_unpack(memoryview(data)[at : at + count * length])
        heads, sequences, ids = zip(*rows, strict=True)
        same = heads.count(heads[0])
        if same != count:
            # Look less far ahead where answers and receipts take turns.
            same = next((k for k, head in enumerate(heads) if head != heads[0]), count)
            sequences, ids = sequences[:same], ids[:same]
            self._run = max(2, same)
        else:
            self._run = min(_LONGEST_RUN, 2 * self._run)
        batch.answered += sequences
        if self._want_ids:
            if 0 in b"".join(ids):
                ids = tuple(text.partition(b"\0")[0] for text in ids)
            batch.ids += ids
        return at + same * length


@lru_cache(maxsize=256)
def _rows(length: int) -> Struct:
    """command_length, command_id and command_status together; sequence_number; message_id without its NUL."""
    return Struct(f">12sI{length - 17}sx")


def _read_message(batch: Batch, frame: bytes) -> None:
    """A deliver_sm or data_sm of any kind."""
    try:
        pdu = decode(frame, version=VERSION_3_3, validate=False)
    except PduError:
        batch.inbound += 1
        return
    receipt = parse_receipt(pdu) if isinstance(pdu, DeliverSm | DataSm) else None
    if receipt is None:
        batch.inbound += 1
    elif receipt.intermediate:
        batch.intermediate += 1
    else:
        batch.receipts.append((receipt.message_id.encode("latin-1", "replace"), receipt.stat))


def _read_other(batch: Batch, frame: bytes, command: int, status: int, sequence: int) -> None:
    if command & RESPONSE_BIT:
        batch.responses.append((command, status, sequence))
    elif command == DATA_SM:
        batch.replies.append(_REPLY(17, DATA_SM | RESPONSE_BIT, 0, sequence))
        _read_message(batch, frame)
    elif command in (ENQUIRE_LINK, UNBIND):
        batch.replies.append(encode_header(command | RESPONSE_BIT, 0, sequence))
        batch.unbind |= command == UNBIND
    elif command != ALERT_NOTIFICATION:
        batch.replies.append(encode_header(RESPONSE_BIT, CommandStatus.ESME_RINVCMDID, sequence))
