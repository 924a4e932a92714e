"""The final receipts of drafts, written as octets: what `receipts` would send in the standard's own format."""

from collections.abc import Sequence
from typing import cast

from simulator.engine import IdFormat, Status, Step
from simulator.engine.remembered import Ended
from simulator.engine.units import MINUTE
from simulator.smpp import STAT, Tag, Tlvs
from simulator.smpp.receipt import NETWORK_GSM, receipt_text
from simulator.smpp.tlv import encode_tlvs
from simulator.smsc.ids import spell_ids
from simulator.smsc.plain import SAFE, PlainLot
from simulator.smsc.states import message_state

TEXT_LENGTH = 20
"""How much of the message's text a receipt repeats."""

_MOST_KNOWN = 4096

_Words = tuple[Step, bytes, bytes, bytes, bytes]
"""The step, and what a receipt has before the id, between the id and the text, before the id again, and after it."""


class ReceiptWriter:
    """Writes those of one SMSC."""

    __slots__ = ("_form", "_known")

    def __init__(self, form: IdFormat) -> None:
        """`form`: how the ids are spelled."""
        self._form = form
        self._known: dict[tuple[Status, int, int, int, int], _Words] = {}

    def bodies(self, entries: Sequence[Ended]) -> list[bytes | None]:
        """Of a deliver_sm for each of these the octets after the header; None: this one needs more care."""
        ids = spell_ids([entry[0] for entry in entries], self._form)
        known = self._known
        if len(known) > _MOST_KNOWN:
            known.clear()
        bodies: list[bytes | None] = []
        plain = cast("Sequence[tuple[int, PlainLot, int, Step, int]]", entries)
        for (_, lot, index, final, at), message_id in zip(plain, ids, strict=True):
            origin = lot.origins[index]
            text = lot.texts[index][:TEXT_LENGTH]
            if not lot.safe and (not origin.one_octet or text.translate(None, SAFE)):
                bodies.append(None)
                continue
            # a step that is known is kept alive, so the identity of its cause is nobody else's
            which = (final.status, id(final.cause), lot.minute, at // MINUTE, len(text))
            words = known.get(which)
            if words is None:
                words = known[which] = _words(final, lot.ats[index], at, len(message_id), len(text))
            _, begins, says, again, ends = words
            to = lot.destinations[index]
            pieces = (
                origin.receipt_begins, to, origin.receipt_names, begins, message_id, says, text, again, message_id, ends
            )  # fmt: skip
            bodies.append(b"".join(pieces))
        return bodies


def _words(final: Step, submitted: int, done: int, id_length: int, text_length: int) -> _Words:
    """What the receipts of messages have in common that came and ended in the same minutes in the same way."""
    state = message_state(final)
    error = final.cause.network_error if final.cause is not None else 0
    said = receipt_text("", STAT[state], submitted, done, f"{error:03}").encode()
    length = len(said) + id_length + text_length
    tlvs: Tlvs = {
        Tag.RECEIPTED_MESSAGE_ID: "0" * id_length,
        Tag.MESSAGE_STATE: state,
        Tag.NETWORK_ERROR_CODE: bytes((NETWORK_GSM, error >> 8, error & 0xFF)),
    }
    out = bytearray()
    encode_tlvs(tlvs, out)
    return final, b"%cid:" % length, said[len("id:") :], bytes(out[:4]), bytes(out[4 + id_length :])
