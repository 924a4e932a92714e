"""What GET /status answers: the aggregate, the counters, and each recipient's own state (decisions D6, D19, D20)."""

from typing import Any

from simulator.engine.aggregate import aggregate_status, count
from simulator.engine.messages import Recipient
from simulator.engine.plans import Plan, Step
from simulator.engine.statuses import TERMINAL, Status
from simulator.engine.units import iso
from simulator.gateway.messages import HttpMessage


def latest_step(recipient: Recipient, now: int) -> Step:
    """The last change of state. The carrier's own retries are none: nobody outside sees them."""
    return latest_of(recipient.plan, now - recipient.started_at)


def latest_of(plan: Plan, elapsed: int) -> Step:
    step = plan.at(elapsed)
    if step.attempt:
        step = next(step for step in reversed(plan.until(elapsed)) if not step.attempt)
    return step


def message_status(message: HttpMessage, now: int) -> Status:
    """The aggregate over its recipients, of the latest dispatch (decision D21)."""
    return aggregate_status(recipient.status_at(now) for recipient in message.recipients)


def recipient_phone(to: str) -> str:
    """A number as answers and events show it: as sent, with a leading `+` (decision D28)."""
    return to if to.startswith("+") else "+" + to


def view(message: HttpMessage, now: int) -> dict[str, Any]:
    """The `data` of GET /status/{message_id}."""
    rows: list[dict[str, Any]] = []
    statuses: list[Status] = []
    updated_at = message.accepted_at
    # recipients of one dispatch that share a plan share all but the number
    shared: dict[Plan, tuple[Status, str | None, int, str]] = {}
    for recipient in message.recipients:
        state = shared.get(recipient.plan)
        if state is None:
            step = latest_step(recipient, now)
            at = recipient.started_at + step.offset
            updated_at = max(updated_at, at)
            error_code = step.cause.error_code if step.cause and step.status in TERMINAL else None
            segments = message.segments if step.segments is None else step.segments
            state = shared[recipient.plan] = (step.status, error_code, segments, iso(at))
        statuses.append(state[0])
        rows.append(
            {
                "recipient_phone": recipient_phone(recipient.to),
                "status": state[0],
                "error_code": state[1],
                "segments": state[2],
                "updated_at": state[3],
            }
        )
    delivered, failed, pending = count(statuses)
    return {
        "message_id": message.id,
        "status": aggregate_status(statuses),
        "total_recipients": len(rows),
        "delivered": delivered,
        "failed": failed,
        "pending": pending,
        "created_at": iso(message.accepted_at),
        "updated_at": iso(updated_at),
        "recipients": rows,
    }
