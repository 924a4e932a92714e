"""100,000 PDUs that no client should send, each of which gets what the standard names.

Seeded: a failure comes again. What a seed gives never changes, so neither does what is tested here.
"""

import gc
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.smpp import (
    ESME_MAY,
    PDUS,
    Bind,
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    Closing,
    CommandId,
    CommandStatus,
    DeliverSm,
    EnquireLink,
    Event,
    Pdu,
    Response,
    SmscSession,
    State,
    SubmitSm,
    Unbind,
    describe_frame,
    encode,
    encode_header,
    response_to,
)
from simulator.smpp.codec import HEADER
from simulator.smpp.session import Trace
from simulator.smpp.states import BINDS
from tests.smpp.mutants import VALID, Chance, broken, mutant, mutants

S = CommandStatus
PER_SEED = 5_000
SEEDS = 20
ANY_REQUEST = frozenset({S.ESME_RINVCMDLEN})
"""What any request may be refused with, once the session's state allows it: it ends too early, or too late."""
OF_TLVS = frozenset({S.ESME_RINVOPTPARSTREAM, S.ESME_RINVPARLEN, S.ESME_RINVOPTPARAMVAL})
OF_DESTINATIONS = frozenset(
    {S.ESME_RINVDESTFLAG, S.ESME_RINVDSTTON, S.ESME_RINVDSTNPI, S.ESME_RINVDSTADR, S.ESME_RINVDLNAME}
)

BINDS_OF = {State.BOUND_TX: BindTransmitter, State.BOUND_RX: BindReceiver, State.BOUND_TRX: BindTransceiver}


def session_in(state: State, version: int = 0x34, trace: Trace | None = None) -> SmscSession:
    session = SmscSession(trace=trace)
    if state in BINDS_OF:
        (request,) = session.receive(encode(BINDS_OF[state](1, interface_version=version)), 0)
        assert isinstance(request, Bind)
        session.accept_bind(request)
        session.take_output()
    return session


def named_by_the_standard(cls: type[Pdu]) -> frozenset[int]:
    """The statuses with which a request of this operation may be refused for what its fields say."""
    named = {int(kind.status) for kind in cls.table} | ANY_REQUEST
    if cls.has_tlvs:
        named |= OF_TLVS
    if cls.command_id == CommandId.SUBMIT_MULTI:
        named |= OF_DESTINATIONS
    return frozenset(named)


NAMED = {command_id: named_by_the_standard(cls) for command_id, cls in PDUS.items()}


def check(state: State, frame: bytes, events: list[Event], answers: list[bytes]) -> None:
    """Whether one whole PDU, in this state, got what the standard says."""
    _, command_id, _, sequence = HEADER.unpack_from(frame)
    if command_id & 0x80000000:
        assert answers == []  # or two sides would answer one another for ever
        assert all(isinstance(event, Response) for event in events)
        return
    cls = PDUS.get(command_id)
    if cls is None:
        assert answers == [encode_header(CommandId.GENERIC_NACK, S.ESME_RINVCMDID, sequence)]
        assert events == []
        return
    response = CommandId.GENERIC_NACK if cls.response_class is None else cls.response_class.command_id
    if command_id not in ESME_MAY[state]:
        already = command_id in BINDS and state in BINDS_OF
        assert answers == [encode_header(response, S.ESME_RALYBND if already else S.ESME_RINVBNDSTS, sequence)]
        assert events == []
    elif events and not isinstance(events[0], Closing):
        (request,) = events
        assert type(request) is cls
        assert request.sequence_number == sequence
        assert answers == []
    else:
        (answer,) = answers
        length, answered, status, echoed = HEADER.unpack(answer)
        assert (length, answered, echoed) == (16, response, sequence)
        if status == S.ESME_ROK:
            assert cls in (EnquireLink, Unbind)
        else:
            assert status in NAMED[command_id], f"{describe_frame(frame)} got {S(status).name}"


@pytest.mark.parametrize("seed", range(SEEDS))
def test_each_of_a_hundred_thousand_mutants_gets_what_the_standard_names(seed: int) -> None:
    state = (State.OPEN, State.BOUND_TX, State.BOUND_RX, State.BOUND_TRX, State.BOUND_TRX)[seed % 5]
    version = 0x50 if seed % 2 else 0x34
    session = session_in(state, version)
    accepted = refused = 0
    for frame in mutants(seed, PER_SEED):
        events = session.receive(frame, 0)
        output = session.take_output()
        check(state, frame, events, [output] if output else [])
        if not events:
            refused += bool(output)
            continue
        event = events[0]
        if isinstance(event, Closing) or state is State.OPEN:
            session = session_in(state, version)
        elif isinstance(event, Pdu):
            session.respond(response_to(event))
            assert session.take_output()[4:8] == (event.command_id | 0x80000000).to_bytes(4, "big")
        accepted += isinstance(event, Pdu)
    assert session.unanswered == 0
    assert refused > PER_SEED / 20
    assert (accepted > PER_SEED / 20) is (state in (State.BOUND_TX, State.BOUND_TRX))


