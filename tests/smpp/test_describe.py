"""PDUs for people."""

import pytest

from simulator.smpp import (
    PDUS,
    BindTransceiver,
    CommandStatus,
    DeliverSm,
    MessageState,
    SubmitMulti,
    SubmitSm,
    SubmitSmResp,
    build_receipt,
    describe,
    describe_frame,
    encode,
)
from simulator.smpp.fields import DistributionList, SmeAddress


@pytest.mark.parametrize("cls", list(PDUS.values()), ids=lambda cls: cls.operation())
def test_every_operation_can_be_described(cls: type) -> None:
    lines = describe(cls(7)).splitlines()
    assert lines[0] == f"{cls.operation()}  sequence_number 7"
    assert len(lines) == 1 + cls.is_response() + len(cls.table)


def test_numbers_have_their_meaning_beside_them() -> None:
    text = describe(SubmitSm(1, dest_addr_ton=1, esm_class=0x43, registered_delivery=0x11, data_coding=8))
    for words in [
        "dest_addr_ton              1 (INTERNATIONAL)",
        "esm_class                  67 (store and forward, UDHI)",
        "registered_delivery        17 (receipt when final, intermediate notifications)",
        "data_coding                8 (UCS-2)",
    ]:
        assert words in text


def test_the_text_is_shown_decoded() -> None:
    assert "'5€' (GSM 03.38)" in describe(SubmitSm(1, short_message=b"5\x1be"))


def test_a_part_of_a_long_message_says_which() -> None:
    assert "1 of 2, reference 9 (8 bits)" in describe(SubmitSm(1, esm_class=0x40, short_message=b"\5\0\3\x09\2\1hi"))


def test_a_receipts_tlvs_are_named() -> None:
    message = SubmitSm(destination_addr="1")
    receipt = build_receipt(message, message_id="7", state=MessageState.EXPIRED, submitted_ms=0, done_ms=0, error=5)
    text = describe(receipt)
    assert "receipted_message_id       '7' (TLV 0x001E)" in text
    assert "message_state              3 (EXPIRED) (TLV 0x0427)" in text
    assert "network type 3, error 5" in text


def test_a_status_is_explained() -> None:
    text = describe(SubmitSmResp(1, CommandStatus.ESME_RTHROTTLED))
    assert "ESME_RTHROTTLED: throttled: the ESME went over its allowed rate or window" in text


def test_a_password_is_not_shown() -> None:
    assert "secret" not in describe(BindTransceiver(1, system_id="me", password="secret"))


def test_destinations_are_listed() -> None:
    pdu = SubmitMulti(1, dest_addresses=[SmeAddress(1, 1, "44"), DistributionList("friends")])
    assert "1 1 44; friends" in describe(pdu)


def test_a_tag_nobody_knows_is_shown_as_octets() -> None:
    assert "tlv_0x1400                 2 octets: 0102 (TLV 0x1400)" in describe(DeliverSm(1, tlvs={0x1400: b"\1\2"}))


def test_octets_that_are_no_pdu_are_shown_with_what_is_wrong() -> None:
    assert describe_frame(b"\0\0\0\x10").startswith("no PDU: command_length at octet 0")
    assert describe_frame(encode(SubmitSm(3))).startswith("submit_sm  sequence_number 3")
