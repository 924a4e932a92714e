"""Simulations that leave a journal: played by the runner, or by hand under a manual clock."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

import simulator.runner.run
from simulator import Simulator
from simulator.gateway import BASE_PATH
from simulator.journal import Difference, JournalWriter, read_journal, replay
from simulator.runner import Report, run_scenario
from simulator.scenario import load

KEY = "sk_test_journal0000000000000000000000001"
SCENARIO = """
scenario: 1
name: journal
accounts:
  - {name: acme, api_key: sk_test_journal0000000000000000000000001, system_id: acme, password: secret,
     limits: {send: 1000/m}}
paths:
  quick: [processing: 50ms, accepted: 100ms, sent: 350ms, delivered: 1s..3s]
  off:
    - accepted: 100ms
    - enroute: 1s
    - attempts: {fail: 2, error: absent_subscriber, every: [20m, 80m], then: [{undelivered: 1s}]}
rules:
  - match: {to: "*99"}
    reject: {error_code: 1201, command_status: ESME_RTHROTTLED}
  - match: {text: lost}
    path: timeout
  - match: {to: "*5"}
    path: off
  - outcomes: {quick: 80, off: 20}
"""
TRAFFIC = """
traffic:
  - send: {via: http, account: acme, to: "+1555010{n:02}", message: "hello {n}", count: 12, callback: true}
  - send: {via: http, account: acme, to: ["+15550115", "+15550116"], message: "to both"}
  - send: {via: smpp, account: acme, to: "+1555020{n:02}", message: "hello {n}", count: 30, rate: 10/s}
  - send: {via: smpp, account: acme, to: "+15550299", message: "refused"}
  - send: {id: forced, via: http, account: acme, to: "+15550300", message: "lost"}
  - send: {id: later, via: http, account: acme, to: "+15550301", message: "tomorrow",
           scheduled_dates: [{date: "2026-01-03", time: "10:00"}]}
  - inbound: {account: acme, from: "+15550400", to: "12345", message: "STOP"}
  - wait: 1h
  - force: {message: forced, status: rejected}
  - cancel: {message: later}
  - wait: 24h
"""

RunJournaled = Callable[..., Awaitable[Report]]


@pytest.fixture
def run_journaled(monkeypatch: pytest.MonkeyPatch) -> RunJournaled:
    """Plays a scenario file as `carrier-sim run` does, and writes a journal of it."""

    async def run(scenario: Path, journal: Path, **options: Any) -> Report:
        def make(*args: Any, **more: Any) -> Simulator:
            sim = Simulator(*args, **more)
            JournalWriter(journal, sim)
            return sim

        monkeypatch.setattr(simulator.runner.run, "Simulator", make)
        return await run_scenario(load(scenario), **options)

    return run


class Client:
    """An HTTP client of a simulation."""

    def __init__(self, sim: Simulator, session: ClientSession) -> None:
        self.sim = sim
        self._session = session

    async def ask(self, method: str, path: str, body: Any = None, key: str = KEY, **headers: str) -> Any:
        url = self.sim.base_url + BASE_PATH + path
        async with self._session.request(method, url, json=body, headers={"app-key": key, **headers}) as response:
            return await response.json()

    async def send(self, to: str | list[str], text: str = "hello", **more: Any) -> Any:
        numbers = [to] if isinstance(to, str) else to
        return await self.ask("POST", "/send", {"to": numbers, "message": text, "sender_id": "ACME", **more})


Journaled = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture
def journaled(tmp_path: Path) -> Journaled:
    """A simulation under a manual clock that writes `name` into tmp_path."""
    file = tmp_path / "journal.yaml"
    file.write_text(SCENARIO)

    @asynccontextmanager
    async def start(name: str = "journal.jsonl", scenario: Any = None, **options: Any) -> AsyncIterator[Client]:
        options.setdefault("clock", "manual")
        sim = Simulator(scenario or file, **options)
        JournalWriter(tmp_path / name, sim)
        async with sim, ClientSession() as session:
            yield Client(sim, session)

    return start


async def replayed(journal: Path, **options: Any) -> Difference | None:
    return await replay(read_journal(journal), **options)


def events(journal: Path, kind: str | None = None) -> list[dict[str, Any]]:
    return [event for _, event in read_journal(journal).events if kind in (None, event["e"])]


async def at_once(*coroutines: Awaitable[Any]) -> list[Any]:
    return await asyncio.gather(*coroutines)
