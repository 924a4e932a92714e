"""The OpenAPI document is true: schemathesis asks the gateway everything that it allows, and much that it doesn't."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from simulator.engine import Account, Accounts, Engine, GatewaySettings, Limits, ManualClock, Rules
from simulator.gateway import BASE_PATH, CATALOGUE, Gateway
from simulator.gateway.errors import ApiError, envelope
from simulator.gateway.events import EVENTS
from simulator.gateway.openapi import MISTAKES, OPERATIONS, REQUESTS, document

from .conftest import DELIVERED, KEY, NUMBER, Lab, Listener, MakeLab, refusing

BOUNDED = settings(
    max_examples=400,
    deadline=None,
    derandomize=False,
    database=None,
    suppress_health_check=list(HealthCheck),
)
DOCUMENT = document(GatewaySettings())

# what a schema can't say: dates that aren't over and don't make too many dispatches, URLs that are nobody's
schemathesis.openapi.format("date", st.integers(2, 6).map(lambda day: f"2026-01-{day:02}"))
schemathesis.openapi.format("uri", st.sampled_from(["http://127.0.0.1:9/hook", "https://hook.invalid/?a=b"]))

api = schemathesis.openapi.from_dict(DOCUMENT)


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


@api.parametrize()
@BOUNDED
def test_every_operation_answers_as_documented(case: schemathesis.Case, base_url: str) -> None:
    case.call_and_validate(base_url=base_url, headers={"app-key": KEY})
