"""A session as a client sees it: states, answers by themselves, sequence numbers, timers."""

import pytest

from simulator.smpp import (
    ESME_MAY,
    PDUS,
    AlertNotification,
    BindReceiver,
    BindReceiverResp,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    BindTransmitterResp,
    CancelSmResp,
    Closing,
    CommandId,
    CommandStatus,
    DataSm,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    Framer,
    GenericNack,
    LocalProtocolError,
    Outbind,
    Pdu,
    QuerySm,
    QuerySmResp,
    Response,
    SmeAddress,
    SmscSession,
    State,
    SubmitSm,
    SubmitSmResp,
    TimedOut,
    Timers,
    Unbind,
    UnbindResp,
    decode,
    encode,
    encode_header,
)
from simulator.smpp.session import negotiated

BINDS = {
    State.BOUND_TX: BindTransmitter,
    State.BOUND_RX: BindReceiver,
    State.BOUND_TRX: BindTransceiver,
}
SUBMIT = SubmitSm(2, destination_addr="447700900123", short_message=b"hello")


def output(session: SmscSession) -> list[Pdu]:
    return [decode(frame, validate=False) for frame in Framer().feed(session.take_output())]


def session_in(state: State, **options: object) -> SmscSession:
    session = SmscSession(**options)
    if state is State.OUTBOUND:
        session.outbind("SMSC", "secret", 0)
    elif state in BINDS:
        (request,) = session.receive(encode(BINDS[state](1, system_id="me")), 0)
        session.accept_bind(request)
    elif state is State.UNBOUND:
        session = session_in(State.BOUND_TRX)
        session.receive(encode(Unbind(1)), 0)
    elif state is State.CLOSED:
        session.close()
    session.take_output()
    assert session.state is state
    return session


def bound(**options: object) -> SmscSession:
    return session_in(State.BOUND_TRX, **options)


# Binding


@pytest.mark.parametrize(
    ("request_class", "response_class", "state"),
    [
        (BindTransmitter, BindTransmitterResp, State.BOUND_TX),
        (BindReceiver, BindReceiverResp, State.BOUND_RX),
        (BindTransceiver, BindTransceiverResp, State.BOUND_TRX),
    ],
)
def test_an_accepted_bind_binds(request_class: type, response_class: type, state: State) -> None:
    session = SmscSession(system_id="SMSC")
    events = session.receive(encode(request_class(5, system_id="me", password="pw")), 0)
    assert events == [request_class(5, system_id="me", password="pw")]
    session.accept_bind(events[0])
    assert output(session) == [response_class(5, 0, "SMSC", {0x0210: 0x34})]
    assert session.state is state


@pytest.mark.parametrize(
    ("interface_version", "version", "tlvs"),
    [(0x00, 0x33, {}), (0x33, 0x33, {}), (0x34, 0x34, {0x0210: 0x34}), (0x50, 0x50, {0x0210: 0x50})],
)
def test_the_clients_version_is_spoken(interface_version: int, version: int, tlvs: dict) -> None:
    session = SmscSession()
    (request,) = session.receive(encode(BindTransceiver(1, interface_version=interface_version)), 0)
    session.accept_bind(request)
    assert (session.version, negotiated(interface_version)) == (version, version)
    assert output(session)[0].tlvs == tlvs


def test_an_old_smsc_admits_to_no_more_than_3_4() -> None:
    session = SmscSession(sc_version=0x34)
    (request,) = session.receive(encode(BindTransceiver(1, interface_version=0x50)), 0)
    session.accept_bind(request)
    assert output(session)[0].tlvs == {0x0210: 0x34}


def test_after_a_refused_bind_the_client_may_try_again() -> None:
    session = SmscSession()
    (request,) = session.receive(encode(BindTransceiver(1)), 0)
    session.refuse_bind(request, CommandStatus.ESME_RINVPASWD)
    assert session.take_output() == encode_header(0x80000009, 14, 1)
    assert session.state is State.OPEN
    (request,) = session.receive(encode(BindTransceiver(2)), 0)
    session.accept_bind(request)
    assert session.state is State.BOUND_TRX


