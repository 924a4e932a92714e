"""The Python API: `Simulator` in asyncio, and the same in a thread."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest
from aiohttp import ClientSession, web

from simulator import Simulator
from simulator.blocking import BlockingSimulator
from simulator.engine import IllegalTransition
from simulator.gateway import BASE_PATH
from simulator.scenario import ScenarioErrors, load_text
from simulator.smpp import BindTransceiver, DeliverSm, DeliverSmResp, Framer, Pdu, SubmitSm, decode, encode

KEY = "sk_test_0123456789abcdefghijklmnopqrstuv"
DELIVERED, TIMEOUT, RETRIES = "+15550100001", "+15550100005", "+15550100006"
WALK = ["pending", "processing", "accepted", "sent", "delivered"]


async def send(sim: Simulator, *to: str, text: str = "Hello", **more: Any) -> str:
    """Over HTTP, as an application would; returns the message_id."""
    body = {"to": list(to), "message": text, "sender_id": "ACME", **more}
    async with (
        ClientSession(sim.base_url, headers={"app-key": KEY}) as client,
        client.post(f"{BASE_PATH}/send", json=body) as response,
    ):
        answer = await response.json()
        assert response.status == 201, answer
    return str(answer["data"]["message_id"])


class Esme:
    """An SMPP client that answers whatever comes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._framer = Framer()
        self._frames: list[bytes] = []
        self._sequence = 0

    @classmethod
    async def bound(cls, sim: Simulator, system_id: str = "acme") -> "Esme":
        esme = cls(*await asyncio.open_connection(*sim.smpp_address))
        await esme.ask(BindTransceiver(system_id=system_id, password="secret"))
        return esme

    async def read(self) -> Pdu:
        while not self._frames:
            data = await self._reader.read(65536)
            if not data:
                raise EOFError
            self._frames += self._framer.feed(data)
        return decode(self._frames.pop(0), validate=False)

    async def ask(self, pdu: Pdu) -> Pdu:
        self._sequence += 1
        pdu.sequence_number = self._sequence
        self._writer.write(encode(pdu))
        return await self.read()

    async def submit(self, to: str = "15550100001", text: bytes = b"Hello") -> str:
        answer = await self.ask(
            SubmitSm(source_addr="ACME", destination_addr=to, short_message=text, registered_delivery=1)
        )
        return str(getattr(answer, "message_id", ""))

    async def delivery(self, command_status: int = 0) -> DeliverSm:
        pdu = await self.read()
        assert isinstance(pdu, DeliverSm)
        self._writer.write(encode(DeliverSmResp(pdu.sequence_number, command_status)))
        return pdu

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    """The default scenario under a manual clock."""
    async with Simulator(clock="manual") as sim:
        yield sim


# ---- messages ----


async def test_a_message_is_there_as_soon_as_it_was_taken(sim: Simulator) -> None:
    identifier = await send(sim, DELIVERED, text="Your code is 1234")
    message = sim.messages.one()
    assert (message.id, message.via, message.to, message.source) == (identifier, "http", DELIVERED, "ACME")
    assert (message.text, message.status, message.is_final) == ("Your code is 1234", "pending", False)


async def test_its_walk_is_what_it_has_gone_through_by_now(sim: Simulator) -> None:
    await send(sim, DELIVERED)
    message = sim.messages.one()
    await sim.advance("150ms")
    assert message.walk == WALK[:3]
    await sim.advance("10s")
    assert message.walk == WALK
    assert [moment.at - message.accepted_at for moment in message.history][:4] == [0, 50, 150, 500]


async def test_failed_attempts_of_the_carrier_are_in_the_history_but_not_in_the_walk(sim: Simulator) -> None:
    await send(sim, RETRIES)
    await sim.advance("1m")
    message = sim.messages.one()
    assert [moment.attempt for moment in message.history if moment.attempt] == [1, 2]
    assert message.walk == ["pending", "processing", "accepted", "enroute", "sent", "delivered"]


