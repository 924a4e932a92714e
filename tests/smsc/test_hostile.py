"""Peers that send nonsense, that never stop, that never read: each costs itself, and nobody else.

A good session works beside each of them, from before to after.
"""

import asyncio
import gc
import logging
import socket
import tracemalloc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from simulator.engine import Account, Match, ReceiptSettings, Reply, SmscSettings
from simulator.smpp import (
    BindTransceiver,
    BroadcastSm,
    BroadcastSmResp,
    CancelBroadcastSm,
    CancelSm,
    CommandId,
    CommandStatus,
    DataSm,
    DataSmResp,
    DeliverSmResp,
    DistributionList,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Pdu,
    QueryBroadcastSm,
    QuerySm,
    ReplaceSm,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
    Tag,
    Tlvs,
    Unbind,
    UnbindResp,
    encode,
    encode_header,
)
from tests.smpp.mutants import Chance, broken, mutant
from tests.smsc.conftest import Carrier, Esme, StartCarrier

pytestmark = pytest.mark.usefixtures("quiet_log")
UNBIND = CommandId.UNBIND.to_bytes(4, "big")
NEVER_READ = 6 * 2**20
"""More octets than the kernel keeps for a connection on loopback that nobody reads."""


@pytest.fixture
async def quiet_log(caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """Nothing that a peer does is worth a traceback, nor a word at ERROR."""
    yield
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def until(happens: Callable[[], bool]) -> None:
    """Let the event loop go on until something holds that the sockets bring about."""
    async with asyncio.timeout(20):
        while not happens():  # noqa: ASYNC110  # the sockets have no event for it
            await asyncio.sleep(0)


async def stands_still(what: Callable[[], object]) -> None:
    """Let the event loop go on until nothing changes any more."""
    calm, last = 0, what()
    while calm < 300:
        await asyncio.sleep(0)
        now = what()
        calm, last = (calm + 1, last) if now == last else (0, now)


async def works(good: Esme) -> None:
    """A session that behaves is served."""
    response = await good.submit(registered_delivery=0)
    assert isinstance(response, SubmitSmResp)
    assert response.command_status == 0


async def to_the_end(esme: Esme) -> list[Pdu]:
    """All that comes until the SMSC closes."""
    come = []
    with suppress(EOFError):
        while True:
            come.append(await esme.read())
    return come


def buffered(carrier: Carrier, account: str) -> int:
    """Octets that wait in the process for the peers of an account."""
    return sum(
        connection.transport.get_write_buffer_size()
        for connection in carrier.smsc.connections
        if connection.account_name == account
    )


# Nonsense


@pytest.mark.parametrize("seed", range(4))
async def test_thousands_of_mutants_are_answered_and_a_good_session_notices_nothing(
    start: StartCarrier, seed: int
) -> None:
    numbers = Account("owner", system_id="owner", numbers=("4477*", "1*", "d*"))
    replies = (Reply(Match(), "{text} {from} {to}", 10),)
    carrier = await start(
        accounts=[Account("good", system_id="good"), Account("bad", system_id="bad"), numbers],
        settings=SmscSettings(replies=replies, distribution_lists={"friends": ("15550100001",)}),
    )
    good = await carrier.bound("transmitter", system_id="good")  # no answers of phones for it
    owner = await carrier.bound(system_id="owner")
    chance = Chance(7_000 + seed)
    for batch in range(8):
        bad = await carrier.bound(system_id="bad", interface_version=(0x33, 0x34, 0x50)[batch % 3])
        frames = [frame for frame in (mutant(chance) for _ in range(250)) if frame[4:8] != UNBIND]
        await bad.write(b"".join(frames) + broken(chance))
        last = (await to_the_end(bad))[-1]
        assert isinstance(last, GenericNack)
        assert last.command_status == CommandStatus.ESME_RINVCMDLEN
        await works(good)
        await carrier.clock.advance(60_000)  # receipts, answers and alerts for what got through
    await works(good)
    assert {connection.account_name for connection in carrier.smsc.connections} == {"good", "owner"}
    assert owner is not good


async def test_nonsense_before_a_bind_costs_a_connection_and_no_more(carrier: Carrier) -> None:
    good = await carrier.bound()
    chance = Chance(3)
    for _ in range(100):
        bad = await carrier.connect()
        await bad.write(mutant(chance) + chance.octets(40) + broken(chance) * 3)
        bad.writer.write_eof()
        with suppress(ConnectionError):
            await to_the_end(bad)
    await works(good)
    await until(lambda: len(carrier.smsc.connections) == 1)


async def test_a_bind_followed_by_nonsense_in_one_segment_is_answered_before_the_nack(carrier: Carrier) -> None:
    bad = await carrier.connect()
    await bad.write(encode(BindTransceiver(1, system_id="acme", password="secret")) + b"\0\0\0\1")
    assert (await bad.read()).command_status == 0
    assert (await bad.read()).command_status == CommandStatus.ESME_RINVCMDLEN
    with pytest.raises(EOFError):
        await bad.read()
    assert carrier.smsc.mailbox("acme").receivers == []


async def test_what_came_before_nonsense_counts(carrier: Carrier) -> None:
    bad = await carrier.bound()
    await bad.write(encode(SubmitSm(5, destination_addr="1", short_message=b"x")) + b"\xff" * 16)
    assert isinstance(await bad.read(), SubmitSmResp)
    assert isinstance(await bad.read(), GenericNack)


async def test_addresses_that_only_data_sm_can_have_get_their_receipt_by_data_sm(carrier: Carrier) -> None:
    esme = await carrier.bound()
    await esme.ask(
        DataSm(
            source_addr="s" * 64, destination_addr="d" * 64, registered_delivery=1, tlvs={Tag.MESSAGE_PAYLOAD: b"hi"}
        )
    )
    await carrier.clock.advance(1000)
    receipt = await esme.read()
    assert isinstance(receipt, DataSm)
    assert (receipt.source_addr, receipt.destination_addr) == ("d" * 64, "s" * 64)


async def test_an_empty_distribution_list_is_no_destination(start: StartCarrier) -> None:
    carrier = await start(settings=SmscSettings(distribution_lists={"nobody": ()}))
    esme = await carrier.bound()
    response = await esme.ask(SubmitMulti(source_addr="ACME", dest_addresses=[DistributionList("nobody")]))
    assert response.command_status == CommandStatus.ESME_RINVNUMDESTS


# Slowly


async def test_slowloris_is_ended_by_the_bind_timer(carrier: Carrier) -> None:
    good = await carrier.bound()
    slow = [await carrier.connect() for _ in range(50)]
    for esme in slow:
        await esme.write(b"\0")
    await works(good)
    await carrier.clock.advance(carrier.smsc.settings.bind_timeout - 1)
    assert len(carrier.smsc.connections) == 51
    for esme in slow:
        await esme.write(b"\0")  # it doesn't help to go on
    await carrier.clock.advance(1)
    for esme in slow:
        with pytest.raises(EOFError):
            await esme.read()
    await works(good)


async def test_a_session_written_octet_by_octet_is_served(carrier: Carrier) -> None:
    esme = await carrier.connect()
    submit = SubmitSm(2, source_addr="ACME", destination_addr="15550100001", short_message=b"slow")
    for octet in encode(BindTransceiver(1, system_id="acme", password="secret")):
        await esme.write(bytes((octet,)))
        await asyncio.sleep(0)
    assert (await esme.read()).command_status == 0
    for octet in encode(submit):
        await esme.write(bytes((octet,)))
        await asyncio.sleep(0)
    assert isinstance(await esme.read(), SubmitSmResp)


# Too much


async def test_ten_thousand_pdus_in_one_segment_are_answered_in_order(carrier: Carrier) -> None:
    good, busy = await carrier.bound(), await carrier.bound()
    count = 10_000
    template = encode(SubmitSm(0, source_addr="ACME", destination_addr="15550100001", short_message=b"x"))
    frames = (template[:12] + (10 + number).to_bytes(4, "big") + template[16:] for number in range(count))
    busy.writer.write(b"".join(frames))
    answers = [await busy.read() for _ in range(count)]
    assert [answer.sequence_number for answer in answers] == list(range(10, 10 + count))
    assert {answer.command_status for answer in answers} == {0}
    assert len({answer.message_id for answer in answers}) == count
    await works(good)


async def test_a_flood_of_responses_to_nothing_leaves_nothing_behind(carrier: Carrier) -> None:
    good, bad = await carrier.bound(), await carrier.bound()
    responses = (encode(DeliverSmResp(number)) for number in range(20_000))
    await bad.write(b"".join(responses))
    assert isinstance(await bad.ask(EnquireLink()), EnquireLinkResp)
    assert carrier.smsc.lost_receipts == 0
    assert all(connection.delivered == 0 for connection in carrier.smsc.connections)
    assert carrier.clock.activity.in_flight == 0
    await works(good)


async def test_a_flood_of_refused_binds_leaves_nothing_behind(start: StartCarrier) -> None:
    carrier = await start(accounts=[Account("acme", system_id="acme", password="secret")])
    good, bad = await carrier.bound(), await carrier.connect()
    flood_of_binds = [encode(BindTransceiver(number, system_id="acme", password="guess")) for number in range(1, 501)]
    for bind in flood_of_binds:
        await bad.write(bind)
        assert (await bad.read()).command_status == CommandStatus.ESME_RINVPASWD
    await works(good)
    assert list(carrier.smsc.mailboxes) == ["acme"]


async def test_connections_opened_and_dropped_by_the_thousand_leave_nothing_behind(carrier: Carrier) -> None:
    good = await carrier.bound()

    async def come_and_go(number: int) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", carrier.port)
        if number % 3 == 1:
            writer.write(encode(BindTransceiver(1, system_id="acme", password="secret")))
        elif number % 3 == 2:
            writer.write(b"\0\0")
        writer.transport.abort()

    for batch in range(20):
        await asyncio.gather(*(come_and_go(batch * 100 + number) for number in range(100)))
    await until(lambda: len(carrier.smsc.connections) == 1)
    gc.collect()
    left = [thing for thing in gc.get_objects() if type(thing).__name__ == "Connection"]
    assert len([thing for thing in left if getattr(thing, "smsc", None) is carrier.smsc]) == 1
    assert len(carrier.smsc.mailbox("acme").receivers) == 1
    assert carrier.clock.activity.in_flight == 0
    await works(good)


async def test_what_hostile_sessions_cost_is_given_back(carrier: Carrier) -> None:
    good = await carrier.bound()
    chance = Chance(11)
    frames = [frame for frame in (mutant(chance) for _ in range(300)) if frame[4:8] != UNBIND]
    refused = b"".join(frame for frame in frames if frame[4:8] not in TAKEN) + broken(chance)

    async def misbehave() -> None:
        bad = Esme(*await asyncio.open_connection("127.0.0.1", carrier.port))
        await bad.bind()
        await bad.write(refused)
        await to_the_end(bad)
        await bad.close()
        await carrier.clock.advance(60_000)

    for _ in range(3):
        await misbehave()
    tracemalloc.start()
    try:
        await misbehave()
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(10):
            await misbehave()
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 100_000
    await works(good)


TAKEN = frozenset(
    operation.to_bytes(4, "big")
    for operation in (CommandId.SUBMIT_SM, CommandId.SUBMIT_MULTI, CommandId.DATA_SM, CommandId.BROADCAST_SM)
)
"""What makes messages, which are remembered on purpose."""


# Deaf


@asynccontextmanager
async def deaf(carrier: Carrier) -> AsyncIterator[Esme]:
    """A bound session that reads nothing more, and for which the kernel keeps little."""
    esme = Esme(*await asyncio.open_connection("127.0.0.1", carrier.port))
    try:
        await esme.bind(system_id="deaf")
        esme.writer.transport.pause_reading()  # type: ignore[attr-defined]
        (ours,) = (connection for connection in carrier.smsc.connections if connection.account_name == "deaf")
        for transport, buffer in ((esme.writer.transport, socket.SO_RCVBUF), (ours.transport, socket.SO_SNDBUF)):
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, buffer, 65_536)
        yield esme
    finally:
        esme.writer.transport.abort()
        with suppress(ConnectionError):
            await esme.writer.wait_closed()


