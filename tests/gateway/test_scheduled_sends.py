"""Scheduled and recurring messages, and cancel, pause, resume (decisions D21, D22, D26)."""

from typing import Any

import pytest

from simulator.engine import Account, Fixed, GatewaySettings, Go, InstantClock, Path, Status, WebhookTarget
from simulator.engine.units import DAY, HOUR, MINUTE

from .conftest import KEY, NUMBER, Answer, Lab, Listener, MakeLab


async def schedule(lab: Lab, *entries: str, to: tuple[str, ...] = (NUMBER,), **more: Any) -> Answer:
    """Entries such as `01T10:00`: a day of January 2026, and the time in Kinshasa, which is an hour ahead of UTC."""
    dates = [{"date": f"2026-01-{entry[:2]}", "time": entry[3:]} for entry in entries]
    return await lab.send(*to, sending_type="scheduled", scheduled_dates=dates, **more)


async def status_of(lab: Lab, answer: Answer) -> str:
    status: str = (await lab.status(answer.id)).data["status"]
    return status


async def test_a_scheduled_message_is_answered_with_scheduled_and_its_whole_cost(lab: Lab) -> None:
    answer = await schedule(lab, "02T10:00", "03T10:00", to=("+1", "+2"), message="x" * 161)
    assert answer.status == 201
    assert answer.data == {
        "message_id": answer.id,
        "total_recipients": 2,
        "total_messages": 8,
        "total_cost": 0.16,
        "currency": "USD",
        "status": "scheduled",
        "sending_type": "scheduled",
    }
    assert (await lab.balance())["balance"] == 99.84


async def test_it_waits_until_its_time_and_then_walks(lab: Lab) -> None:
    answer = await schedule(lab, "01T11:00")
    await lab.advance(10 * HOUR - 1)
    data = (await lab.status(answer.id)).data
    assert (data["status"], data["pending"]) == ("scheduled", 1)
    seen = []
    for wait in (1, 1000, 2000):
        await lab.advance(wait)
        seen.append(await status_of(lab, answer))
    assert seen == ["pending", "processing", "delivered"]


async def test_each_dispatch_walks_every_recipient_again(lab: Lab) -> None:
    answer = await schedule(lab, "01T02:00", "01T03:00", to=("+1", "+2"))
    await lab.advance(HOUR + 5000)
    assert (await lab.status(answer.id)).data["delivered"] == 2
    await lab.advance(HOUR - 5000)
    assert await status_of(lab, answer) == "pending"
    await lab.advance(5000)
    assert await status_of(lab, answer) == "delivered"


async def test_the_events_of_a_schedule(hooked: Lab, listener: Listener) -> None:
    await schedule(hooked, "01T02:00", "01T03:00")
    await hooked.advance(DAY)
    walk = ["sms.processing", "sms.sent", "sms.delivered"]
    assert listener.types == ["sms.queued", *walk, *walk]
    assert listener.posts[0]["data"]["scheduled_at"] == "2026-01-01T01:00:00Z"
    assert listener.posts[0]["data"]["total_messages"] == 2
    assert len({post["event_id"] for post in listener.posts}) == 7


async def test_a_low_balance_later_stops_no_dispatch(make_lab: MakeLab) -> None:
    lab = await make_lab(Account("acme", api_key=KEY, balance=0.04))
    answer = await schedule(lab, "01T02:00", "01T03:00")
    assert (await lab.balance())["balance"] == 0
    await lab.advance(2 * HOUR + 5000)
    assert await status_of(lab, answer) == "delivered"


async def test_the_whole_schedule_must_be_paid_for(make_lab: MakeLab) -> None:
    lab = await make_lab(Account("acme", api_key=KEY, balance=0.03))
    assert (await schedule(lab, "01T02:00", "01T03:00")).code == "1202"


async def test_the_accounts_zone_counts(make_lab: MakeLab) -> None:
    lab = await make_lab(Account("acme", api_key=KEY, timezone="America/New_York"))
    answer = await schedule(lab, "01T10:00")
    await lab.advance(15 * HOUR - 1)
    assert await status_of(lab, answer) == "scheduled"
    await lab.advance(1)
    assert await status_of(lab, answer) == "pending"


async def test_a_recurring_message(hooked: Lab, listener: Listener) -> None:
    recurrence = {
        "start_date": "2026-01-01",
        "end_date": "2026-01-03",
        "frequency": "daily",
        "interval": 1,
        "times": ["09:00", "18:00"],
    }
    answer = await hooked.send(sending_type="recurring", recurring_schedule=recurrence)
    assert (answer.data["total_messages"], answer.data["total_cost"]) == (6, 0.12)
    assert (answer.data["status"], answer.data["sending_type"]) == ("scheduled", "recurring")
    await hooked.advance(5 * DAY)
    assert listener.types.count("sms.delivered") == 6


