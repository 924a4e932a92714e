"""Starting, stopping, and beginning anew."""

import aiohttp
import pytest

from simulator.engine import Account, Accounts, Engine, GatewaySettings, ManualClock, Rules
from simulator.gateway import Gateway

from .conftest import DELIVERED, KEY, Lab, Listener


async def test_port_0_picks_a_free_one_and_a_taken_one_is_an_error(lab: Lab) -> None:
    other = Gateway(lab.engine, lab.accounts)
    with pytest.raises(OSError, match="address already in use"):
        await other.start(port=lab.port)
    await other.stop()


async def test_a_stopped_gateway_listens_no_more(lab: Lab) -> None:
    await lab.gateway.stop()
    with pytest.raises(aiohttp.ClientConnectionError):
        await lab.balance()


async def test_stopping_twice_or_before_the_start_is_harmless(lab: Lab) -> None:
    await lab.gateway.stop()
    await lab.gateway.stop()
    await Gateway(lab.engine, lab.accounts).stop()


async def test_a_reset_begins_anew_on_the_same_port(hooked: Lab, listener: Listener) -> None:
    listener.answer(500)
    await hooked.send()
    await hooked.advance(1000)
    before = len(listener.posts)
    engine = Engine(ManualClock(), Rules([], DELIVERED), seed=1)
    account = Account("acme", api_key=KEY, balance=5)
    await hooked.gateway.reset(engine, Accounts([account]), GatewaySettings(strict_sender_id=True))
    assert (await hooked.balance())["balance"] == 5
    assert (await hooked.send(sender_id="lower")).code == "1103"
    answer = await hooked.send()
    await engine.clock.advance(10_000)
    assert (await hooked.status(answer.id)).data["status"] == "delivered"
    await hooked.advance(3_600_000)
    assert len(listener.posts) == before  # the retries went with the old ones
