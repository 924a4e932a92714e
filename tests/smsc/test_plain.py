"""The common path of load gives the same as the careful one, and costs less."""

import pytest

from simulator.engine import Account, Limits, Message, Path, Rate, Status
from simulator.engine.delays import Fixed, Uniform
from simulator.engine.paths import Go
from simulator.engine.remembered import Lot
from simulator.engine.rules import Match, Outcomes, Refusal, Rule, Rules, glob
from simulator.smpp import DeliverSm, EnquireLink, Pdu, QuerySm, QuerySmResp, SubmitSmResp, encode, encode_text
from simulator.smpp.pdus import SubmitSm
from tests.smsc.conftest import Carrier, StartCarrier

LATE = Path("late", [Go(Status.ENROUTE, Uniform(0, 500)), Go(Status.UNDELIVERED, Uniform(1000, 9000))])
SOON = Path("soon", [Go(Status.DELIVERED, Fixed(10))])
MIXED = Rule("mixed", Outcomes([(LATE, 1), (SOON, 1)]))
TEXTS = ["hello", "€ {curly} @$_ ñ", "привет", "", "smile \U0001f600", "x" * 160]


def seen(messages: list[Message], now: int) -> list[object]:
    return [
        (
            message.key,
            message.account,
            message.to,
            message.text,
            message.encoding,
            message.segments,
            *message.history(now),
        )
        for message in messages
    ]


def submits() -> list[SubmitSm]:
    """Some with the same texts and destinations, and the first of each kind twice."""
    found = []
    for number, text in enumerate([TEXTS[0], *TEXTS] * 3):
        coding = 8 if not text.isascii() and "€" not in text else 0
        octets = encode_text(text, coding)
        to = f"+1555000{number % 5}" if number % 7 else "1555"
        found.append(SubmitSm(number + 10, 0, "", 0, 0, "ACME", 0, 0, to, data_coding=coding, short_message=octets))
    return found


def drafts(carrier: Carrier) -> int:
    return sum(isinstance(carrier.engine.messages.as_left(key), Lot) for key in list(carrier.engine.messages))


async def all_sent(carrier: Carrier, closely: bool, registered: int) -> tuple[list[object], list[Pdu]]:
    """What has become of them, and their receipts."""
    if closely:  # somebody who has asked for messages by their addresses makes the SMSC look at each
        carrier.smsc.index.pending("acme", "ACME", "1")
    esme = await carrier.bound()
    pdus = submits()
    for pdu in pdus:
        pdu.registered_delivery = registered
    await esme.write(b"".join(encode(pdu) for pdu in pdus[:9]))
    await esme.write(b"".join(encode(pdu) for pdu in pdus[9:]))
    responses = [await esme.read() for _ in pdus]
    assert [response.sequence_number for response in responses] == [pdu.sequence_number for pdu in pdus]
    assert (drafts(carrier) == 0) is closely
    receipts: list[Pdu] = []
    if registered:
        await carrier.clock.advance(10_000)
        receipts = [await esme.receipt() for _ in pdus]
        for number, receipt in enumerate(sorted(receipts, key=lambda receipt: receipt.short_message)):
            receipt.sequence_number = number
        receipts.sort(key=lambda receipt: receipt.sequence_number)
    return seen(list(carrier.engine.messages.values()), carrier.clock.now() + 10**6), receipts


@pytest.mark.parametrize("registered", [0, 1])
async def test_both_ways_lead_to_the_same_messages_and_receipts(start: StartCarrier, registered: int) -> None:
    common = await all_sent(await start(rules=[MIXED]), closely=False, registered=registered)
    careful = await all_sent(await start(rules=[MIXED]), closely=True, registered=registered)
    assert common == careful


async def test_it_makes_no_difference_in_how_many_reads_they_come(start: StartCarrier) -> None:
    at_once = await all_sent(await start(rules=[MIXED]), closely=False, registered=0)
    carrier = await start(rules=[MIXED])
    esme = await carrier.bound()
    for pdu in submits():
        pdu.registered_delivery = 0
        await esme.ask(pdu)
    assert at_once == (seen(list(carrier.engine.messages.values()), carrier.clock.now() + 10**6), [])


