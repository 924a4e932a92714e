"""Several SMSCs, TLS, outbind, timers, routing of receipts: what a scenario can set."""

import asyncio
import ssl

import pytest

from simulator import Simulator
from simulator.engine import Account, Outbind, ReceiptSettings, SmscSettings, TlsSettings
from simulator.scenario import load_text
from simulator.smpp import (
    BindReceiver,
    BindReceiverResp,
    CommandStatus,
    EnquireLink,
    EnquireLinkResp,
    Tag,
    encode,
)
from simulator.smpp import Outbind as OutbindPdu
from simulator.smsc.tls import context_of, self_signed
from tests.smsc.conftest import Esme, StartCarrier


async def esme_at(port: int, context: ssl.SSLContext | None = None) -> Esme:
    return Esme(*await asyncio.open_connection("127.0.0.1", port, ssl=context))


async def test_several_carriers_have_their_own_ports_accounts_rules_and_speech() -> None:
    scenario = load_text(
        """
        scenario: 1
        clock: manual
        accounts:
          - {name: a, system_id: a}
          - {name: b, system_id: b}
        smsc:
          - name: north
            system_id: NORTH
            message_id: hex
            accounts: [a]
          - name: south
            system_id: SOUTH
            rules:
              - {match: {text: no}, reject: {command_status: ESME_RTHROTTLED}}
        """
    )
    async with Simulator(scenario) as sim:
        north, south = [await esme_at(smsc.port) for smsc in sim.smscs]
        answers = [await north.bind(system_id="a"), await south.bind(system_id="b")]
        assert [answer.system_id for answer in answers] == ["NORTH", "SOUTH"]
        stranger = await esme_at(sim.smscs[0].port)
        assert (await stranger.bind(system_id="b")).command_status == CommandStatus.ESME_RINVSYSID
        assert (await north.submit(text=b"no", registered_delivery=0)).command_status == 0
        assert (await south.submit(text=b"no", registered_delivery=0)).command_status == CommandStatus.ESME_RTHROTTLED
        assert len((await north.submit()).message_id) == 16
        assert len((await south.submit()).message_id) == 19
        await sim.advance("10s")
        for esme in (north, south):
            assert (await esme.receipt()).esm_class == 0x04
            await esme.close()
        await stranger.close()


async def test_smpp_over_tls_with_a_certificate_made_on_start() -> None:
    async with Simulator(clock="manual", smpp_tls=TlsSettings()) as sim:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        esme = await esme_at(sim.smsc.tls_port, context)
        assert (await esme.bind()).command_status == 0
        assert (await esme.submit(registered_delivery=0)).command_status == 0
        await esme.close()


async def test_smpp_over_tls_with_a_certificate_from_a_file(tmp_path: object) -> None:
    file = f"{tmp_path}/server.pem"
    with open(file, "wb") as out:  # noqa: ASYNC230
        out.write(self_signed())
    async with Simulator(clock="manual", smpp_tls=TlsSettings(certificate=file)) as sim:
        context = ssl.create_default_context(cafile=file)
        esme = await esme_at(sim.smsc.tls_port, context)
        assert (await esme.bind()).command_status == 0
        await esme.close()


def test_a_certificate_that_is_none_is_an_error(tmp_path: object) -> None:
    with pytest.raises(OSError, match="No such file"):
        context_of(TlsSettings(certificate=f"{tmp_path}/none.pem"))


async def test_the_smsc_connects_to_an_esme_that_listens_and_comes_again(start: StartCarrier) -> None:
    arrived: asyncio.Queue[Esme] = asyncio.Queue()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.put_nowait(Esme(reader, writer))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    outbind = Outbind("127.0.0.1", port, system_id="CARRIER", password="pw", every=30_000)
    carrier = await start(settings=SmscSettings(outbinds=(outbind,)))
    for _ in range(2):
        esme = await asyncio.wait_for(arrived.get(), 5)
        pdu = await esme.read()
        assert isinstance(pdu, OutbindPdu)
        assert (pdu.system_id, pdu.password) == ("CARRIER", "pw")
        assert isinstance(await esme.ask(BindReceiver(system_id="acme", interface_version=0x34)), BindReceiverResp)
        carrier.smsc.inbound("acme", "+1", "2", "hello")
        assert (await esme.receipt()).short_message == b"hello"
        await esme.close()
        await carrier.smsc.deserted()
        await carrier.clock.advance(30_000)
    server.close()
    await (await arrived.get()).close()


async def test_enquire_link_comes_when_the_esme_is_silent_and_ends_the_session_without_an_answer(
    start: StartCarrier,
) -> None:
    carrier = await start(settings=SmscSettings(enquire_link=30_000, response_timeout=5_000))
    esme = await carrier.bound()
    await carrier.clock.advance(30_000)
    enquiry = await esme.read()
    assert isinstance(enquiry, EnquireLink)
    await esme.write(encode(EnquireLinkResp(enquiry.sequence_number)))
    await carrier.clock.advance(30_000)
    assert isinstance(await esme.read(), EnquireLink)
    await carrier.clock.advance(5_000)
    with pytest.raises(EOFError):
        await esme.read()


async def test_an_inactive_session_ends(start: StartCarrier) -> None:
    carrier = await start(settings=SmscSettings(inactivity=60_000))
    esme = await carrier.bound()
    await carrier.clock.advance(60_000)
    with pytest.raises(EOFError):
        await esme.read()


async def test_receipts_can_go_to_the_session_that_submitted(start: StartCarrier) -> None:
    carrier = await start(settings=SmscSettings(receipts=ReceiptSettings(to="submitter")))
    sessions = [await carrier.bound() for _ in range(3)]
    for number, esme in enumerate(sessions):
        for _ in range(3):
            await esme.submit(f"1555010000{number}")
    await carrier.clock.advance(1000)
    for number, esme in enumerate(sessions):
        assert {(await esme.receipt()).source_addr for _ in range(3)} == {f"1555010000{number}"}


async def test_an_account_may_be_bound_to_its_senders(start: StartCarrier) -> None:
    carrier = await start(accounts=[Account("acme", system_id="acme", senders=("ACM*",))])
    esme = await carrier.bound()
    assert (await esme.submit(registered_delivery=0)).command_status == 0
    carrier.smsc.accounts.by_name("acme")
    other = await start(accounts=[Account("acme", system_id="acme", senders=("+1555*",))])
    esme = await other.bound()
    assert (await esme.submit()).command_status == CommandStatus.ESME_RINVSRCADR


async def test_a_receipt_echoes_the_user_message_reference(start: StartCarrier) -> None:
    carrier = await start()
    esme = await carrier.bound()
    await esme.submit(tlvs={Tag.USER_MESSAGE_REFERENCE: 4711})
    await carrier.clock.advance(1000)
    assert (await esme.receipt()).tlvs[Tag.USER_MESSAGE_REFERENCE] == 4711


async def test_rules_see_the_version_of_the_session() -> None:
    scenario = load_text(
        """
        scenario: 1
        clock: manual
        rules:
          - match: {interface_version: "<52"}
            reject: {command_status: ESME_RSYSERR}
        """
    )
    async with Simulator(scenario) as sim:
        old, new = await esme_at(sim.smpp_port), await esme_at(sim.smpp_port)
        await old.bind(interface_version=0x33)
        await new.bind(interface_version=0x34)
        assert (await old.submit()).command_status == CommandStatus.ESME_RSYSERR
        assert (await new.submit(registered_delivery=0)).command_status == 0
        await old.close()
        await new.close()
