"""submit_sm and query_sm."""

import pytest

from simulator.engine import Account, Fixed, Go, Limits, Path, Rate, SmscSettings, Status
from simulator.engine.rules import Match, Refusal, Rule, glob
from simulator.smpp import (
    CommandStatus,
    MessageState,
    QuerySm,
    QuerySmResp,
    SubmitSm,
    SubmitSmResp,
    Tag,
    encode,
    encode_text,
    format_absolute,
    format_relative,
    pack_septets,
)
from simulator.smpp.text import Alphabet
from simulator.smsc import SmppMessage, parse_id
from tests.smsc.conftest import UNDELIVERED, Carrier, Esme, StartCarrier


async def submitted(carrier: Carrier, esme: Esme, **more: object) -> SmppMessage:
    response = await esme.submit(**more)
    assert isinstance(response, SubmitSmResp)
    assert response.command_status == 0
    key = parse_id(response.message_id)
    assert key is not None
    message = carrier.engine.find(key)
    assert isinstance(message, SmppMessage)
    return message


async def test_a_submit_is_answered_with_an_id_that_finds_the_message(carrier: Carrier) -> None:
    message = await submitted(carrier, await carrier.bound(), to="+15550100001", text=b"hi")
    assert (message.account, message.source, message.to, message.text) == ("acme", "ACME", "+15550100001", "hi")


async def test_two_equal_submits_are_two_messages(carrier: Carrier) -> None:
    esme = await carrier.bound()
    assert (await submitted(carrier, esme)).key != (await submitted(carrier, esme)).key


async def test_many_submits_in_one_segment_are_all_answered_in_order(carrier: Carrier) -> None:
    esme = await carrier.bound()
    pdus = [SubmitSm(n, source_addr="A", destination_addr=f"1555{n:07}", short_message=b"x") for n in range(10, 1010)]
    await esme.write(b"".join(encode(pdu) for pdu in pdus))
    assert [(await esme.read()).sequence_number for _ in pdus] == list(range(10, 1010))
    assert carrier.engine.accepted == 1000


@pytest.mark.parametrize(
    ("octets", "data_coding", "text"),
    [
        (b"hello {\x1b\x65}", 0, "hello ä€ñ"),
        ("caf\u00e9".encode("latin-1"), 3, "café"),
        ("привет \U0001f600".encode("utf-16-be"), 8, "привет \U0001f600"),
        (b"\x01\xff", 4, "01ff"),
    ],
)
async def test_texts_are_read_by_their_coding(carrier: Carrier, octets: bytes, data_coding: int, text: str) -> None:
    message = await submitted(carrier, await carrier.bound(), text=octets, data_coding=data_coding)
    assert message.text.lower() == text


@pytest.mark.parametrize(
    ("alphabet", "octets", "udhi"),
    [
        ("latin1", "caf\u00e9 @".encode("latin-1"), b""),
        ("gsm7-packed", pack_septets(encode_text("caf\u00e9 @", 0)), b""),
        ("gsm7-packed", pack_septets(encode_text("caf\u00e9 @", 0), fill_bits=1), b"\x05\x00\x03\x07\x01\x01"),
    ],
)
async def test_what_the_default_alphabet_is_can_be_set(
    start: StartCarrier, alphabet: Alphabet, octets: bytes, udhi: bytes
) -> None:
    carrier = await start(settings=SmscSettings(default_alphabet=alphabet))
    esm_class = 0x40 if udhi else 0
    message = await submitted(carrier, await carrier.bound(), text=udhi + octets, esm_class=esm_class)
    assert message.text == "caf\u00e9 @"


async def test_a_text_may_come_as_message_payload(carrier: Carrier) -> None:
    message = await submitted(carrier, await carrier.bound(), text=b"", tlvs={Tag.MESSAGE_PAYLOAD: b"long " * 100})
    assert (message.text, message.segments) == ("long " * 100, 4)


async def test_a_rule_can_refuse_with_any_status(start: StartCarrier) -> None:
    refuse = Rule("r", Refusal(command_status=CommandStatus.ESME_RTHROTTLED), Match(to=glob(["+1555*"], number=True)))
    carrier = await start(rules=[refuse])
    esme = await carrier.bound()
    assert (await esme.submit("+15550100001")).command_status == CommandStatus.ESME_RTHROTTLED
    assert (await esme.submit("+2430100001")).command_status == 0