def test_a_second_bind_is_refused() -> None:
    session = bound()
    assert session.receive(encode(BindReceiver(2)), 0) == []
    assert output(session) == [BindReceiverResp(2, CommandStatus.ESME_RALYBND)]


def test_a_second_bind_before_the_first_is_answered_is_refused() -> None:
    session = SmscSession()
    events = session.receive(encode(BindReceiver(1)) + encode(BindReceiver(2)), 0)
    assert len(events) == 1
    assert output(session) == [BindReceiverResp(2, CommandStatus.ESME_RALYBND)]


def test_a_bind_is_answered_once() -> None:
    session = SmscSession()
    (request,) = session.receive(encode(BindReceiver(1)), 0)
    session.accept_bind(request)
    with pytest.raises(LocalProtocolError):
        session.accept_bind(request)


def test_outbind_asks_the_client_to_bind() -> None:
    session = SmscSession()
    session.outbind("SMSC", "secret", 0)
    assert output(session) == [Outbind(1, 0, "SMSC", "secret")]
    (request,) = session.receive(encode(BindReceiver(1)), 0)
    session.accept_bind(request)
    assert session.state is State.BOUND_RX


# The state table

OURS_TO_ANSWER = {CommandId.ENQUIRE_LINK, CommandId.UNBIND}
VALID = {
    CommandId.SUBMIT_SM: {"destination_addr": "1"},
    CommandId.SUBMIT_MULTI: {"dest_addresses": [SmeAddress(1, 1, "1")]},
    CommandId.DATA_SM: {"destination_addr": "1"},
    CommandId.QUERY_SM: {"message_id": "1"},
    CommandId.REPLACE_SM: {"message_id": "1"},
    CommandId.QUERY_BROADCAST_SM: {"message_id": "1"},
}
REQUESTS = [cls for cls in PDUS.values() if not cls.is_response()]
LIVE = [state for state in State if state not in (State.UNBOUND, State.CLOSED)]


@pytest.mark.parametrize("state", LIVE, ids=lambda state: state.value)
@pytest.mark.parametrize("cls", REQUESTS, ids=lambda cls: cls.operation())
def test_a_request_is_let_through_in_the_states_of_the_table(state: State, cls: type[Pdu]) -> None:
    session = session_in(state)
    fields = VALID.get(cls.command_id, {})
    frame = encode(cls(9, **fields))
    events = session.receive(frame, 0)
    if cls.command_id not in ESME_MAY[state]:
        assert events == []
        answer = cls.response_class or GenericNack
        bind_when_bound = cls.command_id in {bind.command_id for bind in BINDS.values()} and state in BINDS
        status = CommandStatus.ESME_RALYBND if bind_when_bound else CommandStatus.ESME_RINVBNDSTS
        assert output(session) == [answer(9, status)]
    elif cls.command_id in OURS_TO_ANSWER:
        assert output(session) == [cls.response_class(9)]
    else:
        assert [type(event) for event in events] == [cls]
        assert session.take_output() == b""


@pytest.mark.parametrize("state", [State.UNBOUND, State.CLOSED], ids=lambda state: state.value)
def test_a_session_that_is_over_hears_nothing(state: State) -> None:
    session = session_in(state)
    assert session.receive(encode(EnquireLink(1)) + encode(BindReceiver(1)), 0) == []
    assert session.take_output() == b""
    assert session.expired(10**9) == []
    assert session.next_deadline() is None


@pytest.mark.parametrize(
    ("state", "pdu"),
    [
        (State.OPEN, DeliverSm()),
        (State.BOUND_TX, DeliverSm()),
        (State.BOUND_TX, DataSm()),
        (State.BOUND_TX, AlertNotification()),
        (State.BOUND_TRX, SubmitSm()),
        (State.BOUND_TRX, Outbind()),
        (State.CLOSED, EnquireLink()),
    ],
    ids=str,
)
def test_what_the_state_forbids_us_is_our_own_mistake(state: State, pdu: Pdu) -> None:
    with pytest.raises(LocalProtocolError):
        session_in(state).send_request(pdu, 0)


