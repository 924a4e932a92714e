"""Equal messages get different keys, by their number; counts are known of the latest."""

import pytest

from simulator.engine.chance import key_of_equal
from simulator.engine.equals import Equals
from simulator.engine.remembered import Remembered


@pytest.fixture
def messages() -> Remembered:
    return Remembered(lambda lot, index: pytest.fail("nobody asks for a message"))


def taken(equals: Equals, messages: Remembered, first: int) -> int:
    """The key of one more message, which is remembered then."""
    key = equals.key(first)
    dict.__setitem__(messages, key, None)  # type: ignore[assignment]
    return key


def test_the_first_of_its_kind_has_the_key_that_its_content_gives(messages: Remembered) -> None:
    assert Equals(messages, 100).key(7) == 7


def test_those_that_follow_have_keys_by_their_number(messages: Remembered) -> None:
    equals = Equals(messages, 100)
    assert [taken(equals, messages, 7) for _ in range(4)] == [7, *(key_of_equal(7, number) for number in (1, 2, 3))]


def test_one_that_was_refused_counts(messages: Remembered) -> None:
    equals = Equals(messages, 100)
    equals.refused(7)
    assert equals.key(7) == key_of_equal(7, 1)


@pytest.mark.parametrize(
    "lots", [[[1, 2, 3], [1, 2, 3], [3, 2, 4]], [[1, 1, 1]], [[5], [5, 6, 5], [5, 5]], [[8, 9]], [[]]]
)
def test_many_get_the_keys_that_each_would_get(lots: list[list[int]]) -> None:
    one_by_one, at_once = (Remembered(lambda lot, index: pytest.fail("nobody asks")) for _ in range(2))
    careful, quick = Equals(one_by_one, 100), Equals(at_once, 100)
    for lot in lots:
        expected = [taken(careful, one_by_one, first) for first in lot]
        keys = list(lot)
        quick.tell_apart(keys)
        dict.update(at_once, dict.fromkeys(keys))  # type: ignore[arg-type]
        assert keys == expected


def test_a_key_that_is_taken_already_gives_way_to_the_next(messages: Remembered) -> None:
    dict.update(messages, {7: None, key_of_equal(7, 1): None})  # type: ignore[dict-item]
    keys = [7, 8]
    Equals(messages, 100).tell_apart(keys)
    assert keys == [key_of_equal(7, 2), 8]


@pytest.mark.parametrize("keep", [1, 2, 100])
def test_only_so_many_counts_are_known_and_the_latest_are_among_them(messages: Remembered, keep: int) -> None:
    equals = Equals(messages, keep)
    for first in range(2, 1000):
        equals.refused(first)
        assert len(equals) <= keep
        assert equals.key(first) == key_of_equal(first, 1)