async def test_receipts_for_which_no_session_has_room_wait_in_order(start: StartCarrier) -> None:
    account = Account("acme", system_id="acme", password="secret", limits=Limits(window=None))
    carrier = await start(path=SOON, accounts=[account])
    esme = await carrier.bound()
    (connection,) = carrier.smsc.connections
    connection._window = 3
    await esme.submit(registered_delivery=1)
    pdus = [
        SubmitSm(number, source_addr="ACME", destination_addr=str(number), registered_delivery=1)
        for number in range(1000, 1010)
    ]
    await esme.write(b"".join(map(encode, pdus)))
    for _ in pdus:
        await esme.read()
    await carrier.clock.advance(10)
    assert (len(connection.session.outstanding), len(carrier.smsc.mailbox("acme").waiting)) == (3, 8)
    assert drafts(carrier) == 11
    sources = [(await esme.receipt()).source_addr for _ in range(11)]
    assert sources == ["15550100001", *(str(number) for number in range(1000, 1010))]


async def test_receipts_of_a_lost_session_go_to_another(start: StartCarrier) -> None:
    carrier = await start(path=SOON)
    lost, other = await carrier.bound(), await carrier.bound("transmitter")
    for number in range(3):
        await lost.submit(str(number))
    await carrier.clock.advance(10)
    assert {(await lost.read()).command_id for _ in range(3)} == {DeliverSm.command_id}
    await lost.close()
    await other.ask(EnquireLink())
    receiver = await carrier.bound("receiver")
    assert [(await receiver.receipt()).source_addr for _ in range(3)] == ["0", "1", "2"]


async def test_part_of_what_came_together_can_go(start: StartCarrier) -> None:
    carrier = await start(path=SOON)
    carrier.engine.retention.keep = 7
    esme = await carrier.bound()
    pdus = submits()
    await esme.write(b"".join(map(encode, pdus)))
    ids = [(await esme.read()).message_id for _ in pdus]
    assert list(carrier.engine.messages) == [int(message_id) for message_id in ids[-7:]]
    asked = carrier.engine.find(int(ids[-7]))
    assert asked is not None
    await carrier.clock.advance(10)
    for number in range(3):
        await esme.submit(text=b"%d" % number, registered_delivery=0)
    assert len(carrier.engine.messages) == 7
    assert int(ids[-4]) in carrier.engine.messages
    assert int(ids[-5]) not in carrier.engine.messages


async def test_a_draft_can_be_queried(start: StartCarrier) -> None:
    carrier = await start()
    esme = await carrier.bound()
    response = await esme.submit(registered_delivery=0)
    assert isinstance(response, SubmitSmResp)
    await carrier.clock.advance(1000)
    answer = await esme.ask(QuerySm(message_id=response.message_id, source_addr="ACME"))
    assert isinstance(answer, QuerySmResp)
    assert answer.message_state == 2


async def test_a_rule_that_refuses_or_counts_is_asked_when_a_message_comes(start: StartCarrier) -> None:
    rules = [
        Rule("barred", Refusal(command_status=8), Match(to=glob(["+999*"], number=True))),
        Rule("third", LATE, Match(nth=3)),
    ]
    carrier = await start(rules=rules, path=SOON)
    carrier.engine.retention.keep = 3
    esme = await carrier.bound()
    pdus = [
        SubmitSm(number + 10, source_addr="A", destination_addr=to, registered_delivery=number % 2)
        for number, to in enumerate(["+999", "1", "999", "999", "2", "3", "1", "+999"])
    ]
    await esme.write(b"".join(map(encode, pdus)))
    responses = [await esme.read() for _ in pdus]
    assert [response.command_status for response in responses] == [8, 0, 8, 8, 0, 0, 0, 8]
    assert (carrier.engine.accepted, carrier.engine.refused) == (4, 4)
    assert (drafts(carrier), carrier.smsc.connections.copy().pop().submitted) == (3, 4)
    await carrier.clock.advance(10_000)
    assert [(await esme.receipt()).source_addr for _ in range(2)] == ["1", "3"]
    found = [(message.to, message.plan.final.status) for message in carrier.engine.messages.values()]
    assert found == [("2", Status.DELIVERED), ("3", Status.UNDELIVERED), ("1", Status.DELIVERED)]


async def test_a_draft_keeps_the_fate_of_the_rules_under_which_it_came(start: StartCarrier) -> None:
    carrier = await start(path=SOON)
    esme = await carrier.bound()
    for _ in range(2):
        await esme.submit(registered_delivery=0)
    carrier.engine.rules = Rules([Rule("r", Refusal(command_status=8))], SOON)
    assert [message.plan.final.status for message in carrier.engine.messages.values()] == [Status.DELIVERED] * 2