FLOODS = {
    "enquire_link": encode(EnquireLink(7)),
    "nonsense": encode_header(0x7777, 0, 7),
    "query_sm": encode(QuerySm(7, message_id="0" * 19, source_addr="ACME")),
    "submit_sm": encode(SubmitSm(7, source_addr="A", destination_addr="15550100001", short_message=b"x")),
}


@pytest.mark.parametrize("what", FLOODS)
async def test_who_never_reads_is_not_read_from_either_and_its_answers_do_not_pile_up(
    carrier: Carrier, what: str
) -> None:
    good = await carrier.bound(system_id="good")
    async with deaf(carrier) as bad:
        frame = FLOODS[what]
        bad.writer.write(frame * (NEVER_READ // len(frame)))
        await stands_still(lambda: (buffered(carrier, "deaf"), bad.writer.transport.get_write_buffer_size()))
        assert bad.writer.transport.get_write_buffer_size() > 0  # the SMSC has stopped taking
        assert buffered(carrier, "deaf") < 2**20
        await works(good)
        bad.writer.transport.abort()
        await until(lambda: len(carrier.smsc.connections) == 1)


async def test_who_never_reads_gets_no_more_receipts_and_they_wait_in_the_mailbox(start: StartCarrier) -> None:
    carrier = await start(settings=SmscSettings(receipts=ReceiptSettings(queue=3_000)))
    good = await carrier.bound(system_id="good")
    async with deaf(carrier) as bad:
        sender = await carrier.bound("transmitter", system_id="deaf")
        count = 5_000
        template = encode(SubmitSm(0, source_addr="A", destination_addr="15550100001", registered_delivery=1))
        sender.writer.write(template * count)
        for _ in range(count):
            await sender.read()
        await carrier.clock.advance(1000)
        mailbox = carrier.smsc.mailbox("deaf")
        assert mailbox.dropped == count - 3_000 - 1_000  # a session's window: so many are on their way, unanswered
        assert len(mailbox.waiting) == 3_000
        assert buffered(carrier, "deaf") < 2**20
        assert (await good.submit()).command_status == 0
        await carrier.clock.advance(1000)
        assert (await good.receipt()).esm_class == 4
        bad.writer.transport.abort()
        await until(lambda: len(carrier.smsc.connections) == 2)
        assert len(mailbox.waiting) == 3_000


async def test_who_never_reads_is_given_up_when_it_does_not_answer_enquire_link(start: StartCarrier) -> None:
    carrier = await start(settings=SmscSettings(enquire_link=10_000, response_timeout=5_000))
    async with deaf(carrier) as bad:
        bad.writer.write(FLOODS["enquire_link"] * (NEVER_READ // 16))
        await stands_still(lambda: buffered(carrier, "deaf"))
        await carrier.clock.advance(10_000 + 5_000 + 5_000)
        await until(lambda: not carrier.smsc.connections)


async def test_it_goes_on_where_it_was_when_a_deaf_peer_reads_again(carrier: Carrier) -> None:
    async with deaf(carrier) as slow:
        count = 600_000
        template = encode(EnquireLink())
        slow.writer.write(b"".join(template[:12] + number.to_bytes(4, "big") for number in range(count)))
        await stands_still(lambda: (buffered(carrier, "deaf"), slow.writer.transport.get_write_buffer_size()))
        assert slow.writer.transport.get_write_buffer_size() > 0
        slow.writer.transport.resume_reading()  # type: ignore[attr-defined]
        answer = encode(EnquireLinkResp())
        expected = b"".join(answer[:12] + number.to_bytes(4, "big") for number in range(count))
        async with asyncio.timeout(20):
            assert await slow.reader.readexactly(len(expected)) == expected
        assert isinstance(await slow.ask(Unbind()), UnbindResp)


# Nonsense about messages that there are

TIMES = ("", "000000000000000R", "000000000001000R", "000001000000000R", "991231235959000R", "200101000000000+")
"""No time, at once, in a second, in a day, in a century, and long ago."""


@pytest.mark.parametrize("schedule", TIMES)
@pytest.mark.parametrize("validity", TIMES)
async def test_any_times_in_submit_and_replace_are_taken_or_refused(
    carrier: Carrier, schedule: str, validity: str
) -> None:
    esme = await carrier.bound("transmitter")
    taken = (CommandStatus.ESME_ROK, CommandStatus.ESME_RINVSCHED, CommandStatus.ESME_RINVEXPIRY)
    submitted = await esme.submit(schedule_delivery_time=schedule, validity_period=validity)
    assert submitted.command_status in taken
    for original in (SubmitSm, SubmitMulti, BroadcastSm, DataSm):
        for scheduled in ("", "000002000000000R"):
            response = await esme.ask(full(original, scheduled))
            assert isinstance(response, SubmitSmResp | SubmitMultiResp | BroadcastSmResp | DataSmResp)
            assert response.command_status == 0
            for _ in range(2):
                about = {"message_id": response.message_id, "source_addr": "ACME"}
                replace = ReplaceSm(
                    **about, schedule_delivery_time=schedule, validity_period=validity, short_message=b"other"
                )
                replaced = await esme.ask(replace)
                assert replaced.command_status in (*taken, CommandStatus.ESME_RREPLACEFAIL)
                for query in (QuerySm(**about), QueryBroadcastSm(**about)):
                    await esme.ask(query)
                await carrier.clock.advance(2_000)
            for cancel in (CancelSm(**about), CancelBroadcastSm(**about)):
                await esme.ask(cancel)
    await carrier.clock.advance(200_000_000)
    await works(esme)


def full(operation: type[Pdu], schedule: str) -> Pdu:
    """A message of each kind that nothing is wrong with."""
    if operation is SubmitSm:
        return SubmitSm(source_addr="ACME", destination_addr="1", schedule_delivery_time=schedule, short_message=b"x")
    if operation is SubmitMulti:
        destinations = [SmeAddress(1, 1, "15550100001"), SmeAddress(1, 1, "15550100002")]
        return SubmitMulti(source_addr="ACME", dest_addresses=destinations, schedule_delivery_time=schedule)
    if operation is DataSm:
        return DataSm(source_addr="ACME", destination_addr="1", tlvs={Tag.QOS_TIME_TO_LIVE: 0, Tag.SET_DPF: 1})
    areas = [b"\0" + b"a\0b" * 1000, b"\1", b"\xff" * 500]
    tlvs: Tlvs = {
        Tag.BROADCAST_AREA_IDENTIFIER: list(areas),
        Tag.BROADCAST_CONTENT_TYPE: b"\1\0\2",
        Tag.BROADCAST_REP_NUM: 1,
        Tag.BROADCAST_FREQUENCY_INTERVAL: b"\0\0\0",
        Tag.SET_DPF: 1,
        Tag.MESSAGE_PAYLOAD: b"storm",
    }
    return BroadcastSm(source_addr="ACME", schedule_delivery_time=schedule, tlvs=tlvs)


async def test_an_answer_of_a_phone_to_the_longest_text_fits_into_its_parts(start: StartCarrier) -> None:
    reply = Reply(Match(), "you said {text}", 10)
    carrier = await start(settings=SmscSettings(replies=(reply,)))
    esme = await carrier.bound()
    for coding, octets in ((0, b"\x1b\x65" * 32_000), (8, b"\xd8\x3d\xde\x00" * 16_000), (4, b"x" * 65_000)):
        submit = SubmitSm(source_addr="A", destination_addr="1", data_coding=coding)
        submit.tlvs[Tag.MESSAGE_PAYLOAD] = octets
        assert (await esme.ask(submit)).command_status == 0
        await carrier.clock.advance(1000)
        total = (await esme.receipt()).short_message[4]
        for _ in range(total - 1):
            await esme.receipt()
    await works(esme)
