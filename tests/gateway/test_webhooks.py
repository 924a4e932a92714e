"""Webhooks: what is posted, to whom, when, and when again (lisoloo-api 7; decisions D13 to D18, D31)."""

import asyncio
import hmac
import re
from base64 import b64encode

import pytest
from aiohttp import web

from simulator.engine import (
    CAUSES,
    Account,
    Attempts,
    Fixed,
    GatewaySettings,
    Go,
    Match,
    Path,
    Retries,
    Rule,
    Status,
    Timeout,
    Waits,
    WebhookTarget,
    glob,
)
from simulator.engine.units import DAY, HOUR, MINUTE, SECOND
from simulator.gateway import webhooks

from .conftest import DELIVERED, KEY, NUMBER, Lab, Listener, MakeLab

EVENT_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


async def test_a_delivered_message_makes_four_events_in_order(hooked: Lab, listener: Listener) -> None:
    identifier = (await hooked.send()).id
    await hooked.advance(10_000)
    assert listener.types == ["sms.queued", "sms.processing", "sms.sent", "sms.delivered"]
    assert {post["message_id"] for post in listener.posts} == {identifier}
    assert all(EVENT_ID.fullmatch(post["event_id"]) for post in listener.posts)
    assert len({post["event_id"] for post in listener.posts}) == 4


async def test_each_event_says_what_is_documented(hooked: Lab, listener: Listener) -> None:
    await hooked.send(message="x" * 200)
    await hooked.advance(10_000)
    assert [(post["timestamp"], post["data"]) for post in listener.posts] == [
        (
            "2026-01-01T00:00:00Z",
            {
                "total_recipients": 1,
                "total_messages": 2,
                "total_cost": 0.04,
                "currency": "USD",
                "scheduled_at": None,
            },
        ),
        ("2026-01-01T00:00:01Z", {"recipient_phone": NUMBER, "carrier": "sim"}),
        (
            "2026-01-01T00:00:03Z",
            {"recipient_phone": NUMBER, "carrier": "sim", "sent_at": "2026-01-01T00:00:03Z"},
        ),
        (
            "2026-01-01T00:00:03Z",
            {"recipient_phone": NUMBER, "carrier": "sim", "delivered_at": "2026-01-01T00:00:03Z", "segments": 2},
        ),
    ]
    assert all(set(post) == {"event_id", "event_type", "timestamp", "message_id", "data"} for post in listener.posts)


@pytest.mark.parametrize(
    ("step", "status", "code"),
    [
        (Go(Status.FAILED), "failed", "1401"),
        (Go(Status.UNDELIVERED, cause=CAUSES["absent_subscriber"]), "undelivered", "1502"),
        (Go(Status.REJECTED), "rejected", "1502"),
        (Go(Status.EXPIRED), "expired", "1503"),
        (Go(Status.DELIVERY_UNKNOWN), "delivery_unknown", "1503"),
        (Timeout(), "failed", "1503"),
    ],
)
async def test_every_bad_end_is_one_sms_failed_with_the_true_status(
    make_lab: MakeLab, listener: Listener, step: Go | Timeout, status: str, code: str
) -> None:
    account = Account("acme", api_key=KEY, webhook=WebhookTarget(listener.url))
    lab = await make_lab(account, path=Path("bad", [step]))
    await lab.send()
    await lab.advance(DAY)
    (failed,) = listener.of("sms.failed")
    assert failed["data"]["status"] == status
    assert failed["data"]["error_code"] == code
    assert failed["data"]["error_message"]
    assert failed["data"]["failed_at"] == failed["timestamp"]
    assert set(failed["data"]) == {
        *("recipient_phone", "carrier", "failed_at"),
        *("status", "error_code", "error_message"),
    }


async def test_a_message_that_fails_at_once_has_just_two_events(make_lab: MakeLab, listener: Listener) -> None:
    account = Account("acme", api_key=KEY, webhook=WebhookTarget(listener.url))
    lab = await make_lab(account, path=Path("bad", [Go(Status.FAILED)]))
    await lab.send()
    await lab.advance(0)
    assert listener.types == ["sms.queued", "sms.failed"]


