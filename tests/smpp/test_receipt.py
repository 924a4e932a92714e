"""Receipts: written as the standard has them or as a carrier likes, and read however they come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.smpp import (
    DeliverSm,
    EnquireLink,
    MessageState,
    ReceiptFormat,
    SubmitSm,
    as_data_sm,
    build_receipt,
    decode,
    encode,
    encode_text,
    parse_receipt,
    text_of,
)

MESSAGE = SubmitSm(
    source_addr_ton=5,
    source_addr="ABC",
    dest_addr_ton=1,
    dest_addr_npi=1,
    destination_addr="447700900123",
    short_message=b"Hello, this is a long message",
)
SUBMITTED, DONE = 1_769_904_000_000, 1_769_904_065_000
"""2026-02-01 00:00:00 and 00:01:05."""


def receipt(state: int = MessageState.DELIVERED, **options: object) -> DeliverSm:
    return build_receipt(
        MESSAGE, **{"message_id": "12ab", "state": state, "submitted_ms": SUBMITTED, "done_ms": DONE, **options}
    )


def test_the_text_is_that_of_appendix_b() -> None:
    assert receipt().short_message == (
        b"id:12ab sub:001 dlvrd:001 submit date:2602010000 done date:2602010001 stat:DELIVRD err:000 "
        b"text:Hello, this is a lon"
    )


def test_source_and_destination_change_places() -> None:
    pdu = receipt()
    assert (pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr) == (1, 1, "447700900123")
    assert (pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr) == (5, 0, "ABC")


def test_the_tlvs_say_the_same() -> None:
    assert receipt(MessageState.UNDELIVERABLE, error=0x0102).tlvs == {0x001E: "12ab", 0x0427: 5, 0x0423: b"\3\1\2"}


@pytest.mark.parametrize(("intermediate", "esm_class"), [(False, 0x04), (True, 0x20)])
def test_esm_class_tells_a_receipt_from_an_intermediate_notification(intermediate: bool, esm_class: int) -> None:
    assert receipt(intermediate=intermediate).esm_class == esm_class


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (MessageState.EXPIRED, "dlvrd:000"),
        (MessageState.EXPIRED, "stat:EXPIRED"),
        (MessageState.UNDELIVERABLE, "stat:UNDELIV"),
        (MessageState.REJECTED, "stat:REJECTD"),
        (MessageState.ENROUTE, "stat:ENROUTE"),
        (99, "stat:UNKNOWN"),
    ],
)
def test_each_state_has_its_word(state: int, words: str) -> None:
    assert words in text_of(receipt(state))


@pytest.mark.parametrize(
    ("format", "text"),
    [
        (ReceiptFormat(omit=frozenset({"text", "err"})), "stat:DELIVRD"),
        (ReceiptFormat(seconds=True), "done date:260201000105 "),
        (ReceiptFormat(upper_case=True), "ID:12ab SUB:001 DLVRD:001 SUBMIT DATE:2602010000 "),
        (ReceiptFormat(sub="000", dlvrd="1"), "sub:000 dlvrd:1 "),
        (ReceiptFormat(text_length=5), " text:Hello"),
        (ReceiptFormat(data_coding=8), "id:12ab sub:001"),
        (ReceiptFormat(payload=True), "id:12ab sub:001"),
    ],
    ids=["omit", "seconds", "upper case", "counts", "text length", "UCS-2", "payload"],
)
def test_a_carrier_may_write_it_otherwise(format: ReceiptFormat, text: str) -> None:
    pdu = receipt(format=format)
    assert text in text_of(pdu)
    found = parse_receipt(pdu)
    assert found is not None
    assert (found.message_id, found.state) == ("12ab", MessageState.DELIVERED)


def test_only_tlvs_leave_the_text_empty() -> None:
    pdu = receipt(format=ReceiptFormat(text=False))
    assert pdu.short_message == b""
    found = parse_receipt(pdu)
    assert found is not None
    assert (found.message_id, found.stat, found.error) == ("12ab", "DELIVRD", "000")


def test_only_text_has_no_tlvs() -> None:
    pdu = receipt(format=ReceiptFormat(tlvs=False))
    assert pdu.tlvs == {}
    assert parse_receipt(pdu).message_id == "12ab"


def test_a_3_3_session_gets_no_tlvs() -> None:
    assert receipt(version=0x33, format=ReceiptFormat(payload=True)).tlvs == {}


def test_esm_class_0_is_still_recognised_by_what_it_says() -> None:
    assert parse_receipt(receipt(format=ReceiptFormat(esm_class=0, tlvs=False))) is not None


@pytest.mark.parametrize(("options", "words"), [({"stat": "BANANA"}, "stat:BANANA "), ({"err": "0F1"}, "err:0F1 ")])
def test_words_that_nobody_knows_can_be_written(options: dict, words: str) -> None:
    assert words in text_of(receipt(**options))


def test_a_text_that_the_coding_lacks_gets_question_marks() -> None:
    assert text_of(receipt(text="жa")).endswith("text:?a")


def test_a_long_ucs2_receipt_goes_to_the_payload() -> None:
    pdu = receipt(format=ReceiptFormat(data_coding=8, text_length=100), text="ж" * 100)
    assert pdu.short_message == b""
    assert encode(pdu)
    assert text_of(pdu).endswith("ж" * 100)


def test_a_data_sm_says_the_same() -> None:
    pdu = as_data_sm(receipt())
    assert decode(encode(pdu)) == pdu
    assert parse_receipt(pdu) == parse_receipt(receipt())


@pytest.mark.parametrize(
    ("text", "message_id", "stat"),
    [
        ("id:7 stat:DELIVRD", "7", "DELIVRD"),
        ("ID:7 STAT:UNDELIV TEXT:", "7", "UNDELIV"),
        ("id:7 submit_date:2601010000 donedate:2601010000 stat:EXPIRED text:id:8 stat:DELIVRD", "7", "EXPIRED"),
        ("stat:REJECTD  id:a-b-c", "a-b-c", "REJECTD"),
        ("id: sub: stat:ACCEPTD", "", "ACCEPTD"),
    ],
)
def test_texts_are_read_in_any_order_and_case(text: str, message_id: str, stat: str) -> None:
    found = parse_receipt(DeliverSm(esm_class=4, short_message=encode_text(text, 0)))
    assert found is not None
    assert (found.message_id, found.stat) == (message_id, stat)


@pytest.mark.parametrize("pdu", [DeliverSm(short_message=b"hello"), DeliverSm(short_message=b"id:7"), EnquireLink()])
def test_what_is_no_receipt_is_none(pdu: DeliverSm) -> None:
    assert parse_receipt(pdu) is None


@given(
    text=st.binary(max_size=100),
    coding=st.integers(0, 255),
    tlvs=st.dictionaries(
        st.sampled_from([0x001E, 0x0427, 0x0423, 0x0424]),
        st.one_of(st.integers(0, 999), st.binary(max_size=5), st.just([b"a", 1])),
    ),
)
def test_reading_never_raises(text: bytes, coding: int, tlvs: dict) -> None:
    assert parse_receipt(DeliverSm(esm_class=4, data_coding=coding, short_message=text, tlvs=tlvs)) is not None
