"""Every code of the catalogue, by input or by scenario: its HTTP status, its envelope, in both languages."""

import re
from typing import Any

import pytest

from simulator.engine import Account, GatewaySettings, Limits, Rate
from simulator.gateway import CATALOGUE

from .conftest import KEY, NUMBER, Lab, MakeLab, refusing

STATUSES = {
    401: ("1001", "1002"),
    403: ("1003", "1004", "1005", "1302", "1303", "1304", "1305"),
    400: (*(str(code) for code in range(1101, 1111)), "1201", "1203", "1204", "1205"),
    402: ("1202",),
    429: ("1301",),
    500: ("1401", "1403", "1404", "1405"),
    503: ("1402",),
    502: ("1501", "1502", "1503", "1504", "1505"),
}
"""HTTP status -> codes (decision D2; those without one in the documentation follow their group)."""

EXPECTED = {code: status for status, codes in STATUSES.items() for code in codes}
RETRYABLE = {"1301", "1401", "1402"}

GOOD: dict[str, Any] = {"to": [NUMBER], "message": "hello"}
TOMORROW = {"date": "2026-01-02", "time": "10:00"}
RECURRING = {
    "start_date": "2026-01-02",
    "end_date": "2026-01-05",
    "frequency": "daily",
    "interval": 1,
    "times": ["10:00"],
}

BY_INPUT: list[tuple[str, dict[str, Any], str]] = [
    ("1101", {"to": []}, "to"),
    ("1101", {"to": [NUMBER, 5, None]}, "to[1]"),
    ("1101", {"to": NUMBER}, "to"),
    ("1101", {"to": {"0": NUMBER}}, "to"),
    ("1102", {"message": ""}, "message"),
    ("1102", {"message": "x" * 1601}, "message"),
    ("1102", {"message": 7}, "message"),
    ("1103", {"sender_id": "x" * 12}, "sender_id"),
    ("1104", {"to": ["+243 998"]}, "to[0]"),
    ("1105", {"sending_type": "instant"}, "sending_type"),
    ("1105", {"sending_type": ["immediate"]}, "sending_type"),
    ("1105", {"sending_type": {}}, "sending_type"),
    ("1106", {"sending_type": "scheduled", "scheduled_dates": []}, "scheduled_dates"),
    ("1106", {"sending_type": "scheduled", "scheduled_dates": "tomorrow"}, "scheduled_dates"),
    ("1106", {"sending_type": "scheduled", "scheduled_dates": [TOMORROW] * 21}, "scheduled_dates"),
    ("1106", {"sending_type": "scheduled", "scheduled_dates": [TOMORROW, 5]}, "scheduled_dates[1]"),
    ("1107", {"sending_type": "recurring", "recurring_schedule": []}, "recurring_schedule"),
    ("1107", {"sending_type": "recurring", "recurring_schedule": {}}, "recurring_schedule.start_date"),
    ("1108", {"callback_url": "http://example.com/hook"}, "callback_url"),
    ("1108", {"callback_url": 5}, "callback_url"),
    ("1109", {"to": None}, "to"),
    ("1109", {"message": None}, "message"),
    ("1109", {"sending_type": "scheduled"}, "scheduled_dates"),
    ("1109", {"sending_type": "recurring"}, "recurring_schedule"),
    ("1110", {"scheduled_dates": [TOMORROW]}, "scheduled_dates"),
    ("1110", {"recurring_schedule": RECURRING}, "recurring_schedule"),
    (
        "1110",
        {"sending_type": "scheduled", "scheduled_dates": [TOMORROW], "recurring_schedule": RECURRING},
        "recurring_schedule",
    ),
    (
        "1110",
        {"sending_type": "recurring", "scheduled_dates": [TOMORROW], "recurring_schedule": RECURRING},
        "scheduled_dates",
    ),
]


def test_the_catalogue_has_every_documented_code_with_its_status() -> None:
    assert {code: row.status for code, row in CATALOGUE.items()} == EXPECTED


def test_only_three_codes_are_retryable() -> None:
    assert {code for code, row in CATALOGUE.items() if row.retryable} == RETRYABLE


