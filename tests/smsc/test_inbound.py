"""Messages to an ESME: from phones, from other ESMEs, and phones that answer."""

import pytest

from simulator.engine import Account, Limits, Match, Reply, SmscSettings, regex
from simulator.smpp import AlertNotification, DeliverSm, EnquireLink, EnquireLinkResp, Tag, concat_of, text_of
from tests.smsc.conftest import UNDELIVERED, Carrier, StartCarrier

ACME = Account("acme", system_id="acme", numbers=("+1555*",))
OTHER = Account("other", system_id="other", limits=Limits())


async def test_an_inbound_message_comes_to_a_receiver(carrier: Carrier) -> None:
    esme = await carrier.bound("receiver")
    carrier.smsc.inbound("acme", "+243998857000", "12345", "STOP")
    pdu = await esme.receipt()
    assert (pdu.source_addr, pdu.destination_addr, text_of(pdu), pdu.esm_class) == ("+243998857000", "12345", "STOP", 0)


async def test_it_waits_for_one_while_there_is_none(carrier: Carrier) -> None:
    await carrier.bound("transmitter")
    carrier.smsc.inbound("acme", "+243998857000", "12345", "STOP")
    assert text_of(await (await carrier.bound("receiver")).receipt()) == "STOP"


@pytest.mark.parametrize("text", ["long " * 100, "длинный " * 30])
async def test_a_long_one_comes_in_parts(carrier: Carrier, text: str) -> None:
    esme = await carrier.bound("receiver")
    parts = carrier.smsc.inbound("acme", "+243998857000", "12345", text)
    pdus = [await esme.receipt() for _ in parts]
    assert "".join(text_of(pdu) for pdu in pdus) == text
    assert [concat.part for pdu in pdus if (concat := concat_of(pdu))] == list(range(1, len(parts) + 1))


async def test_a_phone_answers_what_matches(start: StartCarrier) -> None:
    reply = Reply(Match(text=regex("(?i)^balance")), "You asked {to}: {text}", after=2000)
    carrier = await start(settings=SmscSettings(replies=(reply,)))
    esme = await carrier.bound()
    await esme.submit("+15550100001", b"Balance?", registered_delivery=0)
    await esme.submit("+15550100001", b"hello", registered_delivery=0)
    await carrier.clock.advance(2000)
    pdu = await esme.receipt()
    assert (pdu.source_addr, pdu.destination_addr) == ("+15550100001", "ACME")
    assert text_of(pdu) == "You asked +15550100001: Balance?"
    assert isinstance(await esme.ask(EnquireLink()), EnquireLinkResp)


async def test_what_one_esme_sends_to_the_number_of_another_comes_to_it_when_delivered(start: StartCarrier) -> None:
    carrier = await start(accounts=[ACME, OTHER])
    acme, other = await carrier.bound("receiver"), await carrier.bound(system_id="other")
    await other.submit("+15550100001", "привет".encode("utf-16-be"), data_coding=8, registered_delivery=0)
    await carrier.clock.advance(1000)
    pdu = await acme.receipt()
    assert (pdu.source_addr, pdu.destination_addr, text_of(pdu)) == ("ACME", "+15550100001", "привет")


async def test_an_esme_can_send_to_its_own_number(start: StartCarrier) -> None:
    carrier = await start(accounts=[ACME])
    esme = await carrier.bound()
    await esme.submit("15550100001", b"loop")
    await carrier.clock.advance(1000)
    assert {(await esme.receipt()).esm_class for _ in range(2)} == {0x00, 0x04}


async def test_what_is_not_delivered_is_not_handed_on(start: StartCarrier) -> None:
    carrier = await start(accounts=[ACME], path=UNDELIVERED)
    esme = await carrier.bound()
    await esme.submit("15550100001", b"loop", registered_delivery=0)
    await carrier.clock.advance(1000)
    assert isinstance(await esme.ask(EnquireLink()), EnquireLinkResp)


async def test_who_sets_dpf_is_told_when_the_subscriber_is_back(start: StartCarrier) -> None:
    carrier = await start(path=UNDELIVERED)
    esme = await carrier.bound()
    await esme.submit("15550100001", registered_delivery=0, tlvs={Tag.SET_DPF: 1})
    await carrier.clock.advance(1000 + carrier.smsc.settings.alert_after)
    alert = await esme.read()
    assert isinstance(alert, AlertNotification)
    assert (alert.source_addr, alert.esme_addr) == ("15550100001", "ACME")


async def test_the_parameters_of_the_submit_go_along(start: StartCarrier) -> None:
    carrier = await start(accounts=[ACME])
    esme = await carrier.bound()
    tlvs = {Tag.USER_MESSAGE_REFERENCE: 77, Tag.DESTINATION_PORT: 5000, Tag.MORE_MESSAGES_TO_SEND: 1}
    await esme.submit("15550100001", b"x", registered_delivery=0, tlvs=tlvs)
    await carrier.clock.advance(1000)
    pdu = await esme.receipt()
    assert isinstance(pdu, DeliverSm)
    assert pdu.tlvs == {Tag.USER_MESSAGE_REFERENCE: 77, Tag.DESTINATION_PORT: 5000}
