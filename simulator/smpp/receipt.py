"""Delivery receipts: the deliver_sm that says what became of a message (SMPP v3.4 Appendix B, section 5.2.12).

    id:IIIIIIIIII sub:SSS dlvrd:DDD submit date:YYMMDDhhmm done date:YYMMDDhhmm stat:DDDDDDD err:E text: ...

What it is: one writer, with the ways in which carriers differ as options, and one reader that understands
all of them. What it is not: the id. How a carrier spells the id in a receipt (hex, decimal, padded) is for
whoever calls, who gives it as text.

Why both text and TLVs by default: the text is what old clients parse, the TLVs are what the standard added
later, and real carriers send both, either, or something in between.
"""

import re
from dataclasses import dataclass
from typing import Final, Protocol

from simulator.smpp.concat import octets_of, text_of
from simulator.smpp.constants import (
    CODING_DEFAULT,
    ESM_TYPE_INTERMEDIATE,
    ESM_TYPE_MASK,
    ESM_TYPE_RECEIPT,
    STAT,
    STATE_OF_STAT,
    VERSION_3_4,
    MessageState,
)
from simulator.smpp.pdus import DataSm, DeliverSm, Pdu
from simulator.smpp.text import decode_text, encode_text
from simulator.smpp.times import format_receipt_date
from simulator.smpp.tlv import Tag, Tlvs, tlv_text

NETWORK_GSM: Final = 3
"""Network type of network_error_code (SMPP v3.4 section 5.3.2.31)."""

FIELD_NAMES: Final = ("id", "sub", "dlvrd", "submit date", "done date", "stat", "err", "text")
"""The fields of the text, in the order of Appendix B."""

_MESSAGE_ID: Final = int(Tag.RECEIPTED_MESSAGE_ID)
_STATE: Final = int(Tag.MESSAGE_STATE)
_NETWORK_ERROR: Final = int(Tag.NETWORK_ERROR_CODE)
_PAYLOAD: Final = int(Tag.MESSAGE_PAYLOAD)


@dataclass(frozen=True, slots=True)
class ReceiptFormat:
    """How one carrier writes its receipts. The default is the standard's own."""

    text: bool = True
    """Whether there is a text at all."""
    tlvs: bool = True
    """Whether the TLVs are there (never on a 3.3 session)."""
    omit: frozenset[str] = frozenset()
    """Fields that are left out of the text, by their names in Appendix B."""
    seconds: bool = False
    """Dates with seconds: twelve digits and not ten."""
    upper_case: bool = False
    """`ID:` and `STAT:` in place of `id:` and `stat:`."""
    text_length: int = 20
    """How many characters of the message come after `text:`."""
    sub: str | None = None
    """What `sub:` always says; None counts."""
    dlvrd: str | None = None
    """What `dlvrd:` always says; None counts."""
    network_error: bool = True
    """Whether network_error_code is among the TLVs."""
    payload: bool = False
    """The text in message_payload, with an empty short_message."""
    data_coding: int = CODING_DEFAULT
    """The coding of the text: 8 for carriers that send UCS-2."""
    esm_class: int | None = None
    """What esm_class says whatever the receipt is; some carriers say 0."""


DEFAULT_FORMAT: Final = ReceiptFormat()


class Addressed(Protocol):
    """What a receipt needs of the message that it is about: a SubmitSm, a DataSm, or a record of yours."""

    @property
    def source_addr_ton(self) -> int: ...
    @property
    def source_addr_npi(self) -> int: ...
    @property
    def source_addr(self) -> str: ...
    @property
    def dest_addr_ton(self) -> int: ...
    @property
    def dest_addr_npi(self) -> int: ...
    @property
    def destination_addr(self) -> str: ...


@dataclass(slots=True)
class Receipt:
    """What a receipt says. `fields` has the text's own, by lower-case name, as they were written."""

    message_id: str
    state: MessageState | None
    stat: str
    error: str
    intermediate: bool
    submit_date: str
    done_date: str
    text: str
    fields: dict[str, str]


def receipt_text(
    message_id: str,
    stat: str,
    submitted_ms: int,
    done_ms: int,
    err: str = "000",
    text: str = "",
    format: ReceiptFormat = DEFAULT_FORMAT,
) -> str:
    """The text of a receipt (SMPP v3.4 Appendix B)."""
    sub = "001" if format.sub is None else format.sub
    dlvrd = ("001" if stat == "DELIVRD" else "000") if format.dlvrd is None else format.dlvrd
    submitted = format_receipt_date(submitted_ms, seconds=format.seconds)
    done = format_receipt_date(done_ms, seconds=format.seconds)
    text = text[: format.text_length]
    if not format.omit and not format.upper_case:
        return (
            f"id:{message_id} sub:{sub} dlvrd:{dlvrd} submit date:{submitted} done date:{done} "
            f"stat:{stat} err:{err} text:{text}"
        )
    values = (message_id, sub, dlvrd, submitted, done, stat, err, text)
    return " ".join(
        f"{name.upper() if format.upper_case else name}:{value}"
        for name, value in zip(FIELD_NAMES, values, strict=True)
        if name not in format.omit
    )


