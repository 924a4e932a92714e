"""Long messages: cut into parts, and recognised as parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.smpp import Concat, DataSm, SubmitSm, concat_of, split, text_of
from simulator.smpp.concat import Method

METHODS: list[Method] = ["udh8", "udh16", "sar"]


def submits(text: str, **options: object) -> list[SubmitSm]:
    return [
        SubmitSm(
            esm_class=part.esm_class, data_coding=part.data_coding, short_message=part.short_message, tlvs=part.tlvs
        )
        for part in split(text, **options)
    ]


@pytest.mark.parametrize("method", METHODS)
@given(text=st.text(st.sampled_from("aé€^漢😀 "), min_size=1, max_size=500))
def test_the_parts_of_a_text_say_the_text(method: Method, text: str) -> None:
    pdus = submits(text, method=method, reference=300)
    assert "".join(text_of(pdu) for pdu in pdus) == text
    if len(pdus) > 1:
        ref = 300 & 0xFF if method == "udh8" else 300
        bits = 8 if method == "udh8" else 16
        assert [concat_of(pdu) for pdu in pdus] == [
            Concat(ref, len(pdus), part, bits) for part in range(1, len(pdus) + 1)
        ]


@pytest.mark.parametrize(
    ("text", "method", "lengths"),
    [
        ("a" * 160, "udh8", [160]),
        ("a" * 161, "udh8", [6 + 153, 6 + 8]),
        ("a" * 161, "udh16", [7 + 152, 7 + 9]),
        ("a" * 161, "sar", [153, 8]),
        ("ж" * 70, "udh8", [140]),
        ("ж" * 71, "udh8", [6 + 134, 6 + 8]),
        ("ж" * 71, "udh16", [7 + 132, 7 + 10]),
        ("a" * 152 + "€" * 10, "udh8", [6 + 152, 6 + 20]),
        ("ж" * 66 + "😀" * 4, "udh8", [6 + 132, 6 + 16]),
    ],
)
def test_parts_are_as_long_as_the_air_allows(text: str, method: Method, lengths: list[int]) -> None:
    assert [len(part.short_message) for part in split(text, method=method)] == lengths


def test_a_short_text_is_one_message_without_a_header() -> None:
    assert split("hello") == [(0, 0, b"hello", {})]


def test_more_than_255_parts_are_refused() -> None:
    with pytest.raises(ValueError, match="256 parts"):
        split("a" * (153 * 255 + 1))


@pytest.mark.parametrize(
    ("pdu", "concat"),
    [
        (SubmitSm(short_message=b"hello"), None),
        (SubmitSm(short_message=b"\5\0\3\1\2\1hi"), None),
        (SubmitSm(esm_class=0x40, short_message=b"\5\0\3\1\2\1hi"), Concat(1, 2, 1, 8)),
        (SubmitSm(esm_class=0x40, short_message=b"\6\x08\4\1\2\3\2hi"), Concat(258, 3, 2, 16)),
        (SubmitSm(esm_class=0x40, short_message=b"\5\0\3\1\2\3hi"), None),
        (SubmitSm(esm_class=0x40, short_message=b"\5\0\3\1\2\0hi"), None),
        (SubmitSm(esm_class=0x40, short_message=b"\x50\0\3"), None),
        (SubmitSm(esm_class=0x40, tlvs={0x0424: b"\5\0\3\1\2\1hi"}), Concat(1, 2, 1, 8)),
        (DataSm(esm_class=0x40, tlvs={0x0424: b"\5\0\3\1\2\1hi"}), Concat(1, 2, 1, 8)),
        (SubmitSm(tlvs={0x020C: 9, 0x020E: 2, 0x020F: 2}), Concat(9, 2, 2, 16)),
        (SubmitSm(tlvs={0x020C: 9, 0x020E: 2}), None),
        (SubmitSm(tlvs={0x020C: b"999", 0x020E: 2, 0x020F: 2}), None),
        (SubmitSm(esm_class=0x40, short_message=b"\x09\x05\4\x0b\x84\x23\xf0\0\3\1"), None),
        (SubmitSm(esm_class=0x40, short_message=b"\x0b\x05\4\x0b\x84\x23\xf0\0\3\7\2\1"), Concat(7, 2, 1, 8)),
    ],
)
def test_a_part_is_recognised_however_it_says_so(pdu: SubmitSm, concat: Concat | None) -> None:
    assert concat_of(pdu) == concat
