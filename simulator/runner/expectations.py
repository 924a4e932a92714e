"""Checks what a scenario expects against what was seen. Nothing here asks the engine: only the report's records count.

A message with several recipients is checked recipient by recipient, a long text part by part: each must do what is
expected. A list of receipts or webhooks is all that came, in order. Where a message's events go to two addresses, each
must get all of them.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from simulator.runner.matching import expected_receipt, expected_webhook, receipt_differences, webhook_differences
from simulator.runner.records import Walk, WebhookSeen
from simulator.runner.report import Report, Verdict
from simulator.runner.timeline import receipt, timeline, webhook
from simulator.runner.words import number, short
from simulator.scenario import (
    Expectation,
    InboundExpectation,
    MessageExpectation,
    TotalsExpectation,
)
from simulator.smpp import status_name

MOST_SHOWN = 3
"""Messages that one failed expectation shows whole; of the others it gives the number."""


def check(expectations: Sequence[Expectation], report: Report) -> list[Verdict]:
    """The verdict on each expectation, in the order of the file."""
    return [_verdict(expectation, report) for expectation in expectations]


def _verdict(expectation: Expectation, report: Report) -> Verdict:
    if isinstance(expectation, MessageExpectation):
        words, failures = _message_words(expectation), _message(expectation, report)
    elif isinstance(expectation, TotalsExpectation):
        wanted = ", ".join(f"{name} {test!s}" for name, test in expectation.totals.items())
        words, failures = f"totals: {wanted}", list(_totals(expectation, report))
    else:
        words, failures = f"{expectation.inbound}: received", list(_inbound(expectation, report))
    place = expectation.place
    return Verdict(
        words, str(place) if place.line else place.file, not failures, place.source_line.strip(), tuple(failures)
    )


# ---- messages ----


def _message_words(expected: MessageExpectation) -> str:
    which = f" #{expected.n}" if expected.n is not None else ""
    parts = [name.replace("_", " ") for name in _ASKED if getattr(expected, name) not in (None, False)]
    return f"{expected.message}{which}: " + ", ".join(parts)


_ASKED = tuple(name for name in MessageExpectation.model_fields if name not in ("message", "n"))


def _message(expected: MessageExpectation, report: Report) -> list[str]:
    walks = [walk for walk in report.walks if walk.id == expected.message and expected.n in (None, walk.n)]
    if not walks:
        which = f"'{expected.message}'" + (f" #{expected.n}" if expected.n is not None else "")
        return [f"no message {which} was sent"]
    found: list[str] = []
    failed = 0
    for walk in walks:
        problems = [problem for test in _TESTS for problem in test(expected, walk)]
        if not problems:
            continue
        failed += 1
        if failed <= MOST_SHOWN:
            lines = [f"{walk.name}: {problems[0]}", *(f"  and {problem}" for problem in problems[1:])]
            found.append("\n".join([*lines, *timeline(walk)]))
    if failed > MOST_SHOWN:
        found.append(f"... and {failed - MOST_SHOWN} more: {failed} of {number(len(walks), 'message')} failed")
    return found


def _response(expected: MessageExpectation, walk: Walk) -> Iterator[str]:
    wanted, got = expected.response, walk.response
    if wanted is None:
        return
    if got is None:
        yield "expected a response, but none came"
        return
    came = f"at +{short(got.at - walk.sent_at)} came {got.failure or _success(walk)}"
    if wanted.status is not None and wanted.status != got.status:
        yield f"expected the response HTTP {wanted.status}, {came}"
    if wanted.error_code is not None and wanted.error_code != got.error_code:
        yield f"expected the error_code {wanted.error_code}, {came}"
    if wanted.command_status is not None and wanted.command_status != got.command_status:
        yield f"expected the command_status {status_name(wanted.command_status)}, {came}"


def _success(walk: Walk) -> str:
    status = walk.response.status if walk.response is not None else None
    return "ESME_ROK" if status is None else f"HTTP {status}"


def _walks(expected: MessageExpectation, walk: Walk) -> Iterator[str]:
    if expected.walks is None:
        return
    wanted, got = _once([str(status) for status in expected.walks]), _once(walk.walked)
    if wanted != got:
        yield f"expected to walk {' > '.join(wanted)}, but it {_walked(walk, got)}" + _first_difference(
            wanted, got, walk
        )


def _once(statuses: Sequence[str]) -> list[str]:
    """A status that comes twice in a row is one."""
    return [status for place, status in enumerate(statuses) if not place or statuses[place - 1] != status]


def _walked(walk: Walk, got: list[str]) -> str:
    if got:
        return f"walked {' > '.join(got)}"
    return f"was refused: {walk.response.failure}" if walk.response is not None else "was never answered"


def _first_difference(wanted: list[str], got: list[str], walk: Walk) -> str:
    same = next((n for n, (left, right) in enumerate(zip(wanted, got, strict=False)) if left != right), None)
    if not got or same is None:
        return ""
    moment = next(moment for moment in walk.history if moment.status == got[same])
    return f" (at +{short(moment.at - walk.start)} came {got[same]}, not {wanted[same]})"


def _ended(walk: Walk) -> str:
    if not walk.history:
        return _walked(walk, [])
    last = walk.history[-1]
    ending = "ended" if walk.is_final else "has come no further than"
    preposition = " as" if walk.is_final else ""
    code = f", error_code {last.error_code}" if last.error_code else ""
    return f"{ending}{preposition} {last.status} at +{short(last.at - walk.start)}" + (
        f" ({last.cause}{code})" if last.cause else ""
    )


def _status(expected: MessageExpectation, walk: Walk) -> Iterator[str]:
    if expected.status is not None and expected.status != walk.status:
        yield f"expected the status {expected.status} in the end, but it {_ended(walk)}"
    if expected.error_code is not None and expected.error_code != walk.error_code:
        got = walk.error_code or "none"
        yield f"expected the error_code {expected.error_code}, but it has {got}: it {_ended(walk)}"
    if expected.attempts is not None and not expected.attempts(walk.attempts):
        yield f"expected {expected.attempts!s} failed attempts of the carrier, but there were {walk.attempts}"


def _timing(expected: MessageExpectation, walk: Walk) -> Iterator[str]:
    for limit, word, early in ((expected.within, "no later", False), (expected.after, "no earlier", True)):
        if limit is None:
            continue
        took = walk.duration
        if took is None or (took < limit if early else took > limit):
            yield f"expected it to be final {word} than +{short(limit)}, but it {_ended(walk)}"


def _receipts(expected: MessageExpectation, walk: Walk) -> Iterator[str]:
    wanted = expected.receipts
    came = [f"{receipt(seen)} at +{short(seen.at - walk.start)}" for seen in walk.receipts]
    if wanted is None:
        if expected.nothing_else and came:
            yield f"expected no receipt, but there came {_series(came)}"
        return
    if wanted.count is not None and not wanted.count(len(came)):
        yield f"expected {wanted.count!s} receipts, but {_came(came)}"
    if wanted.each is not None:
        words = [expected_receipt(item) for item in wanted.each]
        differences = [
            (place, receipt_differences(item, seen))
            for place, (item, seen) in enumerate(zip(wanted.each, walk.receipts, strict=False))
        ]
        yield from _in_order("receipt", words, came, differences)


def _webhooks(expected: MessageExpectation, walk: Walk) -> Iterator[str]:
    wanted = expected.webhooks
    if wanted is None:
        if expected.nothing_else and walk.webhooks:
            came = [_webhook_came(seen, walk) for seen in walk.webhooks]
            yield f"expected no webhook, but there came {_series(came)}"
        return
    targets = list(dict.fromkeys(seen.target for seen in walk.webhooks)) or [""]
    for target in targets:
        seen_there = [seen for seen in walk.webhooks if seen.target == target]
        came = [_webhook_came(seen, walk) for seen in seen_there]
        if wanted.count is not None and not wanted.count(len(came)):
            yield f"expected {wanted.count!s} webhooks, but {_came(came)}"
        if wanted.each is not None:
            words = [expected_webhook(item) for item in wanted.each]
            differences = [
                (place, webhook_differences(item, seen))
                for place, (item, seen) in enumerate(zip(wanted.each, seen_there, strict=False))
            ]
            yield from _in_order("webhook", words, came, differences)


def _webhook_came(seen: WebhookSeen, walk: Walk) -> str:
    return f"{webhook(seen).removeprefix('webhook ')} at +{short(seen.at - walk.start)}"


def _in_order(noun: str, wanted: list[str], came: list[str], differences: list[tuple[int, list[str]]]) -> Iterator[str]:
    """What is wrong with a list that should be just as expected: the first difference, with both lists."""
    wrong = next(((place, what) for place, what in differences if what), None)
    if wrong is None and len(wanted) == len(came):
        return
    lists = f"expected {_series(wanted) if wanted else f'no {noun}'}, but {_came(came)}"
    if wrong is not None:
        yield f"{lists}: {noun} {wrong[0] + 1}: {', '.join(wrong[1])}"
    elif len(wanted) > len(came):
        yield f"{lists}: missing is {wanted[len(came)]}"
    else:
        yield f"{lists}: too many by {len(came) - len(wanted)}"


def _series(words: Sequence[str]) -> str:
    return "; ".join(words)


def _came(came: list[str]) -> str:
    return f"there came {_series(came)}" if came else "none came"


_TESTS: tuple[Callable[[MessageExpectation, Walk], Iterator[str]], ...] = (
    _response,
    _walks,
    _status,
    _timing,
    _receipts,
    _webhooks,
)


# ---- totals and inbound messages ----


def _totals(expected: TotalsExpectation, report: Report) -> Iterator[str]:
    totals: dict[str, Any] = report.totals
    wrong = [
        f"expected {name} {test!s}, but there were {totals.get(name, 0)}"
        for name, test in expected.totals.items()
        if not test(totals.get(name, 0))
    ]
    if wrong:
        everything = ", ".join(f"{name} {count}" for name, count in totals.items()) or "nothing at all"
        yield "\n".join([*wrong, f"all totals after {short(report.simulated)} of simulated time: {everything}"])


def _inbound(expected: InboundExpectation, report: Report) -> Iterator[str]:
    sent = [seen for seen in report.inbound if seen.id == expected.inbound]
    received = [seen.received_at - seen.sent_at for seen in sent if seen.received_at is not None]
    if expected.received is not None:
        if not expected.received(len(received)):
            yield f"expected {expected.received!s} to be received, but {len(received)} of {len(sent)} were"
    elif len(received) < len(sent) or not sent:
        yield f"expected all {len(sent)} to be received, but {len(received)} were"
    if expected.within is not None and received and max(received) > expected.within:
        slowest = short(max(received))
        yield f"expected the last one no later than +{short(expected.within)}, but it came at +{slowest}"