def test_codes_that_no_page_explains_are_marked_so() -> None:
    undocumented = {code for code, row in CATALOGUE.items() if row.symbol == "UNDOCUMENTED"}
    assert undocumented == {
        *("1201", "1204", "1205", "1303", "1304", "1305"),
        *("1403", "1404", "1405", "1501", "1504", "1505"),
    }


def test_every_code_has_a_text_of_its_own_in_both_languages() -> None:
    for row in CATALOGUE.values():
        assert row.text.en
        assert row.text.fr
        assert row.text.en != row.text.fr


@pytest.mark.parametrize("code", sorted(CATALOGUE))
@pytest.mark.parametrize("language", ["en", "fr"])
async def test_a_scenario_can_refuse_with_any_code(make_lab: MakeLab, code: str, language: str) -> None:
    lab = await make_lab(rules=refusing(code))
    answer = await lab.ask("POST", "/send", json=GOOD, headers={"Accept-Language": language})
    row = CATALOGUE[code]
    assert answer.status == row.status
    assert re.fullmatch(r"req_[0-9a-f]{16}", answer.body.pop("request_id"))
    assert answer.body == {
        "success": False,
        "status_code": row.status,
        "error_code": code,
        "message": row.text.fr if language == "fr" else row.text.en,
        "details": None,
        "timestamp": "2026-01-01T00:00:00Z",
        "retryable": code in RETRYABLE,
        "retry_after": row.retry_after,
    }
    assert answer.headers.get("Retry-After") == (str(row.retry_after) if row.retry_after else None)


async def test_a_refusal_without_a_code_is_the_carriers(make_lab: MakeLab) -> None:
    lab = await make_lab(rules=refusing(None))
    assert (await lab.send()).code == "1502"


async def test_a_code_outside_the_catalogue_is_answered_by_its_group(make_lab: MakeLab) -> None:
    lab = await make_lab(rules=refusing("1499"))
    answer = await lab.send()
    assert (answer.status, answer.code) == (500, "1499")


async def test_a_refused_message_costs_nothing_and_is_not_kept(make_lab: MakeLab) -> None:
    lab = await make_lab(rules=refusing("1502"))
    await lab.send()
    assert (await lab.balance())["balance"] == 100
    assert not lab.engine.messages


@pytest.mark.parametrize(("code", "change", "field"), BY_INPUT)
async def test_a_bad_field_is_refused_with_its_code(lab: Lab, code: str, change: dict[str, Any], field: str) -> None:
    answer = await lab.ask("POST", "/send", json={**GOOD, **change})
    assert (answer.status, answer.code) == (400, code)
    assert answer.body["details"][0]["field"] == field
    assert answer.body["details"][0]["code"] == CATALOGUE[code].symbol
    assert answer.body["retryable"] is False
    assert not lab.engine.messages


# code -> what the account, the key and the body are, and which field `details` names; None: there are no details
EVERY_WAY: dict[str, tuple[dict[str, Any], str | None, dict[str, Any], str | None]] = {
    "1001": ({}, "nobody's", {}, "app-key"),
    "1002": ({}, None, {}, "app-key"),
    "1003": ({"allow": ("10.0.0.0/8",)}, KEY, {}, "app-key"),
    "1004": ({"status": "suspended"}, KEY, {}, None),
    "1005": ({"status": "expired"}, KEY, {}, None),
    **{code: ({}, KEY, change, field) for code, change, field in reversed(BY_INPUT)},
    "1202": ({"balance": 0}, KEY, {}, "balance"),
    "1301": ({"limits": Limits(send=Rate(0, 60_000))}, KEY, {}, None),
}
ONLY_BY_SCENARIO = {
    *("1201", "1203", "1204", "1205", "1302", "1303", "1304", "1305"),
    *("1401", "1402", "1403", "1404", "1405", "1501", "1502", "1503", "1504", "1505"),
}


def test_each_code_comes_from_a_request_or_else_from_a_scenario_only() -> None:
    assert set(CATALOGUE) - set(EVERY_WAY) == ONLY_BY_SCENARIO
    assert not ONLY_BY_SCENARIO & set(EVERY_WAY)