async def test_only_the_next_dispatch_stands_in_the_calendar(lab: Lab) -> None:
    recurrence = {
        "start_date": "2026-01-02",
        "end_date": "2035-01-01",
        "frequency": "daily",
        "interval": 1,
        "times": ["09:00"],
    }
    await lab.send(sending_type="recurring", recurring_schedule=recurrence)
    assert len(lab.clock.calendar._buckets) == 1


async def test_an_instant_clock_stops_after_the_last_dispatch(make_lab: MakeLab, listener: Listener) -> None:
    account = Account("acme", api_key=KEY, webhook=WebhookTarget(listener.url))
    lab = await make_lab(account, clock=InstantClock())
    answer = await schedule(lab, "01T02:00", "01T03:00")
    while listener.types.count("sms.delivered") < 2:
        listener.heard.clear()
        await listener.heard.wait()
    await lab.settle()
    assert lab.clock.now() == lab.message(answer.id).finished_at()
    assert not lab.clock.calendar.wanted


async def test_a_message_with_dispatches_to_come_is_not_over(lab: Lab) -> None:
    answer = await schedule(lab, "01T02:00", "05T02:00")
    await lab.advance(2 * HOUR)
    assert lab.message(answer.id).finished_at() == lab.clock.now() + 4 * DAY - HOUR


# ---- cancel, pause, resume ----


async def manage(lab: Lab, call: str, answer: Answer, key: str = KEY) -> Answer:
    return await lab.ask("DELETE" if call == "cancel" else "POST", f"/{call}/{answer.id}", key=key)


@pytest.mark.parametrize("call", ["cancel", "pause", "resume"])
async def test_a_management_call_answers_what_is_left(lab: Lab, call: str) -> None:
    sent = await schedule(lab, "01T02:00", "01T03:00")
    answer = await manage(lab, call, sent)
    assert answer.status == 200
    assert answer.body == {
        "status_code": 200,
        "success": True,
        "data": {
            "message_id": sent.id,
            "status": "failed" if call == "cancel" else "scheduled",
            "remaining_dispatches": 0 if call == "cancel" else 2,
        },
    }


@pytest.mark.parametrize("call", ["cancel", "pause", "resume"])
async def test_the_same_call_twice_changes_nothing(lab: Lab, call: str) -> None:
    sent = await schedule(lab, "01T02:00")
    assert (await manage(lab, call, sent)).body == (await manage(lab, call, sent)).body
    assert (await lab.balance())["balance"] == (100 if call == "cancel" else 99.98)


@pytest.mark.parametrize("call", ["cancel", "pause", "resume"])
async def test_an_immediate_message_can_not_be_managed(lab: Lab, call: str) -> None:
    answer = await manage(lab, call, await lab.send())
    assert (answer.status, answer.code) == (400, "1110")


@pytest.mark.parametrize("call", ["cancel", "pause", "resume"])
async def test_nor_one_without_dispatches_left(lab: Lab, call: str) -> None:
    sent = await schedule(lab, "01T02:00")
    await lab.advance(DAY)
    assert (await manage(lab, call, sent)).code == "1110"


@pytest.mark.parametrize("call", ["cancel", "pause", "resume"])
async def test_nor_an_unknown_one_nor_somebody_elses(make_lab: MakeLab, call: str) -> None:
    lab = await make_lab(Account("acme", api_key=KEY), Account("other", api_key="other-key"))
    sent = await schedule(lab, "01T02:00")
    answer = await manage(lab, call, sent, key="other-key")
    assert (answer.status, answer.body) == (404, {"detail": "Message not found"})


async def test_cancelling_ends_the_recipients_without_any_event_and_refunds_all(
    hooked: Lab, listener: Listener
) -> None:
    sent = await schedule(hooked, "01T02:00", "01T03:00", to=("+1", "+2"))
    await manage(hooked, "cancel", sent)
    await hooked.advance(DAY)
    data = (await hooked.status(sent.id)).data
    assert (data["status"], data["failed"]) == ("failed", 2)
    assert [row["error_code"] for row in data["recipients"]] == [None, None]
    assert listener.types == ["sms.queued"]
    assert (await hooked.balance())["balance"] == 100


