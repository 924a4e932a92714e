"""Delays: one uniform number becomes one whole number of milliseconds."""

from statistics import fmean, median, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine import Choice, Exponential, Fixed, LogNormal, Normal, Uniform
from simulator.engine.units import LONGEST

EVENLY = [(number + 0.5) / 10_000 for number in range(10_000)]
"""Uniform numbers without chance."""

DELAYS = [
    Fixed(250),
    Uniform(200, 500),
    Uniform(0, LONGEST),
    Normal(mean=2000, sd=500),
    Normal(mean=2000, sd=0),
    Normal(mean=100, sd=10_000, min=50, max=9000),
    Exponential(mean=1000),
    Exponential(mean=0),
    LogNormal(median=1000, sigma=0.5),
    LogNormal(median=1000, sigma=500.0),
    Choice(((10, 1), (20, 2.5), (30, 0))),
]


@pytest.mark.parametrize("delay", DELAYS, ids=repr)
@given(uniform=st.floats(0, 1, exclude_max=True))
def test_every_delay_is_whole_not_negative_and_a_legal_duration(delay, uniform):
    value = delay.at(uniform)
    assert type(value) is int
    assert 0 <= value <= LONGEST


@pytest.mark.parametrize("delay", DELAYS, ids=repr)
def test_only_a_fixed_delay_says_that_it_is(delay):
    assert delay.fixed is isinstance(delay, Fixed)


def test_a_fixed_delay_is_always_the_same():
    assert {Fixed(250).at(uniform) for uniform in EVENLY} == {250}


def test_a_range_takes_in_both_its_ends():
    assert {Uniform(2, 4).at(uniform) for uniform in EVENLY} == {2, 3, 4}
    assert Uniform(0, LONGEST).at(1 - 2.0**-53) == LONGEST


def test_a_normal_delay_has_its_mean_and_deviation():
    values = [Normal(mean=5000, sd=500).at(uniform) for uniform in EVENLY]
    assert fmean(values) == pytest.approx(5000, rel=0.01)
    assert pstdev(values) == pytest.approx(500, rel=0.01)


def test_an_exponential_delay_has_its_mean():
    assert fmean(Exponential(mean=1000).at(uniform) for uniform in EVENLY) == pytest.approx(1000, rel=0.01)


def test_a_lognormal_delay_has_its_median():
    assert median(LogNormal(median=1000, sigma=0.5).at(uniform) for uniform in EVENLY) == pytest.approx(1000, rel=0.01)


@pytest.mark.parametrize(
    "delay", [Normal(mean=100, sd=90, min=50, max=150), Exponential(mean=100, min=50, max=150)], ids=repr
)
def test_a_distribution_keeps_within_its_bounds(delay):
    values = [delay.at(uniform) for uniform in EVENLY]
    assert (min(values), max(values)) == (50, 150)


def test_a_choice_falls_by_weight():
    values = [Choice(((10, 1), (20, 3), (30, 0))).at(uniform) for uniform in EVENLY]
    assert [values.count(ms) for ms in (10, 20, 30)] == [2500, 7500, 0]
