"""The parts without I/O: histogram, templates, schedule, matching."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.load import matching
from simulator.load.histogram import Histogram
from simulator.load.matching import Matching
from simulator.load.schedule import Schedule, Stage, parse_rate, parse_stages, with_ramp
from simulator.load.template import TemplateError, parse, parse_leniently

PERCENTS = (0.1, 50, 90, 99, 99.9, 100)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=300), st.integers(0, 300))
def test_percentiles_are_those_of_a_sorted_list_to_one_in_a_thousand(values: list[int], cut: int) -> None:
    histogram, other = Histogram(), Histogram()
    histogram.record(values[:cut])
    other.record(values[cut:])
    histogram.add(other)
    ordered = sorted(values)
    for percent, found in zip(PERCENTS, histogram.percentiles(PERCENTS), strict=True):
        exact = ordered[max(0, -int(-round(percent / 100 * len(values), 6) // 1) - 1)]
        assert exact <= found <= exact * 1.001
    assert (histogram.count, histogram.min, histogram.max) == (len(values), ordered[0], ordered[-1])
    assert histogram.mean == sum(values) / len(values)


def test_an_empty_histogram_says_0() -> None:
    empty = Histogram()
    empty.record([])
    empty.add(Histogram())
    assert empty.percentiles(PERCENTS) == [0] * 6
    assert empty.mean == 0


def test_a_clock_that_goes_back_is_no_latency() -> None:
    histogram = Histogram()
    histogram.record([-5, 10])
    assert (histogram.min, histogram.max) == (0, 10)


def test_a_template_has_the_number_and_braces() -> None:
    template = parse("{{+1{n:03}}} {n}")
    assert template.render(7) == "{+1007} 7"
    assert template.fields == 2
    assert parse_leniently('{"a": "{n:4}"}').render(7) == '{"a": "0007"}'


@pytest.mark.parametrize("text", ["{m}", "{n", "n}", "{}", "{n:x}", "{n:123}"])
def test_braces_that_mean_nothing_are_refused(text: str) -> None:
    with pytest.raises(TemplateError, match="can't be filled in"):
        parse(text)


def test_an_even_schedule() -> None:
    schedule = Schedule([Stage(1000, 1000, 2.0)])
    assert schedule.total == 2000
    assert schedule.times_us(0, 3) == [0, 1000, 2000]
    assert schedule.due_by(0.0) == 1
    assert schedule.due_by(1.0005) == 1001
    assert schedule.due_by(9.0) == 2000


def test_stages_follow_each_other() -> None:
    schedule = Schedule(parse_stages("100/s:1s, 1000/s:1s"))
    assert schedule.total == 1100
    assert schedule.times_us(99, 3) == [990_000, 1_000_000, 1_001_000]


def test_a_ramp_begins_at_nothing_and_is_part_of_its_stage() -> None:
    schedule = Schedule(parse_stages("100/s:4s", ramp_s=2.0))
    assert schedule.total == 300
    assert schedule.due_by(1.0) == 26
    assert schedule.times_us(100, 1) == [2_000_000]


def test_a_ramp_longer_than_its_stage_takes_all_of_it() -> None:
    assert with_ramp(0, 100, 1.0, 5.0) == [Stage(0, 100, 1.0)]


def test_a_ramp_goes_down_too() -> None:
    stages = parse_stages("100/s:1s, 10/s:2s", ramp_s=1.0)
    assert stages == [Stage(0, 100, 1.0), Stage(100, 10, 1.0), Stage(10, 10, 1.0)]
    times = Schedule(stages).times_us(0, 110)
    assert times == sorted(times)


@given(
    st.lists(st.tuples(st.floats(1, 5000), st.floats(0.01, 3.0)), min_size=1, max_size=4),
    st.sampled_from([0.0, 0.5, 2.0]),
    st.data(),
)
def test_what_is_due_by_a_time_was_due_before_it(
    rates: list[tuple[float, float]], ramp_s: float, data: st.DataObject
) -> None:
    stages, before = [], 0.0
    for rate, seconds in rates:
        stages += with_ramp(before, rate, seconds, ramp_s)
        before = rate
    schedule = Schedule(stages)
    assert schedule.total is not None
    number = data.draw(st.integers(0, max(0, schedule.total - 1)))
    (at,) = schedule.times_us(number, 1)
    # A microsecond for the rounding of the time, one message for the rounding of the number.
    assert schedule.due_by((at + 2) / 1e6) >= number
    assert schedule.due_by((at - 2) / 1e6) <= number + 1


def test_a_schedule_may_have_no_end_or_an_early_one() -> None:
    assert Schedule([Stage(10, 10, inf)]).total is None
    assert Schedule([Stage(10, 10, inf)], 7).total == 7
    assert Schedule([Stage(10, 10, 1.0)], 7).total == 7


def test_rates_have_units() -> None:
    assert [parse_rate(text) for text in ("2000/s", "5", "90/m", "36 / h")] == [2000, 5, 1.5, 0.01]


@pytest.mark.parametrize("text", ["", "fast", "0/s", "-1/s", "1/d"])
def test_what_is_no_rate(text: str) -> None:
    with pytest.raises(ValueError, match="is no rate"):
        parse_rate(text)


@pytest.mark.parametrize("text", ["100/s", "100/s:0", "100/s:10s,", "x:1s", "1/s:x"])
def test_what_are_no_stages(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no (stage|rate)|is not a duration"):
        parse_stages(text)


def test_each_receipt_settles_its_message() -> None:
    found = Matching("same")
    assert found.expect([b"a", b"b", b"c"], [100, 200, 300]) == []
    assert found.receipts([(b"a", 150), (b"c", 350)]) == [50, 50]
    assert (found.matched, found.missing, found.doubled, found.unknown) == (2, 1, 0, 0)


def test_a_second_receipt_is_doubled_and_a_strange_one_unknown() -> None:
    found = Matching("same")
    found.expect([b"a", b"b"], [0, 0])
    found.receipts([(b"a", 1), (b"a", 2), (b"x", 3)])
    found.receipts([(b"a", 4)])
    assert (found.matched, found.missing, found.doubled, found.unknown) == (1, 1, 2, 1)


def test_a_receipt_may_come_before_its_answer() -> None:
    found = Matching("same")
    found.receipts([(b"a", 70), (b"a", 80)])
    assert found.unknown == 2
    assert found.expect([b"a", b"b"], [50, 50]) == [20]
    assert (found.matched, found.missing, found.doubled, found.unknown) == (1, 1, 1, 0)


@pytest.mark.parametrize(
    ("answer", "receipt", "form"),
    [
        ("{}", "{}", "same"),
        ("{}", "{:010}", "number"),
        ("{}", "{:x}", "hex of decimal"),
        ("{}", "{:08X}", "hex of decimal"),
        ("{:x}", "{}", "decimal of hex"),
        ("{:08x}", "{:X}", "hex"),
        ("id-{}", "id-{}", "same"),
    ],
)
def test_the_form_of_ids_is_found_out(answer: str, receipt: str, form: str) -> None:
    found = Matching()
    numbers = range(1, 201)
    found.expect([answer.format(n).encode() for n in numbers], [0] * 200)
    latencies = found.receipts([(receipt.format(n).encode(), n) for n in numbers])
    assert latencies == list(numbers)
    assert (found.form, found.matched, found.missing, found.doubled, found.unknown) == (form, 200, 0, 0, 0)
    assert found.expect([answer.format(999).encode()], [5]) == []
    assert found.receipts([(receipt.format(999).encode(), 7)]) == [2]


def test_few_receipts_are_held_until_the_end() -> None:
    found = Matching()
    found.expect([b"255"], [0])
    assert found.receipts([(b"ff", 9)]) == []
    assert found.decide(final=True) == [9]
    assert found.form == "hex of decimal"


def test_receipts_far_ahead_of_all_answers_wait_for_them() -> None:
    found = Matching()
    numbers = range(1, 101)
    assert found.receipts([(b"%x" % n, n) for n in numbers]) == []
    found.expect([b"%d" % n for n in numbers], [0] * 100)
    assert found.decide(final=True) == list(numbers)
    assert found.unknown == 0


def test_what_was_settled_long_ago_is_forgotten_in_two_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "REMEMBERED", 10)
    found = Matching("same")
    for n in range(30):
        found.expect([b"%d" % n], [0])
        found.receipts([(b"%d" % n, 1)])
    found.receipts([(b"29", 1), (b"0", 1)])
    assert (found.doubled, found.unknown) == (1, 1)
