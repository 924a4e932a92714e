"""Keyed chance."""

import os
import subprocess
import sys
from itertools import pairwise
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine import Chance
from simulator.engine.chance import draw, key_of_equal, luck_of, prefix_of, site, subsite

CONTENT = b"acme\0ACME\0+15550001\0hello"


def test_the_same_seed_and_message_have_the_same_key():
    assert Chance(1).key(CONTENT) == Chance(1).key(CONTENT)


FIRST = Chance(1).key(CONTENT)


@pytest.mark.parametrize("other", [Chance(2).key(CONTENT), Chance(1).key(CONTENT + b"!"), key_of_equal(FIRST, 1)])
def test_another_seed_text_or_count_of_equals_is_another_key(other):
    assert Chance(1).key(CONTENT) != other


def key(content, equal_before):
    first = Chance(0).key(content)
    return key_of_equal(first, equal_before) if equal_before else first


@given(st.binary(max_size=30), st.integers(0, 20), st.binary(max_size=30), st.integers(0, 20))
def test_only_equal_messages_with_equal_counts_have_the_same_key(one, ones, other, others):
    assert (key(one, ones) == key(other, others)) is ((one, ones) == (other, others))


def test_many_keys_at_once_are_those_of_each():
    contents = [b"%d" % number for number in range(5)]
    assert Chance(4).keys(contents) == [Chance(4).key(content) for content in contents]


@given(st.binary(), st.integers(0, 10**6))
def test_a_key_has_63_bits(content, equal_before):
    assert 0 <= key(content, equal_before) < 1 << 63


@given(st.integers(0, (1 << 64) - 1), st.text("path 0123"))
def test_a_draw_is_at_least_0_and_below_1(luck, name):
    assert 0 <= draw(luck, site(name)) < 1


def test_draws_are_spread_evenly():
    draws = [draw(Chance(0).key(b"%d" % number), site("rule 1")) for number in range(4000)]
    assert fmean(draws) == pytest.approx(0.5, abs=0.02)
    tenths = [sum(tenth <= number * 10 < tenth + 1 for number in draws) for tenth in range(10)]
    assert min(tenths) > 320
    assert max(tenths) < 480


def test_draws_at_two_sites_have_nothing_to_do_with_each_other():
    lucks = [Chance(0).key(b"%d" % number) for number in range(4000)]
    one, other = ([draw(luck, site(name)) - 0.5 for luck in lucks] for name in ("path a 0", "path a 1"))
    assert abs(fmean(a * b for a, b in zip(one, other, strict=True))) < 0.01


def test_draws_of_equal_messages_are_spread_evenly_whatever_their_number():
    draws = [draw(key(b"x", number), site("rule 1")) for number in range(4000)]
    assert fmean(draws) == pytest.approx(0.5, abs=0.02)
    after = pairwise(draws)
    assert abs(fmean((a - 0.5) * (b - 0.5) for a, b in after)) < 0.01


def test_the_draws_of_one_place_have_nothing_to_do_with_each_other():
    at = site("path a 0")
    for number in range(20):
        lucks = [Chance(0).key(b"%d" % count) for count in range(2000)]
        one, two, three = ([draw(luck, subsite(at, number + more)) for luck in lucks] for more in range(3))
        assert abs(fmean((a - 0.5) * (b - 0.5) for a, b in zip(one, two, strict=True))) < 0.01
        bends = [(a - 2 * b + c) % 1 for a, b, c in zip(one, two, three, strict=True)]
        assert 0.4 < fmean(bends) < 0.6
        assert len({round(bend * 100) for bend in bends}) > 90


def test_the_parts_of_a_message_have_each_their_own_luck():
    assert len({luck_of(7, number) for number in range(1000)}) == 1000
    assert luck_of(7, 1, 2) != luck_of(7, 2, 1)


def test_a_uuid_is_in_the_form_of_version_4_and_follows_from_seed_and_name():
    import uuid

    text = Chance(5).uuid("event 1")
    assert uuid.UUID(text).version == 4
    assert uuid.UUID(text).variant == uuid.RFC_4122
    assert text == Chance(5).uuid("event 1")
    assert len({text, Chance(5).uuid("event 2"), Chance(6).uuid("event 1")}) == 3


@given(st.integers(0, (1 << 63) - 1))
def test_the_prefix_of_an_id_has_32_bits(key):
    assert 0 <= prefix_of(key) < 1 << 32


def test_chance_is_the_same_in_every_process_whatever_its_hash_seed():
    script = (
        "from simulator.engine import *\n"
        "from simulator.engine.chance import draw, site\n"
        "luck = Chance(3).key(b'x')\n"
        "path = Path('p', [Go(Status.DELIVERED, Uniform(0, 10**6))])\n"
        "print(luck, draw(luck, site('s')), path.plan(luck, validity=10**9, hold=10**9, held=False))"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(answers) == 1
