"""A gateway on a real socket, driven by aiohttp's client, under a clock that only moves when it is told to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from simulator.engine import (
    Account,
    Accounts,
    Clock,
    Engine,
    Fixed,
    GatewaySettings,
    Go,
    ManualClock,
    Path,
    Refusal,
    Rule,
    Rules,
    Status,
    WebhookTarget,
)
from simulator.gateway import BASE_PATH, Gateway, HttpMessage, key_of

KEY = "test-key"
NUMBER = "+243998857000"
DELIVERED = Path("delivered", [Go(Status.PROCESSING, Fixed(1000)), Go(Status.DELIVERED, Fixed(2000))])


@dataclass
class Answer:
    """What the gateway said."""

    status: int
    headers: Any
    body: Any

    @property
    def code(self) -> str:
        return self.body["error_code"]

    @property
    def data(self) -> dict[str, Any]:
        return self.body["data"]

    @property
    def id(self) -> str:
        return self.body["data"]["message_id"]


@dataclass
class Lab:
    """One gateway, and a client with a valid key."""

    engine: Engine
    accounts: Accounts
    gateway: Gateway
    clock: Clock
    port: int
    session: aiohttp.ClientSession

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{BASE_PATH}"

    async def ask(self, method: str, path: str, *, key: str | None = KEY, **more: Any) -> Answer:
        headers = dict(more.pop("headers", {}))
        if key is not None:
            headers.setdefault("app-key", key)
        url = path if path.startswith("http") else self.url + path
        async with self.session.request(method, url, headers=headers, **more) as response:
            assert response.content_type == "application/json"
            return Answer(response.status, response.headers, await response.json())

    async def send(self, *to: str, message: str = "Your OTP is 482194", key: str | None = KEY, **more: Any) -> Answer:
        body = {"to": list(to or (NUMBER,)), "message": message, **more}
        return await self.ask("POST", "/send", key=key, json=body)

    async def status(self, identifier: str) -> Answer:
        return await self.ask("GET", f"/status/{identifier}")

    async def balance(self) -> dict[str, Any]:
        return (await self.ask("GET", "/balance")).data

    async def advance(self, milliseconds: int) -> None:
        await self.clock.advance(milliseconds)

    async def settle(self) -> None:
        """Until no post is queued or in flight, however long the endpoint has taken."""
        while self.gateway.webhooks.pending:  # noqa: ASYNC110  # nothing tells of it
            await asyncio.sleep(0)

    def message(self, identifier: str) -> HttpMessage:
        message = self.engine.find(key_of(identifier) or 0)
        assert isinstance(message, HttpMessage)
        return message


MakeLab = Callable[..., Awaitable[Lab]]


@pytest.fixture
async def make_lab() -> AsyncIterator[MakeLab]:
    """Makes gateways: `await make_lab(account, path=..., rules=[...], settings=..., clock=..., seed=...)`."""
    async with AsyncExitStack() as stack:

        async def make(
            *accounts: Account,
            path: Path = DELIVERED,
            rules: list[Rule] | None = None,
            settings: GatewaySettings | None = None,
            clock: Clock | None = None,
            seed: int = 0,
            open_to_all: bool = False,
        ) -> Lab:
            clock = clock or ManualClock()
            engine = Engine(clock, Rules(rules or [], path), seed=seed)
            book = Accounts(accounts or [Account("acme", api_key=KEY)], open_to_all=open_to_all)
            gateway = Gateway(engine, book, settings)
            port = await gateway.start()
            clock.start()
            stack.push_async_callback(gateway.stop)
            stack.callback(clock.stop)
            session = await stack.enter_async_context(aiohttp.ClientSession())
            return Lab(engine, book, gateway, clock, port, session)

        yield make


@pytest.fixture
async def lab(make_lab: MakeLab) -> Lab:
    return await make_lab()


def refusing(code: str | None) -> list[Rule]:
    """Rules by which every message is refused with `code`."""
    return [Rule("refuse", Refusal(error_code=code))]


@dataclass
class Listener:
    """A webhook endpoint: notes what it gets, and answers as `reply` says, 200 for a start."""

    port: int = 0
    posts: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, Any, bytes]] = field(default_factory=list)
    reply: Callable[[web.Request], Awaitable[web.Response]] | None = None
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    """Set with the first post."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def types(self) -> list[str]:
        return [post["event_type"] for post in self.posts]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [post for post in self.posts if post["event_type"] == kind]

    def answer(self, *statuses: int) -> None:
        """Answer the next posts so, and the last of them for ever."""
        left = list(statuses)

        async def reply(request: web.Request) -> web.Response:
            status = left.pop(0) if len(left) > 1 else left[0]
            return web.Response(status=status, headers={"Location": "/elsewhere"} if status // 100 == 3 else None)

        self.reply = reply

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.requests.append((request.path, request.headers.copy(), body))
        self.posts.append(await request.json())
        self.heard.set()
        return await self.reply(request) if self.reply else web.Response()


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    listener = Listener()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", listener.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    listener.port = runner.addresses[0][1]
    yield listener
    await runner.cleanup()


@pytest.fixture
async def hooked(make_lab: MakeLab, listener: Listener) -> Lab:
    """A gateway whose account has the listener as its webhook."""
    return await make_lab(Account("acme", api_key=KEY, webhook=WebhookTarget(listener.url)))
