"""The tables of numbers: complete, and never a gate."""

import pytest

from simulator.smpp import CommandStatus, Tag, meaning, status_name, status_of, tlv_name, tlv_text
from simulator.smpp.constants import STAT, STATE_OF_STAT, MessageState, Ton, known, name_of
from simulator.smpp.status import MEANING, STATUS_BY_NAME
from simulator.smpp.tlv import TLV_KINDS


@pytest.mark.parametrize("status", list(CommandStatus), ids=lambda status: status.name)
def test_every_status_has_a_name_and_a_meaning(status: CommandStatus) -> None:
    assert status_of(status.value) is status
    assert STATUS_BY_NAME[status_name(status.value)] is status
    assert MEANING[status] == meaning(status.value)


def test_the_names_of_version_5_mean_the_same_statuses() -> None:
    assert STATUS_BY_NAME["ESME_RINVTLVVAL"] is CommandStatus.ESME_RINVOPTPARAMVAL


@pytest.mark.parametrize(
    ("status", "name", "words"),
    [(0x400, "0x00000400", "vendor"), (0x4FF, "0x000004FF", "vendor"), (0x999, "0x00000999", "reserves")],
)
def test_a_status_that_nobody_knows_is_a_number(status: int, name: str, words: str) -> None:
    assert (status_of(status), status_name(status)) == (status, name)
    assert words in meaning(status)


@pytest.mark.parametrize("tag", list(Tag), ids=lambda tag: tag.name)
def test_every_tag_has_its_kind(tag: Tag) -> None:
    assert TLV_KINDS[tag].name == tag.name.lower() == tlv_name(tag)


def test_every_state_has_its_word_and_back() -> None:
    assert {STATE_OF_STAT[STAT[state]] for state in MessageState} == set(MessageState)


def test_unknown_numbers_stay_numbers() -> None:
    assert (known(Ton, 1), known(Ton, 99), name_of(Ton, 99)) == (Ton.INTERNATIONAL, 99, "0x63")


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), ("7", "7"), (b"7\0", "7"), (b"7", "7"), ([b"7", b"8"], "7"), ([], ""), (7, "7")]
)
def test_a_textual_tlv_is_text_whichever_way_it_came(value: object, text: str) -> None:
    assert tlv_text(value) == text