async def test_a_message_to_several_has_the_aggregate_and_a_record_of_each(sim: Simulator) -> None:
    await send(sim, DELIVERED, TIMEOUT)
    await sim.advance("1h")
    message = sim.messages.one()
    assert message.status == "sent"
    await sim.advance("24h")
    assert {one.to: one.status for one in message.recipients} == {DELIVERED: "delivered", TIMEOUT: "failed"}
    assert (message.status, message.error_code) == ("delivered", "1503")
    assert message.walk == ["pending", "processing", "accepted", "sent", "delivered"]


async def test_a_message_shows_itself_in_one_line_and_its_timeline_in_many(sim: Simulator) -> None:
    identifier = await send(sim, TIMEOUT, text="Hello\nthere")
    await sim.advance("24h")
    message = sim.messages.one()
    assert repr(message) == (
        f'<message {identifier} via http to {TIMEOUT} "Hello there": pending > processing > accepted > sent > failed>'
    )
    assert message.timeline.splitlines()[1:] == [
        "     +0s  pending",
        "   +50ms  processing",
        "  +150ms  accepted",
        "  +500ms  sent",
        "     +1d  failed (timeout, error_code 1503)",
    ]


FILTERS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "destination": ({"to": DELIVERED}, ["one"]),
    "destination without its plus": ({"to": DELIVERED[1:]}, ["one"]),
    "pattern of destinations": ({"to": "*05"}, ["two"]),
    "door": ({"via": "smpp"}, []),
    "part of the text": ({"text": "ne"}, ["one"]),
    "pattern of the text": ({"text": re.compile("^t")}, ["two"]),
    "status": ({"status": "delivered"}, ["one"]),
    "sender": ({"source": "ACM?"}, ["one", "two"]),
    "all of it": ({"to": "*05", "status": "sent", "text": "two"}, ["two"]),
}


@pytest.mark.parametrize(("filters", "found"), FILTERS.values(), ids=FILTERS)
async def test_messages_are_found_by(sim: Simulator, filters: dict[str, Any], found: list[str]) -> None:
    await send(sim, DELIVERED, text="one")
    await send(sim, TIMEOUT, text="two")
    await sim.advance("1m")
    assert [message.text for message in sim.messages.where(**filters)] == found


async def test_one_tells_what_there_is_when_there_is_not_one(sim: Simulator) -> None:
    with pytest.raises(AssertionError, match="expected one message: there is none"):
        sim.messages.one()
    await send(sim, DELIVERED, text="first")
    await send(sim, TIMEOUT, text="second")
    with pytest.raises(AssertionError, match=r"there are 2\n.*first(.|\n)*second"):
        sim.messages.one()
    with pytest.raises(AssertionError, match=r"with to '\*99': there is none\n.*first"):
        sim.messages.where(to="*99").one()
    assert sim.messages.last.text == "second"


async def test_a_status_that_is_none_is_a_mistake_of_the_test(sim: Simulator) -> None:
    with pytest.raises(ValueError, match="'deliverd' is not a status: write one of pending, "):
        sim.messages.where(status="deliverd")


async def test_receipts_are_kept_as_they_were_sent_with_their_answers(sim: Simulator) -> None:
    esme = await Esme.bound(sim)
    identifier = await esme.submit()
    async with asyncio.TaskGroup() as group:
        group.create_task(sim.advance("10s"))
        await esme.delivery(0x58)  # ESME_RTHROTTLED: it comes again
    async with asyncio.TaskGroup() as group:
        group.create_task(sim.advance("10s"))
        await esme.delivery()
    first, second = sim.messages.one().receipts
    assert (first.stat, first.err, first.message_id, first.attempt) == ("DELIVRD", "000", identifier, 1)
    assert (first.command_status, first.ok) == (0x58, False)
    assert (second.attempt, second.command_status, second.ok) == (2, 0, True)
    assert (second.fields["sub"], second.text, second.to) == ("001", "Hello", "15550100001")
    assert "receipt DELIVRD err:000, answered ESME_RTHROTTLED" in sim.messages.one().timeline
    await esme.close()


