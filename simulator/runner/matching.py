"""Compares one receipt, or one webhook, with what was expected of it: only the fields that are given."""

from typing import Any

from simulator.runner.records import ReceiptSeen, WebhookSeen
from simulator.scenario import ReceiptExpectation, WebhookExpectation
from simulator.smpp import MessageState


def expected_receipt(expected: ReceiptExpectation) -> str:
    """What it should be, in words: `DELIVRD`, `UNDELIV err 032`."""
    given = {name: getattr(expected, name) for name in _FIELDS if getattr(expected, name) is not None}
    stat = given.pop("stat", None)
    return " ".join(([stat] if stat else []) + [f"{name} {value}" for name, value in given.items()]) or "any receipt"


def receipt_differences(expected: ReceiptExpectation, seen: ReceiptSeen) -> list[str]:
    """What is wrong with a receipt: `err is 000, not 032`."""
    found = []
    for name in _FIELDS:
        wanted = getattr(expected, name)
        if wanted is None:
            continue
        got: Any = getattr(seen, name)
        if name == "message_state":
            got = MessageState(got).name if got in MessageState._value2member_map_ else got
        if not _same(wanted, got, address=name in ("source", "destination")):
            found.append(f"{name} is {'absent' if got in (None, '') else got}, not {wanted}")
    return found


_FIELDS = tuple(ReceiptExpectation.model_fields)


def expected_webhook(expected: WebhookExpectation) -> str:
    """`sms.failed with error_code 1502`"""
    fields = ", ".join(f"{name} {value}" for name, value in expected.fields.items())
    return expected.event + (f" with {fields}" if fields else "")


def webhook_differences(expected: WebhookExpectation, seen: WebhookSeen) -> list[str]:
    """What is wrong with an event."""
    if expected.event != seen.event:
        return [f"it is {seen.event}, not {expected.event}"]
    found = []
    for name, wanted in expected.fields.items():
        if name not in seen.data:
            found.append(f"it has no {name}: there are {', '.join(seen.data)}")
        elif not _same(wanted, seen.data[name], address=name == "recipient_phone"):
            found.append(f"{name} is {seen.data[name]}, not {wanted}")
    return found


def _same(wanted: Any, got: Any, *, address: bool = False) -> bool:
    """YAML's `32` is meant for a receipt's `032`, and `1502` for "1502"."""
    if wanted == got:
        return True
    if isinstance(wanted, str | int) and isinstance(got, str | int) and not isinstance(got, bool):
        left, right = str(wanted), str(got)
        if address:
            return left.removeprefix("+") == right.removeprefix("+")
        return left == right or (left.isdigit() and right.isdigit() and int(left) == int(right))
    return False