async def test_a_partial_delivery_is_delivered_with_the_segments_that_arrived(
    make_lab: MakeLab, listener: Listener
) -> None:
    account = Account("acme", api_key=KEY, webhook=WebhookTarget(listener.url))
    lab = await make_lab(account, path=Path("partial", [Go(Status.PARTIALLY_DELIVERED, segments=1)]))
    await lab.send(message="x" * 200)
    await lab.advance(0)
    assert listener.of("sms.delivered")[0]["data"]["segments"] == 1


async def test_the_carriers_own_retries_make_no_event(make_lab: MakeLab, listener: Listener) -> None:
    retries = Attempts(3, Waits(list=(60_000,)), then=(Go(Status.UNKNOWN), Go(Status.SENT), Go(Status.UNKNOWN)))
    account = Account("acme", api_key=KEY, webhook=WebhookTarget(listener.url))
    lab = await make_lab(account, path=Path("retried", [retries, Go(Status.SENT), Go(Status.DELIVERED)]))
    await lab.send()
    await lab.advance(HOUR)
    assert listener.types == ["sms.queued", "sms.processing", "sms.sent", "sms.delivered"]


async def test_a_batch_is_queued_once_and_walks_for_each_recipient(hooked: Lab, listener: Listener) -> None:
    await hooked.send("+1", "2", "+1")
    await hooked.advance(10_000)
    assert listener.types.count("sms.queued") == 1
    phones = [post["data"]["recipient_phone"] for post in listener.of("sms.delivered")]
    assert phones == ["+1", "+2", "+1"]
    assert len({post["event_id"] for post in listener.posts}) == 10


async def test_the_carrier_is_named_by_the_longest_prefix(make_lab: MakeLab, listener: Listener) -> None:
    carriers = (("+243", "other_drc"), ("24381", "vodacom_drc"))
    settings = GatewaySettings(carriers=carriers, default_carrier="nobody")
    lab = await make_lab(Account("acme", api_key=KEY, webhook=WebhookTarget(listener.url)), settings=settings)
    await lab.send("+243812345678", "243998857000", "+1")
    await lab.advance(1000)
    named = [post["data"]["carrier"] for post in listener.of("sms.processing")]
    assert named == ["vodacom_drc", "other_drc", "nobody"]


# ---- to whom ----


async def test_webhook_and_callback_both_get_every_event(hooked: Lab, listener: Listener) -> None:
    await hooked.send(callback_url=f"http://127.0.0.1:{listener.port}/callback")
    await hooked.advance(10_000)
    for path in ("/hook", "/callback"):
        assert [request[0] for request in listener.requests].count(path) == 4


async def test_a_callback_that_is_the_webhook_gets_each_event_once(hooked: Lab, listener: Listener) -> None:
    await hooked.send(callback_url=listener.url)
    await hooked.advance(10_000)
    assert len(listener.posts) == 4


async def test_a_callback_alone_is_enough(lab: Lab, listener: Listener) -> None:
    await lab.send(callback_url=listener.url)
    await lab.advance(10_000)
    assert len(listener.posts) == 4


async def test_nobody_who_listens_costs_no_date_in_the_calendar(lab: Lab) -> None:
    await lab.send("+1", "+2")
    assert lab.clock.calendar.next_at is None


async def test_basic_credentials_go_with_every_post_callbacks_included(make_lab: MakeLab, listener: Listener) -> None:
    webhook = WebhookTarget(listener.url, "usér", "p:w")
    lab = await make_lab(Account("acme", api_key=KEY, webhook=webhook))
    await lab.send(callback_url=f"http://127.0.0.1:{listener.port}/callback")
    await lab.advance(0)
    expected = "Basic " + b64encode("usér:p:w".encode()).decode()
    assert [headers["Authorization"] for _, headers, _ in listener.requests] == [expected, expected]