async def test_the_oldest_go_when_there_are_too_many(start: StartCarrier) -> None:
    carrier = await start(path=SOON)
    carrier.engine.retention.keep = 3
    esme = await carrier.bound()
    ids = []
    for number in range(6):
        response = await esme.submit(text=b"%d" % number, registered_delivery=0)
        assert isinstance(response, SubmitSmResp)
        ids.append(int(response.message_id))
        await carrier.clock.advance(10)
    assert list(carrier.engine.messages) == ids[3:]
    assert carrier.engine.accepted == 6


async def test_a_submit_that_is_cut_off_anywhere_gets_an_error_and_costs_nothing(carrier: Carrier) -> None:
    esme = await carrier.bound()
    for _ in range(2):  # so that its fields are known
        await esme.submit(registered_delivery=0)
    whole = encode(SubmitSm(9, source_addr="ACME", destination_addr="15550100001", short_message=b"hello"))
    for length in range(16, len(whole)):
        await esme.write(length.to_bytes(4, "big") + whole[4:length])
        assert (await esme.read()).command_status != 0
    assert carrier.engine.accepted == 2


async def test_what_several_accounts_submit_at_the_same_time_shares_a_lot_and_goes_in_its_turn(
    start: StartCarrier,
) -> None:
    names = ("acme", "other")
    accounts = [Account(name, system_id=name, password="secret") for name in names]
    carrier = await start(path=SOON, accounts=accounts)
    carrier.engine.retention.keep = 3
    sessions = [await carrier.bound(system_id=name) for name in names]
    ids = []
    for number in range(4):
        response = await sessions[number % 2].submit(str(number), registered_delivery=1)
        assert isinstance(response, SubmitSmResp)
        ids.append(int(response.message_id))
    assert list(carrier.engine.messages) == ids[1:]
    assert len({id(carrier.engine.messages.as_left(key)) for key in ids[1:]}) == 1
    await carrier.clock.advance(10)
    for first, session in enumerate(sessions):
        assert [(await session.receipt()).source_addr for _ in range(2)] == [str(first), str(first + 2)]


async def test_the_limits_of_an_account_hold_on_the_common_path(start: StartCarrier) -> None:
    limits = Limits(window=4, submit=Rate(6, 1000))
    carrier = await start(
        path=SOON, accounts=[Account("acme", system_id="acme", password="secret", senders=("ACME",), limits=limits)]
    )
    esme = await carrier.bound()
    taken, throttled, not_ours = 0, 0x58, 0x0A

    async def statuses(source: str, number: int) -> list[int]:
        pdus = [SubmitSm(index + 10, source_addr=source, destination_addr="1") for index in range(number)]
        await esme.write(b"".join(map(encode, pdus)))
        return [(await esme.read()).command_status for _ in pdus]

    assert await statuses("ACME", 5) == [taken] * 4 + [throttled]
    assert await statuses("OTHER", 1) == [not_ours]
    assert await statuses("ACME", 3) == [taken] * 2 + [throttled]
    await carrier.clock.advance(1000)
    assert await statuses("ACME", 1) == [taken]
    assert drafts(carrier) == 7


async def test_what_is_refused_takes_no_place_in_a_lot(start: StartCarrier) -> None:
    barred = Rule("barred", Refusal(command_status=8), Match(to=glob(["+999*"], number=True)))
    carrier = await start(rules=[barred], path=SOON)
    carrier.engine.retention.keep = 2
    esme = await carrier.bound()
    ids: list[int] = []
    for number in range(5):  # the first two reads bring nothing that is taken
        pdus = [SubmitSm(1, source_addr="A", destination_addr=to) for to in ("999", f"999{number}", str(number))]
        await esme.write(b"".join(map(encode, pdus[: 2 + (number > 1)])))
        ids += [int((await esme.read()).message_id or 0) for _ in pdus[: 2 + (number > 1)]]
    taken = [key for key in ids if key]
    assert len(taken) == 3
    assert list(carrier.engine.messages) == taken[1:]
    lots = {carrier.engine.messages.as_left(key) for key in taken[1:]}
    assert [(lot.keys, lot.gone) for lot in lots if isinstance(lot, Lot)] == [(taken, 1)]
    assert [message.to for message in carrier.engine.messages.values()] == ["3", "4"]
    assert len(carrier.engine.retention) == 1
