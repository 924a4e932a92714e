"""Long messages, seen as the one message that they are."""

import asyncio
import itertools

import pytest

from simulator import Simulator
from simulator.smpp import Segment, split
from simulator.smpp.concat import Method
from tests.smsc.conftest import Carrier, Esme

TEXT = "one, two, three. " * 25


async def send(esme: Esme, segment: Segment) -> None:
    response = await esme.submit(
        text=segment.short_message,
        esm_class=segment.esm_class,
        data_coding=segment.data_coding,
        tlvs=dict(segment.tlvs),
        registered_delivery=0,
    )
    assert response.command_status == 0


@pytest.mark.parametrize("method", ["udh8", "udh16", "sar"])
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_parts_are_joined_whatever_their_order(carrier: Carrier, method: Method, order: tuple[int, ...]) -> None:
    esme = await carrier.bound()
    segments = split(TEXT, reference=7, method=method)
    for number in order:
        await send(esme, segments[number])
    (long,) = carrier.smsc.parts.long.values()
    assert (long.complete, long.text) == (True, TEXT)


async def test_a_part_that_comes_twice_counts_once(carrier: Carrier) -> None:
    esme = await carrier.bound()
    segments = split(TEXT, reference=7)
    for number in (0, 0, 1, 1, 2):
        await send(esme, segments[number])
    (long,) = carrier.smsc.parts.long.values()
    assert long.text == TEXT


async def test_a_part_that_never_comes_times_out_and_is_shown(carrier: Carrier) -> None:
    esme = await carrier.bound()
    segments = split(TEXT, reference=7)
    for number in (0, 2):
        await send(esme, segments[number])
    await carrier.clock.advance(carrier.smsc.settings.parts_timeout)
    (long,) = carrier.smsc.parts.long.values()
    assert (long.timed_out, long.missing) == (True, [2])
    assert "[…]" in long.text


async def test_the_same_reference_again_is_another_message(carrier: Carrier) -> None:
    esme = await carrier.bound()
    for _ in range(2):
        for segment in split(TEXT, reference=7):
            await send(esme, segment)
    assert [long.complete for long in carrier.smsc.parts.long.values()] == [True, True]


async def test_a_simulator_shows_long_messages_and_each_part_its_own() -> None:
    async with Simulator(clock="manual") as sim:
        esme = Esme(*await asyncio.open_connection("127.0.0.1", sim.smpp_port))
        await esme.bind()
        for segment in split(TEXT, reference=7)[:2]:
            await send(esme, segment)
        (long,) = sim.long_messages
        assert [message.long for message in sim.messages] == [long, long]
        assert repr(long).startswith("<LongMessage to 15550100001: 2 of 3 parts, missing [3]: 'one, two, three.")
        await esme.close()
