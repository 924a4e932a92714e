"""The codec: what is written reads back the same, for every operation, and what peers may leave out."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.smpp import (
    PDUS,
    BindTransceiverResp,
    CommandStatus,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    DistributionList,
    EnquireLink,
    GenericNack,
    PduError,
    QuerySm,
    SmeAddress,
    SubmitMulti,
    SubmitSm,
    SubmitSmResp,
    UnknownCommandError,
    UnsuccessSme,
    decode,
    encode,
    encode_header,
    response_to,
)
from simulator.smpp.fields import COctetString, DestAddresses, Integer, Kind, OctetString
from simulator.smpp.pdus import Pdu
from simulator.smpp.tlv import TLV_KINDS, TlvKind

TEXT = st.characters(min_codepoint=1, max_codepoint=255)


def c_octets(size: int) -> st.SearchStrategy[str]:
    return st.text(TEXT, max_size=size - 1)


ADDRESS = (st.integers(0, 6), st.integers(0, 18), c_octets(21))


def values_of(kind: Kind) -> st.SearchStrategy:
    if isinstance(kind, Integer):
        return st.integers(0, 256**kind.size - 1)
    if isinstance(kind, COctetString):
        return c_octets(kind.size)
    if isinstance(kind, OctetString):
        return st.binary(max_size=255)
    if isinstance(kind, DestAddresses):
        sme, name = st.builds(SmeAddress, *ADDRESS), st.builds(DistributionList, c_octets(21))
        return st.lists(st.one_of(sme, name), max_size=4)
    return st.lists(st.builds(UnsuccessSme, *ADDRESS, st.integers(0, 0xFFFFFFFF)), max_size=4)


def tlv_values(kind: TlvKind) -> st.SearchStrategy:
    if kind.shape == "integer":
        return st.integers(0, 256**kind.low - 1)
    if kind.shape == "c_octet":
        return c_octets(min(kind.high, 70))
    if kind.shape == "flag":
        return st.just(True)
    return st.binary(min_size=kind.low, max_size=min(kind.high, 80))


TLVS = st.one_of(
    st.just({}),
    st.sampled_from(sorted(TLV_KINDS)).flatmap(lambda tag: st.fixed_dictionaries({tag: tlv_values(TLV_KINDS[tag])})),
    st.dictionaries(st.integers(0x1400, 0x3FFF), st.binary(max_size=20), max_size=3),
    st.just({0x0606: [b"\x00abc", b"\x01def"]}),
)


@st.composite
def pdus(draw: st.DrawFn, cls: type[Pdu]) -> Pdu:
    values = {kind.name: draw(values_of(kind)) for kind in cls.table}
    if cls.has_tlvs:
        values["tlvs"] = draw(TLVS)
    status = draw(st.sampled_from([0, 0, 8, 0x58, 0x400])) if cls.is_response() else 0
    return cls(sequence_number=draw(st.integers(1, 0x7FFFFFFF)), command_status=status, **values)


OPERATIONS = sorted(PDUS.values(), key=lambda cls: cls.command_id)


@pytest.mark.parametrize("cls", OPERATIONS, ids=lambda cls: cls.operation())
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_an_operation_reads_back_as_it_was_written(cls: type[Pdu], data: st.DataObject) -> None:
    pdu = data.draw(pdus(cls))
    frame = encode(pdu)
    assert int.from_bytes(frame[:4], "big") == len(frame)
    again = decode(frame, validate=False)
    assert again == pdu
    assert encode(again) == frame


@pytest.mark.parametrize("cls", OPERATIONS, ids=lambda cls: cls.operation())
def test_a_default_pdu_reads_back_as_it_was_written(cls: type[Pdu]) -> None:
    assert decode(encode(cls(sequence_number=1)), validate=False) == cls(sequence_number=1)


def test_there_is_a_class_for_each_of_the_33_operations() -> None:
    assert len(PDUS) == 33
    assert all(cls.command_id == command_id for command_id, cls in PDUS.items())


@pytest.mark.parametrize("cls", [cls for cls in OPERATIONS if not cls.is_response()], ids=lambda cls: cls.operation())
def test_a_request_knows_its_response(cls: type[Pdu]) -> None:
    response = response_to(cls(sequence_number=9), 8)
    expected = PDUS.get(cls.command_id | 0x80000000, GenericNack)
    assert (type(response), response.sequence_number, response.command_status) == (expected, 9, 8)


def test_fields_are_in_the_order_of_the_standards_table() -> None:
    names = [field.name for field in dataclasses.fields(SubmitSm)]
    assert names[:5] == ["sequence_number", "command_status", "service_type", "source_addr_ton", "source_addr_npi"]
    assert names[-2:] == ["short_message", "tlvs"]


@pytest.mark.parametrize(
    "pdu",
    [SubmitSmResp(1, 0x58), BindTransceiverResp(1, 13), DataSmResp(1, 8), DeliverSmResp(1, 0x64)],
    ids=lambda pdu: pdu.operation(),
)
def test_an_error_response_is_only_a_header(pdu: Pdu) -> None:
    assert encode(pdu) == encode_header(pdu.command_id, pdu.command_status, 1)


def test_an_error_response_with_a_body_is_understood_too() -> None:
    frame = bytes.fromhex("00000011 80000004 00000058 00000001 00")
    assert decode(frame) == SubmitSmResp(1, 0x58)


def test_an_error_response_may_have_tlvs() -> None:
    pdu = DataSmResp(1, 0xFE, "", {0x0425: 1})
    assert decode(encode(pdu)) == pdu


def test_a_response_with_status_0_may_lack_its_body() -> None:
    assert decode(encode_header(0x80000004, 0, 3)) == SubmitSmResp(3)


def test_version_3_3_gets_no_tlvs() -> None:
    pdu = DeliverSm(1, short_message=b"x", tlvs={0x001E: "7"})
    assert encode(pdu, version=0x33) == encode(DeliverSm(1, short_message=b"x"))


def test_octets_after_the_last_field_of_an_operation_without_tlvs_are_refused() -> None:
    frame = bytearray(encode(QuerySm(1, message_id="7")) + b"\0\0\0\0")
    frame[3] += 4
    with pytest.raises(PduError, match="query_sm has no optional parameters") as caught:
        decode(bytes(frame))
    assert caught.value.command_status == CommandStatus.ESME_RINVCMDLEN
    assert decode(bytes(frame), validate=False) == QuerySm(1, message_id="7")


def test_a_3_3_client_may_send_tlvs_or_rubbish_after_the_message() -> None:
    pdu = SubmitSm(1, destination_addr="1", tlvs={0x0204: 5})
    assert decode(encode(pdu), version=0x33) == pdu
    frame = bytearray(encode(SubmitSm(1, destination_addr="1")) + b"\xff")
    frame[3] += 1
    assert decode(bytes(frame), version=0x33) == SubmitSm(1, destination_addr="1")


def test_an_unknown_command_is_an_error_of_its_own() -> None:
    with pytest.raises(UnknownCommandError) as caught:
        decode(encode_header(0x0000000A, 0, 7))
    assert (caught.value.command_id, caught.value.sequence_number) == (10, 7)
    assert caught.value.command_status == CommandStatus.ESME_RINVCMDID


@pytest.mark.parametrize("frame", [b"", b"\0\0\0\x10", encode(EnquireLink(1)) + b"x"])
def test_a_frame_that_is_not_of_its_length_is_refused(frame: bytes) -> None:
    with pytest.raises(PduError) as caught:
        decode(frame)
    assert caught.value.command_status == CommandStatus.ESME_RINVCMDLEN


@pytest.mark.parametrize(
    ("pdu", "field"),
    [
        (SubmitSm(1, source_addr="x" * 21), "source_addr"),
        (SubmitSm(1, source_addr="a\0b"), "source_addr"),
        (SubmitSm(1, source_addr="☃"), "source_addr"),
        (SubmitSm(1, esm_class=256), "esm_class"),
        (SubmitSm(1, short_message=b"x" * 256), "short_message"),
        (SubmitSm(1, tlvs={0x0204: 70000}), "user_message_reference"),
        (SubmitSm(1, tlvs={0x0424: b"x" * 70000}), "message_payload"),
        (SubmitMulti(1, dest_addresses=[DistributionList("x")] * 256), "dest_addresses"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_does_not_fit_on_the_wire_is_not_written(pdu: Pdu, field: str) -> None:
    with pytest.raises(PduError) as caught:
        encode(pdu)
    assert caught.value.field == field
