"""Receipts: who gets one, what it says, and where it goes."""

import pytest

from simulator.engine import IdFormat, ReceiptSettings, Retries, SmscSettings
from simulator.smpp import CommandStatus, DataSm, MessageState, SubmitSmResp, Tag, parse_receipt
from simulator.smsc import spell_id
from tests.smsc.conftest import UNDELIVERED, Carrier, Esme, StartCarrier


async def nothing_comes(esme: Esme) -> bool:
    """True if the next thing that comes is the answer to a question of ours."""
    from simulator.smpp import EnquireLink, EnquireLinkResp

    return isinstance(await esme.ask(EnquireLink()), EnquireLinkResp)


async def test_a_receipt_says_what_became_of_the_message(carrier: Carrier) -> None:
    esme = await carrier.bound()
    response = await esme.submit("+15550100001", b"hello world, how are you today")
    assert isinstance(response, SubmitSmResp)
    await carrier.clock.advance(1000)
    pdu = await esme.receipt()
    assert pdu.short_message == (
        b"id:%b sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 "
        b"stat:DELIVRD err:000 text:hello world, how are" % response.message_id.encode()
    )
    assert (pdu.source_addr, pdu.destination_addr, pdu.esm_class) == ("+15550100001", "ACME", 0x04)
    assert pdu.tlvs == {
        Tag.RECEIPTED_MESSAGE_ID: response.message_id,
        Tag.MESSAGE_STATE: MessageState.DELIVERED,
        Tag.NETWORK_ERROR_CODE: b"\x03\x00\x00",
    }


@pytest.mark.parametrize(
    ("registered_delivery", "delivered", "undelivered"),
    [(0, False, False), (1, True, True), (2, False, True), (3, True, False)],
)
async def test_registered_delivery_decides_who_gets_one(
    start: StartCarrier, registered_delivery: int, delivered: bool, undelivered: bool
) -> None:
    good = await start()
    esme = await good.bound()
    await esme.submit(registered_delivery=registered_delivery)
    await good.clock.advance(1000)
    assert await nothing_comes(esme) is not delivered
    bad = await start(path=UNDELIVERED)
    esme = await bad.bound()
    await esme.submit(registered_delivery=registered_delivery)
    await bad.clock.advance(1000)
    assert await nothing_comes(esme) is not undelivered


async def test_intermediate_notifications_come_if_asked_for(carrier: Carrier) -> None:
    esme = await carrier.bound()
    await esme.submit(registered_delivery=0x11)
    await carrier.clock.advance(100)
    receipt = parse_receipt(pdu := await esme.receipt())
    assert receipt is not None
    assert (pdu.esm_class, receipt.state, receipt.intermediate) == (0x20, MessageState.ENROUTE, True)
    await carrier.clock.advance(900)
    assert (await esme.receipt()).esm_class == 0x04


async def test_a_transmitter_gets_none_but_a_receiver_of_the_account_does(carrier: Carrier) -> None:
    transmitter, receiver = await carrier.bound("transmitter"), await carrier.bound("receiver")
    await transmitter.submit()
    await carrier.clock.advance(1000)
    assert (await receiver.receipt()).esm_class == 0x04
    assert await nothing_comes(transmitter)


async def test_another_account_gets_none(carrier: Carrier) -> None:
    esme, other = await carrier.bound(), await carrier.bound(system_id="other")
    await esme.submit()
    await carrier.clock.advance(1000)
    assert await nothing_comes(other)


async def test_receipts_wait_in_order_while_nobody_is_bound(carrier: Carrier) -> None:
    transmitter = await carrier.bound("transmitter")
    for number in range(5):
        await transmitter.submit(f"1555010000{number}")
        await carrier.clock.advance(10)
    await carrier.clock.advance(1000)
    receiver = await carrier.bound("receiver")
    assert [(await receiver.receipt()).source_addr for _ in range(5)] == [f"1555010000{number}" for number in range(5)]


async def test_no_more_wait_than_the_queue_holds_and_the_oldest_go(start: StartCarrier) -> None:
    carrier = await start(settings=SmscSettings(receipts=ReceiptSettings(queue=2)))
    transmitter = await carrier.bound("transmitter")
    for number in range(3):
        await transmitter.submit(f"1555010000{number}")
    await carrier.clock.advance(1000)
    receiver = await carrier.bound("receiver")
    assert [(await receiver.receipt()).source_addr for _ in range(2)] == ["15550100001", "15550100002"]
    assert carrier.smsc.mailbox("acme").dropped == 1


