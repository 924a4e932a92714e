"""How message_ids are spelled and read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine import IdFormat
from simulator.smsc import parse_id, spell_id

FORMATS: list[IdFormat] = ["decimal", "hex", "HEX", "uuid", "text"]


@given(st.integers(0, 2**63 - 1), st.sampled_from(FORMATS))
def test_an_id_is_read_as_it_was_spelled(key: int, form: IdFormat) -> None:
    assert parse_id(spell_id(key, form)) == key


@given(st.text(max_size=40))
def test_anything_else_is_no_id(text: str) -> None:
    key = parse_id(text)
    assert key is None or text.lower() in {spell_id(key, form).lower() for form in FORMATS}


@pytest.mark.parametrize("text", ["", "0", "+000000000000000001", "0x00000000000000", "M_0000000000000"])
def test_near_misses_are_none(text: str) -> None:
    assert parse_id(text) is None
