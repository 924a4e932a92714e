"""Binding, unbinding, and what goes wrong on the way."""

import asyncio

import pytest

from simulator.engine import Account, Limits
from simulator.smpp import (
    BindTransceiverResp,
    CommandStatus,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    SubmitSm,
    SubmitSmResp,
    Tag,
    Unbind,
    UnbindResp,
    encode,
)
from tests.smsc.conftest import Carrier, StartCarrier

ACME = Account("acme", system_id="acme", password="secret")


async def test_a_bind_is_answered_with_the_smscs_name_and_version(carrier: Carrier) -> None:
    response = await (await carrier.connect()).bind()
    assert isinstance(response, BindTransceiverResp)
    assert (response.command_status, response.system_id) == (0, "CARRIER")
    assert response.tlvs == {Tag.SC_INTERFACE_VERSION: 0x34}


@pytest.mark.parametrize(
    ("system_id", "password", "status"),
    [
        ("acme", "secret", CommandStatus.ESME_ROK),
        ("acme", "wrong", CommandStatus.ESME_RINVPASWD),
        ("nobody", "secret", CommandStatus.ESME_RINVSYSID),
    ],
)
async def test_credentials_are_checked(start: StartCarrier, system_id: str, password: str, status: int) -> None:
    esme = await (await start(accounts=[ACME])).connect()
    assert (await esme.bind(system_id=system_id, password=password)).command_status == status


async def test_after_a_refused_bind_the_session_may_bind_again(start: StartCarrier) -> None:
    esme = await (await start(accounts=[ACME])).connect()
    await esme.bind(password="wrong")
    assert (await esme.bind()).command_status == 0


async def test_no_more_sessions_than_the_account_may_have(start: StartCarrier) -> None:
    carrier = await start(accounts=[Account("acme", system_id="acme", limits=Limits(sessions=1))])
    await carrier.bound()
    esme = await carrier.connect()
    assert (await esme.bind()).command_status == CommandStatus.ESME_RBINDFAIL


async def test_unbind_is_answered_and_ends_the_session(carrier: Carrier) -> None:
    esme = await carrier.bound()
    assert isinstance(await esme.ask(Unbind()), UnbindResp)
    with pytest.raises(EOFError):
        await esme.read()


async def test_submits_before_an_unbind_are_answered_before_it(carrier: Carrier) -> None:
    esme = await carrier.bound()
    submit = SubmitSm(7, source_addr="ACME", destination_addr="15550100001", short_message=b"x")
    await esme.write(encode(submit) + encode(Unbind(8)))
    assert isinstance(await esme.read(), SubmitSmResp)
    assert isinstance(await esme.read(), UnbindResp)


async def test_enquire_link_is_answered_in_any_state(carrier: Carrier) -> None:
    esme = await carrier.connect()
    assert isinstance(await esme.ask(EnquireLink()), EnquireLinkResp)
    await esme.bind()
    assert isinstance(await esme.ask(EnquireLink()), EnquireLinkResp)


async def test_who_does_not_bind_is_disconnected_after_the_bind_timer(carrier: Carrier) -> None:
    esme = await carrier.connect()
    await esme.ask(EnquireLink())
    await carrier.clock.advance(carrier.smsc.settings.bind_timeout)
    with pytest.raises(EOFError):
        await esme.read()


async def test_nonsense_costs_other_sessions_nothing(carrier: Carrier) -> None:
    good, bad = await carrier.bound(), await carrier.bound()
    await bad.write(b"\x00\x00\x00\x05 and so on")
    assert isinstance(await bad.read(), GenericNack)
    with pytest.raises(EOFError):
        await bad.read()
    assert (await good.submit()).command_status == 0


async def test_a_connection_that_is_cut_leaves_nothing_behind(carrier: Carrier) -> None:
    esme = await carrier.bound()
    esme.writer.transport.abort()
    async with asyncio.timeout(5):
        await carrier.smsc.deserted()
    assert carrier.smsc.mailbox("acme").receivers == []


async def test_stopping_unbinds_who_is_bound(start: StartCarrier) -> None:
    carrier = await start()
    esme = await carrier.bound()
    stopping = asyncio.create_task(carrier.smsc.stop())
    unbind = await esme.read()
    assert isinstance(unbind, Unbind)
    await esme.write(encode(UnbindResp(unbind.sequence_number)))
    await stopping
    assert not carrier.smsc.connections