async def test_webhooks_are_kept_with_what_was_answered(sim: Simulator) -> None:
    statuses = iter([500, 200, 200, 200, 200])

    async def hook(request: web.Request) -> web.Response:
        return web.Response(status=next(statuses))

    app = web.Application()
    app.router.add_post("/hook", hook)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await send(sim, DELIVERED, callback_url=f"http://127.0.0.1:{runner.addresses[0][1]}/hook")
    await sim.advance("1h")
    await runner.cleanup()
    posts = sim.messages.one().webhooks
    assert [(post.event, post.attempt, post.status, post.ok) for post in posts] == [
        ("sms.queued", 1, 500, False),
        ("sms.processing", 1, 200, True),
        ("sms.sent", 1, 200, True),
        ("sms.delivered", 1, 200, True),
        ("sms.queued", 2, 200, True),
    ]
    assert [post.to for post in posts] == [None, DELIVERED, DELIVERED, DELIVERED, None]
    assert sim.webhooks == sorted(posts, key=lambda post: post.at)


# ---- waiting ----


async def test_wait_for_returns_the_message_that_has_come_to_a_status() -> None:
    async with Simulator(clock="instant") as sim:
        await send(sim, TIMEOUT, text="other")
        await send(sim, DELIVERED, text="mine")
        assert (await sim.wait_for("delivered")).text == "mine"
        assert (await sim.wait_for("failed", to=TIMEOUT)).error_code == "1503"


async def test_wait_for_takes_a_status_that_was_only_on_the_way() -> None:
    async with Simulator(clock="instant") as sim:
        await send(sim, RETRIES)
        await sim.wait_for("delivered")
        assert (await sim.wait_for("enroute")).status == "delivered"


async def test_wait_for_makes_time_pass_for_messages_that_nobody_else_waits_for() -> None:
    async with Simulator(clock="instant") as sim:
        esme = await Esme.bound(sim)
        await esme.ask(SubmitSm(source_addr="ACME", destination_addr="15550100001", short_message=b"no receipt"))
        assert (await sim.wait_for("delivered", via="smpp")).text == "no receipt"
        await esme.close()


async def test_wait_for_waits_for_several(sim: Simulator) -> None:
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(sim.wait_for(count=2))
        await send(sim, DELIVERED, text="one")
        await send(sim, DELIVERED, text="two")
    assert [message.text for message in waiting.result()] == ["one", "two"]


async def test_what_did_not_come_is_an_assertion_that_shows_what_came(sim: Simulator) -> None:
    await send(sim, DELIVERED, text="still on its way")
    with pytest.raises(AssertionError) as raised:
        await sim.wait_for("delivered", timeout=0)
    head, hint, first, *walk = str(raised.value).splitlines()
    assert head == "expected 1 message to have come to 'delivered' within 0 s: 0 did"
    assert hint == "the clock is manual, and something is due in 50ms: advance it"
    assert first.endswith('"still on its way"')
    assert walk == ["  +0s  pending"]


async def test_it_shows_the_others_if_none_of_those_has_come(sim: Simulator) -> None:
    with pytest.raises(AssertionError, match="no message has come at all"):
        await sim.wait_for(timeout=0)
    await send(sim, DELIVERED, text="for somebody else")
    with pytest.raises(AssertionError, match=r"of those with to '\+1'(.|\n)*others have:\n.*for somebody else"):
        await sim.wait_for(to="+1", timeout=0)


# ---- what can be done ----


async def test_a_message_from_a_phone_comes_to_the_account(sim: Simulator) -> None:
    esme = await Esme.bound(sim)
    async with asyncio.TaskGroup() as group:
        group.create_task(sim.inbound("acme", from_="+15550199", to="12345", text="STOP"))
        got = await esme.delivery()
    assert (got.source_addr, got.destination_addr, got.short_message) == ("+15550199", "12345", b"STOP")
    await esme.close()