# Requests and answers


def test_submits_come_in_order_and_are_answered_in_one_write() -> None:
    session = bound()
    frames = [encode(SubmitSm(number, destination_addr="1")) for number in range(2, 7)]
    events = session.receive(b"".join(frames), 0)
    assert [event.sequence_number for event in events] == [2, 3, 4, 5, 6]
    assert session.unanswered == 5
    for event in events:
        session.respond_submit(event.sequence_number, f"id{event.sequence_number}")
    assert session.unanswered == 0
    assert output(session) == [SubmitSmResp(number, 0, f"id{number}") for number in range(2, 7)]
    assert session.take_output() == b""


def test_both_ways_of_answering_a_submit_write_the_same() -> None:
    session = bound()
    session.respond_submit(7, "12ab")
    first = session.take_output()
    session.respond(SubmitSmResp(7, 0, "12ab"))
    assert session.take_output() == first


def test_a_request_can_be_refused() -> None:
    session = bound()
    (request,) = session.receive(encode(SUBMIT), 0)
    session.refuse(request, CommandStatus.ESME_RMSGQFUL)
    assert session.take_output() == encode_header(0x80000004, 0x14, 2)
    assert session.unanswered == 0


def test_an_invalid_submit_gets_its_status_and_the_session_goes_on() -> None:
    session = bound()
    bad = encode(SubmitSm(2))
    assert session.receive(bad + encode(SUBMIT), 0) == [SUBMIT]
    assert output(session) == [SubmitSmResp(2, CommandStatus.ESME_RINVDSTADR)]


def test_an_invalid_submit_is_taken_if_nobody_validates() -> None:
    session = bound(validate=False)
    assert session.receive(encode(SubmitSm(2)), 0) == [SubmitSm(2)]


def test_an_unknown_command_gets_a_generic_nack_and_the_session_goes_on() -> None:
    session = bound()
    assert session.receive(encode_header(0x0000000A, 0, 7) + encode(SUBMIT), 0) == [SUBMIT]
    assert output(session) == [GenericNack(7, CommandStatus.ESME_RINVCMDID)]


def test_an_unknown_response_is_not_answered() -> None:
    session = bound()
    assert session.receive(encode_header(0x8000000A, 0, 7), 0) == []
    assert session.take_output() == b""


@pytest.mark.parametrize("length", [0, 15, 0xFFFFFFFF])
def test_an_impossible_length_gets_a_generic_nack_and_the_end(length: int) -> None:
    session = bound()
    events = session.receive(encode(SUBMIT) + length.to_bytes(4, "big") + bytes(11) + b"\x09", 0)
    assert events[0] == SUBMIT
    assert isinstance(events[1], Closing)
    assert output(session) == [GenericNack(9, CommandStatus.ESME_RINVCMDLEN)]
    assert session.state is State.CLOSED


def test_enquire_link_is_answered_by_itself() -> None:
    session = bound()
    assert session.receive(encode(EnquireLink(77)), 0) == []
    assert output(session) == [EnquireLinkResp(77)]


def test_unbind_is_answered_and_ends_the_session() -> None:
    session = bound()
    assert session.receive(encode(Unbind(3)) + encode(SUBMIT), 0) == [Closing("unbound by the client")]
    assert output(session) == [UnbindResp(3)]
    assert session.state is State.UNBOUND


def test_an_unbind_is_answered_after_what_came_before_it() -> None:
    session = bound()
    events = session.receive(encode(SUBMIT) + encode(Unbind(3)), 0)
    assert events == [SUBMIT, Closing("unbound by the client")]
    session.respond_submit(SUBMIT.sequence_number, "7")
    assert output(session) == [SubmitSmResp(SUBMIT.sequence_number, 0, "7"), UnbindResp(3)]


