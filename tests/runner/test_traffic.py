"""`traffic`: what each item does, as the client and the report see it."""

import asyncio
import threading
from typing import Any

import pytest

from simulator.app import Simulator
from simulator.engine.clock import EPOCH


async def test_an_http_send_is_answered_walks_and_makes_webhooks(play: Any) -> None:
    report = await play("traffic: [{send: {id: a, to: '+15550101', message: hi}}]")
    (walk,) = report.walks
    assert walk.response.status == 201
    assert walk.walked == ["pending", "processing", "accepted", "sent", "delivered"]
    assert [seen.event for seen in walk.webhooks] == ["sms.queued", "sms.processing", "sms.sent", "sms.delivered"]
    assert walk.duration == 1500
    assert report.notes == []


async def test_an_smpp_send_gets_its_receipt_through_smpplib(play: Any) -> None:
    report = await play("traffic: [{send: {id: a, via: smpp, from: SHOP, to: '+15550113', message: hi}}]")
    (walk,) = report.walks
    (receipt,) = walk.receipts
    assert (receipt.stat, receipt.err, receipt.message_state, receipt.network_error) == ("UNDELIV", "027", 5, 27)
    assert (receipt.source, receipt.destination) == ("15550113", "SHOP")
    assert receipt.at == walk.history[-1].at


async def test_a_scenario_without_accounts_is_played_by_one_that_the_runner_makes_up(play: Any) -> None:
    report = await play(
        """
        traffic:
          - send: {id: a, to: "+15550101", message: hi}
          - send: {id: b, via: smpp, to: "+15550101", message: hi}
        """,
        head="\nscenario: 1\npaths: {quick: [sent: 1s, delivered: 1s], lost: [undelivered: 1s]}\n",
    )
    assert [walk.account for walk in report.walks] == ["client", "client"]
    assert [walk.status for walk in report.walks] == ["delivered", "delivered"]


async def test_templates_count_and_data_fill_each_message(play: Any) -> None:
    report = await play(
        """
        traffic:
          - send: {id: a, via: smpp, to: "+15550{n:04}", message: "hello {n}", count: 3}
          - send: {id: b, to: "{phone}", message: "Dear {name}", data: [{phone: 1, name: Ada}, {phone: 2, name: Bo}]}
        """
    )
    assert [(walk.to, walk.text) for walk in report.walks] == [
        ("+155500001", "hello 1"),
        ("+155500002", "hello 2"),
        ("+155500003", "hello 3"),
        ("1", "Dear Ada"),
        ("2", "Dear Bo"),
    ]


async def test_a_rate_spaces_messages_in_simulated_time(play: Any) -> None:
    report = await play("traffic: [{send: {id: a, via: smpp, to: '+1{n}', message: x, count: 5, rate: 2/s}}]")
    assert [walk.sent_at - EPOCH for walk in report.walks] == [0, 500, 1000, 1500, 2000]
    assert [walk.accepted_at for walk in report.walks] == [walk.sent_at for walk in report.walks]


async def test_the_next_items_dont_wait_for_a_send_with_a_start(play: Any) -> None:
    report = await play(
        """
        traffic:
          - send: {id: late, start: 10m, to: "+15550101", message: x}
          - send: {id: now, to: "+15550101", message: x}
          - wait: 1h
          - send: {id: last, to: "+15550101", message: x}
        """
    )
    assert [(walk.id, walk.sent_at - EPOCH) for walk in report.walks] == [
        ("now", 0),
        ("late", 600_000),
        ("last", 3_600_000),
    ]


async def test_the_gateways_rate_limit_holds_for_the_runner_and_is_over_a_minute_later(play: Any) -> None:
    report = await play(
        """
        traffic:
          - send: {id: many, to: "+15550101", message: "x {n}", count: 61}
          - wait: 1m
          - send: {id: later, to: "+15550101", message: x}
        """
    )
    assert [walk.response.failure for walk in report.walks[59:]] == [None, "HTTP 429, error_code 1301", None]


async def test_a_thousand_submits_are_pipelined(play: Any) -> None:
    report = await play("traffic: [{send: {id: a, via: smpp, to: '+1555{n:04}0', message: x, count: 1000}}]")
    assert report.totals["delivered"] == report.receipts == 1000
    assert {walk.sent_at for walk in report.walks} == {EPOCH}


