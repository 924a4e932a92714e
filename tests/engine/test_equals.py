"""Counts of equal messages: the latest are known, and only so many."""

from simulator.engine.equals import Equals


def test_what_was_counted_is_known() -> None:
    equals = Equals(100)
    equals.count(7, 3)
    assert (7 in equals, equals.of(7), equals.of(8)) == (True, 3, 0)
    assert equals.isdisjoint([1, 8])
    assert not equals.isdisjoint([1, 7])


def test_many_are_counted_as_each_would_be() -> None:
    equals = Equals(100)
    equals.count_all([1, 2], [4, 5])
    assert equals.of_all([1, 2, 3, 9], others=[3]) == [4, 5, 1, 0]


def test_only_so_many_are_known_and_the_latest_are_among_them() -> None:
    equals = Equals(100)
    for first in range(1000):
        equals.count(first, 1)
        equals.count(0, first + 1)
        assert len(equals) <= 100
    assert all(first in equals for first in range(960, 1000))
    assert equals.of(0) == 1000


def test_one_is_known_where_next_to_nothing_is_kept() -> None:
    equals = Equals(1)
    equals.count(1, 2)
    assert equals.of(1) == 2