async def test_cancelling_refunds_only_what_has_not_gone_out(lab: Lab) -> None:
    sent = await schedule(lab, "01T02:00", "01T03:00", "01T04:00")
    await lab.advance(HOUR + 500)
    await manage(lab, "cancel", sent)
    assert (await lab.balance())["balance"] == 99.98
    await lab.advance(DAY)
    assert await status_of(lab, sent) == "delivered"


async def test_a_refund_goes_to_the_prepaid_wallet(make_lab: MakeLab) -> None:
    lab = await make_lab(Account("acme", api_key=KEY, balance=0, postpaid=1))
    await manage(lab, "cancel", await schedule(lab, "01T02:00"))
    data = await lab.balance()
    assert (data["sms_wallet_balance"], data["postpaid_wallet_balance"]) == (0.02, 0.98)


async def test_after_a_cancel_there_is_nothing_to_pause(lab: Lab) -> None:
    sent = await schedule(lab, "01T02:00")
    await manage(lab, "cancel", sent)
    assert (await manage(lab, "pause", sent)).code == "1110"


async def test_what_falls_due_during_a_pause_is_skipped(hooked: Lab, listener: Listener) -> None:
    sent = await schedule(hooked, "01T02:00", "01T03:00", "01T04:00")
    await manage(hooked, "pause", sent)
    await hooked.advance(2 * HOUR)
    assert (await manage(hooked, "resume", sent)).data["remaining_dispatches"] == 1
    await hooked.advance(DAY)
    assert listener.types.count("sms.delivered") == 1


async def test_cancelling_refunds_what_was_skipped_too(lab: Lab) -> None:
    sent = await schedule(lab, "01T02:00", "01T03:00")
    await manage(lab, "pause", sent)
    await lab.advance(HOUR + MINUTE)
    await manage(lab, "cancel", sent)
    assert (await lab.balance())["balance"] == 100


async def test_a_schedule_that_was_skipped_to_its_end_fails_quietly(hooked: Lab, listener: Listener) -> None:
    sent = await schedule(hooked, "01T02:00")
    await manage(hooked, "pause", sent)
    await hooked.advance(DAY)
    assert await status_of(hooked, sent) == "failed"
    assert listener.types == ["sms.queued"]
    assert (await manage(hooked, "resume", sent)).code == "1110"


# ---- cancel_within: planned, a scenario's switch ----


async def test_cancel_within_is_ignored_by_default(lab: Lab) -> None:
    answer = await lab.send(cancel_within="30s")
    assert answer.data["status"] == "pending"
    assert (await manage(lab, "cancel", answer)).code == "1110"


async def test_with_the_switch_an_immediate_message_can_be_cancelled_for_that_long(make_lab: MakeLab) -> None:
    lab = await make_lab(settings=GatewaySettings(cancel_within=True))
    one, other = await lab.send(cancel_within="30s"), await lab.send("+1", "+2", cancel_within="30s")
    assert one.data["status"] == "scheduled"
    assert (await manage(lab, "cancel", one)).data["status"] == "failed"
    assert (await manage(lab, "cancel", one)).status == 200
    assert (await lab.balance())["balance"] == 99.96
    await lab.advance(30_000)
    assert (await manage(lab, "cancel", other)).code == "1110"
    await lab.advance(3_000)
    assert await status_of(lab, other) == "delivered"
    assert await status_of(lab, one) == "failed"


@pytest.mark.parametrize("value", ["", "soon", "-1s", "0", "11m", 30, [], "9" * 100])
async def test_a_bad_cancel_within_is_refused(make_lab: MakeLab, value: object) -> None:
    lab = await make_lab(settings=GatewaySettings(cancel_within=True))
    assert (await lab.send(cancel_within=value)).code == "1110"


async def test_cancel_within_is_for_immediate_messages_only(make_lab: MakeLab) -> None:
    lab = await make_lab(settings=GatewaySettings(cancel_within=True))
    assert (await schedule(lab, "01T02:00", cancel_within="30s")).code == "1110"


async def test_a_dispatch_that_is_under_way_goes_on_when_the_next_one_starts(
    make_lab: MakeLab, listener: Listener
) -> None:
    account = Account("acme", api_key=KEY, webhook=WebhookTarget(listener.url))
    lab = await make_lab(account, path=Path("slow", [Go(Status.DELIVERED, Fixed(90 * MINUTE))]))
    await schedule(lab, "01T02:00", "01T03:00")
    await lab.advance(DAY)
    delivered = listener.of("sms.delivered")
    assert [post["timestamp"][11:16] for post in delivered] == ["02:30", "03:30"]
    assert len({post["event_id"] for post in delivered}) == 2
