"""Runs against HTTP servers: a gateway that is ours, and others."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from simulator.app import Simulator
from simulator.load import Account, HttpPlan, Plan, PlanError, Unreachable, parse_stages, run
from simulator.load.http1 import Http1, Http1Reader, HttpError
from simulator.load.requests import Requests
from simulator.scenario import load_text
from tests.load.conftest import message

KEY = "sk_test_" + "0123456789abcdefghijklmnopqrstuv"
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Answer], Awaitable[str]]
SCENARIO = f"""
scenario: 1
accounts:
  - {{name: load, api_key: {KEY}, balance: 1000.00, limits: {{send: 100000/min}}}}
rules:
  - match: {{to: "+1999*"}}
    reject: {{error_code: 1201}}
  - path: delivered
"""


def plan(url: str, http: dict[str, Any] | None = None, **more: Any) -> Plan:
    port = int(url.split(":")[2].split("/")[0])
    fields: dict[str, Any] = {
        "message": message(source="CARRIER"),
        "via": "http",
        "port": port,
        "http": HttpPlan(url=url, **(http or {})),
        "accounts": (Account(app_key=KEY),),
        "messages": 40,
        "window": 1,
        "wait_s": 0.3,
    }
    return Plan(**fields | more)


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts a server with one handler; gives its URL."""
    runners: list[web.AppRunner] = []

    async def start(handler: Answer) -> str:
        app = web.Application()
        app.router.add_post("/{tail:.*}", handler)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}/sms"

    yield start
    for runner in runners:
        await runner.cleanup()


async def test_the_simulators_gateway_with_its_webhooks() -> None:
    async with Simulator(load_text(SCENARIO), clock="1000x") as sim:
        url = f"{sim.base_url}/api/v1/lisoloo/sms-api/send"
        result = await run(plan(url, {"webhooks": True}, messages=80, connections=4, wait_s=5.0))
    assert (result.sent, result.ok, result.receipts_matched) == (80, 80, 80)
    assert (result.receipts_missing, result.receipts_doubled, result.receipts_unknown) == (0, 0, 0)
    assert result.receipts_by_status == {"sms.delivered": 80}
    assert result.intermediate == 240  # queued, processing, sent
    assert result.receipt_latency.count == 80


async def test_refusals_have_the_gateways_code() -> None:
    async with Simulator(load_text(SCENARIO), clock="1000x") as sim:
        url = f"{sim.base_url}/api/v1/lisoloo/sms-api/send"
        result = await run(plan(url, messages=10, message=message(to="+1999{n:06}", source="CARRIER")))
    assert result.refused == {"HTTP 400 1201": 10}
    assert result.errors == 10


async def test_an_endpoint_of_others(serve: Serve) -> None:
    heard: list[Any] = []

    async def handler(request: web.Request) -> web.Response:
        heard.append(
            (request.path_qs, request.headers["X-Tenant"], request.headers["Authorization"], await request.json())
        )
        return web.json_response({"result": {"sid": len(heard)}}, status=202)

    url = await serve(handler)
    http = {
        "body": '{"phone": "+1{n:03}", "text": "100 % {braces}"}',
        "headers": (("X-Tenant", "t1"),),
        "key_header": "Authorization",
    }
    result = await run(plan(f"{url}?a=b", http, messages=12, accounts=(Account(app_key="Bearer x"),)))
    assert result.ok == 12
    assert heard[-1] == ("/sms?a=b", "t1", "Bearer x", {"phone": "+1012", "text": "100 % {braces}"})


async def test_webhooks_of_others_missing_and_doubled(serve: Serve) -> None:
    from aiohttp import ClientSession

    tasks: list[asyncio.Task[None]] = []

    async def post(url: str, number: int) -> None:
        async with ClientSession() as client:
            for _ in range({4: 0, 5: 2}.get(number, 1)):
                await client.post(url, data=json.dumps({"sid": str(number), "state": "done"}))

    async def handler(request: web.Request) -> web.Response:
        sent = await request.json()
        tasks.append(asyncio.create_task(post(sent["hook"], sent["n"])))
        return web.json_response({"sid": str(sent["n"])})

    http = {
        "body": '{"hook": "{callback_url}", "n": {n}}',
        "id_field": "sid",
        "event_field": "state",
        "final_events": frozenset({"done"}),
        "webhooks": True,
    }
    result = await run(plan(await serve(handler), http, messages=8))
    await asyncio.gather(*tasks)
    assert (result.ok, result.receipts_matched, result.receipts_missing, result.receipts_doubled) == (8, 7, 1, 1)


