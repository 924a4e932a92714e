"""Clocks: real, manual, instant. No test here waits for time to pass: at most for the few real milliseconds in which
a clock listens for signs of life."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from types import SimpleNamespace

import pytest

from simulator.engine import EPOCH, Clock, InstantClock, ManualClock, RealClock, iso, make_clock
from simulator.engine import clock as clock_module
from simulator.engine.units import HOUR, MINUTE, SECOND


@pytest.fixture
def manual() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def instant() -> AsyncIterator[InstantClock]:
    clock = InstantClock()
    clock.start()
    yield clock
    clock.stop()


@pytest.fixture
async def fast() -> AsyncIterator[RealClock]:
    """An hour of the simulation passes in 3.6 real milliseconds."""
    clock = RealClock(1_000_000)
    clock.start()
    yield clock
    clock.stop()


@pytest.fixture
def impatient(manual):
    manual.activity.patience_s = 0.05


@pytest.fixture
async def caught() -> list[BaseException]:
    """What the event loop's exception handler is told."""
    told: list[BaseException] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context["exception"]))
    return told


def note(clock: Clock, log: list, at: int) -> None:
    clock.calendar.at(EPOCH + at, lambda: log.append(clock.now() - EPOCH))


async def until(clock: Clock, at: int) -> None:
    """Return when the clock itself serves this date."""
    served = asyncio.Event()
    clock.calendar.at(at, served.set)
    await served.wait()


async def turns(number: int = 50) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


# ---- manual ----


def test_simulated_time_begins_on_a_thursday_at_midnight():
    assert iso(ManualClock().now()) == "2026-01-01T00:00:00Z"
    assert InstantClock(5).now() == 5


async def test_manual_time_stands_still_until_it_is_told_to_move(manual):
    log = []
    note(manual, log, 0)
    manual.start()
    await turns()
    assert (manual.now(), log) == (EPOCH, [])
    manual.stop()


async def test_advance_serves_what_falls_due_on_the_way_each_at_its_date(manual):
    log = []
    for at in (3 * SECOND, SECOND, 2 * SECOND, HOUR):
        note(manual, log, at)
    await manual.advance(MINUTE)
    assert log == [SECOND, 2 * SECOND, 3 * SECOND]
    assert manual.now() == EPOCH + MINUTE


async def test_advance_serves_what_events_make_due_on_the_way(manual):
    log = []
    manual.calendar.at(EPOCH + 10, lambda: note(manual, log, 20))
    await manual.advance(20)
    assert log == [20]


async def test_advancing_by_nothing_serves_what_is_due_now(manual):
    log = []
    note(manual, log, -5)
    note(manual, log, 0)
    note(manual, log, 1)
    await manual.advance(0)
    assert log == [0, 0]


async def test_time_cannot_be_turned_back(manual):
    with pytest.raises(ValueError, match="time can't go back"):
        await manual.advance(-1)
    assert manual.now() == EPOCH


def test_a_cancelled_timer_is_no_stop_on_the_way(manual):
    manual.calendar.at(EPOCH + 10, lambda: None).cancel()
    assert not manual._jump(EPOCH + 20)
    assert manual.now() == EPOCH


async def test_advances_that_come_together_follow_one_another(manual):
    log = []
    note(manual, log, 15)
    await asyncio.gather(manual.advance(10), manual.advance(10))
    assert log == [15]
    assert manual.now() == EPOCH + 20


async def test_time_waits_for_an_answer_that_is_on_its_way(manual):
    log = []

    async def answer() -> None:
        await turns()
        note(manual, log, 20)
        manual.activity.end()

    def ask() -> None:
        manual.activity.begin()
        tasks.append(asyncio.ensure_future(answer()))

    tasks: list = []
    manual.calendar.at(EPOCH + 10, ask)
    await manual.advance(100)
    await tasks[0]
    assert log == [20]


async def test_time_gives_a_client_the_chance_to_react_to_an_answer(manual):
    log = []

    async def client() -> None:
        await asked.wait()
        await turns()
        note(manual, log, 20)

    def answer() -> None:
        with manual.activity.going_on():
            asked.set()

    asked = asyncio.Event()
    reacting = asyncio.ensure_future(client())
    manual.calendar.at(EPOCH + 10, answer)
    await manual.advance(100)
    await reacting
    assert log == [20]


async def test_a_peer_that_never_answers_holds_time_up_once_not_at_every_step(manual, impatient):
    log = []
    for at in range(200):
        note(manual, log, at)
    manual.activity.begin()
    loop = asyncio.get_running_loop()
    before = loop.time()
    await manual.advance(200)
    assert len(log) == 200
    assert loop.time() - before < 5, "200 times the patience would be 10 s"


