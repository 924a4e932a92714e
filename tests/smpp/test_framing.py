"""The stream is cut into PDUs wherever the reads happen to be cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.smpp import EnquireLink, Framer, FramingError, SubmitSm, Unbind, encode

FRAMES = [
    encode(EnquireLink(1)),
    encode(SubmitSm(2, destination_addr="447700900123", short_message=b"hello")),
    encode(SubmitSm(3, destination_addr="1", tlvs={0x0424: b"x" * 300})),
    encode(Unbind(4)),
]
STREAM = b"".join(FRAMES)


@pytest.mark.parametrize("at", range(len(STREAM) + 1))
def test_a_stream_cut_at_any_octet_gives_the_same_frames(at: int) -> None:
    framer = Framer()
    assert framer.feed(STREAM[:at]) + framer.feed(STREAM[at:]) == FRAMES
    assert len(framer) == 0


def test_one_octet_at_a_time_gives_the_same_frames() -> None:
    framer = Framer()
    found = [frame for octet in STREAM for frame in framer.feed(bytes([octet]))]
    assert found == FRAMES


@given(sizes=st.lists(st.integers(1, 90), min_size=1))
def test_reads_of_any_sizes_give_the_same_frames(sizes: list[int]) -> None:
    framer, found, at, turn = Framer(), [], 0, 0
    while at < len(STREAM):
        size = sizes[turn % len(sizes)]
        found += framer.feed(STREAM[at : at + size])
        at, turn = at + size, turn + 1
    assert found == FRAMES


@pytest.mark.parametrize("length", [0, 1, 15, 65537, 0x7FFFFFFF, 0xFFFFFFFF])
def test_an_impossible_length_is_an_error_at_once(length: int) -> None:
    with pytest.raises(FramingError, match=f"command_length is {length}; 16 to 65536"):
        Framer().feed(length.to_bytes(4, "big"))


def test_frames_before_the_broken_one_are_not_lost() -> None:
    with pytest.raises(FramingError) as caught:
        Framer().feed(STREAM + bytes(12) + b"\0\0\0\x2a")
    assert caught.value.frames == FRAMES
    assert caught.value.sequence_number == 42


def test_the_sequence_number_is_none_if_it_did_not_come() -> None:
    with pytest.raises(FramingError) as caught:
        Framer().feed(bytes(15))
    assert caught.value.sequence_number is None


def test_the_limit_can_be_set() -> None:
    framer = Framer(max_length=20)
    assert framer.feed(FRAMES[0]) == [FRAMES[0]]
    with pytest.raises(FramingError):
        framer.feed(FRAMES[1])


def test_what_waits_is_at_most_one_pdu() -> None:
    framer = Framer()
    framer.feed(FRAMES[0] + FRAMES[1][:20])
    assert len(framer) == 20
