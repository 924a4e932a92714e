"""Runs say what the table says of each PDU, or leave it to the table."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator.smpp import DeliverSmResp, EnquireLink, Framer, SubmitSm, SubmitSmResp, decode, encode
from simulator.smpp.fast import Plain
from simulator.smpp.runs import SubmitReader, SubmitRun, read_acknowledgements, submit_sm_resps
from tests.smpp.test_fast import mutated

DESTINATIONS = st.sampled_from(["15550100001", "+15550100002", "1", "2" * 20, "ALPHA"])
FIELDS = st.fixed_dictionaries(
    {"source_addr": st.sampled_from(["ACME", "A"]), "registered_delivery": st.sampled_from([0, 1])},
    optional={"data_coding": st.just(8), "validity_period": st.just("000001000000000R"), "tlvs": st.just({0x0204: 7})},
)
SUBMITS = st.builds(
    lambda sequence, to, text, more: encode(SubmitSm(sequence, destination_addr=to, short_message=text, **more)),
    st.integers(1, 0x7FFFFFFF),
    DESTINATIONS,
    st.one_of(st.binary(max_size=30), st.sampled_from([b"", b"hello", b"world", b"x" * 254])),
    FIELDS,
)
OTHERS = st.sampled_from(
    [encode(EnquireLink(7)), encode(SubmitSm(1, destination_addr="")), b"\0\0\0\x10" + b"\xff" * 12]
)


class Anything:
    """A taker who wants all there is, or none of it."""

    def __init__(self, wants: bool = True) -> None:
        self.wants = wants
        self.asked: list[Plain] = []

    def kind(self, fields: Plain) -> Plain | None:
        self.asked.append(fields)
        return fields if self.wants else None

    def most(self) -> int:
        raise NotImplementedError

    def take(self, run: SubmitRun) -> tuple[list[bytes], dict[int, int]]:
        raise NotImplementedError


def read(stream: bytes, reader: SubmitReader, most: int = 100) -> list[SubmitSm | bytes]:
    """The submits of the stream, with the frames that belong to no run."""
    framer, found = Framer(), []
    framer.push(stream)
    while True:
        run = reader.read(framer.octets, framer.at, most)
        if run is None:
            frame = framer.take()
            if frame is None:
                return found
            found.append(frame)
            continue
        (kinds, *columns), framer.at = run
        assert len(columns[0]) <= most
        alike = [fields for fields, number in kinds for _ in range(number)]
        for fields, sequence, to, text in zip(alike, *columns, strict=True):
            service_type, source_ton, source_npi, source, ton, npi = fields.first
            mandatory = (service_type, source_ton, source_npi, source, ton, npi, to.decode(), *fields.second, text)
            found.append(SubmitSm(int.from_bytes(sequence, "big"), 0, *mandatory))


@settings(max_examples=300, deadline=None)
@given(frames=st.lists(st.one_of(SUBMITS, SUBMITS, SUBMITS, OTHERS, mutated()), max_size=12), most=st.integers(1, 9))
def test_what_a_run_holds_is_what_the_table_reads(frames: list[bytes], most: int) -> None:
    found = read(b"".join(frames), SubmitReader(Anything()), most)
    assert len(found) == len(frames)
    for one, frame in zip(found, frames, strict=True):
        assert one == (frame if isinstance(one, bytes) else decode(frame))


def test_submits_alike_are_one_run_whatever_their_destinations_and_texts() -> None:
    frames = [
        encode(SubmitSm(number, source_addr="A", destination_addr="1" * (number % 20 + 1), short_message=b"x" * number))
        for number in range(100)
    ]
    stream, reader = b"".join(frames), SubmitReader(Anything())
    run, end = reader.read(stream, 0, 1000) or ((), 0)
    assert (len(run[1]), end) == (100, len(stream))


def test_a_run_may_be_of_several_kinds() -> None:
    first, second, third = (
        encode(SubmitSm(1, source_addr=source, destination_addr="1", registered_delivery=number))
        for source, number in (("A", 0), ("B", 0), ("A", 1))
    )
    taker = Anything()
    run, _ = SubmitReader(taker).read(first * 3 + second * 2 + first + third, 0, 100) or (None, 0)
    assert run is not None
    one, other, asking = taker.asked
    assert [(fields.first[3], fields.second[5]) for fields in taker.asked] == [("A", 0), ("B", 0), ("A", 1)]
    assert run.kinds == [(one, 3), (other, 2), (one, 1), (asking, 1)]


def test_whoever_does_not_want_certain_fields_is_asked_once() -> None:
    frame = encode(SubmitSm(1, source_addr="A", destination_addr="1"))
    taker = Anything(wants=False)
    reader = SubmitReader(taker)
    assert [reader.read(frame * 2, at, 100) for at in (0, len(frame))] == [None, None]
    assert len(taker.asked) == 1


def test_fields_that_are_not_valid_are_no_kind() -> None:
    frame = encode(SubmitSm(1, source_addr="A", destination_addr="1"))
    odd = encode(SubmitSm(1, source_addr="A" * 20, destination_addr="1")).replace(b"A" * 20, b"A" * 90)
    odd = len(odd).to_bytes(4, "big") + odd[4:]
    taker = Anything()
    _, end = SubmitReader(taker).read(frame + odd, 0, 100) or (None, 0)
    assert (end, len(taker.asked)) == (len(frame), 1)


def test_a_nul_in_a_destination_is_no_part_of_it() -> None:
    """A destination that ends early, where by chance the rest looks as if it did not."""
    usual = encode(SubmitSm(1, source_addr="A", destination_addr="12345678901234", short_message=b"hello"))
    at = usual.index(b"12345678901234")
    odd = usual[: at + 1] + b"\0" + usual[at + 2 :]
    reader = SubmitReader(Anything())
    _, end = reader.read(usual + odd + usual, 0, 100) or (None, 0)
    assert end == len(usual)
    assert reader.read(usual + odd + usual, end, 100) is None


SEQUENCES = st.integers(0, 0xFFFFFFFF)


@given(sequences=st.lists(SEQUENCES, min_size=1, max_size=9), bare=st.booleans(), rest=st.binary(max_size=20))
@example(sequences=[1], bare=True, rest=b"\0")
def test_acknowledgements_in_a_row_are_read_at_once(sequences: list[int], bare: bool, rest: bytes) -> None:
    frames = [encode(DeliverSmResp(sequence)) for sequence in sequences]
    if bare:
        frames = [b"\0\0\0\x10" + frame[4:16] for frame in frames]
    found, end = read_acknowledgements(b"x" + b"".join(frames) + rest, 1) or ([], 0)
    assert found == sequences
    assert end == 1 + len(b"".join(frames))


def test_a_complaint_or_a_message_id_is_none() -> None:
    for response in (DeliverSmResp(1, 8), DeliverSmResp(1, 0, "id"), SubmitSmResp(1, 0, "")):
        assert read_acknowledgements(encode(response), 0) is None
    assert read_acknowledgements(encode(DeliverSmResp(1))[:-1], 0) is None


@given(
    st.lists(
        st.tuples(
            SEQUENCES, st.sampled_from([0, 0, 0, 8, 0x58]), st.text("0123456789abcdef-", min_size=1, max_size=64)
        ),
        min_size=1,
        max_size=5,
    )
)
def test_responses_are_written_as_the_table_writes_them(responses: list[tuple[int, int, str]]) -> None:
    sequences = tuple([sequence.to_bytes(4, "big") for sequence, _, _ in responses])
    expected = b"".join(
        encode(SubmitSmResp(sequence, status, "" if status else message_id))
        for sequence, status, message_id in responses
    )
    refused = {place: status for place, (_, status, _) in enumerate(responses) if status}
    assert submit_sm_resps(sequences, [message_id.encode() for *_, message_id in responses], refused) == expected
