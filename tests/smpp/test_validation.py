"""What a client may not send, and which command_status tells it so."""

import pytest

from simulator.smpp import (
    BindTransmitter,
    CancelSm,
    DataSm,
    DistributionList,
    Pdu,
    PduError,
    QuerySm,
    ReplaceSm,
    SmeAddress,
    SubmitMulti,
    SubmitSm,
    decode,
    encode,
    status_name,
)

BAD_VALUES = [
    ({"source_addr_ton": 7}, "ESME_RINVSRCTON"),
    ({"source_addr_npi": 19}, "ESME_RINVSRCNPI"),
    ({"dest_addr_ton": 7}, "ESME_RINVDSTTON"),
    ({"dest_addr_npi": 99}, "ESME_RINVDSTNPI"),
    ({"destination_addr": ""}, "ESME_RINVDSTADR"),
    ({"esm_class": 0x04}, "ESME_RINVESMCLASS"),
    ({"esm_class": 0x20}, "ESME_RINVESMCLASS"),
    ({"esm_class": 0x3C}, "ESME_RINVESMCLASS"),
    ({"priority_flag": 4}, "ESME_RINVPRTFLG"),
    ({"schedule_delivery_time": "tomorrow"}, "ESME_RINVSCHED"),
    ({"schedule_delivery_time": "261331000000000+"}, "ESME_RINVSCHED"),
    ({"validity_period": "000001000000000"}, "ESME_RINVEXPIRY"),
    ({"validity_period": "000001000000000X"}, "ESME_RINVEXPIRY"),
    ({"registered_delivery": 0x20}, "ESME_RINVREGDLVFLG"),
    ({"replace_if_present_flag": 2}, "ESME_RINVREPFLAG"),
    ({"data_coding": 0x0B}, "ESME_RINVDCS"),
    ({"data_coding": 0x80}, "ESME_RINVDCS"),
    ({"sm_default_msg_id": 255}, "ESME_RINVDFTMSGID"),
    ({"short_message": b"x" * 255}, "ESME_RINVMSGLEN"),
    ({"short_message": b"x", "tlvs": {0x0424: b"y"}}, "ESME_RINVOPTPARAMVAL"),
    ({"tlvs": {0x0204: b"y"}}, "ESME_RINVPARLEN"),
    ({"tlvs": {0x0423: b"yyyy"}}, "ESME_RINVPARLEN"),
]


def refusal(frame: bytes) -> str:
    with pytest.raises(PduError) as caught:
        decode(frame)
    return status_name(caught.value.command_status)


@pytest.mark.parametrize(("fields", "status"), BAD_VALUES, ids=str)
def test_a_submit_sm_with_a_bad_value_is_refused(fields: dict, status: str) -> None:
    frame = encode(SubmitSm(1, **{"destination_addr": "447700900123", **fields}))
    assert refusal(frame) == status


@pytest.mark.parametrize(("fields", "status"), BAD_VALUES, ids=str)
def test_without_validation_the_same_is_read(fields: dict, status: str) -> None:
    pdu = SubmitSm(1, **{"destination_addr": "447700900123", **fields})
    assert decode(encode(pdu), validate=False) == pdu


@pytest.mark.parametrize(
    "fields",
    [
        {"esm_class": 0xC3},
        {"esm_class": 0x08},
        {"registered_delivery": 0x11},
        {"data_coding": 0xF4},
        {"data_coding": 0x10},
        {"short_message": b"x" * 254},
        {"tlvs": {0x0424: b"x" * 5000}},
        {"schedule_delivery_time": "260131235959504+"},
        {"validity_period": "000001000000000R"},
        {"source_addr": ""},
        {"tlvs": {0x1400: b"anything"}},
    ],
    ids=str,
)
def test_a_good_value_is_taken(fields: dict) -> None:
    pdu = SubmitSm(1, **{"destination_addr": "447700900123", **fields})
    assert decode(encode(pdu)) == pdu


@pytest.mark.parametrize(
    ("pdu", "status"),
    [
        (SubmitMulti(1), "ESME_RINVNUMDESTS"),
        (SubmitMulti(1, dest_addresses=[SmeAddress(1, 1, "")]), "ESME_RINVDSTADR"),
        (SubmitMulti(1, dest_addresses=[SmeAddress(9, 1, "44")]), "ESME_RINVDSTTON"),
        (SubmitMulti(1, dest_addresses=[DistributionList("")]), "ESME_RINVDLNAME"),
        (QuerySm(1), "ESME_RINVMSGID"),
        (ReplaceSm(1), "ESME_RINVMSGID"),
        (ReplaceSm(1, message_id="7", validity_period="x"), "ESME_RINVEXPIRY"),
        (CancelSm(1, source_addr_ton=9), "ESME_RINVSRCTON"),
        (DataSm(1), "ESME_RINVDSTADR"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.operation(),
)
def test_other_operations_are_judged_too(pdu: Pdu, status: str) -> None:
    assert refusal(encode(pdu)) == status


def raw(command_id: int, body: bytes) -> bytes:
    return (16 + len(body)).to_bytes(4, "big") + command_id.to_bytes(4, "big") + bytes(7) + b"\1" + body


@pytest.mark.parametrize(
    ("command_id", "body", "status"),
    [
        (4, b"toolong\0", "ESME_RINVSERTYP"),
        (4, b"\0\0\0" + b"1" * 21 + b"\0", "ESME_RINVSRCADR"),
        (4, b"\0\0\0\0\0\0" + b"1" * 21 + b"\0", "ESME_RINVDSTADR"),
        (4, b"\0\0\0\0\0\x001\0\0\0\0\0\0\0\0\0\0\x05hell", "ESME_RINVMSGLEN"),
        (4, b"\0\0\0\0\0\x001\0\0\0", "ESME_RINVCMDLEN"),
        (4, b"\0\0\0\0\0\x001\0\0\0\0\0\0\0\0\0\0\0\x02\x04", "ESME_RINVOPTPARSTREAM"),
        (4, b"\0\0\0\0\0\x001\0\0\0\0\0\0\0\0\0\0\0\x02\x04\0\x09x", "ESME_RINVOPTPARSTREAM"),
        (0x21, b"\0\0\0\0\1\3", "ESME_RINVDESTFLAG"),
        (2, b"a" * 17 + b"\0", "ESME_RINVSYSID"),
        (2, b"a\0toolongpassword\0", "ESME_RINVPASWD"),
        (2, b"a\0b\0thissystemtypeistoolong\0", "ESME_RINVSYSTYP"),
        (0x15, b"x", "ESME_RINVCMDLEN"),
    ],
    ids=str,
)
def test_broken_structure_is_refused_for_the_field_where_it_breaks(command_id: int, body: bytes, status: str) -> None:
    assert refusal(raw(command_id, body)) == status


def test_an_error_says_which_field_where_and_why() -> None:
    with pytest.raises(PduError) as caught:
        decode(encode(SubmitSm(1, destination_addr="44", priority_flag=9)))
    error = caught.value
    assert (error.field, error.offset) == ("priority_flag", 27)
    assert str(error) == "priority_flag at octet 27: 9 is not one of the values 0 to 3 (ESME_RINVPRTFLG)"


def test_a_bind_may_be_nearly_empty() -> None:
    assert decode(encode(BindTransmitter(1))) == BindTransmitter(1)
