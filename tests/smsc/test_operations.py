"""submit_multi, data_sm, cancel_sm, replace_sm and broadcast."""

import pytest

from simulator.engine import SmscSettings
from simulator.engine.rules import Match, Refusal, Rule, glob
from simulator.smpp import (
    BroadcastSm,
    BroadcastSmResp,
    CancelBroadcastSm,
    CancelSm,
    CancelSmResp,
    CommandStatus,
    DataSm,
    DataSmResp,
    DistributionList,
    MessageState,
    QueryBroadcastSm,
    QueryBroadcastSmResp,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    ReplaceSmResp,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSmResp,
    Tag,
    UnsuccessSme,
    format_relative,
    parse_receipt,
)
from tests.smsc.conftest import Carrier, Esme, StartCarrier

AREA = {
    Tag.BROADCAST_AREA_IDENTIFIER: b"\x00Kinshasa",
    Tag.BROADCAST_CONTENT_TYPE: b"\x00\x00\x10",
    Tag.BROADCAST_REP_NUM: 1,
    Tag.BROADCAST_FREQUENCY_INTERVAL: b"\x08\x00\x01",
}


async def sent(esme: Esme, **more: object) -> str:
    response = await esme.submit(**more)
    assert isinstance(response, SubmitSmResp)
    assert response.command_status == 0
    return response.message_id


async def state_of(esme: Esme, message_id: str) -> int:
    answer = await esme.ask(QuerySm(message_id=message_id, source_addr="ACME"))
    assert isinstance(answer, QuerySmResp)
    return answer.message_state


async def test_submit_multi_has_one_id_and_a_receipt_for_each_destination(carrier: Carrier) -> None:
    esme = await carrier.bound()
    addresses = [SmeAddress(1, 1, f"1555010000{number}") for number in range(3)]
    response = await esme.ask(
        SubmitMulti(source_addr="ACME", dest_addresses=addresses, registered_delivery=1, short_message=b"hi")
    )
    assert isinstance(response, SubmitMultiResp)
    assert (response.command_status, response.unsuccess_smes) == (0, [])
    await carrier.clock.advance(1000)
    receipts = [await esme.receipt() for _ in addresses]
    assert {receipt.source_addr for receipt in receipts} == {address.destination_addr for address in addresses}
    assert {receipt.tlvs[Tag.RECEIPTED_MESSAGE_ID] for receipt in receipts} == {response.message_id}


async def test_submit_multi_names_the_destinations_that_failed(start: StartCarrier) -> None:
    refusal = Refusal(command_status=CommandStatus.ESME_RINVDSTADR)
    carrier = await start(rules=[Rule("r", refusal, Match(to=glob(["*9"])))])
    esme = await carrier.bound()
    addresses = [SmeAddress(1, 1, "15550100001"), SmeAddress(1, 1, "15550100009")]
    response = await esme.ask(SubmitMulti(source_addr="ACME", dest_addresses=addresses, short_message=b"hi"))
    assert isinstance(response, SubmitMultiResp)
    assert response.unsuccess_smes == [UnsuccessSme(1, 1, "15550100009", CommandStatus.ESME_RINVDSTADR)]
    (message,) = carrier.engine.messages.values()
    assert [recipient.to for recipient in message.recipients] == ["15550100001"]


async def test_submit_multi_to_a_distribution_list(start: StartCarrier) -> None:
    carrier = await start(settings=SmscSettings(distribution_lists={"friends": ("15550100001", "15550100002")}))
    esme = await carrier.bound()
    pdu = SubmitMulti(source_addr="ACME", dest_addresses=[DistributionList("friends")], short_message=b"hi")
    assert (await esme.ask(pdu)).command_status == 0
    (message,) = carrier.engine.messages.values()
    assert [recipient.to for recipient in message.recipients] == ["15550100001", "15550100002"]
    pdu.dest_addresses = [DistributionList("foes")]
    assert (await esme.ask(pdu)).command_status == CommandStatus.ESME_RINVDLNAME


async def test_data_sm_carries_its_text_in_message_payload_and_gets_a_receipt(carrier: Carrier) -> None:
    esme = await carrier.bound()
    tlvs = {Tag.MESSAGE_PAYLOAD: b"hello"}
    response = await esme.ask(
        DataSm(source_addr="ACME", destination_addr="15550100001", registered_delivery=1, tlvs=tlvs)
    )
    assert isinstance(response, DataSmResp)
    await carrier.clock.advance(1000)
    receipt = parse_receipt(await esme.receipt())
    assert receipt is not None
    assert (receipt.message_id, receipt.text) == (response.message_id, "hello")


async def test_a_cancelled_message_is_deleted_and_says_so(carrier: Carrier) -> None:
    esme = await carrier.bound()
    message_id = await sent(esme)
    assert isinstance(await esme.ask(CancelSm(message_id=message_id, source_addr="ACME")), CancelSmResp)
    await carrier.clock.advance(0)
    receipt = parse_receipt(await esme.receipt())
    assert receipt is not None
    assert receipt.state == MessageState.DELETED
    assert await state_of(esme, message_id) == MessageState.DELETED