async def test_a_long_text_travels_in_parts_each_with_its_own_receipt(play: Any) -> None:
    report = await play(f"traffic: [{{send: {{id: a, via: smpp, to: '+15550101', message: {'x' * 200}}}}}]")
    assert [(walk.part, [receipt.stat for receipt in walk.receipts]) for walk in report.walks] == [
        (1, ["DELIVRD"]),
        (2, ["DELIVRD"]),
    ]


async def test_each_recipient_of_a_batch_has_its_own_walk_and_webhooks(play: Any) -> None:
    report = await play("traffic: [{send: {id: a, to: ['+15550101', '+15550113'], message: x}}]")
    assert [walk.status for walk in report.walks] == ["delivered", "undelivered"]
    assert [walk.webhooks[-1].event for walk in report.walks] == ["sms.delivered", "sms.failed"]
    assert report.totals["accepted"] == 1


async def test_a_callback_url_gets_the_events_besides_the_webhook(play: Any) -> None:
    report = await play("traffic: [{send: {id: a, to: '+15550101', message: x, callback: true}}]")
    assert [seen.target for seen in report.walks[0].webhooks].count("callback") == 4
    assert report.webhooks == 8


async def test_a_scheduled_send_is_scheduled_until_its_time(play: Any) -> None:
    report = await play(
        "traffic: [{send: {id: a, to: '+15550101', message: x, scheduled_dates: [{date: 2026-01-02, time: '08:00'}]}}]"
    )
    assert report.walks[0].walked == ["scheduled", "pending", "processing", "accepted", "sent", "delivered"]


async def test_inbound_messages_come_to_a_session_of_their_account(play: Any) -> None:
    report = await play("traffic: [{inbound: {id: mo, from: '+15550101', to: '8080', message: 'STOP {n}', count: 2}}]")
    assert [(seen.text, seen.received_text) for seen in report.inbound] == [("STOP 1", "STOP 1"), ("STOP 2", "STOP 2")]


async def test_receipts_wait_for_a_receiver_to_be_bound(play: Any) -> None:
    report = await play(
        """
        traffic:
          - bind: {id: out, as: transmitter}
          - send: {id: a, via: smpp, to: "+15550101", message: x}
          - wait: 1h
          - bind: {id: in, as: receiver}
        """
    )
    assert [receipt.at - EPOCH for receipt in report.walks[0].receipts] == [3_600_000]


async def test_a_dropped_session_is_bound_again_for_the_next_submit(play: Any) -> None:
    report = await play(
        """
        traffic:
          - bind: {id: s}
          - send: {id: a, via: smpp, to: "+15550101", message: x}
          - drop: s
          - send: {id: b, via: smpp, to: "+15550101", message: x}
        """
    )
    assert [walk.response.ok for walk in report.walks] == [True, True]
    assert report.receipts == 2


async def test_cancel_and_query_reach_the_message(play: Any) -> None:
    report = await play(
        """
        traffic:
          - send: {id: a, via: smpp, to: "+15550101", message: x}
          - cancel: a
          - query: a
        """
    )
    assert report.walks[0].history[-1].cause == "cancelled"
    assert report.notes == ["cancel of a #1: ESME_ROK", "query of a #1: ESME_ROK, message_state DELETED"]


async def test_force_brings_a_message_to_a_status(play: Any) -> None:
    report = await play(
        "traffic: [{send: {id: a, to: '+15550101', message: x}}, {force: {message: a, status: expired}}]"
    )
    assert report.walks[0].walked == ["pending", "expired"]


async def test_what_cant_be_done_is_an_error_of_the_run_with_its_line(play: Any) -> None:
    report = await play(
        """
        traffic:
          - send: {id: a, via: smpp, to: "+15550101", message: x}
          - pause: a
        expect: [{message: a, status: delivered}]
        """
    )
    file, line, message = report.error.split(":", 2)
    assert (file, message) == ("test.yaml", " a message via smpp can't be asked to pause")
    assert int(line) > 10
    assert not report.ok
    assert report.verdicts == []


async def test_a_day_long_timeout_with_three_carrier_retries_takes_less_than_a_second(play: Any) -> None:
    report = await play(
        """
        traffic:
          - send: {id: a, to: "+15550101", message: x}
          - send: {id: b, via: smpp, to: "+15550102", message: x}
        """,
        head="""
scenario: 1
paths:
  quick:
    - accepted
    - attempts: {fail: 3, error: absent_subscriber, every: [20m, 80m, 140m], then: [timeout]}
  lost: [undelivered: 1s]
""",
    )
    assert [(walk.attempts, walk.duration) for walk in report.walks] == [(3, 86_400_000), (3, 86_400_000)]
    assert report.elapsed_s < 1.0