@pytest.mark.parametrize("code", sorted(EVERY_WAY))
@pytest.mark.parametrize("language", ["en", "fr"])
async def test_each_code_of_a_request_has_its_envelope(make_lab: MakeLab, code: str, language: str) -> None:
    account, key, change, field = EVERY_WAY[code]
    lab = await make_lab(Account("acme", api_key=KEY, **account))
    answer = await lab.ask("POST", "/send", key=key, json={**GOOD, **change}, headers={"Accept-Language": language})
    row = CATALOGUE[code]
    details = answer.body.pop("details")
    assert re.fullmatch(r"req_[0-9a-f]{16}", answer.body.pop("request_id"))
    assert answer.status == row.status
    assert answer.body == {
        "success": False,
        "status_code": row.status,
        "error_code": code,
        "message": row.text.say("fr" if language == "fr" else "en"),
        "timestamp": "2026-01-01T00:00:00Z",
        "retryable": code in RETRYABLE,
        "retry_after": row.retry_after,
    }
    assert answer.headers.get("Retry-After") == (str(row.retry_after) if row.retry_after else None)
    if field is None:
        assert details is None
    else:
        assert (details[0]["field"], details[0]["code"]) == (field, row.symbol)


@pytest.mark.parametrize("code", sorted(code for code, way in EVERY_WAY.items() if way[3]))
async def test_details_are_in_both_languages(make_lab: MakeLab, code: str) -> None:
    account, key, change, _ = EVERY_WAY[code]
    lab = await make_lab(Account("acme", api_key=KEY, **account))
    said = set()
    for language in ("en", "fr"):
        headers = {"Accept-Language": language}
        answer = await lab.ask("POST", "/send", key=key, json={**GOOD, **change}, headers=headers)
        said.add(answer.body["details"][0]["message"])
    assert len(said) == 2
    assert all(said)


async def test_all_missing_fields_are_listed_and_nothing_else_is_looked_at(lab: Lab) -> None:
    answer = await lab.ask("POST", "/send", json={"sender_id": "*", "sending_type": "scheduled"})
    assert answer.code == "1109"
    assert [detail["field"] for detail in answer.body["details"]] == ["to", "message", "scheduled_dates"]


async def test_all_bad_fields_are_listed_in_order_and_the_first_gives_the_code(lab: Lab) -> None:
    body = {"to": [NUMBER, "x"], "message": "", "sender_id": "*", "sending_type": "later", "callback_url": "ftp://x"}
    answer = await lab.ask("POST", "/send", json=body)
    assert answer.code == "1104"
    fields = [detail["field"] for detail in answer.body["details"]]
    assert fields == ["to[1]", "message", "sender_id", "sending_type", "callback_url"]


async def test_the_key_is_checked_before_the_rate_limit_and_that_before_the_body(make_lab: MakeLab) -> None:
    lab = await make_lab(Account("acme", api_key=KEY, limits=Limits(send=Rate(1, 60_000))))
    codes = [(await lab.ask("POST", "/send", key=key, data=b"{")).code for key in ("x", KEY, KEY)]
    assert codes == ["1001", "1110", "1301"]


async def test_the_body_is_checked_before_the_balance(make_lab: MakeLab) -> None:
    lab = await make_lab(Account("acme", api_key=KEY, balance=0))
    assert (await lab.send("x")).code == "1104"


async def test_request_ids_differ_and_are_the_same_in_another_run(make_lab: MakeLab) -> None:
    one, other = await make_lab(), await make_lab()
    ids = [[(await lab.send("x")).body["request_id"] for _ in range(3)] for lab in (one, other)]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 3


async def test_details_are_in_the_language_asked_for(lab: Lab) -> None:
    answer = await lab.ask("POST", "/send", json={**GOOD, "to": ["x"]}, headers={"Accept-Language": "fr-CD"})
    assert answer.body["message"] == "Numéro de téléphone invalide"
    assert answer.body["details"][0]["message"] == "Doit respecter le format E.164"


async def test_http_callbacks_can_be_refused_even_for_loopback(make_lab: MakeLab) -> None:
    lab = await make_lab(settings=GatewaySettings(https_only=True))
    assert (await lab.send(callback_url="http://127.0.0.1/hook")).code == "1108"