async def test_more_submits_than_the_limit_are_throttled_until_time_has_passed(start: StartCarrier) -> None:
    account = Account("acme", system_id="acme", limits=Limits(submit=Rate(2, 1000)))
    carrier = await start(accounts=[account])
    esme = await carrier.bound()
    statuses = [(await esme.submit()).command_status for _ in range(3)]
    assert statuses == [0, 0, CommandStatus.ESME_RTHROTTLED]
    await carrier.clock.advance(1000)
    assert (await esme.submit(registered_delivery=0)).command_status == 0


async def test_query_tells_the_state_and_when_it_became_final(carrier: Carrier) -> None:
    esme = await carrier.bound()
    response = await esme.submit(registered_delivery=0)
    assert isinstance(response, SubmitSmResp)
    query = QuerySm(message_id=response.message_id, source_addr="ACME")
    begun = carrier.clock.now()
    answer = await esme.ask(query)
    assert isinstance(answer, QuerySmResp)
    assert (answer.message_state, answer.final_date) == (MessageState.ENROUTE, "")
    await carrier.clock.advance(1000)
    answer = await esme.ask(query)
    assert isinstance(answer, QuerySmResp)
    assert (answer.message_state, answer.final_date) == (MessageState.DELIVERED, format_absolute(begun + 1000))


async def test_query_tells_the_error(start: StartCarrier) -> None:
    carrier = await start(path=UNDELIVERED)
    esme = await carrier.bound()
    response = await esme.submit(registered_delivery=0)
    assert isinstance(response, SubmitSmResp)
    await carrier.clock.advance(1000)
    answer = await esme.ask(QuerySm(message_id=response.message_id, source_addr="ACME"))
    assert isinstance(answer, QuerySmResp)
    assert (answer.message_state, answer.error_code) == (MessageState.UNDELIVERABLE, 104)


@pytest.mark.parametrize(("message_id", "source"), [("1234567890123456789", "ACME"), ("", "ACME"), (None, "OTHER")])
async def test_query_knows_no_message_of_another_id_or_source(
    carrier: Carrier, message_id: str | None, source: str
) -> None:
    esme = await carrier.bound()
    response = await esme.submit()
    assert isinstance(response, SubmitSmResp)
    query = QuerySm(message_id=message_id if message_id is not None else response.message_id, source_addr=source)
    assert (await esme.ask(query)).command_status == CommandStatus.ESME_RINVMSGID


async def test_another_account_cannot_query_a_message(carrier: Carrier) -> None:
    response = await (await carrier.bound()).submit()
    assert isinstance(response, SubmitSmResp)
    other = await carrier.bound(system_id="other")
    answer = await other.ask(QuerySm(message_id=response.message_id, source_addr="ACME"))
    assert answer.command_status == CommandStatus.ESME_RINVMSGID


async def test_the_validity_period_expires_what_takes_longer(start: StartCarrier) -> None:
    carrier = await start(path=Path("slow", [Go(Status.DELIVERED, Fixed(5000))]))
    message = await submitted(carrier, await carrier.bound(), validity_period=format_relative(1000))
    assert (message.plan.final.status, message.plan.offsets[-1]) == (Status.EXPIRED, 1000)


async def test_a_validity_that_is_over_is_refused(carrier: Carrier) -> None:
    past = format_absolute(carrier.clock.now() - 60_000)
    response = await (await carrier.bound()).submit(validity_period=past)
    assert response.command_status == CommandStatus.ESME_RINVEXPIRY


async def test_a_scheduled_message_starts_at_its_time(carrier: Carrier) -> None:
    esme = await carrier.bound(interface_version=0x50)
    response = await esme.submit(registered_delivery=0, schedule_delivery_time=format_relative(3_600_000))
    assert isinstance(response, SubmitSmResp)
    query = QuerySm(message_id=response.message_id, source_addr="ACME")
    answer = await esme.ask(query)
    assert isinstance(answer, QuerySmResp)
    assert answer.message_state == MessageState.SCHEDULED
    await carrier.clock.advance(3_601_000)
    answer = await esme.ask(query)
    assert isinstance(answer, QuerySmResp)
    assert answer.message_state == MessageState.DELIVERED
