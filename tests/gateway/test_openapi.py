"""The OpenAPI document is true: schemathesis asks the gateway everything that it allows, and much that it doesn't."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from simulator.engine import (
    Account,
    Accounts,
    Engine,
    Fixed,
    GatewaySettings,
    Go,
    Limits,
    ManualClock,
    Path,
    Rate,
    Rules,
    Status,
    WebhookTarget,
)
from simulator.engine.statuses import TERMINAL
from simulator.gateway import BASE_PATH, CATALOGUE, Gateway
from simulator.gateway.events import EVENTS
from simulator.gateway.openapi import MISTAKES, OPERATIONS, REQUESTS, Operation, document, document_json

from .conftest import DELIVERED, KEY, Answer, Lab, Listener, MakeLab, refusing

BOUNDED = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
DOCUMENT = document(GatewaySettings())

# what a schema can't say: dates that aren't over and don't make too many dispatches, URLs that are nobody's
schemathesis.openapi.format("date", st.integers(2, 6).map(lambda day: f"2026-01-{day:02}"))
schemathesis.openapi.format("uri", st.sampled_from(["http://127.0.0.1:9/hook", "https://hook.invalid/?a=b"]))

api = schemathesis.openapi.from_dict(document(GatewaySettings()))
of_messages = schemathesis.openapi.from_dict(document(GatewaySettings()))
of_messages.config.generation.update(modes=[GenerationMode.POSITIVE])


@schemathesis.hook
def map_body(context: schemathesis.HookContext, body: Any) -> Any:
    """Nor can it say that a recurrence ends after it begins."""
    match body:
        case {"recurring_schedule": {"start_date": str(start), "end_date": str(end), **rest}} if start > end:
            return {**body, "recurring_schedule": {**rest, "start_date": end, "end_date": start}}
    return body


@contextmanager
def in_a_thread(account: Account) -> Iterator[str]:
    """A gateway with an event loop of its own; yields its URL. It posts to nobody, as the URLs are made up."""
    loop = asyncio.new_event_loop()
    engine = Engine(ManualClock(), Rules([], DELIVERED))

    async def start() -> tuple[Gateway, int]:
        gateway = Gateway(engine, Accounts([account]))
        gateway.webhooks.publish = lambda event: None  # type: ignore[method-assign]
        return gateway, await gateway.start()

    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        gateway, port = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
        yield f"http://127.0.0.1:{port}{BASE_PATH}"
        asyncio.run_coroutine_threadsafe(gateway.stop(), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    unlimited = Limits(send=None, status=None, balance=None)
    with in_a_thread(Account("acme", api_key=KEY, balance=1e12, limits=unlimited)) as url:
        yield url


# ---- schemathesis ----


@api.parametrize()
@BOUNDED
def test_every_operation_answers_as_documented(case: schemathesis.Case, base_url: str) -> None:
    case.call_and_validate(base_url=base_url, headers={"app-key": KEY})


@of_messages.include(path_regex=r"\{message_id\}$").parametrize()
@settings(BOUNDED, max_examples=5)
def test_so_do_those_for_messages_that_exist(case: schemathesis.Case, base_url: str) -> None:
    for kind, body in REQUESTS.items():
        sent = requests.post(f"{base_url}/send", json=body, headers={"app-key": KEY}, timeout=10)
        case.path_parameters = {"message_id": sent.json()["data"]["message_id"]}
        immediate = kind == "immediate" and case.operation.path != "/status/{message_id}"
        response = case.call_and_validate(
            base_url=base_url,
            headers={"app-key": KEY},
            excluded_checks=[positive_data_acceptance] if immediate else [],  # it is the message that doesn't fit
        )
        assert response.status_code == (400 if immediate else 200)


async def test_the_links_of_a_message_lead_to_what_can_be_done_with_it(lab: Lab) -> None:
    sent = await lab.ask("POST", "/send", json=REQUESTS["scheduled"])
    links = documented("POST", "/send", 201)["links"]
    assert {link["operationId"] for link in links.values()} == {each.id for each in OPERATIONS if each.takes_id}
    for operation in sorted((each for each in OPERATIONS if each.id in links), key=lambda each: "cancel" in each.id):
        answer = await lab.ask(operation.method, operation.path.format(message_id=sent.id))
        assert answer.status == 200


# ---- each answer against the document ----


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    whole = {**schema, "components": DOCUMENT["components"]}
    return Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)


def documented(method: str, path: str, status: int) -> dict[str, Any]:
    answer: dict[str, Any] = DOCUMENT["paths"][path][method.lower()]["responses"][str(status)]
    return answer


def schema_of(answer: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = answer["content"]["application/json"]["schema"]
    return schema


@pytest.mark.parametrize("code", sorted(CATALOGUE))
async def test_each_code_is_an_answer_of_send_that_the_document_has(make_lab: MakeLab, code: str) -> None:
    answer = await (await make_lab(rules=refusing(code))).send()
    described = documented("POST", "/send", answer.status)
    validator(schema_of(described)).validate(answer.body)
    assert code in described["content"]["application/json"]["examples"]
    assert ("Retry-After" in answer.headers) == CATALOGUE[code].retryable
    assert ("Retry-After" in described.get("headers", {})) >= CATALOGUE[code].retryable


@pytest.mark.parametrize(("code", "change"), MISTAKES.items())
async def test_each_mistake_that_the_document_shows_is_answered_as_it_shows(
    lab: Lab, code: str, change: dict[str, Any]
) -> None:
    answer = await lab.ask("POST", "/send", json={**REQUESTS["immediate"], **change})
    described = documented("POST", "/send", 400)
    shown = described["content"]["application/json"]["examples"][code]["value"]
    live = ("timestamp", "request_id")
    assert {**answer.body, **dict.fromkeys(live)} == {**shown, **dict.fromkeys(live)}


@pytest.mark.parametrize("kind", REQUESTS)
async def test_each_request_that_the_document_shows_is_taken(lab: Lab, kind: str) -> None:
    answer = await lab.ask("POST", "/send", json=REQUESTS[kind])
    validator(schema_of(documented("POST", "/send", 201))).validate(answer.body)
    assert answer.data["sending_type"] == kind


async def ask_all(lab: Lab, **how: Any) -> list[tuple[Operation, Answer]]:
    return [
        (operation, await lab.ask(operation.method, operation.path.format(message_id="0" * 24), **how))
        for operation in OPERATIONS
    ]


@pytest.mark.parametrize(
    ("account", "key", "code"),
    [
        (Account("acme", api_key=KEY), "other", "1001"),
        (Account("acme", api_key=KEY), None, "1002"),
        (Account("acme", api_key=KEY, allow=("10.0.0.0/8",)), KEY, "1003"),
        (Account("acme", api_key=KEY, status="suspended"), KEY, "1004"),
        (Account("acme", api_key=KEY, status="expired"), KEY, "1005"),
    ],
)
async def test_a_refused_key_is_documented_wherever_a_key_is_asked_for(
    make_lab: MakeLab, account: Account, key: str | None, code: str
) -> None:
    for operation, answer in await ask_all(await make_lab(account), key=key):
        assert (answer.status >= 400) == operation.key
        validator(schema_of(documented(operation.method, operation.path, answer.status))).validate(answer.body)
        assert not operation.key or answer.code == code


async def test_a_rate_limit_is_documented_wherever_there_is_one(make_lab: MakeLab) -> None:
    none = Rate(0, 60_000)
    lab = await make_lab(Account("acme", api_key=KEY, limits=Limits(send=none, status=none, balance=none)))
    for operation, answer in await ask_all(lab):
        responses = DOCUMENT["paths"][operation.path][operation.method.lower()]["responses"]
        assert (answer.status == 429) == ("429" in responses and operation.id != "getHealth")
        validator(schema_of(responses[str(answer.status)])).validate(answer.body)


async def test_another_method_is_documented_everywhere(lab: Lab) -> None:
    for operation in OPERATIONS:
        answer = await lab.ask("PUT", operation.path.format(message_id="0" * 24))
        described = documented(operation.method, operation.path, 405)
        validator(schema_of(described)).validate(answer.body)
        assert answer.headers["Allow"] == operation.method
        assert "Allow" in described["headers"]


async def test_a_message_that_cant_be_managed_is_documented(lab: Lab) -> None:
    sent = await lab.send()
    for method, path in (("DELETE", "/cancel/{message_id}"), ("POST", "/pause/{message_id}")):
        answer = await lab.ask(method, path.format(message_id=sent.id))
        validator(schema_of(documented(method, path, 400))).validate(answer.body)


async def test_an_account_without_wallets_is_documented(make_lab: MakeLab) -> None:
    lab = await make_lab(Account("acme", api_key=KEY, balance=None, postpaid=None))
    validator(schema_of(documented("GET", "/balance", 400))).validate((await lab.ask("GET", "/balance")).body)


@pytest.mark.parametrize("status", [status for status in Status if status in TERMINAL])
async def test_each_end_of_a_message_has_a_status_and_events_that_the_document_has(
    make_lab: MakeLab, listener: Listener, status: Status
) -> None:
    path = Path(str(status), [Go(Status.SENT, Fixed(1000)), Go(status, Fixed(1000))])
    if status is Status.REJECTED:
        path = Path(str(status), [Go(status, Fixed(1000))])
    lab = await make_lab(Account("acme", api_key=KEY, webhook=WebhookTarget(listener.url)), path=path)
    sent = await lab.send(message="x" * 200)
    await lab.advance(3000)
    answer = await lab.status(sent.id)
    assert answer.data["status"] == status
    validator(schema_of(documented("GET", "/status/{message_id}", 200))).validate(answer.body)
    assert listener.types[0] == "sms.queued"
    for post in listener.posts:
        body = DOCUMENT["webhooks"][post["event_type"]]["post"]["requestBody"]
        validator(schema_of(body)).validate(post)
    callback = DOCUMENT["paths"]["/send"]["post"]["callbacks"]["events"]["{$request.body#/callback_url}"]["post"]
    for post in listener.posts:
        validator(schema_of(callback["requestBody"])).validate(post)


# ---- the document itself ----


@pytest.mark.parametrize(
    "how", [GatewaySettings(), GatewaySettings(webhook_secret="s", cancel_within=True, https_only=True)]
)
def test_it_is_valid_openapi(how: GatewaySettings) -> None:
    OpenAPIV31SpecValidator(json.loads(document_json(how))).validate()


def test_each_example_is_what_its_schema_says() -> None:
    found = list(_examples(DOCUMENT))
    assert len(found) > 80
    for schema, example in found:
        validator(schema).validate(example)


def _examples(node: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    if isinstance(node, dict):
        if "schema" in node:
            yield from ((node["schema"], example["value"]) for example in node.get("examples", {}).values())
            if "example" in node:
                yield node["schema"], node["example"]
        for child in node.values():
            yield from _examples(child)


def test_it_describes_each_endpoint_of_the_api_and_no_other() -> None:
    router = Gateway(Engine(ManualClock(), Rules([], DELIVERED)), Accounts()).app.router
    served = {
        (route.method, route.resource.canonical.removeprefix(BASE_PATH))
        for route in router.routes()
        if route.resource is not None and route.method != "*" and route.resource.canonical.startswith(BASE_PATH)
    }
    assert served == {(operation.method, operation.path) for operation in OPERATIONS}


def test_it_describes_each_event() -> None:
    assert tuple(DOCUMENT["webhooks"]) == EVENTS


async def test_it_is_served_without_a_key(lab: Lab) -> None:
    answer = await lab.ask("GET", f"http://127.0.0.1:{lab.port}/openapi.json", key=None)
    assert answer.body == DOCUMENT


async def test_it_tells_of_the_settings_in_force(make_lab: MakeLab) -> None:
    how = GatewaySettings(strict_sender_id=True, webhook_secret="s", cancel_within=True, environment="production")
    lab = await make_lab(settings=how)
    body = (await lab.ask("GET", f"http://127.0.0.1:{lab.port}/openapi.json")).body
    immediate = body["components"]["schemas"]["ImmediateSend"]["properties"]
    assert immediate["sender_id"]["pattern"] == "^[A-Z0-9]{1,11}$"
    assert "cancel_within" in immediate
    assert "production" in body["servers"][0]["description"]
    parameters = body["webhooks"]["sms.sent"]["post"]["parameters"]
    assert {parameter["name"] for parameter in parameters} == {"X-Lisoloo-Signature", "X-Lisoloo-Timestamp"}