def build_receipt(
    message: Addressed,
    *,
    message_id: str,
    state: int,
    submitted_ms: int,
    done_ms: int,
    error: int = 0,
    err: str | None = None,
    stat: str | None = None,
    text: str | None = None,
    intermediate: bool = False,
    format: ReceiptFormat = DEFAULT_FORMAT,
    version: int = VERSION_3_4,
) -> DeliverSm:
    """The receipt for a message, source and destination swapped (SMPP v3.4 section 2.11 and Appendix B).

    `error` goes into network_error_code, and into `err:` as three digits unless `err` says otherwise.
    `stat` is what the text says; None takes the standard's word for `state`. `text` is the message's own;
    None reads it from the message. Characters that the receipt's coding lacks become `?`.
    Times are milliseconds since the epoch.
    """
    short_message = b""
    tlvs: Tlvs = {}
    if format.text:
        if stat is None:
            stat = STAT.get(state, "UNKNOWN")  # type: ignore[call-overload]
        if text is None:
            text = text_of(message) if isinstance(message, Pdu) else ""
        if err is None:
            err = f"{error:03}"
        body = receipt_text(message_id, stat, submitted_ms, done_ms, err, text, format)
        short_message = encode_text(body, format.data_coding, "replace")
    if version >= VERSION_3_4:
        if format.tlvs:
            tlvs = {_MESSAGE_ID: message_id, _STATE: state}
            if format.network_error:
                tlvs[_NETWORK_ERROR] = bytes((NETWORK_GSM, error >> 8 & 0xFF, error & 0xFF))
        if format.payload or len(short_message) > 254:
            tlvs[_PAYLOAD] = short_message
            short_message = b""
    esm_class = format.esm_class
    if esm_class is None:
        esm_class = ESM_TYPE_INTERMEDIATE if intermediate else ESM_TYPE_RECEIPT
    return DeliverSm(
        0,
        0,
        "",
        message.dest_addr_ton,
        message.dest_addr_npi,
        message.destination_addr,
        message.source_addr_ton,
        message.source_addr_npi,
        message.source_addr,
        esm_class,
        0,
        0,
        "",
        "",
        0,
        0,
        format.data_coding,
        0,
        short_message[:254],
        tlvs,
    )


def as_data_sm(receipt: DeliverSm) -> DataSm:
    """The same receipt as a data_sm (SMPP v3.4 section 4.7.1): its text goes to message_payload."""
    tlvs = dict(receipt.tlvs)
    if receipt.short_message:
        tlvs[_PAYLOAD] = receipt.short_message
    return DataSm(
        service_type=receipt.service_type,
        source_addr_ton=receipt.source_addr_ton,
        source_addr_npi=receipt.source_addr_npi,
        source_addr=receipt.source_addr,
        dest_addr_ton=receipt.dest_addr_ton,
        dest_addr_npi=receipt.dest_addr_npi,
        destination_addr=receipt.destination_addr,
        esm_class=receipt.esm_class,
        data_coding=receipt.data_coding,
        tlvs=tlvs,
    )


_FIELD: Final = re.compile(r"(?:^|(?<=\s))(id|sub|dlvrd|submit[ _]?date|done[ _]?date|stat|err|text):", re.IGNORECASE)


def parse_fields(text: str) -> dict[str, str]:
    """The fields of a receipt's text, in any order and case. What follows `text:` is all one field."""
    fields: dict[str, str] = {}
    marks = list(_FIELD.finditer(text))
    for at, mark in enumerate(marks):
        name = mark[1].lower().replace("_", " ")
        name = {"submitdate": "submit date", "donedate": "done date"}.get(name, name)
        if name == "text":
            fields[name] = text[mark.end() :]
            break
        end = marks[at + 1].start() if at + 1 < len(marks) else len(text)
        fields.setdefault(name, text[mark.end() : end].strip())
    return fields


def parse_receipt(pdu: Pdu) -> Receipt | None:
    """What a receipt says, from its text, its TLVs, or both; None if the PDU is no receipt. Never raises.

    It is one if esm_class says so, or if it has the TLVs, or if the text has both an id and a stat.
    The TLVs win for the id and the state, since a text may be cut or translated.
    """
    if not isinstance(pdu, DeliverSm | DataSm):
        return None
    kind = pdu.esm_class & ESM_TYPE_MASK
    marked = kind in (ESM_TYPE_RECEIPT, ESM_TYPE_INTERMEDIATE)
    fields = parse_fields(decode_text(octets_of(pdu), pdu.data_coding))
    message_id = tlv_text(pdu.tlvs.get(_MESSAGE_ID)) or fields.get("id", "")
    if not (marked or _MESSAGE_ID in pdu.tlvs or ("id" in fields and "stat" in fields)):
        return None
    stat = fields.get("stat", "")
    state = STATE_OF_STAT.get(stat.upper())
    number = pdu.tlvs.get(_STATE)
    if isinstance(number, int) and number in MessageState._value2member_map_:
        state = MessageState(number)
    error = fields.get("err", "")
    network = pdu.tlvs.get(_NETWORK_ERROR)
    if not error and isinstance(network, bytes) and len(network) == 3:
        error = f"{int.from_bytes(network[1:], 'big'):03}"
    return Receipt(
        message_id=message_id,
        state=state,
        stat=stat or (STAT[state] if state is not None else ""),
        error=error,
        intermediate=kind == ESM_TYPE_INTERMEDIATE,
        submit_date=fields.get("submit date", ""),
        done_date=fields.get("done date", ""),
        text=fields.get("text", ""),
        fields=fields,
    )