async def test_a_final_message_cannot_be_cancelled(carrier: Carrier) -> None:
    esme = await carrier.bound()
    message_id = await sent(esme, registered_delivery=0)
    await carrier.clock.advance(1000)
    answer = await esme.ask(CancelSm(message_id=message_id, source_addr="ACME"))
    assert answer.command_status == CommandStatus.ESME_RCANCELFAIL


async def test_cancel_without_an_id_takes_all_from_a_source_to_a_destination(carrier: Carrier) -> None:
    esme = await carrier.bound()
    meant = [await sent(esme, to="15550100001", registered_delivery=0) for _ in range(2)]
    other = await sent(esme, to="15550100002", registered_delivery=0)
    cancel = CancelSm(source_addr="ACME", destination_addr="15550100001")
    assert (await esme.ask(cancel)).command_status == 0
    assert [await state_of(esme, message_id) for message_id in meant] == [MessageState.DELETED] * 2
    assert await state_of(esme, other) == MessageState.ENROUTE
    assert (await esme.ask(cancel)).command_status == CommandStatus.ESME_RCANCELFAIL
    late = await sent(esme, to="15550100001", registered_delivery=0)
    assert (await esme.ask(cancel)).command_status == 0
    assert await state_of(esme, late) == MessageState.DELETED


async def test_replace_changes_the_text_of_what_is_on_its_way(carrier: Carrier) -> None:
    esme = await carrier.bound()
    message_id = await sent(esme)
    replace = ReplaceSm(message_id=message_id, source_addr="ACME", registered_delivery=1, short_message=b"new")
    assert isinstance(await esme.ask(replace), ReplaceSmResp)
    await carrier.clock.advance(1000)
    receipt = parse_receipt(await esme.receipt())
    assert receipt is not None
    assert receipt.text == "new"
    assert (await esme.ask(replace)).command_status == CommandStatus.ESME_RREPLACEFAIL


async def test_replace_of_another_source_or_id_is_refused(carrier: Carrier) -> None:
    esme = await carrier.bound()
    message_id = await sent(esme)
    replace = ReplaceSm(message_id=message_id, source_addr="OTHER", short_message=b"new")
    assert (await esme.ask(replace)).command_status == CommandStatus.ESME_RINVMSGID


async def test_replace_gives_a_scheduled_message_another_time(carrier: Carrier) -> None:
    esme = await carrier.bound(interface_version=0x50)
    message_id = await sent(esme, registered_delivery=0, schedule_delivery_time=format_relative(3_600_000))
    later = format_relative(7_200_000)
    replace = ReplaceSm(message_id=message_id, source_addr="ACME", schedule_delivery_time=later, short_message=b"new")
    assert (await esme.ask(replace)).command_status == 0
    await carrier.clock.advance(3_700_000)
    assert await state_of(esme, message_id) == MessageState.SCHEDULED
    await carrier.clock.advance(3_600_000)
    assert await state_of(esme, message_id) == MessageState.DELIVERED


async def test_replace_if_present_takes_the_place_of_the_message_before(carrier: Carrier) -> None:
    esme = await carrier.bound()
    first = await sent(esme, text=b"one", registered_delivery=0)
    second = await sent(esme, text=b"two", registered_delivery=0, replace_if_present_flag=1)
    assert second == first
    (message,) = carrier.engine.messages.values()
    assert message.text == "two"
    third = await sent(esme, to="15550109999", registered_delivery=0, replace_if_present_flag=1)
    assert third != first


async def test_a_broadcast_has_an_id_areas_and_a_state(carrier: Carrier) -> None:
    esme = await carrier.bound(interface_version=0x50)
    response = await esme.ask(BroadcastSm(source_addr="ACME", tlvs={**AREA, Tag.MESSAGE_PAYLOAD: b"flood"}))
    assert isinstance(response, BroadcastSmResp)
    query = QueryBroadcastSm(message_id=response.message_id, source_addr="ACME")
    answer = await esme.ask(query)
    assert isinstance(answer, QueryBroadcastSmResp)
    assert answer.tlvs[Tag.BROADCAST_AREA_IDENTIFIER] == b"\x00Kinshasa"
    cancel = CancelBroadcastSm(message_id=response.message_id, source_addr="ACME")
    assert (await esme.ask(cancel)).command_status == 0
    answer = await esme.ask(query)
    assert isinstance(answer, QueryBroadcastSmResp)
    assert answer.tlvs[Tag.MESSAGE_STATE] == MessageState.DELETED
    assert (await esme.ask(cancel)).command_status == CommandStatus.ESME_RBCASTCANCELFAIL


@pytest.mark.parametrize("missing", list(AREA))
async def test_a_broadcast_needs_its_parameters(carrier: Carrier, missing: Tag) -> None:
    esme = await carrier.bound(interface_version=0x50)
    tlvs = {tag: value for tag, value in AREA.items() if tag != missing}
    answer = await esme.ask(BroadcastSm(source_addr="ACME", tlvs=tlvs))
    assert answer.command_status == CommandStatus.ESME_RMISSINGOPTPARAM
