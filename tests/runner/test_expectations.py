"""`expect`: what holds, and what a failed expectation tells."""

from typing import Any

import pytest

HTTP = "traffic: [{send: {id: a, to: '+15550101', message: hi}}]\n"
LOST = "traffic: [{send: {id: a, to: '+15550113', message: hi}}]\n"
SMPP = "traffic: [{send: {id: a, via: smpp, from: SHOP, to: '+15550113', message: hi}}]\n"
REFUSED = "traffic: [{send: {id: a, to: '+15550199', message: hi}}]\n"
MO = "traffic: [{inbound: {id: mo, from: '+1', to: '8080', message: hi, count: 2}}]\n"

HOLD = [
    (HTTP, "message: a, walks: [pending, processing, accepted, sent, delivered]"),
    (HTTP, "message: a, status: delivered, response: {status: 201}"),
    (HTTP, "message: a, webhooks: [sms.queued, sms.processing, sms.sent, {event: sms.delivered, segments: 1}]"),
    (HTTP, "message: a, webhooks: 4, after: 1500ms, within: 1500ms, nothing_else: true"),
    (HTTP, "totals: {delivered: 1, accepted: '>=1', refused: 0, webhooks: 4, receipts: 0}"),
    (
        LOST,
        "message: a, error_code: '1502', webhooks: [sms.queued, sms.processing, {event: sms.failed, error_code: 1502}]",
    ),
    (SMPP, "message: a, receipts: [UNDELIV], response: {command_status: ESME_ROK}"),
    (SMPP, "message: a, receipts: [{stat: UNDELIV, err: 27, message_state: UNDELIVERABLE, network_error: 27}]"),
    (SMPP, "message: a, receipts: [{source: '+15550113', destination: SHOP, esm_class: 4, sub: 1, dlvrd: 0}]"),
    (SMPP, "message: a, receipts: '>=1', attempts: 0, nothing_else: true"),
    (REFUSED, "message: a, response: {status: 502, error_code: 1502}"),
    (REFUSED, "totals: {refused: 1}"),
    (MO, "inbound: mo, received: 2, within: 1s"),
]

FAIL = [
    (HTTP, "message: a, status: failed", "expected the status failed in the end, but it ended as delivered at +1.5s"),
    (
        HTTP,
        "message: a, walks: [pending, processing, rejected]",
        "expected to walk pending > processing > rejected, but it walked pending > processing > accepted > sent > "
        "delivered (at +150ms came accepted, not rejected)",
    ),
    (HTTP, "message: a, within: 1s", "expected it to be final no later than +1s, but it ended as delivered at +1.5s"),
    (HTTP, "message: a, after: 1h", "expected it to be final no earlier than +1h, but it ended as delivered at +1.5s"),
    (HTTP, "message: a, attempts: '>=1'", "expected >=1 failed attempts of the carrier, but there were 0"),
    (
        HTTP,
        "message: a, webhooks: [sms.queued, sms.sent, sms.delivered]",
        "expected sms.queued; sms.sent; sms.delivered, but there came sms.queued at +0s; sms.processing at +50ms; "
        "sms.sent at +500ms; sms.delivered at +1.5s: webhook 2: it is sms.processing, not sms.sent",
    ),
    (HTTP, "message: a, webhooks: '<3'", "expected <3 webhooks, but there came sms.queued"),
    (HTTP, "message: a, status: delivered, nothing_else: true", "expected no webhook, but there came sms.queued"),
    (HTTP, "message: a, response: {status: 400}", "expected the response HTTP 400, at +0s came HTTP 201"),
    (
        SMPP,
        "message: a, receipts: [DELIVRD]",
        "expected DELIVRD, but there came receipt UNDELIV err:027 sub:001 dlvrd:000 at +2.1s: receipt 1: stat is "
        "UNDELIV, not DELIVRD",
    ),
    (SMPP, "message: a, receipts: [{err: '000'}]", "receipt 1: err is 027, not 000"),
    (SMPP, "message: a, receipts: [UNDELIV, UNDELIV]", "missing is UNDELIV"),
    (SMPP, "message: a, receipts: 0", "expected 0 receipts, but there came receipt UNDELIV"),
    (
        SMPP,
        "message: a, response: {command_status: ESME_RTHROTTLED}",
        "expected the command_status ESME_RTHROTTLED, at +0s came ESME_ROK",
    ),
    (
        REFUSED,
        "message: a, status: delivered",
        "expected the status delivered in the end, but it was refused: HTTP 502",
    ),
    (HTTP, "totals: {delivered: 0, timeout: '>=1'}", "expected delivered 0, but there were 1"),
    (MO, "inbound: mo, received: 5", "expected 5 to be received, but 2 of 2 were"),
]


@pytest.mark.parametrize(("traffic", "expected"), HOLD)
async def test_it_holds(play: Any, traffic: str, expected: str) -> None:
    report = await play(f"{traffic}expect: [{{{expected}}}]")
    assert report.ok, report.failures


@pytest.mark.parametrize(("traffic", "expected", "told"), FAIL)
async def test_it_fails_and_tells_what_came_instead(play: Any, traffic: str, expected: str, told: str) -> None:
    report = await play(f"{traffic}expect: [{{{expected}}}]")
    (verdict,) = report.verdicts
    assert not verdict.held
    assert told in verdict.text


async def test_a_failure_shows_the_line_of_the_file_and_the_whole_timeline(play: Any) -> None:
    report = await play(
        """
        traffic:
          - send: {id: a, to: "+15550113", message: hi}
        expect:
          - message: a
            status: delivered
        """
    )
    (verdict,) = report.verdicts
    assert verdict.line == "test.yaml:20"
    assert verdict.source == "- message: a"
    *_, last = lines = verdict.text.splitlines()
    assert lines[1] == "timeline of a #1, from 2026-01-01T00:00:00.000Z, in simulated time:"
    assert lines[2] == '     +0s  sent via http by acme to +15550113: "hi"'
    assert "  +100ms  accepted" in lines
    assert "   +2.1s  undelivered (absent_subscriber, error_code 1502)" in lines
    assert last == "   +2.1s  webhook sms.failed undelivered error_code 1502"


async def test_of_many_messages_that_fail_alike_only_some_are_shown_whole(play: Any) -> None:
    report = await play(
        """
        traffic: [{send: {id: a, via: smpp, to: "+1555{n:02}13", message: x, count: 10}}]
        expect: [{message: a, status: delivered}]
        """
    )
    assert report.verdicts[0].text.count("timeline of") == 3
    assert report.verdicts[0].text.endswith("... and 7 more: 10 of 10 messages failed")


async def test_n_picks_one_of_the_messages_of_an_item(play: Any) -> None:
    report = await play(
        """
        traffic: [{send: {id: a, to: "{phone}", message: x, data: [{phone: "+101"}, {phone: "+113"}]}}]
        expect: [{message: a, n: 2, status: undelivered}, {message: a, n: 1, status: undelivered}]
        """
    )
    assert [verdict.held for verdict in report.verdicts] == [True, False]


async def test_each_recipient_of_a_batch_must_do_what_is_expected(play: Any) -> None:
    report = await play(
        """
        traffic: [{send: {id: a, to: ["+15550101", "+15550113"], message: x}}]
        expect: [{message: a, status: delivered}]
        """
    )
    assert "a #1 to +15550113: expected the status delivered" in report.verdicts[0].text
    assert report.verdicts[0].text.count("timeline of") == 1