async def test_a_message_can_be_forced_to_a_status(sim: Simulator) -> None:
    identifier = await send(sim, DELIVERED)
    await sim.force(identifier, "rejected")
    message = sim.messages.one()
    assert message.walk == ["pending", "processing", "rejected"]
    with pytest.raises(IllegalTransition, match="'delivered' can't follow 'rejected'"):
        await sim.force(message, "delivered")
    with pytest.raises(KeyError, match="no message has the id '7'"):
        await sim.force("7", "delivered")


async def test_sessions_are_listed_and_can_be_dropped(sim: Simulator) -> None:
    acme, other = await Esme.bound(sim), await Esme.bound(sim, "other")
    await acme.submit()
    assert [(one.account, one.state, one.submitted) for one in sim.sessions] == [
        ("acme", "BOUND_TRX", 1),
        ("other", "BOUND_TRX", 0),
    ]
    assert repr(sim.sessions[0]) == "<session of acme, BOUND_TRX, 1 submitted>"
    assert await sim.drop_sessions("acme") == 1
    with pytest.raises((EOFError, ConnectionError)):
        await acme.read()
    assert [session.account for session in sim.sessions] == ["other"]
    await other.close()
    await acme.close()


async def test_stats_count(sim: Simulator) -> None:
    await send(sim, DELIVERED, TIMEOUT)
    await sim.advance("1m")
    stats = sim.stats
    assert (stats.accepted, stats.refused, stats.statuses) == (1, 0, {"delivered": 1, "sent": 1})


REJECTING = """
scenario: 1
name: rejecting
accounts: [{name: late, api_key: sk_test_late0000000000000000000000000000}]
rules: [{path: rejected}]
"""


async def test_load_lets_other_rules_decide_from_now_on(sim: Simulator) -> None:
    await send(sim, DELIVERED, text="before")
    await sim.load(load_text(REJECTING))
    await send(sim, DELIVERED, text="after")
    await sim.advance("1m")
    assert {message.text: message.status for message in sim.messages} == {"before": "delivered", "after": "rejected"}
    assert sim.scenario.name == "rejecting"
    assert sim.accounts.by_name("late") is not None


async def test_a_wrong_scenario_changes_nothing(sim: Simulator) -> None:
    await send(sim, DELIVERED)
    for change in (sim.load, sim.reset):
        with pytest.raises(ScenarioErrors):
            await change("no-such-scenario")
    with pytest.raises(ValueError, match="is not a clock"):
        await sim.reset(clock="sundial")
    assert len(sim.messages) == 1


# ---- reset ----


async def test_after_a_reset_the_same_sends_get_the_same_ids_and_fates(sim: Simulator) -> None:
    async def story() -> list[str]:
        for text in ("one", "two", "two"):
            await send(sim, DELIVERED, text=text)
        await sim.advance("1h")
        return [message.timeline for message in sim.messages]

    where, began = (sim.base_url, sim.smpp_address), sim.now
    first = await story()
    await sim.reset()
    assert (len(sim.messages), sim.stats.accepted, sim.now) == (0, 0, began)
    assert (sim.base_url, sim.smpp_address) == where
    assert await story() == first
    await sim.reset(seed=7)
    assert await story() != first


async def test_equal_seeds_make_equal_simulators() -> None:
    found = []
    for _ in range(2):
        async with Simulator(seed=3, clock="manual") as sim:
            found.append([await send(sim, DELIVERED), await send(sim, DELIVERED)])
    assert found[0] == found[1]
    assert len(set(found[0])) == 2


COUNTING = """
scenario: 1
name: counting
accounts:
  - {name: acme, api_key: sk_test_0123456789abcdefghijklmnopqrstuv, balance: 0.02, limits: {send: 1/m}}
rules:
  - match: {first: 1}
    path: rejected
"""


async def test_a_reset_begins_wallets_limits_and_the_counters_of_rules_anew() -> None:
    async with Simulator(load_text(COUNTING), clock="manual") as sim:
        for _ in range(3):
            await send(sim, DELIVERED)
            await sim.advance("1m")
            assert sim.messages.one().status == "rejected"
            await sim.reset()


