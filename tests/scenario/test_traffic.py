"""`traffic` and `expect`: what the runner gets, and what is found wrong before it runs."""

from pathlib import Path

import pytest

from simulator.engine import CAUSES, Rate, Status
from simulator.scenario import (
    Bind,
    Cancel,
    Drop,
    Force,
    Inbound,
    InboundExpectation,
    MessageExpectation,
    Pause,
    Query,
    Replace,
    Resume,
    Scenario,
    ScenarioErrors,
    Send,
    StopReading,
    TotalsExpectation,
    Unbind,
    Wait,
    load,
    load_text,
)

HEAD = "scenario: 1\naccounts: [{name: acme, api_key: k, system_id: acme}]\n"


def traffic(*items: str) -> Scenario:
    return load_text(HEAD + "traffic:\n" + "".join(f"- {item}\n" for item in items))


def one(item: str) -> Send:
    (send,) = traffic(f"send: {{{item}}}").traffic
    assert isinstance(send, Send)
    return send


def expectation(item: str, send: str = "id: m, to: '+1', message: hi") -> MessageExpectation:
    (found,) = load_text(f"{HEAD}traffic: [send: {{{send}}}]\nexpect:\n- {{message: m, {item}}}").expect
    assert isinstance(found, MessageExpectation)
    return found


def errors_of(text: str) -> list[str]:
    with pytest.raises(ScenarioErrors) as caught:
        load_text(text)
    return [str(error).removeprefix("<text>:") for error in caught.value.errors]


# ---- sends ----


def test_a_send_fills_in_numbers_and_columns() -> None:
    send = one(
        "to: ['+1555{n:04}', '{phone}'], from: 'S{n}', message: 'Hi {name}, {{ok}}', "
        "data: [{name: Ada, phone: +1}, {name: Bob, phone: +2}]"
    )
    assert send.total == 2
    assert send.render(1) == ("S1", ("+15550001", "+1"), "Hi Ada, {ok}")
    assert send.render(2) == ("S2", ("+15550002", "+2"), "Hi Bob, {ok}")
    assert send.render(3)[2] == "Hi Ada, {ok}"


