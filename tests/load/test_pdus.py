"""Bytes that go out and bytes that come in are those of `simulator.smpp`."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.load.reading import Batch, Reader
from simulator.load.submits import Submits, sequence_numbers
from simulator.smpp import (
    AlertNotification,
    DataSm,
    DeliverSm,
    EnquireLink,
    Framer,
    FramingError,
    Outbind,
    Pdu,
    SubmitSm,
    SubmitSmResp,
    Tag,
    Unbind,
    as_data_sm,
    build_receipt,
    concat_of,
    decode,
    encode,
    text_of,
)
from simulator.smpp.constants import MAX_SEQUENCE
from tests.load.conftest import message


def built(submits: Submits, first: int, count: int) -> list[SubmitSm]:
    assert submits.same_shape(first, count) == count
    sequences = sequence_numbers(0, count * submits.segments(first))
    pdus = [decode(frame) for frame in Framer().feed(submits.build(sequences, first))]
    assert [pdu.sequence_number for pdu in pdus] == list(sequences)
    assert all(isinstance(pdu, SubmitSm) for pdu in pdus)
    return pdus  # type: ignore[return-value]


@pytest.mark.parametrize("text", ["hello {n}", "100 % {n} {n:05}", "no number", "{{€}} {n}", "мир {n}", "{n}"])
@pytest.mark.parametrize("first", [1, 8, 10, 98_765])
def test_a_short_message_is_what_the_codec_would_write(text: str, first: int) -> None:
    submits = Submits(message(to="+1555{n:07}", text=text, source="ACME", registered_delivery=1))
    for n, pdu in enumerate(built(submits, first, 2), first):
        assert pdu.destination_addr == f"1555{n:07}"
        assert text_of(pdu) == message(text=text).text.render(n)
        assert (pdu.source_addr, pdu.source_addr_ton, pdu.registered_delivery) == ("ACME", 5, 1)
        assert encode(pdu) == submits.build([pdu.sequence_number], n)


@pytest.mark.parametrize("long", ["udh8", "udh16", "sar"])
@pytest.mark.parametrize("text", ["{n} " + "word " * 70 + "{n:04}", "{n} " + "слово " * 30 + "{n}", "[" + "€" * 161])
def test_a_long_message_has_parts_that_make_it_whole(long: Any, text: str) -> None:
    given = message(text=text.replace("[", "{{"), long=long)
    submits = Submits(given)
    parts = submits.segments(300)
    assert parts > 1
    pdus = built(submits, 300, 2)
    for n, own in ((300, pdus[:parts]), (301, pdus[parts:])):
        says = [concat_of(pdu) for pdu in own]
        assert [(found.part, found.total) for found in says if found] == [(k + 1, parts) for k in range(parts)]
        assert {found.ref & 0xFF for found in says if found} == {n & 0xFF}
        assert "".join(map(text_of, own)) == given.text.render(n)
        assert {pdu.destination_addr for pdu in own} == {f"1555{n:07}"}


def test_a_payload_carries_any_length() -> None:
    submits = Submits(message(text="{n}" + "x" * 400, long="payload"))
    (pdu,) = built(submits, 7, 1)
    assert pdu.short_message == b""
    assert pdu.tlvs == {Tag.MESSAGE_PAYLOAD: b"7" + b"x" * 400}
    (short,) = built(Submits(message(text="{n}", long="payload")), 7, 1)
    assert short.short_message == b"7"


def test_octets_are_hexadecimal() -> None:
    (pdu,) = built(Submits(message(text="ff{n:04}", data_coding=4)), 12, 1)
    assert pdu.short_message == b"\xff\x00\x12"


def test_a_message_may_be_empty() -> None:
    (pdu,) = built(Submits(message(text="")), 1, 1)
    assert pdu.short_message == b""


@pytest.mark.parametrize(
    "wrong",
    [
        {"to": "+{n:030}"},
        {"source": "a name that is much too long"},
        {"text": "x" * 50_000},
        {"text": "мир", "data_coding": 3},
    ],
)
def test_what_can_not_be_sent_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Submits(message(**wrong))


def test_numbers_of_other_widths_have_another_shape() -> None:
    submits = Submits(message())
    assert [submits.same_shape(n, 1000) for n in (1, 9, 10, 950)] == [9, 1, 90, 50]


@given(st.integers(0, MAX_SEQUENCE), st.integers(1, 50))
def test_sequence_numbers_go_from_1_to_the_highest_and_again(after: int, count: int) -> None:
    found = list(sequence_numbers(after, count))
    assert len(found) == count
    for number in found:
        assert number == after % MAX_SEQUENCE + 1
        after = number


# ---- what comes ----


def fed(stream: bytes, cuts: list[int] | None = None) -> Batch:
    """All that a reader finds in a stream that comes in pieces."""
    reader, whole = Reader(want_ids=True), Batch()
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts or ()), len(stream)]
    for start, stop in pairwise(edges):
        batch = reader.feed(stream[start:stop])
        for name in ("answered", "ids", "refused", "receipts", "replies", "responses"):
            getattr(whole, name).extend(getattr(batch, name))
        whole.inbound += batch.inbound
        whole.intermediate += batch.intermediate
        whole.unbind |= batch.unbind
    return whole


def receipt(message_id: str, **more: Any) -> DeliverSm:
    about = SubmitSm(source_addr="1000", destination_addr="15550100", short_message=b"hi")
    return build_receipt(about, **{"message_id": message_id, "state": 2, "submitted_ms": 0, "done_ms": 0, **more})


PDUS = st.one_of(
    st.builds(SubmitSmResp, st.integers(1, 2**31 - 1), st.just(0), st.sampled_from(["a1", "a2", "123456", "7"])),
    st.builds(SubmitSmResp, st.integers(1, 2**31 - 1), st.sampled_from([0x58, 0x14])),
    st.just(receipt("0a")),
    st.just(receipt("0b", state=5)),
    st.just(EnquireLink(9)),
)


@given(st.lists(PDUS, max_size=60), st.lists(st.integers(0, 5000), max_size=4))
def test_however_the_stream_is_cut_all_of_it_is_read(pdus: list[Pdu], cuts: list[int]) -> None:
    found = fed(b"".join(map(encode, pdus)), cuts)
    answers = [pdu for pdu in pdus if isinstance(pdu, SubmitSmResp)]
    assert found.answered == [pdu.sequence_number for pdu in answers if not pdu.command_status]
    assert found.ids == [pdu.message_id.encode() for pdu in answers if not pdu.command_status]
    assert found.refused == [(pdu.sequence_number, pdu.command_status) for pdu in answers if pdu.command_status]
    assert [text for text, _ in found.receipts] == [
        pdu.short_message[3:5] for pdu in pdus if isinstance(pdu, DeliverSm)
    ]
    assert len(found.replies) == len(pdus) - len(answers)


def test_long_runs_of_equal_answers() -> None:
    pdus = [SubmitSmResp(n, 0, f"{n:06}") for n in range(1, 10_000)]
    found = fed(b"".join(map(encode, pdus)))
    assert found.answered == list(range(1, 10_000))
    assert found.ids == [b"%06d" % n for n in range(1, 10_000)]


def test_parameters_behind_an_id_do_not_belong_to_it() -> None:
    pdus = [SubmitSmResp(n, 0, f"{n}", {Tag.ADDITIONAL_STATUS_INFO_TEXT: "fine"}) for n in (1, 2, 3)]
    assert fed(b"".join(map(encode, pdus))).ids == [b"1", b"2", b"3"]


def test_an_answer_may_lack_its_id() -> None:
    found = fed(bytes.fromhex("00000010 80000004 00000000 00000005"))
    assert (found.answered, found.ids) == ([5], [b""])


@pytest.mark.parametrize(
    ("pdu", "receipts", "intermediate", "inbound"),
    [
        (receipt("77"), [(b"77", "DELIVRD")], 0, 0),
        (receipt("77", state=1, intermediate=True), [], 1, 0),
        (as_data_sm(receipt("77")), [(b"77", "DELIVRD")], 0, 0),
        (DeliverSm(0, 0, short_message=b"id:5 stat:DELIVRD"), [(b"5", "DELIVRD")], 0, 0),
        (DeliverSm(0, 0, esm_class=4, tlvs={Tag.RECEIPTED_MESSAGE_ID: "5"}), [(b"5", "")], 0, 0),
        (DeliverSm(0, 0, short_message=b"hello"), [], 0, 1),
        (DataSm(0, 0), [], 0, 1),
        (AlertNotification(3, 0, 1, 1, "1555", 1, 1, "1000"), [], 0, 0),
        (Outbind(3), [], 0, 0),
    ],
)
def test_receipts_of_all_kinds(pdu: Pdu, receipts: object, intermediate: int, inbound: int) -> None:
    pdu.sequence_number = 3
    found = fed(encode(pdu))
    assert (found.receipts, found.intermediate, found.inbound) == (receipts, intermediate, inbound)
    replies = [decode(reply).operation() for reply in found.replies]
    expected = {"alert_notification": [], "outbind": ["generic_nack"]}
    assert replies == expected.get(pdu.operation(), [pdu.operation() + "_resp"])
    assert all(decode(reply).sequence_number == 3 for reply in found.replies)


def test_unbind_is_answered_and_said() -> None:
    found = fed(encode(Unbind(4)))
    assert found.unbind
    assert [decode(reply).operation() for reply in found.replies] == ["unbind_resp"]


def test_a_message_that_can_not_be_read_is_answered_all_the_same() -> None:
    found = fed(bytes.fromhex("00000014 00000005 00000000 00000005 01020304"))
    assert found.inbound == 1
    assert len(found.replies) == 1


@pytest.mark.parametrize("length", [0, 15, 2**31])
def test_a_length_that_can_not_be_ends_the_session(length: int) -> None:
    with pytest.raises(FramingError):
        Reader(want_ids=False).feed(length.to_bytes(4, "big") + bytes(12))