async def test_a_peer_that_never_answers_holds_time_up_ever_less_while_others_do(manual, impatient):
    def ask_and_answer() -> None:
        with manual.activity.going_on():
            pass

    for at in range(200):
        manual.calendar.at(EPOCH + at, ask_and_answer)
    manual.activity.begin()
    loop = asyncio.get_running_loop()
    before = loop.time()
    await manual.advance(200)
    assert loop.time() - before < 5


async def test_a_second_request_is_waited_for_although_the_first_never_ends(manual, impatient):
    log = []

    async def answer() -> None:
        await turns()
        note(manual, log, 20)
        manual.activity.end()

    def ask() -> None:
        manual.activity.begin()
        tasks.append(asyncio.ensure_future(answer()))

    tasks: list = []
    manual.activity.begin()
    manual.calendar.at(EPOCH + 10, ask)
    await manual.advance(100)
    await tasks[0]
    assert log == [20]


async def test_a_client_that_never_pauses_does_not_stop_time(manual, impatient):
    async def restless() -> None:
        while True:
            with manual.activity.going_on():
                await asyncio.sleep(0)
            await asyncio.sleep(0)

    client = asyncio.ensure_future(restless())
    await turns()
    await manual.advance(HOUR)
    assert manual.now() == EPOCH + HOUR
    client.cancel()


async def test_an_error_in_a_callback_reaches_who_advances_and_stops_nothing(manual):
    log = []
    manual.calendar.at(EPOCH + 10, lambda: 1 / 0)
    note(manual, log, 20)
    with pytest.raises(ZeroDivisionError):
        await manual.advance(100)
    await manual.advance(90)
    assert log == [20]
    assert manual.now() == EPOCH + 100


# ---- instant ----


async def test_instant_time_jumps_to_what_is_due(instant):
    log = []
    for at in (2 * HOUR, HOUR):
        note(instant, log, at)
    await until(instant, EPOCH + 24 * HOUR)
    assert log == [HOUR, 2 * HOUR]
    assert instant.now() == EPOCH + 24 * HOUR


async def test_instant_time_stands_still_while_nothing_is_due_and_moves_again_when_something_is(instant):
    await until(instant, EPOCH + 10)
    await turns()
    assert instant.now() == EPOCH + 10
    await until(instant, EPOCH + 20)
    assert instant.now() == EPOCH + 20


async def test_what_was_due_before_an_instant_clock_started_is_served():
    clock, served = InstantClock(), asyncio.Event()
    clock.calendar.at(EPOCH + 10, served.set)
    clock.start()
    await served.wait()
    clock.stop()


async def test_a_cancelled_timer_does_not_move_instant_time(instant):
    instant.calendar.at(EPOCH + HOUR, lambda: None).cancel()
    timer = instant.calendar.at(EPOCH + 2 * HOUR, lambda: None)
    instant.calendar.at(EPOCH + 10, timer.cancel)
    await until(instant, EPOCH + 20)
    await turns()
    assert instant.now() == EPOCH + 20


async def test_a_timer_cancelled_while_time_waits_does_not_move_it(instant):
    timer = instant.calendar.at(EPOCH + HOUR, lambda: None)
    with instant.activity.going_on():
        await turns()
        timer.cancel()
    await until(instant, EPOCH + 1)
    assert instant.now() == EPOCH + 1


async def test_what_comes_again_and_again_in_the_background_does_not_make_time_run_away(instant):
    rings = []

    def ring() -> None:
        rings.append(instant.now() - EPOCH)
        instant.calendar.at(instant.now() + 30 * SECOND, ring, background=True)

    instant.calendar.at(EPOCH + 30 * SECOND, ring, background=True)
    await turns()
    assert rings == []
    await until(instant, EPOCH + 100 * SECOND)
    await turns()
    assert rings == [30 * SECOND, 60 * SECOND, 90 * SECOND]
    assert instant.now() == EPOCH + 100 * SECOND


async def test_instant_time_waits_for_what_is_in_flight(instant):
    log = []
    with instant.activity.going_on():
        note(instant, log, HOUR)
        await turns()
        assert log == []
        note(instant, log, MINUTE)
    await until(instant, EPOCH + 2 * HOUR)
    assert log == [MINUTE, HOUR]


async def test_instant_time_can_be_moved_on_when_nothing_is_due(instant):
    await instant.advance(HOUR)
    assert instant.now() == EPOCH + HOUR


async def test_an_error_in_a_callback_is_reported_and_instant_time_goes_on(instant, caught):
    instant.calendar.at(EPOCH + 10, lambda: 1 / 0)
    await until(instant, EPOCH + 10)
    await until(instant, EPOCH + 20)
    assert [type(error) for error in caught] == [ZeroDivisionError]


async def test_a_stopped_instant_clock_serves_nothing_more(instant):
    log = []
    note(instant, log, 10)
    instant.stop()
    note(instant, log, 20)
    await turns()
    assert log == []


# ---- real ----


