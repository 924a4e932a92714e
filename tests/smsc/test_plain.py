"""The common path of load gives the same as the careful one, and costs less."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine import Message, Path, Status
from simulator.engine.delays import Fixed, Uniform
from simulator.engine.paths import Go
from simulator.engine.remembered import Lot
from simulator.engine.rules import Match, Outcomes, Refusal, Rule, Rules, glob
from simulator.smpp import QuerySm, QuerySmResp, SubmitSmResp, encode, encode_text
from simulator.smpp.fast import decode_submit_sm, plain_submit_sm
from simulator.smpp.pdus import SubmitSm
from tests.smsc.conftest import DELIVERED, Carrier, StartCarrier

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


async def all_sent(carrier: Carrier, closely: bool) -> list[object]:
    if closely:  # somebody who has asked for messages by their addresses makes the SMSC look at each
        carrier.smsc.index.pending("acme", "ACME", "1")
    esme = await carrier.bound()
    for number, text in enumerate(TEXTS * 3):
        coding = 8 if not text.isascii() and "€" not in text else 0
        await esme.submit(f"+1555000{number % 5}", encode_text(text, coding), data_coding=coding, registered_delivery=0)
    drafts = sum(isinstance(carrier.engine.messages.as_left(key), Lot) for key in list(carrier.engine.messages))
    assert (drafts == 0) is closely  # the first of its kind is looked at in any case
    return seen(list(carrier.engine.messages.values()), carrier.clock.now() + 10**6)


async def test_both_ways_lead_to_the_same_messages(start: StartCarrier) -> None:
    common = await all_sent(await start(rules=[MIXED]), closely=False)
    careful = await all_sent(await start(rules=[MIXED]), closely=True)
    assert common == careful


async def test_a_draft_can_be_queried(start: StartCarrier) -> None:
    carrier = await start()
    esme = await carrier.bound()
    response = await esme.submit(registered_delivery=0)
    assert isinstance(response, SubmitSmResp)
    await carrier.clock.advance(1000)
    answer = await esme.ask(QuerySm(message_id=response.message_id, source_addr="ACME"))
    assert isinstance(answer, QuerySmResp)
    assert answer.message_state == 2


@pytest.mark.parametrize(
    "rule",
    [
        Rule("r", Refusal(command_status=8), Match(to=glob(["+999*"], number=True))),
        Rule("r", DELIVERED, Match(nth=3)),
    ],
)
async def test_a_rule_that_may_refuse_or_counts_sees_each_message_as_it_comes(start: StartCarrier, rule: Rule) -> None:
    carrier = await start(rules=[rule])
    esme = await carrier.bound()
    await esme.submit(registered_delivery=0)
    assert not any(isinstance(carrier.engine.messages.as_left(key), Lot) for key in list(carrier.engine.messages))


async def test_a_draft_keeps_the_fate_of_the_rules_under_which_it_came(start: StartCarrier) -> None:
    carrier = await start(path=SOON)
    esme = await carrier.bound()
    for _ in range(2):
        await esme.submit(registered_delivery=0)
    carrier.engine.rules = Rules([Rule("r", Refusal(command_status=8))], SOON)
    assert [message.plan.final.status for message in carrier.engine.messages.values()] == [Status.DELIVERED] * 2


async def test_the_oldest_go_when_there_are_too_many(start: StartCarrier) -> None:
    carrier = await start(path=SOON)
    carrier.engine.keep = 3
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


@given(st.binary(max_size=40), st.sampled_from(["15550100001", "+1", "1" * 20, ""]), st.sampled_from([0, 3, 8]))
def test_the_runs_of_fields_are_those_that_would_be_decoded(text: bytes, destination: str, coding: int) -> None:
    frame = encode(SubmitSm(7, source_addr="A", destination_addr=destination, data_coding=coding, short_message=text))
    whole = decode_submit_sm(frame)
    plain = plain_submit_sm(frame)
    if whole is not None:
        assert plain is not None
        assert frame == frame[:16] + plain.head + destination.encode() + plain.tail + bytes((len(text),)) + text
        assert (plain.first[3], plain.second[7]) == ("A", coding)
