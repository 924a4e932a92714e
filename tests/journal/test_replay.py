"""`replay`: the inputs again, and the first difference."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from aiohttp import web
from typer.testing import CliRunner

from simulator.cli.replay import replay as command
from simulator.journal import JournalError, read_journal, replay
from simulator.scenario import load_text
from simulator.smpp import BindTransceiver, Framer, Pdu, QuerySm, SubmitSm, Unbind, decode, encode
from tests.journal.conftest import SCENARIO, Client, Journaled, RunJournaled, events, replayed

SHIPPED = Path(__file__).parents[2] / "scenarios"


def lines_of(journal: Path) -> list[str]:
    return journal.read_text().splitlines(keepends=True)


def write(journal: Path, lines: list[str]) -> None:
    journal.write_text("".join(lines))


@pytest.mark.parametrize("name", ["happy-path", "magic-suffixes", "throttled-carrier", "several-accounts"])
async def test_a_run_of_a_shipped_scenario_comes_again(tmp_path: Path, run_journaled: RunJournaled, name: str) -> None:
    journal = tmp_path / "journal.jsonl"
    await run_journaled(SHIPPED / f"{name}.yaml", journal)
    assert await replayed(journal) is None


async def test_it_needs_no_file_but_the_journal(tmp_path: Path, journaled: Journaled) -> None:
    folder = tmp_path / "deep"
    folder.mkdir()
    (tmp_path / "common.yaml").write_text("paths: {mine: [accepted, delivered: 1s]}\n")
    main = folder / "main.yaml"
    main.write_text("scenario: 1\nname: main\ninclude: ../common.yaml\nrules: [{path: mine}]\n")
    async with journaled(scenario=main) as client:
        await client.send("+15550101")
        await client.sim.advance("1h")
    main.unlink()
    (tmp_path / "common.yaml").unlink()
    assert await replayed(tmp_path / "journal.jsonl") is None


async def every_kind_of_input(client: Client) -> None:
    """HTTP, its errors, scheduled sends; what is done by hand; a reset and another scenario."""
    sim = client.sim
    sent = await client.send(["+15550101", "+15550105"])
    await client.send("nobody")
    await client.ask("GET", f"/status/{sent['data']['message_id']}")
    await client.ask("GET", "/balance", key="sk_test_" + "9" * 32)
    await client.ask("POST", "/send", {"to": ["+1"]}, **{"Content-Type": "text/plain"})
    later = {"sending_type": "scheduled", "scheduled_dates": [{"date": "2026-01-02", "time": "10:00"}]}
    scheduled = await client.send("+15550102", "tomorrow", **later)
    await sim.advance("1s")
    await client.ask("POST", f"/pause/{scheduled['data']['message_id']}")
    await client.ask("DELETE", f"/cancel/{scheduled['data']['message_id']}")
    await sim.force(sent["data"]["message_id"], "rejected")
    await sim.inbound("acme", "+1555", "12345", "STOP")
    await sim.advance("2d")
    await sim.load("default")
    await client.send("+15550103", "lost")
    await sim.advance("1d")
    await sim.reset(seed=4)
    await client.send("+15550101")
    await sim.advance("1d")


async def test_every_kind_of_input_is_played_again(tmp_path: Path, journaled: Journaled) -> None:
    async with journaled() as client:
        await every_kind_of_input(client)
    assert await replayed(tmp_path / "journal.jsonl") is None
    kinds = {event["e"] for event in events(tmp_path / "journal.jsonl")}
    assert kinds >= {"http", "force", "inbound", "load", "reset", "advance", "accepted", "status"}


class Esme:
    """A client that answers receipts with what it is told, or not at all."""

    def __init__(self, answers: list[int | None]) -> None:
        self._answers = answers
        self._framer = Framer()
        self.responses: asyncio.Queue[Pdu] = asyncio.Queue()

    async def connect(self, address: tuple[str, int]) -> None:
        reader, self._writer = await asyncio.open_connection(*address)
        self._reading = asyncio.get_running_loop().create_task(self._read(reader))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(65536):
            for frame in self._framer.feed(data):
                pdu = decode(frame, validate=False)
                if pdu.response_class is None:
                    await self.responses.put(pdu)
                elif (status := self._answers.pop(0) if self._answers else 0) is not None:
                    response = pdu.response_class(pdu.sequence_number)
                    response.command_status = status
                    self._writer.write(encode(response))

    async def ask(self, pdu: Pdu, number: int) -> Pdu:
        pdu.sequence_number = number
        self._writer.write(encode(pdu))
        return await self.responses.get()

    def write(self, octets: bytes) -> None:
        self._writer.write(octets)

    async def close(self) -> None:
        self._writer.close()
        await self._reading


async def test_sessions_are_played_again_with_receipts_that_were_refused_or_not_answered(
    tmp_path: Path, journaled: Journaled
) -> None:
    async with journaled() as client:
        client.sim.clock.activity.patience_s = 0.05  # for the receipt that is never answered
        esme = Esme([0x58, None, 0])
        await esme.connect(client.sim.smpp_address)
        await esme.ask(BindTransceiver(system_id="acme", password="secret"), 1)
        for n in (2, 3):
            submit = SubmitSm(source_addr="ACME", destination_addr=f"1555010{n}", short_message=b"hello")
            submit.registered_delivery = 1
            await esme.ask(submit, n)
        await esme.ask(QuerySm(message_id="7", source_addr="ACME"), 4)
        await client.sim.advance("1h")
        await esme.ask(Unbind(), 5)
        await esme.close()
        await client.sim.advance("1m")
    answers = [event["answer"] for event in events(tmp_path / "journal.jsonl", "receipt") if "answer" in event]
    assert sorted(answers) == ["ESME_ROK", "ESME_ROK", "ESME_RTHROTTLED", "no answer"]
    assert await replayed(tmp_path / "journal.jsonl") is None


async def test_a_client_that_speaks_nonsense_or_hangs_up_is_played_again(tmp_path: Path, journaled: Journaled) -> None:
    async with journaled() as client:
        esme = Esme([])
        await esme.connect(client.sim.smpp_address)
        await esme.ask(BindTransceiver(system_id="acme", password="wrong"), 1)
        esme.write(bytes.fromhex("00000010000000990000000000000002"))  # no such command_id
        assert (await esme.responses.get()).command_status == 3
        await esme.close()
    assert await replayed(tmp_path / "journal.jsonl") is None


async def test_webhooks_get_the_answers_that_they_got(tmp_path: Path, journaled: Journaled) -> None:
    statuses = iter([500, 503, 404])

    async def hook(request: web.Request) -> web.Response:
        return web.Response(status=next(statuses, 200))

    app = web.Application()
    app.router.add_post("/hook", hook)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    async with journaled() as client:
        await client.send("+15550101", callback_url=f"http://127.0.0.1:{port}/hook")
        await client.sim.advance("1h")
        await runner.cleanup()
        await client.send("+15550102", callback_url=f"http://127.0.0.1:{port}/hook")  # nobody is there
        await client.sim.advance("1d")
    assert {event.get("error") for event in events(tmp_path / "journal.jsonl", "webhook")} >= {"ClientConnectorError"}
    assert await replayed(tmp_path / "journal.jsonl") is None


@pytest.mark.parametrize("clock", ["real", "1000x"])
async def test_under_the_walls_time_the_story_must_be_the_same(
    tmp_path: Path, journaled: Journaled, clock: str
) -> None:
    async with journaled(scenario="default", clock=clock) as client:
        key = "sk_test_" + "0" * 32
        body = {"to": ["+15550101"], "message": "hello", "sender_id": "ACME"}
        await client.ask("POST", "/send", body, key)
        await client.sim.wait_for("sent")
    assert await replayed(tmp_path / "journal.jsonl") is None


# ---- differences ----


@pytest.fixture
async def journal(tmp_path: Path, journaled: Journaled) -> Path:
    """Of two sends and a day."""
    async with journaled() as client:
        await client.send("+15550101", "one")
        await client.send("+15550105", "two")
        await client.sim.advance("1d")
    return tmp_path / "journal.jsonl"


async def test_another_scenario_shows_the_first_difference(journal: Path) -> None:
    faster = load_text(SCENARIO.replace("enroute: 1s", "enroute: 2s"))
    difference = await replayed(journal, scenario=faster)
    assert difference is not None
    assert difference.recorded is not None
    assert difference.came is not None
    assert (difference.recorded["t"], difference.recorded["status"]) == ("2026-01-01T00:00:01.100Z", "enroute")
    assert (difference.came["t"], difference.came["status"]) == ("2026-01-01T00:00:02.100Z", "enroute")
    line = json.loads(lines_of(journal)[difference.line - 1])
    assert line == difference.recorded


async def test_what_did_not_come_again_and_what_came_beyond_are_differences(journal: Path) -> None:
    lines = lines_of(journal)
    last = next(number for number, line in reversed(list(enumerate(lines))) if '"status"' in line)
    write(journal, lines[:last] + lines[last + 1 :])
    beyond = await replayed(journal)
    assert beyond is not None
    assert (beyond.recorded, beyond.came) == (None, json.loads(lines[last]))
    write(journal, lines[: last + 1] + lines[last:])
    missing = await replayed(journal)
    assert missing is not None
    assert (missing.line, missing.came) == (last + 2, None)
    assert str(missing).startswith(f"line {last + 2}:\n  recorded: {{")
    assert str(missing).endswith("came:     nothing")


async def test_the_end_of_a_killed_process_is_no_difference(journal: Path) -> None:
    text = "".join(lines_of(journal))
    for length in (len(text) - 3, text.index('"enroute"') + 3):
        write(journal, [text[:length]])
        read = read_journal(journal)
        assert read.cut is not None
        assert not read.ended
        assert await replay(read) is None


# ---- the command ----


@pytest.fixture
def run() -> Callable[..., Any]:
    app = typer.Typer()
    app.command()(command)
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_command_says_that_it_was_the_same(journal: Path, run: Callable[..., Any]) -> None:
    result = run(journal)
    assert (result.exit_code, result.stdout) == (
        0,
        f"{journal}: the same, {len(read_journal(journal).events)} events\n",
    )


def test_the_command_shows_the_difference(journal: Path, run: Callable[..., Any]) -> None:
    result = run(journal, "--scenario", "default")
    assert result.exit_code == 1
    assert "different, first at line " in result.stdout


def test_the_command_says_where_a_file_was_cut(journal: Path, run: Callable[..., Any]) -> None:
    journal.write_bytes(journal.read_bytes()[:-3])
    result = run(journal)
    assert result.exit_code == 0
    assert "the last line is cut short: left out" in result.stdout
    assert "the simulator was killed" in result.stdout


WRONG = {
    "empty": ("", ": the file is empty"),
    "no JSON": ("hello\n", ":1: this is no line of a journal: hello"),
    "another file": ('{"a": 1}\n', ":1: no journal: its first line says what was played"),
    "of the future": ('{"journal": 99}\n', ":1: a journal of format 99: this carrier-sim reads format 1"),
    "broken in the middle": ('{"journal": 1}\n{"t": \n{}\n', ':2: this is no line of a journal: {"t":'),
    "an event without a time": ('{"journal": 1}\n{"e": "http"}\n', ":2: the event lacks 't' or 'e'"),
    "no scenario in it": (
        '{"journal": 1}\n{"t": "2026-01-01T00:00:00.000Z", "e": "end"}\n',
        ": the scenario was no file, so it is not in here: give it with --scenario",
    ),
}


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG)
def test_a_file_that_is_no_journal_is_refused(tmp_path: Path, run: Callable[..., Any], text: str, message: str) -> None:
    path = tmp_path / "wrong.jsonl"
    path.write_text(text)
    result = run(path)
    assert result.exit_code == 2
    assert f"{path}{message}" in result.stderr


def test_a_file_that_is_not_there_is_told(run: Callable[..., Any]) -> None:
    result = run("no-such-file")
    assert (result.exit_code, result.stderr) == (2, "no-such-file: No such file or directory\n")


async def test_a_journal_that_makes_no_sense_is_no_fault_of_ours(journal: Path) -> None:
    write(journal, [line.replace('"method":"POST"', '"way":"POST"') for line in lines_of(journal)])
    with pytest.raises(JournalError, match="this can't be played: KeyError"):
        await replayed(journal)
