"""Segments (decision D10)."""

import pytest

from simulator.engine import segment
from simulator.engine.segments import BASIC, EXTENSION

TABLE = [
    ("empty", "", "gsm7", 0, 1),
    ("one character", "a", "gsm7", 1, 1),
    ("the last that fits", "a" * 160, "gsm7", 160, 1),
    ("one more", "a" * 161, "gsm7", 161, 2),
    ("two full parts", "a" * 306, "gsm7", 306, 2),
    ("a third", "a" * 307, "gsm7", 307, 3),
    ("the longest that the gateway takes", "a" * 1600, "gsm7", 1600, 11),
    ("accents of the basic table", "àéùìòÇØøÅåÄÖÑÜ§¿äöñü", "gsm7", 20, 1),
    ("an extension character", "€", "gsm7", 2, 1),
    ("extension characters that fit", "€" * 80, "gsm7", 160, 1),
    ("extension characters that don't", "€" * 81, "gsm7", 162, 2),
    ("one letter outside", "ç", "ucs2", 1, 1),
    ("70 code units", "ж" * 70, "ucs2", 70, 1),
    ("71 code units", "ж" * 71, "ucs2", 71, 2),
    ("134 code units", "ж" * 134, "ucs2", 134, 2),
    ("135 code units", "ж" * 135, "ucs2", 135, 3),
    ("an emoji", "😀", "ucs2", 2, 1),
    ("an emoji turns the whole text", "a" * 69 + "😀", "ucs2", 71, 2),
]


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"), [row[1:] for row in TABLE], ids=[r[0] for r in TABLE]
)
def test_a_text_takes_so_many_segments(text, encoding, units, segments):
    assert segment(text) == (encoding, units, segments)


def test_the_basic_table_has_127_characters_and_the_escape_is_none():
    assert len(BASIC) == 127
    assert "\x1b" not in BASIC


def test_no_character_is_in_both_tables():
    assert not set(BASIC) & set(EXTENSION)