async def test_a_real_clock_really_waits(play: Any) -> None:
    report = await play("traffic: [{send: {id: a, via: smpp, to: '+15550101', message: x}}]", clock="20x")
    assert report.walks[0].receipts[0].stat == "DELIVRD"
    assert report.elapsed_s >= 1.5 / 20


async def test_a_manual_clock_moves_only_for_waits(play: Any) -> None:
    report = await play("traffic: [{send: {id: a, to: '+15550101', message: x}}, {wait: 500ms}]", clock="manual")
    assert report.walks[0].status == "sent"
    assert report.simulated == 500


async def test_a_time_limit_ends_a_run_where_it_is(play: Any) -> None:
    report = await play("traffic: [{wait: 1h}]", clock="real", time_limit_s=0.05)
    assert report.interrupted
    assert "0.05 s" in report.notes[0]


async def test_two_runs_of_one_scenario_are_equal_message_by_message(play: Any) -> None:
    text = """
        traffic:
          - send: {id: a, via: smpp, to: "+1555{n:04}", message: "x {n}", count: 40, rate: 20/s}
          - send: {id: b, to: "+1556{n:04}", message: "x {n}", count: 20}
    """
    first, second = await play(text, seed=7), await play(text, seed=7)
    assert first.walks == second.walks


async def test_nothing_is_left_behind(play: Any) -> None:
    before = threading.active_count()
    await play("traffic: [{send: {id: a, via: smpp, to: '+15550101', message: x}}, {bind: {id: s, as: receiver}}]")
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("esme")] == []
    assert threading.active_count() <= before + 4  # asyncio's own executor


async def test_a_client_that_reads_nothing_more_doesnt_stop_time(play: Any) -> None:
    report = await play(
        """
        traffic:
          - bind: {id: s}
          - send: {id: a, via: smpp, to: "+1555{n}", message: x, count: 3}
          - stop_reading: s
          - wait: 10m
        """
    )
    assert report.simulated >= 600_000
    assert report.receipts == 0


async def test_a_long_message_from_a_phone_is_put_together_again(play: Any) -> None:
    text = "long " * 60
    report = await play(f"traffic: [{{inbound: {{id: mo, from: '+15550101', to: '8080', message: '{text}'}}}}]")
    assert [seen.received_text for seen in report.inbound] == [text]


async def test_a_fault_in_the_simulator_is_told_as_one_and_not_as_a_failed_expectation(
    play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: object, happened: object) -> None:
        raise KeyError("oops")

    monkeypatch.setattr("simulator.gateway.Gateway.announce", broken)
    report = await play(
        """
        traffic: [{send: {id: a, to: "+15550101", message: x}}]
        expect: [{message: a, webhooks: 4}]
        """
    )
    assert report.error == "a fault in carrier-sim itself: KeyError: 'oops'"
    assert report.verdicts == []


async def test_events_carry_the_accounts_credentials_to_the_listener(play: Any) -> None:
    report = await play(
        "traffic: [{send: {id: a, to: '+15550101', message: x}}]",
        head="""
scenario: 1
accounts: [{name: a, api_key: k, webhook: {url: "http://192.0.2.1/hook", username: u, password: p}}]
paths: {quick: [sent: 1s, delivered: 1s], lost: [undelivered: 1s]}
""",
    )
    assert [seen.authorized for seen in report.walks[0].webhooks] == [True] * 4


async def test_several_smscs_are_each_bound_by_their_own_accounts(play: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ports: list[int] = []
    start = Simulator.start

    async def watched(self: Simulator) -> None:
        await start(self)
        ports.extend(smsc.port for smsc in self.smscs)

    monkeypatch.setattr(Simulator, "start", watched)
    report = await play(
        """
        traffic:
          - send: {id: a, account: one, via: smpp, to: "+15550101", message: x}
          - send: {id: b, account: two, via: smpp, to: "+15550101", message: x}
        """,
        head="""
scenario: 1
accounts: [{name: one, system_id: one}, {name: two, system_id: two}]
smsc: [{name: first, accounts: [one], port: 2775}, {name: second, accounts: [two], port: 2776}]
paths: {quick: [sent: 1s, delivered: 1s], lost: [undelivered: 1s]}
""",
    )
    assert [walk.status for walk in report.walks] == ["delivered", "delivered"]
    assert len(set(ports)) == 2
    assert not {2775, 2776} & set(ports)
