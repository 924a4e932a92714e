"""How message_ids are spelled and read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine import IdFormat, ReceiptSettings, SmscSettings
from simulator.smpp import QuerySm, SubmitSmResp, parse_receipt
from simulator.smsc import parse_id, spell_id
from simulator.smsc.ids import ShortIds
from tests.smsc.conftest import Carrier, StartCarrier

FORMATS: list[IdFormat] = ["decimal", "hex", "HEX", "uuid", "text"]


@given(st.integers(0, 2**63 - 1), st.sampled_from(FORMATS))
def test_an_id_is_read_as_it_was_spelled(key: int, form: IdFormat) -> None:
    assert parse_id(spell_id(key, form)) == key


@given(st.text(max_size=40))
def test_anything_else_is_no_id(text: str) -> None:
    key = parse_id(text)
    assert key is None or text.lower() in {spell_id(key, form).lower() for form in FORMATS}


@pytest.mark.parametrize("text", ["", "0", "+000000000000000001", "0x00000000000000", "M_0000000000000"])
def test_near_misses_are_none(text: str) -> None:
    assert parse_id(text) is None


async def test_a_session_of_3_3_gets_ids_of_eight_characters_that_work_everywhere(carrier: Carrier) -> None:
    esme = await carrier.bound(interface_version=0x33)
    response = await esme.submit()
    assert isinstance(response, SubmitSmResp)
    assert len(response.message_id) == 8
    answer = await esme.ask(QuerySm(message_id=response.message_id, source_addr="ACME"))
    assert answer.command_status == 0
    await carrier.clock.advance(1000)
    receipt = parse_receipt(await esme.receipt())
    assert receipt is not None
    assert receipt.message_id == response.message_id


async def test_its_receipts_may_have_the_id_in_decimal(start: StartCarrier) -> None:
    carrier = await start(settings=SmscSettings(receipts=ReceiptSettings(message_id="decimal")))
    esme = await carrier.bound(interface_version=0x33)
    response = await esme.submit()
    assert isinstance(response, SubmitSmResp)
    await carrier.clock.advance(1000)
    receipt = parse_receipt(await esme.receipt())
    assert receipt is not None
    assert receipt.message_id == str(int(response.message_id, 16))


def test_short_ids_that_clash_are_different_ones() -> None:
    ids = ShortIds()
    numbers = [ids.number(key) for key in (7, 7 + 2**32, 7)]
    assert numbers == [7, 8, 7]
    assert ids.key("00000008") == 7 + 2**32
    assert ids.key("no id at") is None
