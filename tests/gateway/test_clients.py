"""The drop-in proof: clients written against the public API, unchanged, as processes of their own."""

import asyncio
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from simulator import Simulator
from simulator.gateway import HttpMessage

CLIENTS = Path(__file__).parents[2] / "docs" / "clients"
KEY = "sk_test_0123456789abcdefghijklmnopqrstuv"
NODE = shutil.which("node")
without_node = pytest.mark.skipif(NODE is None, reason="the JavaScript client needs node, which is not on the PATH")


@dataclass
class Ended:
    """A client's process, when it was over."""

    code: int
    lines: list[str]
    errors: str


@dataclass
class Client:
    """One of the two programs, which talks to a simulator."""

    command: tuple[str, ...]
    simulator: Simulator

    async def run(self, *arguments: str, key: str = KEY, **more: str) -> Ended:
        environment = {
            **{name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ},
            "LISOLOO_BASE_URL": self.simulator.base_url,
            "LISOLOO_APP_KEY": key,
            "LISOLOO_POLL_S": "0.05",
            **more,
        }
        process = await asyncio.create_subprocess_exec(
            *self.command,
            *arguments,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            out, errors = await asyncio.wait_for(process.communicate(), 30)
        except TimeoutError:
            process.kill()
            await process.communicate()
            raise
        return Ended(process.returncode or 0, out.decode().splitlines(), errors.decode())

    async def listen(self, *arguments: str) -> Ended:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        hook = f"http://127.0.0.1:{port}/hook"
        return await self.run(*arguments, LISOLOO_CALLBACK_URL=hook, LISOLOO_PORT=str(port))


@pytest.fixture(
    params=[
        pytest.param((sys.executable, str(CLIENTS / "python_client.py")), id="python"),
        pytest.param((NODE, str(CLIENTS / "javascript_client.mjs")), id="javascript", marks=without_node),
    ]
)
async def client(request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    async with Simulator(clock="100x") as simulator:
        yield Client(request.param, simulator)


async def test_it_sends_and_polls_until_the_message_is_delivered(client: Client) -> None:
    ended = await client.run("+243998857000", "Your OTP is 482194")
    [message] = client.simulator.engine.messages.values()
    assert isinstance(message, HttpMessage)
    assert ended == Ended(0, [f"{message.id} costs 0.02 USD", "+243998857000 delivered"], "")
    assert (message.source, message.text) == ("DIGI", "Your OTP is 482194")


async def test_it_sees_who_got_it_and_who_did_not(client: Client) -> None:
    ended = await client.run("+243990000001", "+243990000002", "+243990000008", "Hello")
    assert ended.code == 1
    assert ended.lines[1:] == [
        "+243990000001 delivered",
        "+243990000002 undelivered",
        "+243990000008 partially_delivered",
    ]


async def test_it_takes_webhooks_instead(client: Client) -> None:
    ended = await client.listen("+243990000001", "+243990000002", "Hello")
    assert ended.code == 1
    assert sorted(ended.lines[-2:]) == ["+243990000001 delivered", "+243990000002 undelivered"]
    events = [line.strip() for line in ended.lines if line.startswith("sms.")]
    assert events[0] == "sms.queued"
    assert sorted(events[1:]) == [
        "sms.delivered +243990000001",
        "sms.failed +243990000002",
        *(f"sms.{what} +24399000000{number}" for what in ("processing", "sent") for number in (1, 2)),
    ]


async def test_all_its_posts_are_answered(client: Client) -> None:
    await client.listen("+243990000001", "Hello")
    [message] = client.simulator.engine.messages.values()
    assert isinstance(message, HttpMessage)
    while client.simulator.gateway.webhooks.pending:  # noqa: ASYNC110  # nothing tells of it
        await asyncio.sleep(0)
    assert [attempt.status for attempt in message.attempts or ()] == [204] * 4


async def test_it_reports_what_is_wrong_with_a_request(client: Client) -> None:
    ended = await client.run("+243 99", "Hello")
    assert ended == Ended(2, [], "400 1104 Invalid phone number to[0]: Must match E.164 format\n")


async def test_it_reports_a_key_that_is_none(client: Client) -> None:
    ended = await client.run("+243990000001", "Hello", key="sk_test_short")
    assert ended.code == 2
    assert ended.errors.startswith("401 1001 Missing or invalid app-key")