def test_more_requests_than_the_window_are_throttled() -> None:
    session = bound(window=2)
    frames = [encode(SubmitSm(number, destination_addr="1")) for number in (2, 3, 4)]
    events = session.receive(b"".join(frames) + encode(EnquireLink(5)), 0)
    assert len(events) == 2
    assert output(session) == [SubmitSmResp(4, CommandStatus.ESME_RTHROTTLED), EnquireLinkResp(5)]
    session.respond_submit(2, "a")
    assert len(session.receive(frames[2], 0)) == 1


def test_a_silent_carrier_may_forget_a_request() -> None:
    session = bound(window=1)
    session.receive(encode(SUBMIT), 0)
    session.forget(SUBMIT.sequence_number)
    assert session.unanswered == 0


def test_other_requests_are_events_too() -> None:
    session = bound()
    assert session.receive(encode(QuerySm(4, message_id="7")), 0) == [QuerySm(4, message_id="7")]
    session.respond(QuerySmResp(4, 0, "7", "", 1, 0))
    assert output(session) == [QuerySmResp(4, 0, "7", "", 1, 0)]


# Our requests


def test_our_sequence_numbers_start_at_1_and_wrap_to_1() -> None:
    session = bound()
    assert [session.send_request(DeliverSm(), 0) for _ in range(2)] == [1, 2]
    session.outstanding.last_sequence = 0x7FFFFFFE
    assert [session.send_request(DeliverSm(), 0) for _ in range(2)] == [0x7FFFFFFF, 1]


def test_a_response_comes_with_its_request() -> None:
    session = bound()
    first, second = DeliverSm(short_message=b"1"), DeliverSm(short_message=b"2")
    session.send_request(first, 0)
    session.send_request(second, 0, request="mine")
    events = session.receive(encode(DeliverSmResp(2, 0x64)) + encode(DeliverSmResp(1)), 0)
    assert events == [Response(DeliverSmResp(2, 0x64), "mine"), Response(DeliverSmResp(1), first)]
    assert len(session.outstanding) == 0


@pytest.mark.parametrize(
    "pdu", [DeliverSmResp(9), GenericNack(9, 3), CancelSmResp(1), SubmitSmResp(1)], ids=lambda pdu: pdu.operation()
)
def test_a_response_to_nothing_has_no_request(pdu: Pdu) -> None:
    session = bound()
    session.send_request(DeliverSm(), 0)
    assert session.receive(encode(pdu), 0) == [Response(pdu, None)]
    assert len(session.outstanding) == 1


def test_a_generic_nack_answers_any_request() -> None:
    session = bound()
    session.send_request(DeliverSm(), 0, request="mine")
    assert session.receive(encode(GenericNack(1, 3)), 0) == [Response(GenericNack(1, 3), "mine")]


def test_a_response_with_a_broken_body_still_counts() -> None:
    session = bound()
    session.send_request(DeliverSm(), 0, request="mine")
    frame = b"\0\0\0\x12\x80\0\0\5" + bytes(7) + b"\x01xx"
    assert session.receive(frame, 0) == [Response(DeliverSmResp(1), "mine")]


def test_a_3_3_client_gets_no_tlvs() -> None:
    session = SmscSession()
    (request,) = session.receive(encode(BindReceiver(1, interface_version=0x33)), 0)
    session.accept_bind(request)
    session.take_output()
    session.send_request(DeliverSm(short_message=b"x", tlvs={0x001E: "7"}), 0)
    assert output(session) == [DeliverSm(1, short_message=b"x")]


def test_an_alert_is_not_answered() -> None:
    session = bound()
    session.send_request(AlertNotification(source_addr="1"), 0)
    assert len(session.outstanding) == 0


def test_octets_can_be_sent_as_a_request() -> None:
    session = bound()
    sequence = session.send_frame(encode(DeliverSm(short_message=b"x")), 0, request="mine")
    assert output(session) == [DeliverSm(sequence, short_message=b"x")]
    assert session.receive(encode(DeliverSmResp(sequence)), 0) == [Response(DeliverSmResp(sequence), "mine")]


