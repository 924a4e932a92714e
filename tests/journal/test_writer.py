"""What is in a journal, and when it is on the disk."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from simulator import Simulator, __version__
from simulator.journal import JournalWriter, read_journal, writer
from simulator.scenario import load_text
from tests.journal.conftest import KEY, SCENARIO, Journaled, RunJournaled, events

SHIPPED = Path(__file__).parents[2] / "scenarios"


async def test_the_first_line_has_all_that_it_takes_to_play_again(tmp_path: Path, journaled: Journaled) -> None:
    (tmp_path / "common.yaml").write_text("paths: {mine: [accepted, delivered: 1s]}\n")
    main = tmp_path / "main.yaml"
    main.write_text("scenario: 1\nname: main\ninclude: common.yaml\nrules: [{path: mine}]\n")
    async with journaled(scenario=main, seed=5):
        pass
    header = read_journal(tmp_path / "journal.jsonl").header
    assert list(header) == ["journal", "version", "scenario", "file", "files", "seed", "clock", "start", "accounts"]
    assert header["version"] == __version__
    assert (header["seed"], header["clock"], header["start"]) == (5, "manual", "2026-01-01T00:00:00.000Z")
    assert header["files"] == {name: (tmp_path / name).read_text() for name in ("main.yaml", "common.yaml")}


async def test_a_send_is_there_with_all_that_came_of_it(tmp_path: Path, journaled: Journaled) -> None:
    async with journaled() as client:
        answer = await client.send("+15550105", "hello")
        await client.sim.advance("1d")
    identifier = answer["data"]["message_id"]
    found = events(tmp_path / "journal.jsonl")
    assert [event["e"] for event in found] == ["http", "accepted", "advance", *["status"] * 6, "end"]
    http, accepted, _, *walk = found[:-1]
    assert http["body"] == '{"to": ["+15550105"], "message": "hello", "sender_id": "ACME"}'
    assert (http["account"], http["key"], http["status"], http["id"]) == ("acme", KEY, 201, identifier)
    assert (accepted["id"], accepted["to"], accepted["text"], accepted["status"]) == (
        identifier,
        ["+15550105"],
        "hello",
        "pending",
    )
    assert [(event["t"][11:], event["status"], event.get("attempt")) for event in walk] == [
        ("00:00:00.100Z", "processing", None),
        ("00:00:00.100Z", "accepted", None),
        ("00:00:01.100Z", "enroute", None),
        ("00:00:01.100Z", "enroute", 1),
        ("00:20:01.100Z", "enroute", 2),
        ("01:40:02.100Z", "undelivered", None),
    ]


async def test_every_line_begins_with_its_instant_and_its_kind(tmp_path: Path, run_journaled: RunJournaled) -> None:
    await run_journaled(SHIPPED / "magic-suffixes.yaml", tmp_path / "journal.jsonl")
    lines = (tmp_path / "journal.jsonl").read_text().splitlines()
    assert all(list(json.loads(line))[:2] == ["t", "e"] for line in lines[1:])
    instants = [json.loads(line)["t"] for line in lines[1:]]
    assert instants == sorted(instants)


async def test_nothing_real_is_in_it(tmp_path: Path, run_journaled: RunJournaled) -> None:
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text(
        SCENARIO + "traffic: [{send: {via: http, account: acme, to: '+15550101', message: hi, callback: true}}]\n"
    )
    await run_journaled(scenario, tmp_path / "journal.jsonl")
    found = events(tmp_path / "journal.jsonl")
    http = next(event for event in found if event["e"] == "http")
    assert '"callback_url":"http://127.0.0.1/callback/acme"' in http["body"]
    assert {event["url"] for event in found if event["e"] == "webhook"} == {
        "http://127.0.0.1/callback/acme",
        "http://127.0.0.1/webhook/acme",
    }


async def test_a_reset_is_in_it_with_what_comes_then(tmp_path: Path, journaled: Journaled) -> None:
    async with journaled() as client:
        await client.send("+15550101")
        await client.sim.reset(seed=9)
        await client.send("+15550102")
    kinds = [event["e"] for event in events(tmp_path / "journal.jsonl")]
    assert kinds == ["http", "accepted", "reset", "http", "accepted", "end"]
    assert events(tmp_path / "journal.jsonl", "reset")[0]["seed"] == 9


async def test_the_rest_is_written_a_second_after_it_happened(
    tmp_path: Path, journaled: Journaled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "FLUSH_S", 0.0)
    async with journaled() as client:
        answers = []
        for n in range(3):  # all in one instant, which is written over when there is more of it
            answers.append(await client.send(f"+1555010{n}"))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            found = read_journal(tmp_path / "journal.jsonl")
            assert not found.ended
            assert len([event for _, event in found.events if event["e"] == "accepted"]) == n + 1
    assert len(events(tmp_path / "journal.jsonl", "accepted")) == 3


KILLED = """
import asyncio, sys
from simulator import Simulator
from simulator.journal import JournalWriter, writer
writer.FLUSH_S = 0.01

async def main():
    sim = Simulator(clock="real")
    JournalWriter(sys.argv[1], sim)
    async with sim:
        print(sim.base_url, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_a_killed_process_leaves_what_happened_before(tmp_path: Path, journaled: Journaled) -> None:
    from aiohttp import ClientSession

    journal = tmp_path / "killed.jsonl"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, str(journal), stdout=subprocess.PIPE, cwd=os.getcwd()
    )
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip()
    body = {"to": ["+15550101"], "message": "hello", "sender_id": "ACME"}
    async with (
        ClientSession(headers={"app-key": "sk_test_" + "0" * 32}) as session,
        session.post(f"{url}/api/v1/lisoloo/sms-api/send", json=body) as response,
    ):
        assert response.status == 201
    while b'"accepted"' not in journal.read_bytes():  # noqa: ASYNC110  # it is another process that writes
        await asyncio.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    found = read_journal(journal)
    assert not found.ended
    assert "accepted" in [event["e"] for _, event in found.events]


async def test_a_journal_that_can_not_be_written_ends_and_the_simulation_goes_on(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    sim = Simulator(load_text(SCENARIO), clock="manual")
    JournalWriter("/dev/full", sim)
    async with sim:
        await sim.advance("1s")
    assert "the journal /dev/full ends here" in caplog.text


async def test_an_instant_with_very_many_events_is_written_in_parts(
    tmp_path: Path, journaled: Journaled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "MOST_IN_AN_INSTANT", 3)
    async with journaled() as client:
        for n in range(5):
            await client.send(f"+1555010{n}")
    assert len(events(tmp_path / "journal.jsonl", "accepted")) == 5


def test_half_a_surrogate_pair_can_be_written_and_read(tmp_path: Path) -> None:
    event = {"t": "2026-01-01T00:00:00.000Z", "e": "accepted", "text": "half \ud83d"}
    (tmp_path / "journal.jsonl").write_bytes(b'{"journal":1}\n' + writer.line(event))
    assert read_journal(tmp_path / "journal.jsonl").events == [(2, event)]


async def test_after_the_end_nothing_listens_any_more(tmp_path: Path) -> None:
    sim = Simulator(clock="manual")
    writing = JournalWriter(tmp_path / "journal.jsonl", sim)
    async with sim:
        writing.close()
        assert sim.engine.observers == sim.engine.on_force == sim.gateway.listeners == sim.listeners == []
        assert sim.smsc.frame_listeners == []
        await sim.advance("1s")
    assert read_journal(tmp_path / "journal.jsonl").ended
