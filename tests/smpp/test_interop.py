"""What other libraries write we read as they meant it, and the reverse."""

import pytest
from aiosmpplib import protocol as theirs
from aiosmpplib.state import NPI, TON, OptionalParam, PduHeader, PhoneNumber, SmppCommand, SmppCommandStatus
from smpplib import smpp

from simulator.smpp import (
    AlertNotification,
    BindReceiver,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    DataSm,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Pdu,
    QuerySm,
    QuerySmResp,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
    build_receipt,
    decode,
    encode,
)

SUBMIT = SubmitSm(
    *(9, 0, "CMT", 5, 0, "ABC", 1, 1, "447700900123", 3, 0, 1, "", "000001000000000R", 1, 0, 3, 0),
    b"hello \xe9",
    {0x0204: 77},
)
PDUS_BOTH_HAVE: list[Pdu] = [
    BindTransmitter(1, 0, "me", "secret", "type", 0x34, 1, 1, "44"),
    BindReceiver(1, 0, "me", "secret", "type", 0x34),
    BindTransceiver(1, 0, "me", "secret", "", 0x34),
    BindTransceiverResp(1, 0, "SMSC", {0x0210: 0x34}),
    SUBMIT,
    SubmitSmResp(9, 0, "12ab"),
    DeliverSm(4, 0, "", 1, 1, "447700900123", 5, 0, "ABC", 4, short_message=b"id:1", tlvs={0x001E: "1", 0x0427: 2}),
    DeliverSmResp(4),
    DataSm(5, 0, "", 1, 1, "1", 1, 1, "2", 0, 1, 4, {0x0424: b"payload"}),
    QuerySm(6, 0, "12ab", 1, 1, "44"),
    QuerySmResp(6, 0, "12ab", "260131235959504+", 2, 0),
    EnquireLink(7),
    EnquireLinkResp(7),
    Unbind(8),
    UnbindResp(8),
    GenericNack(9, 3),
    AlertNotification(10, 0, 1, 1, "44", 5, 0, "ABC", {0x0422: 1}),
]


def as_smpplib(pdu: Pdu) -> object:
    """The same PDU as an object of smpplib, by its field names."""
    fields = {kind.name: getattr(pdu, kind.name) for kind in pdu.table}
    if "short_message" in fields:
        fields["sm_length"] = len(fields["short_message"])
    tlvs = {0x0204: "user_message_reference", 0x001E: "receipted_message_id", 0x0427: "message_state"}
    tlvs |= {0x0424: "message_payload", 0x0210: "sc_interface_version", 0x0422: "ms_availability_status"}
    for tag, value in getattr(pdu, "tlvs", {}).items():
        fields[tlvs[tag]] = value
    # A request without a sequence would ask for a client.
    number = {} if pdu.is_response() else {"sequence": pdu.sequence_number}
    written = smpp.make_pdu(pdu.operation(), **number, **fields)
    written.sequence, written.status = pdu.sequence_number, pdu.command_status
    return written


@pytest.mark.parametrize("pdu", PDUS_BOTH_HAVE, ids=lambda pdu: pdu.operation())
def test_what_smpplib_writes_we_read(pdu: Pdu) -> None:
    assert decode(as_smpplib(pdu).generate(), validate=False) == pdu


@pytest.mark.parametrize("pdu", PDUS_BOTH_HAVE, ids=lambda pdu: pdu.operation())
def test_what_we_write_smpplib_reads(pdu: Pdu) -> None:
    read = smpp.parse_pdu(encode(pdu), **({} if pdu.is_response() else {"need_sequence": False}))
    assert (read.command, read.sequence, read.status) == (
        pdu.operation(),
        pdu.sequence_number,
        pdu.command_status,
    )
    for kind in pdu.table:
        ours, found = getattr(pdu, kind.name), getattr(read, kind.name)
        assert (found or type(ours)()) == ours or found.rstrip(b"\0") == ours.encode("latin-1")


def header_of(pdu: Pdu, frame: bytes) -> PduHeader:
    command = SmppCommand(pdu.command_id)
    return PduHeader(len(frame), command, SmppCommandStatus(pdu.command_status), pdu.sequence_number)


def test_a_submit_sm_of_aiosmpplib_is_read() -> None:
    written = theirs.SubmitSm(
        sequence_num=9,
        short_message="hello 5€ @",
        source=PhoneNumber("ABC", TON.ALPHANUMERIC, NPI.UNKNOWN),
        destination=PhoneNumber("447700900123", TON.INTERNATIONAL, NPI.ISDN),
        optional_params=[OptionalParam(0x0204, 77)],
    )
    assert decode(written.pdu()) == SubmitSm(
        *(9, 0, "", 5, 0, "ABC", 1, 1, "447700900123"),
        registered_delivery=1,
        short_message=b"hello 5\x1be \0",
        tlvs={0x0204: 77},
    )


def test_a_receipt_of_ours_is_a_receipt_to_aiosmpplib() -> None:
    receipt = build_receipt(SUBMIT, message_id="12ab", state=2, submitted_ms=0, done_ms=0)
    receipt.sequence_number = 3
    frame = encode(receipt)
    read = theirs.DeliverSm.from_pdu(frame, header_of(receipt, frame), "gsm0338")
    assert read.is_receipt()
    found = read.parse_receipt()
    assert (found["id"], found["stat"]) == ("12ab", "DELIVRD")


def test_a_bind_of_aiosmpplib_is_read() -> None:
    written = theirs.BindTransceiver(sequence_num=1, system_id="me", password="secret", system_type="t")
    assert decode(written.pdu()) == BindTransceiver(1, 0, "me", "secret", "t", written.interface_version)


@pytest.mark.parametrize(
    ("pdu", "cls"),
    [
        (SubmitSmResp(9, 0, "12ab"), theirs.SubmitSmResp),
        (BindTransceiverResp(1, 0, "SMSC", {0x0210: 0x34}), theirs.BindTransceiverResp),
        (EnquireLinkResp(7), theirs.EnquireLinkResp),
    ],
    ids=lambda value: value.operation() if isinstance(value, Pdu) else "",
)
def test_what_we_write_aiosmpplib_reads(pdu: Pdu, cls: type) -> None:
    frame = encode(pdu)
    read = cls.from_pdu(frame, header_of(pdu, frame))
    assert read.sequence_num == pdu.sequence_number
    for kind in pdu.table:
        assert getattr(read, kind.name) == getattr(pdu, kind.name)