@pytest.mark.parametrize("seed", range(10))
def test_mutants_in_one_stream_are_told_apart_however_it_is_cut(seed: int) -> None:
    chance = Chance(1_000 + seed)
    frames = [frame for frame in mutants(seed, 300) if frame[4:8] != CommandId.UNBIND.to_bytes(4, "big")]
    stream = b"".join(frames)
    whole, pieces = session_in(State.BOUND_TRX), session_in(State.BOUND_TRX)
    expected = whole.receive(stream, 0)
    events: list[Event] = []
    at = 0
    while at < len(stream):
        size = 1 + chance.below(1 if seed == 0 else 200)
        events += pieces.receive(stream[at : at + size], 0)
        at += size
    assert events == expected
    assert pieces.take_output() == whole.take_output()


@pytest.mark.parametrize("seed", range(5))
def test_a_length_that_cannot_be_is_nacked_and_ends_the_session_and_what_came_before_it_counts(seed: int) -> None:
    chance = Chance(seed)
    for _ in range(400):
        session = session_in(State.BOUND_TRX)
        bad = broken(chance)
        events = session.receive(encode(SubmitSm(5, destination_addr="1")) + bad + mutant(chance), 0)
        submit, closing = events
        assert isinstance(submit, SubmitSm)
        assert isinstance(closing, Closing)
        sequence = int.from_bytes(bad[12:], "big")
        assert session.take_output() == encode_header(CommandId.GENERIC_NACK, S.ESME_RINVCMDLEN, sequence)
        assert session.receive(mutant(chance), 0) == []
        assert session.next_deadline() is None
        assert not session.has_output


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.lists(st.one_of(st.binary(max_size=64), st.sampled_from(VALID)), max_size=12), st.sampled_from(list(BINDS_OF))
)
def test_nothing_that_a_peer_writes_raises(chunks: list[bytes], state: State) -> None:
    session = session_in(state)
    for chunk in chunks:
        for event in session.receive(chunk, 0):
            if isinstance(event, Pdu):
                session.respond(response_to(event))
        session.take_output()
        session.expired(1)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.sampled_from(VALID), st.binary(max_size=80))
def test_a_known_header_with_any_body_gets_one_answer_or_one_event(frame: bytes, body: bytes) -> None:
    session = session_in(State.BOUND_TRX)
    frame = (16 + len(body)).to_bytes(4, "big") + frame[4:16] + body
    events = session.receive(frame, 0)
    output = session.take_output()
    check(State.BOUND_TRX, frame, events, [output] if output else [])


def test_what_was_refused_leaves_no_memory_behind() -> None:
    session = session_in(State.BOUND_TRX)
    before = 0
    hostile = [frame for seed in (1, 2) for frame in mutants(seed, 2_000) if frame[4:8] != b"\0\0\0\6"]
    tracemalloc.start()
    try:
        for number in range(2):
            for frame in hostile:
                for event in session.receive(frame, 0):
                    if isinstance(event, Pdu):
                        session.respond(response_to(event))
                session.take_output()
            gc.collect()
            if number == 0:
                before = tracemalloc.get_traced_memory()[0]
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 20_000


def test_a_long_pdu_that_never_ends_is_kept_only_up_to_the_limit() -> None:
    session = session_in(State.BOUND_TRX)
    session.receive((65_536).to_bytes(4, "big") + b"\0\0\0\4", 0)
    for _ in range(65_536 - 8 - 1):
        session.receive(b"\0", 0)
    assert len(session._framer) == 65_535
    assert not session.has_output
    session.receive(b"\0", 0)
    assert len(session._framer) == 0
    assert session.has_output


def test_one_octet_and_then_nothing_ends_with_the_bind_timer() -> None:
    session = SmscSession()
    session.receive(b"\0", 0)
    session.receive(b"\0", 29_999)
    assert session.expired(29_999) == []
    (closing,) = session.expired(30_000)
    assert isinstance(closing, Closing)
    assert "no bind" in closing.reason


def test_ten_thousand_pdus_in_one_segment_are_answered_in_order() -> None:
    session = session_in(State.BOUND_TRX)
    count = 10_000
    session.receive(b"".join(encode(EnquireLink(number)) for number in range(1, count + 1)), 0)
    answers = session.take_output()
    assert answers == b"".join(encode_header(CommandId.ENQUIRE_LINK_RESP, 0, number) for number in range(1, count + 1))


def test_responses_to_nothing_are_passed_on_and_kept_nowhere() -> None:
    session = session_in(State.BOUND_TRX)
    sent = session.send_request(DeliverSm(), 0)
    session.take_output()
    flood = b"".join(
        encode_header(0x80000000 | operation, 0, number)
        for number in range(sent + 1, 500)
        for operation in (0, 4, 5, 0x15, 0x7777)
    )
    events = session.receive(flood, 0)
    assert all(isinstance(event, Response) and event.request is None for event in events)
    assert len(session.outstanding) == 1
    assert not session.has_output
