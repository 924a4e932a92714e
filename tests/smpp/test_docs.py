"""docs/smpp.md says what the code does."""

import re
from pathlib import Path

import pytest

from simulator.smpp import PDUS, TLV_KINDS, CommandStatus, SubmitSm, Tag, docs, encode, pdu_log_line

PAGE = Path(__file__).parents[2] / "docs" / "smpp.md"


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_the_page_is_current(page: str) -> None:
    assert docs.renewed(page) == page, "renew it: python -m simulator.smpp.docs docs/smpp.md"


def test_the_page_has_every_table(page: str) -> None:
    assert set(re.findall(r"<!-- table: (\w+) -->", page)) == set(docs.TABLES)


def test_how_far_each_operation_is_supported_is_said() -> None:
    requests = {cls.command_id for cls in PDUS.values() if not cls.is_response()}
    assert set(docs.SUPPORT) - {0x80000000} == requests


def test_what_becomes_of_each_parameter_is_said() -> None:
    assert {int(tag) for tag in docs.USE} == set(TLV_KINDS) == {int(tag) for tag in Tag}


def test_every_status_is_in_one_of_the_two_lists() -> None:
    named = set(re.findall(r"`(ESME_\w+)`", docs.statuses())), set(re.findall(r"`(ESME_\w+)`", docs.other_statuses()))
    assert named[0] | named[1] == {status.name for status in CommandStatus}
    assert not named[0] & named[1]


def test_the_example_of_the_log_is_what_it_would_print(page: str) -> None:
    submit = SubmitSm(*(7, 0, "", 5, 0, "ACME", 1, 1, "15550100001"), validity_period="000001000000000R")
    submit.registered_delivery = 1
    submit.short_message = b"hi"
    assert pdu_log_line("in", "127.0.0.1:40112", encode(submit)) in page


def test_the_tables_are_printed_or_written_into_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    docs.main([])
    assert "| `submit_sm` | 0x00000004 |" in capsys.readouterr().out
    file = tmp_path / "page.md"
    file.write_text("before\n<!-- table: message_states -->\nold\n<!-- end -->\nafter\n", encoding="utf-8")
    docs.main([str(file)])
    text = file.read_text(encoding="utf-8")
    assert "| 2 | `DELIVERED` | `DELIVRD` | yes |" in text
    assert "old" not in text
    assert text.endswith("<!-- end -->\nafter\n")
