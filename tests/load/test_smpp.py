"""Runs against an SMSC of few words: what is counted is what happened."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from simulator.app import Simulator
from simulator.engine import TlsSettings
from simulator.load import Account, PlanError, Unreachable, parse_stages, run
from simulator.load.precise import new_loop
from simulator.smpp import CommandId, concat_of, text_of
from simulator.smpp.constants import MAX_SEQUENCE
from tests.load.conftest import Smsc, message

Start = Callable[..., Awaitable[Smsc]]


async def test_as_many_as_asked_for_are_sent_and_answered(smsc: Start) -> None:
    stub = await smsc()
    result = await run(stub.plan(messages=250, connections=3))
    assert (result.messages, result.sent, result.answered, result.ok) == (250, 250, 250, 250)
    assert Counter(text_of(pdu) for pdu in stub.submits) == Counter(f"hello {n}" for n in range(1, 251))
    assert len(stub.binds) == 3
    assert result.latency.count == 250
    assert (result.errors, result.unanswered, result.unexpected) == (0, 0, 0)
    assert result.rate > 0
    assert sum(row.answered for row in result.rows) == 250
    assert result.notes == ()


async def test_refusals_are_counted_by_status(smsc: Start) -> None:
    stub = await smsc(status=lambda n: 0x58 if n % 5 == 0 else 0x14 if n % 25 == 1 else 0)
    result = await run(stub.plan(messages=100))
    assert result.refused == {"ESME_RTHROTTLED": 20, "ESME_RMSGQFUL": 4}
    assert (result.answered, result.ok, result.errors) == (100, 76, 24)


async def test_each_receipt_finds_its_message(smsc: Start) -> None:
    stub = await smsc()
    result = await run(stub.plan(messages=120, message=message(registered_delivery=1)))
    assert (result.receipts, result.receipts_matched, result.receipts_missing) == (120, 120, 0)
    assert (result.receipts_doubled, result.receipts_unknown) == (0, 0)
    assert result.receipts_by_status == {"DELIVRD": 120}
    assert result.receipt_latency.count == 120
    assert result.id_form == "same"


async def test_missing_and_doubled_receipts_are_found(smsc: Start) -> None:
    stub = await smsc(receipts=lambda n: {3: 0, 7: 0, 9: 2}.get(n, 1))
    result = await run(stub.plan(messages=100, message=message(registered_delivery=1)))
    assert (result.receipts_missing, result.receipts_doubled, result.receipts_unknown) == (2, 1, 0)
    assert result.receipts == 99
    assert any("gave up" in note for note in result.notes)


async def test_a_receipt_for_a_stranger_is_unknown(smsc: Start) -> None:
    stub = await smsc(receipt_id=lambda n: "stranger" if n == 5 else f"{n:08x}")
    result = await run(stub.plan(messages=80, message=message(registered_delivery=1)))
    assert (result.receipts_missing, result.receipts_unknown, result.receipts_matched) == (1, 1, 79)


async def test_decimal_receipts_for_hexadecimal_ids(smsc: Start) -> None:
    stub = await smsc(message_id=lambda n: f"{n:x}", receipt_id=lambda n: f"{n:010}")
    result = await run(stub.plan(messages=90, message=message(registered_delivery=1)))
    assert (result.receipts_matched, result.receipts_missing, result.id_form) == (90, 0, "decimal of hex")


async def test_receipts_may_be_ahead_of_the_answers(smsc: Start) -> None:
    stub = await smsc(receipts_first=True)
    result = await run(stub.plan(messages=90, message=message(registered_delivery=1)))
    assert (result.receipts_matched, result.receipts_missing, result.receipts_unknown) == (90, 0, 0)


async def test_a_pair_of_sessions_sends_on_one_and_hears_on_the_other(smsc: Start) -> None:
    stub = await smsc()
    plan = stub.plan(messages=60, message=message(registered_delivery=1), bind="transmitter+receiver", connections=2)
    result = await run(plan)
    kinds = Counter(pdu.command_id for pdu in stub.binds)
    assert kinds == {CommandId.BIND_TRANSMITTER: 2, CommandId.BIND_RECEIVER: 2}
    assert (result.answered, result.receipts_matched) == (60, 60)


async def test_connections_are_shared_out_among_accounts(smsc: Start) -> None:
    stub = await smsc()
    await run(stub.plan(accounts=(Account("a", "1"), Account("b", "2")), connections=5))
    assert Counter((pdu.system_id, pdu.password) for pdu in stub.binds) == {("a", "1"): 3, ("b", "2"): 2}


async def test_long_messages_go_in_parts(smsc: Start) -> None:
    stub = await smsc()
    text = "{n} " + "word " * 60
    result = await run(stub.plan(messages=20, message=message(text=text, registered_delivery=1), window=4))
    assert (result.messages, result.sent, result.answered, result.receipts_matched) == (20, 40, 40, 40)
    says = [concat_of(pdu) for pdu in stub.submits]
    assert Counter(found.part for found in says if found) == {1: 20, 2: 20}


async def test_a_message_of_more_parts_than_the_window_still_goes(smsc: Start) -> None:
    stub = await smsc()
    result = await run(stub.plan(messages=3, message=message(text="word " * 100), window=1))
    assert (result.messages, result.answered) == (3, 12)


async def test_an_open_loop_keeps_its_rate_over_all_connections(smsc: Start) -> None:
    stub = await smsc()
    plan = stub.plan(messages=None, window=None, stages=tuple(parse_stages("500/s:300ms")), connections=3)
    result = await run(plan)
    assert (result.sent, result.answered) == (150, 150)
    assert 0.28 < result.seconds < 2
    assert result.lateness.count == 150
    assert len(stub.binds) == 3


async def test_a_stall_shows_in_an_open_loop_and_hides_in_a_closed_one(smsc: Start) -> None:
    """Coordinated omission: while the SMSC is stuck, a closed loop asks nothing, so nothing waits."""
    stub = await smsc(stall=(20, 0.25))
    plan = stub.plan(messages=None, window=None, stages=tuple(parse_stages("400/s:400ms")))
    opened = await run(plan)
    # 100 of 160 messages fell due while nothing was answered; on average each waited for half of that.
    assert opened.latency.percentile(99) > 200_000
    assert opened.latency.percentile(75) > 60_000
    again = await smsc(stall=(20, 0.1))
    closed = await run(again.plan(messages=1000, window=1))
    assert closed.latency.max > 80_000
    assert closed.latency.percentile(99) < 80_000


async def test_a_window_holds_an_open_loop_back_and_the_latency_shows_it(smsc: Start) -> None:
    stub = await smsc(stall=(5, 0.15))
    result = await run(stub.plan(messages=60, window=2, stages=tuple(parse_stages("400/s:1s"))))
    assert result.answered == 60
    assert result.lateness.percentile(50) > 20_000
    assert result.latency.max > 100_000


async def test_a_closed_loop_ends_when_its_time_is_over(smsc: Start) -> None:
    stub = await smsc()
    result = await run(stub.plan(messages=None, duration_s=0.15))
    assert result.answered == result.sent > 0
    assert 0.1 < result.seconds < 2


async def test_connections_of_a_closed_loop_join_one_after_the_other(smsc: Start) -> None:
    stub = await smsc()
    result = await run(stub.plan(messages=None, duration_s=0.1, ramp_s=0.2, connections=2))
    assert result.answered == result.sent > 0


async def test_sequence_numbers_wrap(smsc: Start) -> None:
    stub = await smsc()
    result = await run(stub.plan(messages=40, sequence_start=MAX_SEQUENCE - 20))
    assert result.answered == 40
    assert {1, MAX_SEQUENCE} <= {pdu.sequence_number for pdu in stub.submits}
    assert 0 not in {pdu.sequence_number for pdu in stub.submits}


async def test_enquire_link_goes_both_ways(smsc: Start) -> None:
    stub = await smsc(enquire=True)
    result = await run(stub.plan(messages=None, duration_s=0.15, enquire_link_s=0.05))
    assert stub.answered_enquiries == 1
    assert result.notes == ()


async def test_a_lost_session_is_said_and_the_run_ends(smsc: Start) -> None:
    stub = await smsc(hang_up_after=25)
    result = await run(stub.plan(messages=1000))
    assert result.gave_up
    assert result.sent == result.answered + result.unanswered
    assert result.unanswered > 0
    assert any("lost" in note for note in result.notes)


async def test_an_smsc_that_never_answers_is_given_up(smsc: Start) -> None:
    stub = await smsc(stall=(30, 60.0))
    result = await run(stub.plan(messages=100, wait_s=0.1))
    assert (result.answered, result.unanswered) == (29, 10)
    assert any("gave up" in note for note in result.notes)


async def test_stopping_gives_the_result_so_far(smsc: Start) -> None:
    stub = await smsc()
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.1, stop.set)
    result = await run(stub.plan(messages=None, duration_s=60.0), stop=stop)
    assert result.interrupted
    assert result.answered > 0


@pytest.mark.parametrize("status", [0x0E, 0x0D])
async def test_a_refused_bind_says_so(smsc: Start, status: int) -> None:
    stub = await smsc(bind_status=status)
    with pytest.raises(Unreachable, match=r"refused bind_transceiver of 'carrier-sim': ESME_R(INVPASWD|BINDFAIL)"):
        await run(stub.plan())


async def test_an_id_that_is_too_long_for_a_bind_says_so(smsc: Start) -> None:
    stub = await smsc()
    with pytest.raises(ValueError, match="system_id"):
        await run(stub.plan(accounts=(Account("x" * 20, ""),)))


async def test_who_does_not_speak_smpp_is_found_out() -> None:
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(Unreachable, match="ended the connection"):
        await run(Smsc(port=port).plan())
    server.close()


async def test_nobody_there_says_so() -> None:
    with pytest.raises(Unreachable, match=r"nobody answers at 127\.0\.0\.1:1"):
        await run(Smsc(port=1).plan())


async def test_http_without_a_url_is_no_plan() -> None:
    with pytest.raises(PlanError, match="URL"):
        await run(Smsc(port=1).plan(via="http"))


async def test_the_simulator_itself(smsc: Start) -> None:
    async with Simulator(clock="1000x") as sim:
        plan = Smsc(port=sim.smpp_port).plan(
            messages=300, connections=4, wait_s=5.0, message=message(to="+1555{n:06}0001", registered_delivery=1)
        )
        result = await run(plan)
    assert (result.answered, result.ok, result.receipts_matched) == (300, 300, 300)
    assert (result.receipts_missing, result.receipts_doubled, result.receipts_unknown) == (0, 0, 0)
    assert len(sim.messages) == 300


async def test_tls_with_and_without_trust() -> None:
    async with Simulator(clock="1000x", smpp_tls=TlsSettings()) as sim:
        plan = Smsc(port=sim.smsc.tls_port).plan(tls=True, verify_tls=False)
        assert (await run(plan)).ok == 50
        with pytest.raises(Unreachable, match=r"no TLS: .*CERTIFICATE_VERIFY_FAILED"):
            await run(replace(plan, verify_tls=True))


def test_timers_of_the_generator_are_precise() -> None:
    """epoll alone would round 0.2 ms up to a whole one."""
    loop = new_loop()

    async def wait() -> list[float]:
        late = []
        for _ in range(20):
            due = loop.time() + 0.0002
            done = loop.create_future()
            loop.call_at(due, done.set_result, None)
            await done
            late.append(loop.time() - due)
        return late

    try:
        assert min(loop.run_until_complete(wait())) < 0.0006
    finally:
        loop.close()
