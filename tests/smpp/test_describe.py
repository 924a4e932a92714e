"""PDUs for people."""

from typing import Literal

import pytest

from simulator.smpp import (
    PDUS,
    BindTransceiver,
    CommandId,
    CommandStatus,
    DeliverSm,
    DistributionList,
    EnquireLink,
    MessageState,
    SmeAddress,
    SmscSession,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
    Tag,
    Unbind,
    UnsuccessSme,
    build_receipt,
    describe,
    describe_frame,
    encode,
    encode_header,
    pdu_log_line,
)
from tests.smpp.mutants import mutants


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
    assert "network type 3: GSM, error 5" in text


def test_the_fields_of_a_receipts_text_are_told_apart() -> None:
    message = SubmitSm(destination_addr="1")
    receipt = build_receipt(
        message, message_id="7", state=MessageState.UNDELIVERABLE, submitted_ms=0, done_ms=60_000, error=5, text="hi"
    )
    text = describe(receipt)
    for words in [
        "receipt id                 '7'",
        "receipt done date          '7001010001'",
        "receipt stat               'UNDELIV' (UNDELIVERABLE)",
        "receipt err                '005'",
        "receipt text               'hi'",
    ]:
        assert words in text


def test_a_stat_that_nobody_knows_is_said_to_be_so() -> None:
    text = describe(DeliverSm(1, esm_class=4, short_message=b"id:1 stat:BUFFERED"))
    assert "'BUFFERED' (no state of the standard)" in text


def test_a_status_is_explained() -> None:
    text = describe(SubmitSmResp(1, CommandStatus.ESME_RTHROTTLED))
    assert "ESME_RTHROTTLED: throttled: the ESME went over its allowed rate or window" in text


def test_a_password_is_not_shown() -> None:
    assert "secret" not in describe(BindTransceiver(1, system_id="me", password="secret"))


def test_destinations_are_listed() -> None:
    pdu = SubmitMulti(1, dest_addresses=[SmeAddress(1, 1, "44"), DistributionList("friends")])
    assert "'44' (INTERNATIONAL, ISDN); distribution list 'friends'" in describe(pdu)


def test_destinations_that_failed_are_listed_with_the_reason() -> None:
    pdu = SubmitMultiResp(1, unsuccess_smes=[UnsuccessSme(1, 1, "44", CommandStatus.ESME_RINVDSTADR)])
    assert "'44' (INTERNATIONAL, ISDN) ESME_RINVDSTADR: destination address is invalid" in describe(pdu)


@pytest.mark.parametrize(
    ("time", "words"),
    [
        ("000001020000000R", "in 1 day 2 hours"),
        ("000000000000000R", "in 0 seconds"),
        ("260131235959504+", "2026-01-31 23:59:59.500+01:00"),
        ("260131235959504-", "2026-01-31 23:59:59.500-01:00"),
        ("260131235959500+", "2026-01-31 23:59:59.500+00:00"),
    ],
)
def test_times_are_read(time: str, words: str) -> None:
    assert f"validity_period            '{time}' ({words})" in describe(SubmitSm(1, validity_period=time))


def test_a_time_that_is_none_is_shown_as_it_is() -> None:
    assert "validity_period            'soon'\n" in describe(SubmitSm(1, validity_period="soon"))


@pytest.mark.parametrize(
    ("tag", "value", "words"),
    [
        (Tag.MS_AVAILABILITY_STATUS, 0, "0 (available)"),
        (Tag.DEST_ADDR_SUBUNIT, 3, "3 (smart card 1)"),
        (Tag.PRIVACY_INDICATOR, 9, "9 (TLV"),
        (Tag.SC_INTERFACE_VERSION, 0x34, "52 (3.4)"),
        (Tag.CONGESTION_STATE, 95, "95 (congested)"),
        (Tag.CALLBACK_NUM, b"\1\1\x014477", "('4477', INTERNATIONAL, ISDN)"),
        (Tag.BROADCAST_AREA_IDENTIFIER, b"\0north", "(name 'north')"),
        (Tag.BROADCAST_CONTENT_TYPE, b"\1\0\2", "(network type 1: GSM, service 2)"),
        (Tag.BROADCAST_FREQUENCY_INTERVAL, b"\x09\0\5", "(every 5 minutes)"),
        (Tag.BROADCAST_AREA_SUCCESS, 80, "(80 % of the area)"),
        (Tag.USSD_SERVICE_OP, b"\2", "(USSR request)"),
        (Tag.ALERT_ON_MESSAGE_DELIVERY, True, "no value"),
        (Tag.NETWORK_ERROR_CODE, b"\3", "1 octet: 03 (TLV"),
    ],
)
def test_a_parameter_is_named_and_explained(tag: Tag, value: int | bytes, words: str) -> None:
    assert words in describe(DeliverSm(1, tlvs={tag: value})).splitlines()[-1]


