"""The fast paths say what the table says, or nothing."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator.smpp import DeliverSm, DeliverSmResp, PduError, SubmitSm, SubmitSmResp, decode, encode, fast

TEXT = st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=21)
BYTE = st.one_of(st.sampled_from([0, 1, 3, 4, 6, 7, 8, 18, 255]), st.integers(0, 255))
TIME = st.sampled_from(["", "", "000001000000000R", "260131235959504+", "x", "260131235959504x", "0" * 15])
TLVS = st.one_of(
    st.just({}),
    st.just({0x0424: b"payload"}),
    st.just({0x0204: 7}),
    st.just({0x0204: b"bad"}),
    st.dictionaries(st.integers(0, 0xFFFF), st.binary(max_size=4), max_size=3),
)


def write(cls: type, *values: object) -> bytes:
    """What can't be written is no example."""
    try:
        return encode(cls(*values))
    except PduError:
        return encode(cls(1))


SUBMITS = st.builds(
    lambda *values: write(SubmitSm, *values),
    *(st.integers(0, 0x7FFFFFFF), st.just(0), st.sampled_from(["", "CMT", "WAP"])),
    *(BYTE, BYTE, TEXT, BYTE, BYTE, TEXT, BYTE, BYTE, BYTE, TIME, TIME, BYTE, BYTE, BYTE, BYTE),
    *(st.binary(max_size=255), TLVS),
)
GOOD_SUBMITS = st.builds(
    lambda source, dest, registered, text, tlvs: encode(
        SubmitSm(7, 0, "", 5, 0, source, 1, 1, dest, registered_delivery=registered, short_message=text, tlvs=tlvs)
    ),
    st.sampled_from(["", "ABC", "12345"]),
    st.text("0123456789", min_size=1, max_size=20),
    st.integers(0, 3),
    st.binary(max_size=254),
    st.sampled_from([{}, {}, {0x0204: 7}, {0x1400: b"x"}]),
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A frame with some octets changed, dropped or added; its length is put right."""
    body = bytearray(draw(st.one_of(SUBMITS, GOOD_SUBMITS))[16:])
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(body)))
        change = draw(st.sampled_from(["set", "drop", "add", "cut"]))
        if change == "cut":
            del body[at:]
        elif change == "add":
            body.insert(at, draw(BYTE))
        elif at < len(body):
            if change == "drop":
                del body[at]
            else:
                body[at] = draw(BYTE)
    return (16 + len(body)).to_bytes(4, "big") + b"\0\0\0\4" + bytes(7) + b"\x09" + bytes(body)


@settings(max_examples=600, deadline=None)
@given(frame=st.one_of(SUBMITS, GOOD_SUBMITS, mutated()))
def test_a_submit_sm_is_read_as_the_table_reads_it_or_left_to_the_table(frame: bytes) -> None:
    found = fast.decode_submit_sm(frame)
    if found is not None:
        assert found == decode(frame)


@settings(deadline=None)
@given(frame=GOOD_SUBMITS)
def test_a_good_submit_sm_is_never_left_to_the_table(frame: bytes) -> None:
    assert fast.decode_submit_sm(frame) == decode(frame)


def test_what_is_remembered_is_bounded() -> None:
    for number in range(fast.CACHE_LIMIT + 10):
        fast.decode_submit_sm(encode(SubmitSm(1, source_addr=str(number), destination_addr="1")))
    assert len(fast._heads) <= fast.CACHE_LIMIT


def test_a_run_that_does_not_pass_is_not_remembered() -> None:
    frame = encode(SubmitSm(1, source_addr_ton=99, destination_addr="1"))
    assert fast.decode_submit_sm(frame) is None
    assert fast.decode_submit_sm(frame) is None


@settings(deadline=None)
@given(sequence=st.integers(0, 0xFFFFFFFF), message_id=st.text(max_size=70))
@example(sequence=1, message_id="x" * 64)
@example(sequence=1, message_id="")
def test_a_submit_sm_resp_is_written_as_the_table_writes_it(sequence: int, message_id: str) -> None:
    found = fast.encode_submit_sm_resp(sequence, message_id)
    try:
        assert found == encode(SubmitSmResp(sequence, 0, message_id))
    except PduError:
        assert found is None


RECEIPT_TLVS = st.fixed_dictionaries(
    {0x001E: st.one_of(TEXT, st.text(max_size=5), st.binary(max_size=3)), 0x0427: st.integers(0, 300)},
    optional={0x0423: st.binary(min_size=2, max_size=3)},
)


@settings(max_examples=300, deadline=None)
@given(
    values=st.tuples(
        *(st.integers(0, 0xFFFFFFFF), st.just(0), TEXT, BYTE, BYTE, TEXT, BYTE, st.integers(0, 256), TEXT, BYTE, BYTE),
        *(BYTE, TIME, TEXT, BYTE, BYTE, BYTE, st.integers(0, 256), st.binary(max_size=256)),
        st.one_of(TLVS, RECEIPT_TLVS),
    ),
    with_tlvs=st.booleans(),
)
@example(values=(1, 0), with_tlvs=True)
@example(
    values=(
        *(1, 0, "", 1, 1, "1", 5, 0, "A", 4, 0, 0, "", "", 0, 0, 0, 0),
        b"id:1",
        {0x001E: "1", 0x0427: 2, 0x0423: b"\3\0\0"},
    ),
    with_tlvs=True,
)
def test_a_deliver_sm_is_written_as_the_table_writes_it_or_left_to_it(values: tuple, with_tlvs: bool) -> None:
    pdu = DeliverSm(*values)
    found = fast.encode_deliver_sm(pdu, with_tlvs=with_tlvs)
    try:
        expected = encode(pdu, version=0x34 if with_tlvs else 0x33)
    except PduError:
        assert found is None
    else:
        assert found == expected


@given(sequence=st.integers(0, 0xFFFFFFFF), status=st.sampled_from([0, 0x58, 0x64]), body=st.binary(max_size=3))
def test_a_deliver_sm_resp_is_read_as_the_table_reads_it_or_left_to_it(sequence: int, status: int, body: bytes) -> None:
    head = b"".join(number.to_bytes(4, "big") for number in (16 + len(body), 0x80000005, status, sequence))
    found = fast.read_deliver_sm_resp(head + body)
    if found is not None:
        assert DeliverSmResp(found[1], found[0]) == decode(head + body)
    else:
        assert body not in (b"", b"\0")
