"""Text codings: what the octets of a message say."""

import gsm0338
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.smpp import (
    best_coding,
    decode_text,
    encode_text,
    encoding_name,
    pack_septets,
    parse_udh,
    unpack_septets,
)
from simulator.smpp.text import GSM_BASIC, GSM_EXTENSION

GSM_CHARACTERS = sorted((set(GSM_BASIC) - {"\x1b"}) | set(GSM_EXTENSION.values()))


@given(text=st.text(st.sampled_from(GSM_CHARACTERS)))
def test_gsm_text_reads_back(text: str) -> None:
    assert decode_text(encode_text(text, 0), 0) == text


def test_the_default_alphabet_is_the_one_of_the_gsm0338_library() -> None:
    codec = gsm0338.Codec()
    for code in set(range(128)) - {0x1B}:
        assert decode_text(bytes([code]), 0) == codec.decode(bytes([code]))[0]
    for code in GSM_EXTENSION:
        assert decode_text(bytes([0x1B, code]), 0) == codec.decode(bytes([0x1B, code]))[0]


def test_the_euro_sign_takes_two_septets() -> None:
    assert encode_text("5€", 0) == b"5\x1be"


def test_an_escape_that_means_nothing_shows_the_character_after_it() -> None:
    assert decode_text(b"\x1ba", 0) == "a"


def test_an_escape_at_the_end_is_a_space() -> None:
    assert decode_text(b"a\x1b", 0) == "a "


@pytest.mark.parametrize(("text", "octets"), [("@", b"\0"), ("$", b"\x02"), ("_", b"\x11"), ("a@b", b"a\0b")])
def test_ascii_that_gsm_has_elsewhere_is_moved(text: str, octets: bytes) -> None:
    assert encode_text(text, 0) == octets


@pytest.mark.parametrize("text", ["ж", "`", "a\x1bb", "漢字"])
def test_what_gsm_lacks_is_an_error_that_says_where(text: str) -> None:
    with pytest.raises(UnicodeEncodeError, match=r"GSM 03\.38"):
        encode_text(text, 0)


def test_what_a_coding_lacks_can_be_replaced() -> None:
    assert encode_text("aж€", 0, "replace") == b"a?\x1be"


@given(octets=st.binary(), data_coding=st.integers(0, 255), udhi=st.booleans())
def test_reading_never_raises(octets: bytes, data_coding: int, udhi: bool) -> None:
    assert isinstance(decode_text(octets, data_coding, udhi), str)


@pytest.mark.parametrize(
    ("data_coding", "name"),
    [
        *((0x00, "gsm7"), (0x01, "latin1"), (0x02, "binary"), (0x03, "latin1"), (0x04, "binary"), (0x08, "ucs2")),
        *((0x10, "gsm7"), (0x14, "binary"), (0x18, "ucs2"), (0x20, "binary"), (0x40, "gsm7"), (0x48, "ucs2")),
        *((0xC0, "gsm7"), (0xD8, "gsm7"), (0xE0, "ucs2"), (0xF0, "gsm7"), (0xF1, "gsm7"), (0xF4, "binary")),
        *((0xF5, "binary"), (0x80, "binary"), (0x0B, "binary")),
    ],
)
def test_each_data_coding_has_its_alphabet(data_coding: int, name: str) -> None:
    assert encoding_name(data_coding) == name


@pytest.mark.parametrize(
    ("octets", "data_coding", "text"),
    [
        (b"caf\xe9", 3, "café"),
        (b"caf\x05", 0, "café"),
        (b"caf\xe9", 1, "caf\ufffd"),
        ("Ж😀".encode("utf-16-be"), 8, "Ж😀"),
        (b"\0a\0", 8, "a\ufffd"),
        (b"\xd8\x3d", 8, "\ufffd"),
        (b"\x01\xff", 4, "01ff"),
        (b"\xb6", 6, "Ж"),
    ],
)
def test_octets_are_read_by_their_coding(octets: bytes, data_coding: int, text: str) -> None:
    assert decode_text(octets, data_coding) == text


@pytest.mark.parametrize(("text", "coding"), [("", 0), ("hello", 0), ("5€ @home", 0), ("ж", 8), ("😀", 8), ("`", 8)])
def test_the_best_coding_is_the_default_alphabet_if_it_serves(text: str, coding: int) -> None:
    assert best_coding(text) == coding
    assert decode_text(encode_text(text, coding), coding) == text


def test_septets_are_packed_as_the_standards_example_has_it() -> None:
    assert pack_septets(b"hellohello").hex() == "e8329bfd4697d9ec37"


@given(septets=st.binary().map(lambda octets: bytes(octet & 0x7F for octet in octets)), fill=st.integers(0, 6))
def test_packed_septets_unpack(septets: bytes, fill: int) -> None:
    assert unpack_septets(pack_septets(septets, fill), len(septets), fill) == septets


def test_a_user_data_header_is_read_and_left_out() -> None:
    message = bytes.fromhex("0500032a0201") + b"hi"
    elements, rest = parse_udh(message)
    assert [(element.identifier, element.data) for element in elements] == [(0, b"\x2a\x02\x01")]
    assert rest == b"hi"
    assert decode_text(message, 0, udhi=True) == "hi"


@pytest.mark.parametrize("octets", [b"", b"\x05", b"\xff123"])
def test_a_header_longer_than_the_message_is_none(octets: bytes) -> None:
    assert parse_udh(octets) == ([], octets)