async def test_a_reset_drops_sessions_and_forgets_what_waited_for_them(sim: Simulator) -> None:
    esme = await Esme.bound(sim)
    await esme.submit()
    await sim.inbound("other", "+1", "2", "waiting")
    await sim.reset()
    assert sim.sessions == []
    assert sim.stats.receipts_waiting == 0
    assert sim.clock.activity.in_flight == 0
    await esme.close()
    again = await Esme.bound(sim)
    assert await again.submit()
    await again.close()


async def test_a_reset_can_bring_another_scenario_with_another_number_of_carriers() -> None:
    two = load_text("scenario: 1\nname: two\nsmsc: [{name: north}, {name: south}]\n")
    async with Simulator(clock="manual") as sim:
        port = sim.smpp_port
        await sim.reset(two)
        assert [smsc.settings.name for smsc in sim.smscs] == ["north", "south"]
        esme = Esme(*await asyncio.open_connection("127.0.0.1", sim.smscs[1].port))
        assert (await esme.ask(BindTransceiver(system_id="acme", password="x"))).command_status == 0
        await esme.close()
        await sim.reset("default", clock="instant")
        assert (len(sim.smscs), sim.smpp_port, sim.clock.name) == (1, port, "instant")


# ---- blocking ----


def blocking_send(sim: BlockingSimulator, to: str, text: str = "Hello") -> str:
    body = json.dumps({"to": [to], "message": text, "sender_id": "ACME"}).encode()
    headers = {"app-key": KEY, "Content-Type": "application/json"}
    with urlopen(Request(f"{sim.base_url}{BASE_PATH}/send", body, headers)) as response:
        return str(json.load(response)["data"]["message_id"])


@pytest.fixture
def threaded() -> Iterator[BlockingSimulator]:
    with Simulator(clock="manual") as sim:
        yield sim


def test_in_a_synchronous_test_the_same_methods_block(threaded: BlockingSimulator) -> None:
    identifier = blocking_send(threaded, DELIVERED)
    threaded.advance("24h")
    assert threaded.wait_for("delivered").id == identifier
    assert threaded.messages.one().walk == WALK
    threaded.inbound("acme", "+1", "2", "hello")
    assert threaded.stats.receipts_waiting == 1
    threaded.reset(seed=threaded.seed)
    assert blocking_send(threaded, DELIVERED) == identifier
    threaded.force(identifier, "failed")
    threaded.load("phone-off")
    assert (threaded.scenario.name, threaded.drop_sessions(), threaded.sessions) == ("phone-off", 0, [])


def test_what_a_method_raises_is_raised_in_the_test(threaded: BlockingSimulator) -> None:
    with pytest.raises(AssertionError, match="no message has come at all"):
        threaded.wait_for(timeout=0)


async def test_in_an_event_loop_they_are_awaited(threaded: BlockingSimulator) -> None:
    await asyncio.to_thread(blocking_send, threaded, DELIVERED)
    with pytest.raises(RuntimeError, match=r"await sim\.aio"):
        threaded.advance("24h")
    await threaded.aio.advance("24h")
    assert (await threaded.aio.wait_for("delivered")).walk == threaded.messages.one().walk


def test_it_ends_with_the_block_and_its_messages_can_still_be_read() -> None:
    with Simulator(clock="manual") as sim:
        blocking_send(sim, DELIVERED)
    assert sim.messages.one().status == "pending"
    with pytest.raises(OSError, match="refused"):
        blocking_send(sim, DELIVERED)


def test_a_port_that_is_taken_is_told_where_it_was_asked_for(threaded: BlockingSimulator) -> None:
    with pytest.raises(OSError, match="in use"), Simulator(http_port=threaded.http_port):
        pass


def test_both_kinds_have_the_same_names() -> None:
    assert _public(Simulator) - _public(BlockingSimulator) == {"receipts_of", "smsc", "wait"}


def _public(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}