def test_any_octets_can_be_written() -> None:
    session = bound()
    session.write(b"rubbish")
    assert session.take_output() == b"rubbish"


def test_our_unbind_ends_the_session_when_it_is_answered() -> None:
    session = bound()
    sequence = session.unbind(0)
    events = session.receive(encode(UnbindResp(sequence)), 0)
    assert events[-1] == Closing("unbound by us")
    assert session.state is State.UNBOUND


# Timers


def test_without_a_bind_the_session_ends() -> None:
    session = SmscSession(timers=Timers(bind_ms=5000), now=100)
    assert session.next_deadline() == 5100
    assert session.expired(5099) == []
    assert session.expired(5100) == [Closing("no bind within 5000 ms")]


def test_a_refused_bind_does_not_stop_the_bind_timer() -> None:
    session = SmscSession(timers=Timers(bind_ms=5000))
    (request,) = session.receive(encode(BindReceiver(1)), 4000)
    session.refuse_bind(request)
    assert session.next_deadline() == 5000


def test_a_request_without_a_response_times_out() -> None:
    session = bound(timers=Timers(response_ms=1000))
    session.send_request(DeliverSm(), 0, request="first")
    session.send_request(DeliverSm(), 10, request="second")
    assert session.next_deadline() == 1000
    assert session.expired(1000) == [TimedOut(1, "first")]
    assert session.next_deadline() == 1010
    session.receive(encode(DeliverSmResp(2)), 1005)
    assert session.next_deadline() is None
    assert session.expired(9999) == []


def test_a_quiet_client_is_asked_whether_it_is_there() -> None:
    session = bound(timers=Timers(enquire_link_ms=3000, response_ms=1000))
    assert session.next_deadline() == 3000
    assert session.expired(3000) == []
    assert output(session) == [EnquireLink(1)]
    assert session.next_deadline() == 4000
    assert session.receive(encode(EnquireLinkResp(1)), 3500) == []
    assert session.next_deadline() == 6500


def test_a_client_that_does_not_say_that_it_is_there_is_dropped() -> None:
    session = bound(timers=Timers(enquire_link_ms=3000, response_ms=1000))
    session.expired(3000)
    assert session.expired(4000) == [Closing("enquire_link not answered within 1000 ms")]


def test_an_inactive_session_ends_whatever_enquire_link_says() -> None:
    session = bound(timers=Timers(inactivity_ms=5000))
    session.receive(encode(SUBMIT), 2000)
    session.receive(encode(EnquireLink(3)), 6000)
    assert session.next_deadline() == 7000
    assert session.expired(7000) == [Closing("inactive for 5000 ms")]


def test_an_unbind_without_an_answer_ends_the_session() -> None:
    session = bound(timers=Timers(response_ms=1000))
    session.unbind(0)
    assert session.expired(1000)[-1] == Closing("unbind not answered within 1000 ms")


def test_timers_can_be_off() -> None:
    session = SmscSession(timers=Timers(None, None, None, None))
    assert session.next_deadline() is None
    assert session.expired(10**12) == []


# Watching


def test_each_pdu_can_be_watched() -> None:
    seen: list[tuple[str, int]] = []
    session = SmscSession(trace=lambda way, frame: seen.append((way, decode(frame).command_id)))
    (request,) = session.receive(encode(BindTransceiver(1)), 0)
    session.accept_bind(request)
    session.receive(encode(SUBMIT) + encode(EnquireLink(3)), 0)
    session.respond_submit(2, "7")
    assert [(way, CommandId(number).name.lower()) for way, number in seen] == [
        ("in", "bind_transceiver"),
        ("out", "bind_transceiver_resp"),
        ("in", "submit_sm"),
        ("in", "enquire_link"),
        ("out", "enquire_link_resp"),
        ("out", "submit_sm_resp"),
    ]
