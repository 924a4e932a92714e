"""The calendar: due events in buckets."""

import pytest

from simulator.engine import Calendar


@pytest.fixture
def calendar():
    return Calendar()


@pytest.fixture
def log():
    return []


def test_an_empty_calendar_has_no_date(calendar):
    assert calendar.next_at is None
    assert calendar.run(10**15) == 0
    assert not calendar.wanted


def test_timers_fire_in_order_of_time_then_of_entry(calendar, log):
    for at, name in ((30, "c"), (10, "a1"), (20, "b"), (10, "a2")):
        calendar.at(at, lambda name=name: log.append(name))
    assert calendar.next_at == 10
    calendar.run(30)
    assert log == ["a1", "a2", "b", "c"]


def test_only_what_is_due_is_served(calendar, log):
    calendar.at(10, lambda: log.append(10))
    calendar.at(11, lambda: log.append(11))
    calendar.run(10)
    assert log == [10]
    assert calendar.next_at == 11


def test_what_a_callback_makes_due_is_served_in_the_same_run(calendar, log):
    calendar.at(10, lambda: calendar.at(10, lambda: log.append("again")))
    calendar.at(11, lambda: log.append("later"))
    calendar.run(11)
    assert log == ["again", "later"]


def test_a_date_in_the_past_is_due_at_once(calendar, log):
    calendar.at(-5, lambda: log.append(1))
    calendar.run(0)
    assert log == [1]


def test_recipients_of_an_instant_go_before_its_timers(calendar, log, sms):
    calendar.walk = lambda recipients, at: log.append((at, recipients))
    calendar.at(10, lambda: log.append("timer"))
    one, other = sms(), sms()
    calendar.add(10, one)
    calendar.add(10, other)
    calendar.run(10)
    assert log == [(10, [one, other]), "timer"]


def test_a_timer_fires_once(calendar, log):
    timer = calendar.at(10, lambda: log.append(1))
    assert timer.pending
    calendar.run(10)
    timer.fire()
    assert log == [1]
    assert not timer.pending


def test_a_cancelled_timer_never_fires_however_often_it_is_cancelled(calendar, log):
    timer = calendar.at(10, lambda: log.append(1))
    timer.cancel()
    timer.cancel()
    calendar.run(10)
    timer.cancel()
    assert log == []
    assert not timer.pending


def test_a_timer_may_cancel_another_of_the_same_instant(calendar, log):
    later = []
    calendar.at(10, lambda: later[0].cancel())
    later.append(calendar.at(10, lambda: log.append(1)))
    calendar.run(10)
    assert log == []
    assert not calendar.wanted


# ---- what was called off leaves no trace ----


def test_a_cancelled_timer_is_no_date_to_wait_for(calendar):
    timer = calendar.at(10, lambda: None)
    calendar.at(20, lambda: None)
    timer.cancel()
    assert calendar.next_at == 20


def test_a_date_lives_as_long_as_anything_at_it_does(calendar, sms):
    timer, other = calendar.at(10, lambda: None), calendar.at(10, lambda: None)
    calendar.add(10, sms())
    timer.cancel()
    other.cancel()
    assert calendar.next_at == 10
    calendar.drop(10)
    assert calendar.next_at is None
    assert not calendar.wanted


def test_a_recipient_that_was_dropped_is_not_walked(calendar, log, sms):
    calendar.walk = lambda recipients, at: log.append(recipients)
    calendar.add(10, sms())
    calendar.drop(10)
    calendar.at(10, lambda: log.append("timer"))
    calendar.run(10)
    assert log == ["timer"]


def test_dropping_what_is_not_there_changes_nothing(calendar):
    calendar.at(10, lambda: None)
    calendar.drop(10)
    calendar.drop(99)
    assert calendar.next_at == 10
    assert calendar.wanted


def test_a_date_given_up_can_be_taken_again(calendar, log):
    calendar.at(10, lambda: log.append("old")).cancel()
    calendar.at(10, lambda: log.append("new"))
    assert calendar.next_at == 10
    assert calendar.run(10) == 1
    assert log == ["new"]


def test_timers_set_and_cancelled_again_and_again_take_no_memory(calendar):
    calendar.at(10**9, lambda: None)
    for number in range(20_000):
        calendar.at(60_000 + number, lambda: None).cancel()
        calendar.at(70_000, lambda: None).cancel()
    assert len(calendar._heap) < 3000
    assert sorted(calendar._heap) == sorted(calendar._buckets)
    assert sum(len(bucket.timers) for bucket in calendar._buckets.values()) == 1
    assert calendar.next_at == 10**9


def test_a_sweep_loses_nothing_that_is_due(calendar, log):
    timers = [calendar.at(at, lambda at=at: log.append(at)) for at in range(5000)]
    for timer in timers[::2] + timers[1::4]:
        timer.cancel()
    calendar.run(5000)
    assert log == list(range(3, 5000, 4))
    assert calendar.next_at is None
    assert not calendar._heap


# ---- cues ----


def test_the_clock_is_told_of_a_date_earlier_than_all_others(calendar, log):
    calendar.on_earlier = log.append
    for at in (20, 30, 10, 10, 15):
        calendar.at(at, lambda: None)
    assert log == [20, 10]


def test_background_timers_fire_when_time_comes_by_but_nobody_need_move_time_for_them(calendar, log):
    calendar.at(10, lambda: log.append("background"), background=True)
    assert calendar.next_at == 10
    assert not calendar.wanted
    calendar.run(10)
    assert log == ["background"]


def test_a_cue_tells_when_time_has_something_to_move_for_again(calendar, log, sms):
    calendar.on_wanted = lambda: log.append("wanted")
    calendar.at(10, lambda: None, background=True)
    assert log == []
    timer = calendar.at(20, lambda: None)
    calendar.add(20, sms())
    assert log == ["wanted"]
    timer.cancel()
    assert calendar.wanted
    calendar.drop(20)
    assert not calendar.wanted
    calendar.at(30, lambda: None)
    assert log == ["wanted", "wanted"]


def test_nothing_is_wanted_any_more_once_all_is_served(calendar, sms):
    calendar.at(10, lambda: None)
    calendar.add(10, sms())
    calendar.at(11, lambda: None).cancel()
    calendar.run(10)
    assert not calendar.wanted


# ---- errors ----


def test_an_error_in_one_timer_is_passed_on_and_keeps_no_other_from_firing(calendar, log):
    def fail():
        raise RuntimeError("a bug")

    calendar.at(10, lambda: log.append(1))
    calendar.at(10, fail)
    calendar.at(10, lambda: log.append(2))
    calendar.at(20, lambda: log.append(3))
    with pytest.raises(RuntimeError, match="a bug"):
        calendar.run(20)
    assert log == [1]
    assert calendar.next_at == 10
    calendar.run(20)
    assert log == [1, 2, 3]
    assert not calendar.wanted
