"""The same inputs at the same simulated instants make the same journal, byte by byte (design.md, the engine, 3)."""

import asyncio
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from simulator import Simulator
from simulator.smpp import BindTransceiver, DeliverSm, DeliverSmResp, Framer, SubmitSm, decode, encode
from tests.journal.conftest import SCENARIO, TRAFFIC, Journaled, RunJournaled, events, replayed


@pytest.mark.parametrize("clock", ["instant", "manual"])
async def test_twenty_runs_of_a_scenario_write_one_journal(
    tmp_path: Path, run_journaled: RunJournaled, clock: str
) -> None:
    scenario, journal = tmp_path / "scenario.yaml", tmp_path / "journal.jsonl"
    scenario.write_text(SCENARIO + TRAFFIC)
    digests = set()
    for _ in range(20):
        report = await run_journaled(scenario, journal, clock=clock, seed=11)
        assert report.error is None
        digests.add(sha256(journal.read_bytes()).hexdigest())
    assert len(digests) == 1
    assert await replayed(journal) is None
    await run_journaled(scenario, journal, clock=clock, seed=12)
    assert sha256(journal.read_bytes()).hexdigest() not in digests


async def test_concurrent_requests_over_many_connections_write_one_journal(
    tmp_path: Path, journaled: Journaled
) -> None:
    found = set()
    for _ in range(3):
        async with journaled() as client:
            await asyncio.gather(*(client.send(f"+155501{n:02}", f"number {n}") for n in range(40)))
            await client.sim.advance("1d")
        found.add((tmp_path / "journal.jsonl").read_bytes())
    assert len(found) == 1


class Sender:
    """A session that submits what it is given, and acknowledges receipts until it has as many."""

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim
        self._framer = Framer()

    async def play(self, submits: list[int], done: asyncio.Barrier) -> None:
        reader, writer = await asyncio.open_connection(*self._sim.smpp_address)
        writer.write(encode(BindTransceiver(1, system_id="acme", password="secret")))
        await reader.read(1000)
        await done.wait()
        for n in submits:
            to = f"155502{n:02}"
            pdu = SubmitSm(n + 2, source_addr="ACME", destination_addr=to, short_message=b"hello %d" % n)
            pdu.registered_delivery = 1
            writer.write(encode(pdu))
        await done.wait()
        reading = asyncio.get_running_loop().create_task(self._read(reader, writer))
        await done.wait()  # time has passed
        reading.cancel()
        writer.close()

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            for frame in self._framer.feed(data):
                pdu = decode(frame, validate=False)
                if isinstance(pdu, DeliverSm):
                    writer.write(encode(DeliverSmResp(pdu.sequence_number)))


async def test_one_connection_or_twenty_the_fates_are_the_same(tmp_path: Path, journaled: Journaled) -> None:
    fates: list[Any] = []
    for connections in (1, 20):
        name = f"{connections}.jsonl"
        async with journaled(name) as client:
            sim = client.sim
            done = asyncio.Barrier(connections + 1)
            async with asyncio.TaskGroup() as group:
                for number in range(connections):
                    group.create_task(Sender(sim).play(list(range(number, 60, connections)), done))
                await done.wait()
                await sim.wait_for(count=60)
                await done.wait()
                await sim.advance("24h")
                await done.wait()
        fates.append([events(tmp_path / name, kind) for kind in ("accepted", "status")])
        assert await replayed(tmp_path / name) is None
        receipts = {(event["id"], event["stat"]) for event in events(tmp_path / name, "receipt") if "answer" in event}
        fates[-1].append(sorted(receipts))
        assert len(receipts) == 60
    assert fates[0] == fates[1]