@pytest.mark.parametrize(("username", "password"), [(None, None), ("u", None), (None, "p"), ("", "p"), ("u", "")])
async def test_without_both_of_them_there_is_no_such_header(
    make_lab: MakeLab, listener: Listener, username: str | None, password: str | None
) -> None:
    lab = await make_lab(Account("acme", api_key=KEY, webhook=WebhookTarget(listener.url, username, password)))
    await lab.send()
    await lab.advance(0)
    assert "Authorization" not in listener.requests[0][1]


async def test_a_post_is_json_and_unsigned(hooked: Lab, listener: Listener) -> None:
    await hooked.send()
    await hooked.advance(0)
    headers = listener.requests[0][1]
    assert headers["Content-Type"] == "application/json"
    assert "X-Lisoloo-Signature" not in headers


async def test_a_scenario_can_have_posts_signed(make_lab: MakeLab, listener: Listener) -> None:
    account = Account("acme", api_key=KEY, webhook=WebhookTarget(listener.url))
    lab = await make_lab(account, settings=GatewaySettings(webhook_secret="s3cret"))
    await lab.send()
    await lab.advance(0)
    _, headers, body = listener.requests[0]
    assert headers["X-Lisoloo-Signature"] == hmac.new(b"s3cret", body, "sha256").hexdigest()
    assert headers["X-Lisoloo-Timestamp"] == str(lab.clock.now() // SECOND)


# ---- again ----


async def times(listener: Listener, lab: Lab, *waits: int) -> list[int]:
    """How many posts there have been after each wait."""
    counted = []
    for wait in waits:
        await lab.advance(wait)
        counted.append(len(listener.posts))
    return counted


async def test_a_server_error_is_retried_after_30s_2m_10m_1h_and_then_dropped(
    make_lab: MakeLab, listener: Listener
) -> None:
    account = Account("acme", api_key=KEY, webhook=WebhookTarget(listener.url))
    lab = await make_lab(account, path=Path("slow", [Go(Status.DELIVERED, Fixed(23 * HOUR))]))
    listener.answer(500, 502, 503, 504, 599)
    await lab.send()
    waits = (0, 30 * SECOND - 1, 1, 2 * MINUTE - 1, 1, 10 * MINUTE - 1, 1, HOUR - 1, 1, 20 * HOUR)
    assert await times(listener, lab, *waits) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert len({post["event_id"] for post in listener.posts}) == 1
    assert len({body for _, _, body in listener.requests}) == 1
    assert lab.gateway.webhooks.dropped == 1


@pytest.mark.parametrize("status", [200, 201, 204, 299, 301, 302, 307, 308, 400, 401, 404, 408, 410, 429])
async def test_any_other_answer_is_final_and_no_redirect_is_followed(
    hooked: Lab, listener: Listener, status: int
) -> None:
    listener.answer(status)
    await hooked.send()
    await hooked.advance(HOUR)
    assert len(listener.posts) == 4
    assert {request[0] for request in listener.requests} == {"/hook"}


async def test_an_endpoint_that_comes_back_gets_what_it_missed(hooked: Lab, listener: Listener) -> None:
    listener.answer(500, 200)
    await hooked.send()
    await hooked.advance(HOUR)
    assert listener.types == ["sms.queued", "sms.processing", "sms.sent", "sms.delivered", "sms.queued"]


async def test_a_connection_that_is_refused_is_retried(make_lab: MakeLab, unused_tcp_port: int) -> None:
    lab = await make_lab()
    identifier = (await lab.send(callback_url=f"http://127.0.0.1:{unused_tcp_port}/")).id
    await lab.advance(2 * HOUR)
    attempts = lab.message(identifier).attempts or []
    queued = [attempt for attempt in attempts if attempt.event_type == "sms.queued"]
    assert [attempt.number for attempt in queued] == [1, 2, 3, 4, 5]
    assert all(attempt.status is None and attempt.error for attempt in queued)


async def test_an_answer_that_takes_10_seconds_of_simulated_time_is_a_failure(hooked: Lab, listener: Listener) -> None:
    hooked.clock.activity.patience_s = 0.2
    hang = asyncio.Event()

    async def never(request: web.Request) -> web.Response:
        await hang.wait()
        return web.Response()

    listener.reply = never
    message = hooked.message((await hooked.send()).id)
    await hooked.advance(10 * SECOND - 1)
    assert not message.attempts
    await hooked.advance(1)
    await hooked.advance(0)
    assert [(a.status, a.error, a.latency) for a in message.attempts or []][:1] == [(None, "timeout", 10_000)]
    hang.set()


async def test_retries_and_time_out_are_settings(make_lab: MakeLab, listener: Listener) -> None:
    settings = GatewaySettings(webhook_retries=Retries(2, (5 * SECOND,)))
    lab = await make_lab(settings=settings)
    listener.answer(500)
    await lab.send(callback_url=listener.url)
    await lab.advance(HOUR)
    assert listener.types.count("sms.queued") == 3


async def test_attempts_are_noted_with_the_message(hooked: Lab, listener: Listener) -> None:
    listener.answer(503, 200)
    message = hooked.message((await hooked.send()).id)
    await hooked.advance(0)
    (attempt,) = message.attempts or []
    assert attempt.url == listener.url
    assert (attempt.event_type, attempt.number, attempt.status, attempt.recipient) == ("sms.queued", 1, 503, None)
    assert attempt.retry_at == attempt.at + 30 * SECOND
    assert not attempt.ok
    await hooked.advance(30 * SECOND)
    assert (message.attempts or [])[-1].ok


async def test_only_so_many_attempts_are_kept(hooked: Lab, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "ATTEMPTS_PER_RECIPIENT", 4)
    listener.answer(500)
    message = hooked.message((await hooked.send()).id)
    await hooked.advance(DAY)
    assert len(listener.posts) == 20
    assert len(message.attempts or []) <= 4


async def test_others_can_listen_to_attempts(hooked: Lab) -> None:
    heard: list[tuple[str, str]] = []
    hooked.gateway.webhooks.listeners.append(lambda message, attempt: heard.append((message.id, attempt.event_type)))
    identifier = (await hooked.send()).id
    await hooked.advance(0)
    assert heard == [(identifier, "sms.queued")]


# ---- order, and each other ----


async def test_events_come_in_the_order_in_which_they_happen(hooked: Lab, listener: Listener) -> None:
    for _ in range(20):
        await hooked.send("+1", "+2", "+3")
    await hooked.advance(10_000)
    assert [post["timestamp"] for post in listener.posts] == sorted(post["timestamp"] for post in listener.posts)
    assert len(listener.posts) == 20 * 10


async def test_a_scenario_can_have_them_shuffled_the_same_way_each_time(make_lab: MakeLab, listener: Listener) -> None:
    orders = []
    for _ in range(2):
        listener.posts.clear()
        account = Account("acme", api_key=KEY, webhook=WebhookTarget(listener.url))
        lab = await make_lab(account, settings=GatewaySettings(webhook_shuffle=5000))
        await lab.send("+1", "+2", "+3")
        await lab.advance(60_000)
        orders.append([post["event_id"] for post in listener.posts])
    assert orders[0] == orders[1]
    assert len(orders[0]) == 10
    assert [post["timestamp"] for post in listener.posts] != sorted(post["timestamp"] for post in listener.posts)


async def test_the_same_seed_gives_the_same_bodies(make_lab: MakeLab, listener: Listener) -> None:
    bodies = []
    for _ in range(2):
        listener.requests.clear()
        lab = await make_lab(Account("acme", api_key=KEY, webhook=WebhookTarget(listener.url)), seed=5)
        await lab.send("+1", "+2")
        await lab.advance(60_000)
        bodies.append([body for _, _, body in listener.requests])
    assert bodies[0] == bodies[1]


async def test_a_dead_endpoint_costs_the_others_nothing(hooked: Lab, listener: Listener) -> None:
    hooked.clock.activity.patience_s = 0.2
    hang = asyncio.Event()

    async def half(request: web.Request) -> web.Response:
        if request.path == "/dead":
            await hang.wait()
        return web.Response()

    listener.reply = half
    await hooked.send(callback_url=f"http://127.0.0.1:{listener.port}/dead")
    await hooked.advance(5_000)
    arrived = [
        post["event_type"]
        for request, post in zip(listener.requests, listener.posts, strict=True)
        if request[0] == "/hook"
    ]
    assert arrived == ["sms.queued", "sms.processing", "sms.sent", "sms.delivered"]
    hang.set()


async def test_one_that_keeps_a_post_waiting_gets_the_next_ones_meanwhile_up_to_a_bound(
    hooked: Lab, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooked.clock.activity.patience_s = 0.2
    monkeypatch.setattr(webhooks, "PROMPT_S", 0.01)
    hang, full = asyncio.Event(), asyncio.Event()
    waiting = most = 0

    async def slow(request: web.Request) -> web.Response:
        nonlocal waiting, most
        waiting += 1
        most = max(most, waiting)
        if waiting == webhooks.MOST_IN_FLIGHT:
            full.set()
        await hang.wait()
        waiting -= 1
        return web.Response()

    listener.reply = slow
    await hooked.send(*[f"+{n}" for n in range(100)])
    await hooked.advance(1000)
    await full.wait()
    hang.set()
    await hooked.settle()
    assert most == webhooks.MOST_IN_FLIGHT
    assert listener.types.count("sms.processing") == 100


async def test_an_idle_target_is_forgotten(hooked: Lab, listener: Listener) -> None:
    for number in range(5):
        await hooked.send(callback_url=f"http://127.0.0.1:{listener.port}/{number}")
    await hooked.advance(60_000)
    assert hooked.gateway.webhooks.pending == 0
    assert not hooked.gateway.webhooks._lanes


async def test_a_full_queue_drops_what_comes_later(
    hooked: Lab, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "MOST_QUEUED", 10)
    await hooked.send(*[f"+{n}" for n in range(100)])
    await hooked.advance(1000)
    assert hooked.gateway.webhooks.dropped == 90
    assert listener.types.count("sms.processing") == 10


async def test_an_observer_makes_no_webhooks_where_nobody_listens(lab: Lab) -> None:
    class Eye:
        def accepted(self, message: object) -> None: ...
        def refused(self, message: object, refusal: object) -> None: ...
        def happened(self, steps: object) -> None: ...

    lab.engine.observers.append(Eye())
    await lab.send()
    await lab.advance(10_000)
    assert lab.gateway.webhooks.posted == 0


async def test_stopping_the_gateway_does_not_wait_for_a_dead_endpoint(
    hooked: Lab, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "DRAIN_S", 0.05)

    async def never(request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    listener.reply = never
    await hooked.send()
    await listener.heard.wait()
    await hooked.gateway.stop()
    assert hooked.clock.activity.in_flight == 0


async def test_each_recipient_of_a_mixed_batch_gets_its_own_end(make_lab: MakeLab, listener: Listener) -> None:
    rules = [
        Rule("bad", Path("bad", [Go(Status.UNDELIVERED)]), Match(to=glob(["1"], number=True))),
        Rule("good", DELIVERED),
    ]
    lab = await make_lab(Account("acme", api_key=KEY, webhook=WebhookTarget(listener.url)), rules=rules)
    await lab.send("+1", "+2")
    await lab.advance(10_000)
    ends = {
        post["data"]["recipient_phone"]: post["event_type"]
        for post in listener.posts
        if post["event_type"] in ("sms.failed", "sms.delivered")
    }
    assert ends == {"+1": "sms.failed", "+2": "sms.delivered"}