def test_a_user_data_header_is_shown_element_by_element() -> None:
    text = describe(SubmitSm(1, esm_class=0x40, short_message=b"\x0b\0\3\x09\2\1\5\4\x0b\x84\0\0hi"))
    assert "user_data_header           concatenation, 8-bit reference (0x00): 090201" in text
    assert "user_data_header           ports, 16 bits (0x05): 0b840000" in text


def test_a_long_payload_is_cut_in_the_log_and_says_so() -> None:
    text = describe(SubmitSm(1, destination_addr="1", tlvs={Tag.MESSAGE_PAYLOAD: b"x" * 60_000}))
    assert "60000 octets: " in text
    assert "… and 59744 more" in text
    assert "… and 59000 more" in text
    assert len(text) < 4_000


def test_a_tag_nobody_knows_is_shown_as_octets() -> None:
    assert "tlv_0x1400                 2 octets: 0102 (TLV 0x1400)" in describe(DeliverSm(1, tlvs={0x1400: b"\1\2"}))


def test_octets_that_are_no_pdu_are_shown_with_what_is_wrong() -> None:
    assert describe_frame(b"\0\0\0\x10").startswith("no PDU: command_length at octet 0")


def test_a_frame_has_its_length_and_command_id() -> None:
    first = describe_frame(encode(SubmitSm(3, short_message=b"hello"))).splitlines()[0]
    assert first == "submit_sm  sequence_number 3, 38 octets, command_id 0x00000004"


def test_a_malformed_pdu_has_its_header_read_and_says_what_is_wrong() -> None:
    frame = encode_header(CommandId.SUBMIT_SM, 0, 3)
    assert describe_frame(frame).splitlines() == [
        "submit_sm  sequence_number 3, 16 octets, command_id 0x00000004",
        "  malformed                  service_type at octet 16: the PDU ends here, where C-Octet String service_type "
        "should begin or go on (ESME_RINVCMDLEN)",
        "  octets                     16 octets: 00000010000000040000000000000003",
    ]


def test_an_operation_that_nobody_knows_is_shown_so() -> None:
    assert describe_frame(encode_header(0x77, 0, 3)).startswith("unknown operation  sequence_number 3, 16 octets")


def test_a_password_is_not_shown_even_if_the_bind_cannot_be_read() -> None:
    frame = encode(BindTransceiver(1, system_id="me", password="secret"))[:-3]
    text = describe_frame(len(frame).to_bytes(4, "big") + frame[4:])
    assert "malformed" in text
    assert b"secret".hex() not in text


@pytest.mark.parametrize(("way", "begins"), [("in", "1.2.3.4:5 -> SMSC  unbind"), ("out", "SMSC -> 1.2.3.4:5  unbind")])
def test_a_log_says_who_sent_it_to_whom(way: Literal["in", "out"], begins: str) -> None:
    assert pdu_log_line(way, "1.2.3.4:5", encode(Unbind(1))).startswith(begins)


def test_a_log_shows_what_a_session_sees_and_says_even_what_ends_it() -> None:
    lines: list[str] = []
    session = SmscSession(trace=lambda way, frame: lines.append(pdu_log_line(way, "peer", frame)))
    session.receive(encode(EnquireLink(1)) + b"\xff" * 20, 0)
    session.take_output()
    assert [line.splitlines()[0] for line in lines] == [
        "peer -> SMSC  enquire_link  sequence_number 1, 16 octets, command_id 0x00000015",
        "SMSC -> peer  enquire_link_resp  sequence_number 1, 16 octets, command_id 0x80000015",
        "peer -> SMSC  unknown operation  sequence_number 4294967295, 16 octets, command_id 0xFFFFFFFF",
        "SMSC -> peer  generic_nack  sequence_number 4294967295, 16 octets, command_id 0x80000000",
    ]


def test_nothing_that_a_peer_sends_can_break_a_line_of_the_log() -> None:
    text = describe(SubmitSm(1, source_addr="a\nb\x1b[2J\x9b", short_message=b"\x0a\x0d"))
    assert all(line.isprintable() for line in text.splitlines())
    assert len(text.splitlines()) == 1 + len(SubmitSm.table) + 1


def test_every_mutant_can_be_described() -> None:
    for frame in mutants(99, 3_000):
        assert describe_frame(frame).replace("\n", "").isprintable()