async def test_real_time_serves_what_is_due_in_order(fast):
    log, now = [], fast.now()
    for at in (2 * HOUR, HOUR):
        fast.calendar.at(now + at, lambda at=at: log.append(at))
    await until(fast, now + 3 * HOUR)
    assert log == [HOUR, 2 * HOUR]


async def test_an_earlier_date_that_comes_later_is_served_first(fast):
    log, now = [], fast.now()
    fast.calendar.at(now + 10_000 * HOUR, lambda: log.append("late"))
    await until(fast, now + HOUR)
    assert log == []


@pytest.mark.parametrize("rate", [1.0, 60.0, 1_000_000.0])
async def test_nothing_happens_before_its_date(rate):
    clock = RealClock(rate)
    early, now = [], clock.now()
    dates = [now + round(number * rate) for number in range(10)]
    for at in dates:
        clock.calendar.at(at, lambda at=at: early.append(at) if clock.now() < at else None)
    clock.start()
    await until(clock, dates[-1])
    clock.stop()
    assert early == []


async def test_the_event_loop_is_not_woken_for_nothing():
    clock, served = RealClock(), []
    now, serve = clock.now(), clock._serve

    def counting() -> None:
        before = clock.calendar.next_at
        serve()
        served.append(clock.calendar.next_at != before)

    clock._serve = counting
    clock.start()
    for number in range(20):
        clock.calendar.at(now + 20 - number, lambda: None)
    await until(clock, now + 21)
    clock.stop()
    assert all(served)


def test_a_real_clock_shows_the_time_of_the_wall_at_its_rate(monkeypatch):
    machine = SimpleNamespace(time=lambda: 1_700_000_000.25, monotonic=lambda: machine.up)
    machine.up = 1000.0
    monkeypatch.setattr(clock_module, "time", machine)
    clock = RealClock(60)
    assert clock.now() == 1_700_000_000_250
    machine.up += 1.5
    assert clock.now() == 1_700_000_000_250 + 90 * SECOND


async def test_what_was_due_before_a_real_clock_started_is_served():
    clock, served = RealClock(), asyncio.Event()
    clock.calendar.at(clock.now() - 10, served.set)
    clock.start()
    await served.wait()
    clock.stop()


async def test_a_stopped_real_clock_serves_nothing_more(fast):
    log = []
    fast.calendar.at(fast.now(), lambda: log.append(1))
    fast.stop()
    fast.calendar.at(fast.now(), lambda: log.append(2))
    await turns()
    assert log == []


async def test_a_real_clock_can_be_stopped_by_what_it_serves(fast):
    log, stopped = [], asyncio.Event()

    def stop() -> None:
        fast.stop()
        stopped.set()

    now = fast.now()
    fast.calendar.at(now, stop)
    fast.calendar.at(now + 1000 * HOUR, lambda: log.append(1))
    await stopped.wait()
    assert fast._handle is None


async def test_an_error_in_a_callback_is_reported_and_real_time_goes_on(fast, caught):
    now = fast.now()
    fast.calendar.at(now, lambda: 1 / 0)
    await until(fast, now + HOUR)
    assert [type(error) for error in caught] == [ZeroDivisionError]


async def test_real_time_cannot_be_advanced(fast):
    with pytest.raises(RuntimeError, match="a 1e\\+06x clock moves by itself"):
        await fast.advance(1)


# ---- by name ----

NAMED = [("real", RealClock, "real"), ("manual", ManualClock, "manual"), ("instant", InstantClock, "instant")]
NAMED += [("60x", RealClock, "60x"), ("0.5x", RealClock, "0.5x"), ("1x", RealClock, "real")]


@pytest.mark.parametrize(("kind", "made", "name"), NAMED)
def test_a_clock_is_made_by_name(kind, made, name):
    clock = make_clock(kind)
    assert type(clock) is made
    assert clock.name == name


def test_manual_and_instant_time_begin_where_they_are_told():
    assert [make_clock(kind, 5).now() for kind in ("manual", "instant")] == [5, 5]


@pytest.mark.parametrize("kind", ["", "Real", "fast", "60", "x", "-1x", "0x", "0.0x", "1000001x", "1e3x", "60x "])
def test_what_is_no_clock_is_refused_with_those_there_are(kind):
    with pytest.raises(ValueError, match="is not a clock: write real, instant, manual, or a rate such as 60x"):
        make_clock(kind)


# ---- activity ----


def test_what_is_going_on_ends_with_an_error_too():
    activity = clock_module.Activity()
    with suppress(KeyError), activity.going_on():
        assert activity.in_flight == 1
        raise KeyError
    assert activity.in_flight == 0


def test_every_sign_of_life_counts():
    activity = clock_module.Activity()
    activity.begin(3)
    activity.end(3)
    activity.touch()
    assert (activity.signs, activity.in_flight) == (3, 0)