async def test_receivers_take_turns(carrier: Carrier) -> None:
    receivers = [await carrier.bound("receiver") for _ in range(3)]
    transmitter = await carrier.bound("transmitter")
    for number in range(3):
        await transmitter.submit(f"1555010000{number}")
    await carrier.clock.advance(1000)
    assert {(await receiver.receipt()).source_addr for receiver in receivers} == {
        "15550100000",
        "15550100001",
        "15550100002",
    }


@pytest.mark.parametrize(
    "status",
    [CommandStatus.ESME_RX_T_APPN, CommandStatus.ESME_RMSGQFUL, CommandStatus.ESME_RTHROTTLED],
)
async def test_after_a_temporary_error_it_comes_again(carrier: Carrier, status: int) -> None:
    esme = await carrier.bound()
    await esme.submit()
    await carrier.clock.advance(1000)
    first = await esme.receipt(status)
    await carrier.clock.advance(10_000)
    assert (await esme.receipt()).short_message == first.short_message


async def test_after_a_permanent_error_it_does_not(carrier: Carrier) -> None:
    esme = await carrier.bound()
    await esme.submit()
    await carrier.clock.advance(1000)
    await esme.receipt(CommandStatus.ESME_RX_P_APPN)
    await carrier.clock.advance(60_000)
    assert await nothing_comes(esme)
    assert carrier.smsc.lost_receipts == 1


async def test_after_the_last_retry_it_is_lost(start: StartCarrier) -> None:
    carrier = await start(settings=SmscSettings(receipts=ReceiptSettings(retries=Retries(2, (1000, 5000)))))
    esme = await carrier.bound()
    await esme.submit()
    for wait in (1000, 1000, 5000):
        await carrier.clock.advance(wait)
        await esme.receipt(CommandStatus.ESME_RX_T_APPN)
    await carrier.clock.advance(60_000)
    assert await nothing_comes(esme)
    assert carrier.smsc.lost_receipts == 1


async def test_what_a_lost_session_had_not_answered_goes_to_the_next(carrier: Carrier) -> None:
    first = await carrier.bound()
    await first.submit()
    await carrier.clock.advance(1000)
    await first.read()
    first.writer.transport.abort()
    await carrier.smsc.deserted()
    second = await carrier.bound("receiver")
    assert (await second.receipt()).source_addr == "15550100001"


@pytest.mark.parametrize("form", ["decimal", "hex", "HEX", "uuid", "text"])
async def test_the_receipts_id_may_be_spelled_otherwise_than_the_responses(start: StartCarrier, form: IdFormat) -> None:
    settings = SmscSettings(message_id="hex", receipts=ReceiptSettings(message_id=form))
    carrier = await start(settings=settings)
    esme = await carrier.bound()
    response = await esme.submit()
    assert isinstance(response, SubmitSmResp)
    await carrier.clock.advance(1000)
    receipt = parse_receipt(await esme.receipt())
    assert receipt is not None
    assert receipt.message_id == spell_id(int(response.message_id, 16), form)


async def test_receipts_can_come_as_data_sm(start: StartCarrier) -> None:
    carrier = await start(settings=SmscSettings(receipts=ReceiptSettings(via="data_sm")))
    esme = await carrier.bound()
    await esme.submit()
    await carrier.clock.advance(1000)
    pdu = await esme.read()
    assert isinstance(pdu, DataSm)
    receipt = parse_receipt(pdu)
    assert receipt is not None
    assert receipt.stat == "DELIVRD"


async def test_a_session_of_3_3_gets_no_tlvs(carrier: Carrier) -> None:
    esme = await carrier.bound(interface_version=0x33)
    await esme.submit()
    await carrier.clock.advance(1000)
    assert (await esme.receipt()).tlvs == {}


async def test_an_instant_clock_brings_it_at_once(start: StartCarrier) -> None:
    carrier = await start(clock="instant")
    esme = await carrier.bound()
    await esme.submit()
    assert (await esme.receipt()).esm_class == 0x04