async def test_a_server_that_ends_each_connection_costs_nothing_but_time(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        answer = web.json_response({"message_id": "x"})
        answer.force_close()
        return answer

    result = await run(plan(await serve(handler), messages=7, connections=2))
    assert (result.answered, result.ok, result.unanswered) == (7, 7, 0)


async def test_answers_in_chunks_and_several_in_flight(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        answer.enable_chunked_encoding()
        await answer.prepare(request)
        await answer.write(b'{"message_id":')
        await answer.write(b' "m"}')
        await answer.write_eof()
        return answer

    result = await run(plan(await serve(handler), messages=30, window=5))
    assert (result.answered, result.ok) == (30, 30)


async def test_an_open_loop_over_http(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response({"message_id": "m"})

    result = await run(
        plan(await serve(handler), messages=None, stages=tuple(parse_stages("200/s:200ms")), connections=4)
    )
    assert (result.sent, result.answered) == (40, 40)


async def test_a_server_that_goes_away_is_said(serve: Serve) -> None:
    seen: list[int] = []
    server: asyncio.Server | None = None

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        seen.append(1)
        assert server is not None
        server.close()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    result = await run(plan(url))
    assert result.gave_up
    assert (result.sent, result.answered, result.unanswered) == (1, 0, 1)
    assert any("nobody answers" in note for note in result.notes)


async def test_nobody_there_says_so() -> None:
    with pytest.raises(Unreachable, match=r"nobody answers at 127\.0\.0\.1:1"):
        await run(plan("http://127.0.0.1:1/"))


async def test_a_port_for_webhooks_that_is_taken(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response()

    url = await serve(handler)
    port = int(url.split(":")[2].split("/")[0])
    with pytest.raises(PlanError, match="can't hear webhooks"):
        await run(plan(url, {"webhooks": True, "webhook_port": port}))


# ---- without a server ----


@pytest.mark.parametrize("n", [1, 99, 100, 12345])
def test_a_request_says_how_long_it_is(n: int) -> None:
    given = message(text='"мир" {n} 100%', source="A")
    requests = Requests(HttpPlan("http://h:1/p"), given, Account(app_key="k"), "http://me/")
    head, _, body = requests.build(n).partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert json.loads(body) == {
        "to": [f"+1555{n:07}"],
        "message": f'"мир" {n} 100%',
        "sender_id": "A",
        "callback_url": "http://me/",
    }


STREAM = (
    b"HTTP/1.1 100 Continue\r\n\r\n"
    b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nX: y\r\n\r\nok"
    b"HTTP/1.1 204 No Content\r\n\r\n"
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n1\r\nd\r\n0\r\nT: z\r\n\r\n"
    b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_answers_are_found_however_they_come(size: int) -> None:
    reader = Http1Reader(answers=True)
    found: list[Http1] = []
    for at in range(0, len(STREAM), size):
        found += reader.feed(STREAM[at : at + size])
    assert [(answer.status, answer.body, answer.close) for answer in found] == [
        (201, b"ok", False),
        (204, b"", False),
        (200, b"abcd", False),
        (200, b"", True),
    ]
    assert reader.end() == []


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    reader = Http1Reader(answers=True)
    assert reader.feed(b"HTTP/1.0 200 OK\r\n\r\nall of") == []
    assert reader.feed(b" it") == []
    assert [answer.body for answer in reader.end()] == [b"all of it"]


@pytest.mark.parametrize(
    "octets",
    [
        b"SSH-2.0-x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
        b"x" * 70000,
    ],
)
def test_what_is_no_http(octets: bytes) -> None:
    with pytest.raises(HttpError):
        Http1Reader(answers=True).feed(octets)
