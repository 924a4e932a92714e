"""One message's whole timeline as text: what was sent and answered, each status, each receipt and webhook, in order."""

from simulator.engine import iso_ms
from simulator.runner.records import Moment, ReceiptSeen, Walk, WebhookSeen
from simulator.runner.words import short

LONGEST_TEXT = 60


def timeline(walk: Walk) -> list[str]:
    """Its lines, the first of which says what it is; all others begin with the simulated time since it was accepted."""
    entries: list[tuple[int, int, str]] = [
        (walk.sent_at, 0, f"sent via {walk.via} by {walk.account} to {walk.to}: {_quoted(walk.text)}")
    ]
    response = walk.response
    if response is None:
        entries.append((walk.sent_at, 1, "never answered"))
    elif response.ok:
        said = f"HTTP {response.status}" if response.status is not None else "ESME_ROK"
        entries.append((response.at, 1, f"answered {said}, message_id {response.message_id}"))
    else:
        entries.append((response.at, 1, f"refused: {response.failure}"))
    entries += [(moment.at, 2, _moment(moment)) for moment in walk.history]
    entries += [(seen.at, 3, receipt(seen)) for seen in walk.receipts]
    entries += [(seen.at, 3, webhook(seen)) for seen in walk.webhooks]
    entries.sort(key=lambda entry: entry[:2])
    times = [f"+{short(at - walk.start)}" for at, _, _ in entries]
    wide = max(map(len, times))
    lines = [f"timeline of {walk.name}, from {iso_ms(walk.start)}, in simulated time:"]
    return lines + [f"  {time.rjust(wide)}  {text}" for time, (_, _, text) in zip(times, entries, strict=True)]


def _moment(moment: Moment) -> str:
    if moment.attempt:
        return f"attempt {moment.attempt} of the carrier failed: {moment.cause}"
    code = f", error_code {moment.error_code}" if moment.error_code else ""
    return moment.status + (f" ({moment.cause}{code})" if moment.cause else "")


def receipt(seen: ReceiptSeen) -> str:
    """`receipt DELIVRD err:000 ...`"""
    fields = [f"{name}:{value}" for name in ("err", "sub", "dlvrd") if (value := getattr(seen, name))]
    return " ".join(["receipt", seen.stat or "without stat", *fields])


def webhook(seen: WebhookSeen) -> str:
    """`webhook sms.failed error_code 1502`"""
    code = seen.data.get("error_code")
    status = f" {seen.data['status']}" if "status" in seen.data else ""
    where = " to the callback_url" if seen.target == "callback" else ""
    return f"webhook {seen.event}{status}" + (f" error_code {code}" if code else "") + where


def _quoted(text: str) -> str:
    flat = " ".join(text.split())
    return f'"{flat if len(flat) <= LONGEST_TEXT else flat[: LONGEST_TEXT - 3] + "..."}"'
