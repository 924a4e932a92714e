"""GET /status: the aggregate, the counters and each recipient's own state (lisoloo-api 3.2; decisions D6, D19, D20)."""

import pytest

from simulator.engine import CAUSES, Account, Attempts, Fixed, Go, Match, Path, Rule, Status, Timeout, Waits, glob
from simulator.engine.units import DAY

from .conftest import KEY, NUMBER, Lab, MakeLab


async def test_a_message_walks_from_pending_to_delivered(lab: Lab) -> None:
    answer = await lab.send()
    seen = []
    for _ in range(4):
        seen.append((await lab.status(answer.id)).data["status"])
        await lab.advance(1000)
    assert seen == ["pending", "processing", "processing", "delivered"]


async def test_a_delivered_message_is_shown_as_documented(lab: Lab) -> None:
    identifier = (await lab.send()).id
    await lab.advance(5000)
    answer = await lab.status(identifier)
    assert answer.status == 200
    assert answer.body == {
        "status_code": 200,
        "data": {
            "message_id": identifier,
            "status": "delivered",
            "total_recipients": 1,
            "delivered": 1,
            "failed": 0,
            "pending": 0,
            "created_at": "2026-01-01T00:00:00Z",
            "updated_at": "2026-01-01T00:00:03Z",
            "recipients": [
                {
                    "recipient_phone": NUMBER,
                    "status": "delivered",
                    "error_code": None,
                    "segments": 1,
                    "updated_at": "2026-01-01T00:00:03Z",
                }
            ],
        },
    }


async def test_recipients_come_in_the_order_of_to_with_a_leading_plus(lab: Lab) -> None:
    identifier = (await lab.send("3", "+1", "2", "3")).id
    rows = (await lab.status(identifier)).data["recipients"]
    assert [row["recipient_phone"] for row in rows] == ["+3", "+1", "+2", "+3"]


async def test_a_mixed_batch_counts_each_recipient_once(make_lab: MakeLab) -> None:
    rules = [
        Rule("bad", Path("bad", [Go(Status.UNDELIVERED, Fixed(10))]), Match(to=glob(["1*"], number=True))),
        Rule("slow", Path("slow", [Go(Status.DELIVERED, Fixed(60_000))]), Match(to=glob(["2*"], number=True))),
    ]
    lab = await make_lab(rules=rules)
    identifier = (await lab.send("+1", "+2", "+3", "+4")).id
    await lab.advance(10_000)
    data = (await lab.status(identifier)).data
    assert (data["delivered"], data["failed"], data["pending"], data["total_recipients"]) == (2, 1, 1, 4)
    assert data["status"] == "processing"
    assert [row["error_code"] for row in data["recipients"]] == ["1502", None, None, None]
    await lab.advance(60_000)
    assert (await lab.status(identifier)).data["status"] == "delivered"


async def test_a_message_without_a_receipt_fails_with_1503_after_24_hours(make_lab: MakeLab) -> None:
    lab = await make_lab(path=Path("silent", [Go(Status.ACCEPTED, Fixed(10)), Timeout()]))
    identifier = (await lab.send()).id
    await lab.advance(DAY - 1)
    assert (await lab.status(identifier)).data["status"] == "accepted"
    await lab.advance(1)
    data = (await lab.status(identifier)).data
    assert (data["status"], data["recipients"][0]["error_code"]) == ("failed", "1503")


async def test_the_carriers_own_retries_are_invisible(make_lab: MakeLab) -> None:
    retries = Attempts(3, Waits(list=(60_000,)), CAUSES["absent_subscriber"], (Go(Status.DELIVERED),))
    lab = await make_lab(path=Path("retried", [Go(Status.ENROUTE, Fixed(1000)), retries]))
    identifier = (await lab.send()).id
    await lab.advance(90_000)
    data = (await lab.status(identifier)).data
    assert data["status"] == "enroute"
    assert data["updated_at"] == "2026-01-01T00:00:01Z"
    assert data["recipients"][0]["error_code"] is None


async def test_a_partial_delivery_tells_how_many_segments_arrived(make_lab: MakeLab) -> None:
    lab = await make_lab(path=Path("partial", [Go(Status.PARTIALLY_DELIVERED, segments=2)]))
    identifier = (await lab.send(message="x" * 400)).id
    data = (await lab.status(identifier)).data
    assert data["delivered"] == 1
    assert data["recipients"][0]["segments"] == 2


@pytest.mark.parametrize(
    "identifier", ["507f1f77bcf86cd799439011", "x", "0" * 24, "f" * 24, "%00", "%ED%A0%80", "a" * 500]
)
async def test_an_unknown_message_is_not_found(lab: Lab, identifier: str) -> None:
    answer = await lab.status(identifier)
    assert (answer.status, answer.body) == (404, {"detail": "Message not found"})


async def test_somebody_elses_message_is_not_found_either(make_lab: MakeLab) -> None:
    lab = await make_lab(Account("acme", api_key=KEY), Account("other", api_key="other-key"))
    identifier = (await lab.send(key="other-key")).id
    assert (await lab.status(identifier)).body == {"detail": "Message not found"}


async def test_an_id_with_a_wrong_check_is_not_found(lab: Lab) -> None:
    identifier = (await lab.send()).id
    forged = ("0" if identifier[0] != "0" else "1") + identifier[1:]
    assert (await lab.status(forged)).status == 404
    assert (await lab.status(identifier.upper())).status == 404