def test_rows_may_come_from_a_csv_file_beside_the_scenario(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text('name,phone\n"Ada, Lady",+1\nBob,0001\n')
    (tmp_path / "s.yaml").write_text(
        HEAD + "traffic: [send: {to: '{phone}', message: 'Hi {name}', data: people.csv, count: 3}]"
    )
    (send,) = load(tmp_path / "s.yaml").traffic
    assert isinstance(send, Send)
    assert [send.render(n) for n in (1, 2, 3)] == [
        (None, ("+1",), "Hi Ada, Lady"),
        (None, ("0001",), "Hi Bob"),
        (None, ("+1",), "Hi Ada, Lady"),
    ]


def test_a_csv_file_that_is_wrong_is_told(tmp_path: Path) -> None:
    for content, message in (
        ("a,b\n1\n", "data.csv:2: 1 values, but 2 columns"),
        ("a,a\n1,2\n", "must name its columns, each once"),
        ("a\n", "data.csv has no rows"),
        ('a\n"x\n', "is not CSV"),
    ):
        (tmp_path / "data.csv").write_text(content)
        (tmp_path / "s.yaml").write_text(HEAD + "traffic: [send: {to: '{a}', message: x, data: data.csv}]")
        with pytest.raises(ScenarioErrors, match=message):
            load(tmp_path / "s.yaml")


def test_a_plain_send_is_one_message_over_http_from_the_only_account() -> None:
    send = one("to: 15550100, message: 1234")
    assert (send.via, send.account, send.total, send.registered_delivery, send.split) == ("http", "acme", 1, 1, "udh8")
    assert send.render(1) == (None, ("15550100",), "1234")
    assert (send.place.line, send.place.file) == (4, "<text>")


def test_everything_about_an_smpp_send() -> None:
    send = one(
        "via: smpp, to: '+1', message: x, count: 5, rate: 200/s, start: 2s, registered_delivery: 17, "
        "validity_period: 5m, schedule_delivery_time: 1h, service_type: CMT, data_coding: 8, esm_class: 3, "
        "source_addr_ton: 5, source_addr_npi: 0, dest_addr_ton: 1, dest_addr_npi: 1, replace_if_present: yes, "
        "split: sar, "
        "tlvs: {user_message_reference: 7, 0x1400: 'hex:00ff', 5121: text}"
    )
    assert (send.count, send.rate, send.start) == (5, Rate(200, 1000), 2000)
    assert (send.registered_delivery, send.validity_period, send.schedule_delivery_time) == (17, 300_000, 3_600_000)
    assert (send.service_type, send.data_coding, send.esm_class, send.split) == ("CMT", 8, 3, "sar")
    assert (send.source_addr_ton, send.source_addr_npi, send.dest_addr_ton, send.dest_addr_npi) == (5, 0, 1, 1)
    assert send.replace_if_present
    assert send.tlvs == {0x0204: 7, 0x1400: b"\x00\xff", 5121: "text"}


def test_an_http_send_may_be_scheduled_or_recurring_and_wrong_on_purpose() -> None:
    dates = "[{date: 2026-01-02, time: 09:30}, {date: x, time: y}]"
    send = one(f"to: abc, message: x, callback: true, scheduled_dates: {dates}")
    assert send.callback
    assert [(entry.date, entry.time) for entry in send.scheduled_dates or []] == [("2026-01-02", "09:30"), ("x", "y")]
    recurring = one(
        "to: '+1', message: x, recurring_schedule: {start_date: 2026-01-02, end_date: 2026-01-09, frequency: daily, "
        "interval: 2, times: ['09:00', 18:00]}"
    ).recurring_schedule
    assert recurring is not None
    assert (recurring.start_date, recurring.interval, recurring.times) == ("2026-01-02", 2, ["09:00", "18:00"])


# ---- other actions ----


def test_every_other_action() -> None:
    actions = traffic(
        "bind: {id: s, as: receiver}",
        "send: {id: m, to: '+1', message: x}",
        "wait: 24h",
        "inbound: {id: mo, from: '+1{n}', to: '1234', message: STOP, count: 2, rate: 1/s}",
        "query: m",
        "pause: m",
        "resume: m",
        "replace: {message: m, text: new}",
        "force: {message: m, status: undelivered, error: call_barred}",
        "cancel: m",
        "stop_reading: s",
        "unbind: s",
        "drop: {session: s}",
    ).traffic
    kinds = (Bind, Send, Wait, Inbound, Query, Pause, Resume, Replace, Force, Cancel, StopReading, Unbind, Drop)
    assert tuple(type(action) for action in actions) == kinds
    bind, _, wait, inbound, query, _, _, replace, force, *_, drop = actions
    assert isinstance(bind, Bind)
    assert (bind.id, bind.as_, bind.account) == ("s", "receiver", "acme")
    assert isinstance(wait, Wait)
    assert wait.duration == 86_400_000
    assert isinstance(inbound, Inbound)
    assert (inbound.account, inbound.from_.render(2), inbound.count) == ("acme", "+12", 2)
    assert isinstance(query, Query)
    assert query.message == "m"
    assert isinstance(replace, Replace)
    assert replace.text.render() == "new"
    assert isinstance(force, Force)
    assert (force.status, force.error) == (Status.UNDELIVERED, CAUSES["call_barred"])
    assert isinstance(drop, Drop)
    assert drop.session == "s"


def test_without_accounts_names_are_free() -> None:
    (send,) = load_text("scenario: 1\ntraffic: [send: {account: anybody, to: '+1', message: x}]").traffic
    assert isinstance(send, Send)
    assert send.account == "anybody"


WRONG = {
    "send: {to: '+1'}": "4:3: 'message' is missing",
    "send: {to: '+1', message: x, mesage: y}": "4:32: unknown field 'mesage' - did you mean 'message'?",
    "send: {to: '+1', message: x, via: smtp}": "4:37: unknown door 'smtp' - did you mean 'smpp'?",
    "send: {to: '+1', message: 'a {'}": "4:29: a single '{' at character 3 - write '{{' for a brace",
    "send: {to: '+1{n:x}', message: x}": (
        "4:14: '{n:x}' can't be filled in - write {n}, {n:06} or a {column}, and {{ }} for braces"
    ),
    "send: {to: '+1', message: 'Hi {name}'}": (
        "4:29: '{name}' can't be filled in: there is no 'data' - write {{ }} for braces"
    ),
    "send: {to: '+1', message: 'Hi {nam}', data: [{name: x}]}": (
        "4:29: no column 'nam' in the data - did you mean 'name'?"
    ),
    "send: {to: '+1', message: x, data: [{a: x}, {b: y}]}": "4:47: row 2 has other columns than the first: a",
    "send: {to: '+1', message: x, data: none.csv}": "4:38: can't read 'none.csv': there is no such file",
    "send: {to: '+1', message: x, account: acem}": "4:41: unknown account 'acem' - did you mean 'acme'?",
    "send: {to: '+1', message: x, esm_class: 3}": "4:32: 'esm_class' is for messages via smpp: this one goes via http",
    "send: {via: smpp, to: '+1', message: x, callback: yes}": (
        "4:43: 'callback' is for messages via http: this one goes via smpp"
    ),
    "send: {via: smpp, to: '+1', message: x, registered_delivery: 32}": (
        "4:64: expected a whole number from 0 to 31, not '32'"
    ),
    "send: {via: smpp, to: '+1', message: x, tlvs: {user_mesage_reference: 7}}": (
        "4:50: unknown TLV 'user_mesage_reference' - did you mean 'user_message_reference'?"
    ),
    "send: {to: '+1', message: x, count: 0}": "4:39: expected a whole number from 1 to 10000000, not '0'",
    "send: {to: '+1', message: x, rate: fast}": "4:38: 'fast' is not a rate - write it as 60/min, 100/s, 5/h or 10/30s",
    "send:": "4:3: 'send' needs to know what",
    "sned: {}": "4:3: unknown action 'sned' - did you mean 'send'?",
    "wait": "4:3: expected an action such as 'wait: 5s' or 'send: {...}', not 'wait'",
    "wait: 5": "4:9: '5' is not a duration: write 0, 250ms, 2s, 1m30s, 4h or 2d - did you mean '5s'?",
    "{wait: 5s, drop: s}": "4:14: one action at a time: 'wait' stands here already - begin it with '- '",
    "cancel: m": "4:11: no send item has the id 'm'",
    "unbind: s": "4:11: no bind item has the id 's'",
    "cancel: m\n- send: {id: m, to: '+1', message: x}": "4:11: 'm' comes only later: its send item must stand before",
    "bind: {id: s}\n- bind: {id: s}": "5:14: two bind items with the id 's': the first is in line 4",
    "send: {id: m, to: '+1', message: x}\n- force: {message: m, status: pending}": (
        "5:31: no message can be forced to 'pending': that is where it begins"
    ),
}


@pytest.mark.parametrize(("item", "error"), WRONG.items(), ids=[error[:60] for error in WRONG.values()])
def test_what_is_wrong_with_an_action_is_told_at_its_place(item: str, error: str) -> None:
    assert errors_of(f"{HEAD}traffic:\n- {item}\n") == [error]


def test_a_sender_needs_the_credentials_of_its_door_and_a_name_where_there_are_several() -> None:
    accounts = "scenario: 1\naccounts: [{name: web, api_key: k}, {name: tel, system_id: s}]\ntraffic:\n"
    (http, smpp) = load_text(
        accounts + "- send: {to: '+1', message: x}\n- send: {via: smpp, to: '+1', message: x}"
    ).traffic
    assert isinstance(http, Send)
    assert isinstance(smpp, Send)
    assert (http.account, smpp.account) == ("web", "tel")
    assert errors_of(accounts + "- send: {account: tel, to: '+1', message: x}") == [
        "4:19: the account 'tel' has no api_key: it can't use HTTP"
    ]
    assert errors_of(accounts + "- inbound: {from: '+1', to: '2', message: x}") == [
        "4:3: 'account' is missing: who does it? - one of web, tel"
    ]


def test_a_mistake_in_a_send_makes_no_second_one_of_what_refers_to_it() -> None:
    found = errors_of(HEAD + "traffic:\n- send: {id: m, to: '+1'}\n- cancel: m\nexpect: [{message: m, status: failed}]")
    assert found == ["4:3: 'message' is missing"]


# ---- expectations ----


def test_everything_about_a_message_can_be_expected() -> None:
    found = expectation(
        "n: 1, walks: [pending, processing, accepted, sent, delivered], status: delivered, error_code: 1502, "
        "webhooks: [sms.queued, {event: sms.delivered, segments: 2, carrier: sim}], response: {status: 201}, "
        "attempts: '>=2', within: 5s, after: 1s, nothing_else: true"
    )
    assert found.walks is not None
    assert found.walks[-1] is Status.DELIVERED
    assert (found.n, found.status, found.error_code) == (1, Status.DELIVERED, "1502")
    assert found.webhooks is not None
    assert found.webhooks.each is not None
    assert [(event.event, event.fields) for event in found.webhooks.each] == [
        ("sms.queued", {}),
        ("sms.delivered", {"segments": 2, "carrier": "sim"}),
    ]
    assert found.response is not None
    assert found.response.status == 201
    assert found.attempts is not None
    assert found.attempts(2)
    assert not found.attempts(1)
    assert (found.within, found.after, found.nothing_else) == (5000, 1000, True)
    assert (found.place.line, found.place.column) == (5, 3)


def test_receipts_are_expected_one_by_one_or_counted() -> None:
    smpp = "id: m, via: smpp, to: '+1', message: hi"
    found = expectation("receipts: [DELIVRD, {stat: UNDELIV, err: 027, message_state: UNDELIVERABLE}]", smpp).receipts
    assert found is not None
    assert found.each is not None
    assert [(receipt.stat, receipt.err) for receipt in found.each] == [("DELIVRD", None), ("UNDELIV", "027")]
    counted = expectation("receipts: '>1', response: {command_status: ESME_RTHROTTLED}", smpp)
    assert counted.receipts is not None
    assert counted.receipts.count is not None
    assert str(counted.receipts.count) == ">1"
    assert counted.response is not None
    assert counted.response.command_status == 0x58


def test_totals_and_inbound_messages_can_be_expected() -> None:
    totals, inbound = load_text(
        HEAD + "traffic: [inbound: {id: mo, from: '+1', to: '2', message: x}]\n"
        "expect: [{totals: {delivered: '>=880', timeout: '<=40', receipts: 3}}, {inbound: mo, received: 1, within: 1s}]"
    ).expect
    assert isinstance(totals, TotalsExpectation)
    assert {name: str(test) for name, test in totals.totals.items()} == {
        "delivered": ">=880",
        "timeout": "<=40",
        "receipts": "3",
    }
    assert totals.totals["timeout"](40)
    assert isinstance(inbound, InboundExpectation)
    assert (inbound.inbound, inbound.within) == ("mo", 1000)


WRONG_EXPECTATIONS = {
    "{message: n, status: sent}": "5:13: no send item has the id 'n'",
    "{message: m}": "5:3: nothing is expected of it - add 'status: delivered', or walks, receipts, webhooks, ...",
    "{message: m, status: deliverd}": "5:24: unknown status 'deliverd' - did you mean 'delivered'?",
    "{message: m, walks: [pending, snt]}": "5:33: unknown status 'snt' - did you mean 'sent'?",
    "{message: m, walks: [pending, sent]}": (
        "5:23: no message goes from 'pending' to 'sent': after it may come processing, expired, failed"
    ),
    "{message: m, walks: [sent]}": "5:23: no message begins as 'sent': its first status is pending, or scheduled",
    "{message: m, webhooks: [sms.send]}": "5:27: unknown webhook event 'sms.send' - did you mean 'sms.sent'?",
    "{message: m, webhooks: [{evnt: sms.sent}]}": (
        "5:27: 'event' is missing: which webhook? - "
        "one of sms.queued, sms.processing, sms.sent, sms.delivered, sms.failed"
    ),
    "{message: m, receipts: 1}": "5:16: a message via http has no SMPP receipts: it has webhooks",
    "{message: m, response: {command_status: ESME_ROK}}": "5:27: a message via http has an HTTP status",
    "{message: m, n: 2, status: sent}": "5:19: no message 2: 'm' sends 1",
    "{message: m, within: soon}": "5:24: 'soon' is not a duration: write 0, 250ms, 2s, 1m30s, 4h or 2d",
    "{totals: {deliverd: 3}}": "5:13: unknown total 'deliverd' - did you mean 'delivered'?",
    "{totals: {delivered: '=> 3'}}": (
        "5:24: '=> 3' is not a comparison: write a number, or one after <, <=, >, >=, == or !="
    ),
    "{mesage: m}": "5:3: what is expected? 'message', 'totals' or 'inbound' is missing - did you mean 'message'?",
    "{inbound: mo}": "5:13: no inbound item has the id 'mo'",
}


@pytest.mark.parametrize(
    ("item", "error"), WRONG_EXPECTATIONS.items(), ids=[error[:60] for error in WRONG_EXPECTATIONS.values()]
)
def test_what_is_wrong_with_an_expectation_is_told_at_its_place(item: str, error: str) -> None:
    text = f"{HEAD}traffic: [send: {{id: m, to: '+1', message: hi}}]\nexpect:\n- {item}\n"
    assert errors_of(text) == [error]
