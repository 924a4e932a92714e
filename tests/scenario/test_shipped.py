"""The shipped scenarios: each loads, is short, and what it expects is what the engine makes of its traffic."""

import re
from collections import Counter
from pathlib import Path

import pytest

from simulator.engine import Chance, Message, Refusal, Status, Step, segment
from simulator.scenario import MessageExpectation, Scenario, Send, TotalsExpectation, load, shipped

SHIPPED = {name: file for name, _, file in shipped()}


class Sent(Message):
    """A message as a door would make it."""

    __slots__ = ("_encoding", "_text", "carrier", "via")

    def __init__(self, send: Send, source: str, to: str, text: str) -> None:
        measured = segment(text)
        super().__init__(send.account or "", source, to, measured.segments)
        self._text, self._encoding, self.via = text, measured.encoding, send.via

    @property
    def smsc_name(self) -> str:
        return self.carrier

    @property
    def text(self) -> str:
        return self._text

    @property
    def encoding(self) -> str:
        return self._encoding


Fate = tuple[Step, ...] | Refusal

SMPP_ALONE = {"keyword-replies", "two-carriers"}
"""Scenarios that are about SMPP."""


def play(scenario: Scenario) -> list[tuple[Send, int, Fate]]:
    """(send, n, what becomes of it) of each message."""
    world, fates = scenario.world, []
    chance = Chance(world.seed)
    for send in (action for action in scenario.traffic if isinstance(action, Send)):
        for n in range(1, send.total + 1):
            source, destinations, text = send.render(n)
            for to in destinations:
                message = Sent(send, source or "", to, text)
                carriers = [smsc.name for smsc in world.smscs if send.account in (smsc.accounts or (send.account,))]
                message.carrier = carriers[0] if send.via == "smpp" else ""
                number = to.removeprefix("+")
                luck = chance.key("\0".join((message.account, message.source, number, text)).encode())
                chosen = world.rules.choose(message, number, luck)
                if isinstance(chosen, Refusal):
                    fates.append((send, n, chosen))
                    continue
                http = send.via == "http"
                validity = send.validity_period or (world.gateway.validity if http else world.smsc.validity)
                plan = chosen.plan(
                    luck, validity=validity, hold=world.gateway.hold, held=http, segments=message.segments
                )
                fates.append((send, n, plan.steps))
    return fates


def walk(steps: tuple[Step, ...]) -> tuple[Status, ...]:
    """The statuses in order; one that comes several times in a row counts once."""
    return tuple(
        step.status for number, step in enumerate(steps) if number == 0 or steps[number - 1].status is not step.status
    )


STATS = {
    Status.DELIVERED: "DELIVRD",
    Status.UNDELIVERED: "UNDELIV",
    Status.EXPIRED: "EXPIRED",
    Status.REJECTED: "REJECTD",
    Status.DELIVERY_UNKNOWN: "UNKNOWN",
}


def check(expected: MessageExpectation, steps: tuple[Step, ...]) -> None:
    last = steps[-1]
    assert expected.walks in (None, walk(steps))
    assert expected.status in (None, last.status)
    if expected.error_code is not None:
        assert last.cause is not None
        assert last.cause.error_code == expected.error_code
    if expected.within is not None:
        assert last.offset <= expected.within
    if expected.after is not None:
        assert last.offset >= expected.after
    if expected.attempts is not None:
        assert expected.attempts(sum(step.attempt > 0 for step in steps))
    if expected.receipts is not None and expected.receipts.each is not None:
        (receipt,) = expected.receipts.each
        assert receipt.stat == STATS[last.status]
        if receipt.err is not None:
            assert last.cause is not None
            assert receipt.err == f"{last.cause.network_error:03}"
    if expected.receipts is not None and expected.receipts.count is not None:
        assert expected.receipts.count(0 if last.silent else 1)


@pytest.fixture(params=SHIPPED.values(), ids=SHIPPED)
def file(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_there_are_all_the_situations_of_the_list() -> None:
    assert set(SHIPPED) >= {
        "happy-path",
        "phone-off",
        "handset-full",
        "barred-sender",
        "expiring-otp",
        "carrier-timeout",
        "unknown-receipts",
        "partial-delivery",
        "one-in-ten-fails",
        "slow-carrier",
        "throttled-carrier",
        "several-accounts",
        "number-prefix-routing",
        "magic-suffixes",
    }


def test_a_scenario_is_named_as_its_file_described_in_a_line_short_and_commented(file: Path) -> None:
    scenario = load(file)
    assert load(file.stem).name == scenario.name == file.stem
    assert 20 < len(scenario.description) < 90
    text = file.read_text(encoding="utf-8")
    assert text.count("\n") < 90
    assert len(re.findall(r"^# ", text, re.MULTILINE)) >= 2
    assert all(len(line) <= 120 for line in text.splitlines())


def test_a_scenario_sends_a_little_over_both_doors_and_expects_something(file: Path) -> None:
    scenario = load(file)
    sends = [action for action in scenario.traffic if isinstance(action, Send)]
    assert {send.via for send in sends} == ({"smpp"} if file.stem in SMPP_ALONE else {"http", "smpp"})
    assert sum(send.total for send in sends) <= 200
    assert scenario.expect
    assert scenario.world.clock == "real"
    assert all(account.limits.send is not None for account in scenario.world.accounts)
    assert all(send.total <= 60 for send in sends if send.via == "http"), "more than the rate limit takes at once"


def test_what_a_scenario_expects_is_what_the_engine_makes_of_it(file: Path) -> None:
    scenario = load(file)
    fates = play(scenario)
    for expected in scenario.expect:
        if not isinstance(expected, MessageExpectation):
            continue
        mine = [
            fate for send, n, fate in fates if send.id == expected.message and (expected.n is None or expected.n == n)
        ]
        assert mine
        for fate in mine:
            if isinstance(fate, Refusal):
                assert expected.response is not None
                assert expected.response.command_status in (None, fate.command_status)
                assert expected.response.error_code in (None, fate.error_code)
            else:
                check(expected, fate)


def test_the_totals_of_a_scenario_hold(file: Path) -> None:
    scenario = load(file)
    fates = play(scenario)
    plans = [fate for _, _, fate in fates if not isinstance(fate, Refusal)]
    totals = Counter(str(steps[-1].status) for steps in plans)
    totals["timeout"] = sum(steps[-1].silent for steps in plans)
    totals["accepted"], totals["refused"] = len(plans), len(fates) - len(plans)
    for expected in scenario.expect:
        if isinstance(expected, TotalsExpectation):
            for name, test in expected.totals.items():
                assert test(totals[name]), f"{name}: {totals[name]}, expected {test}"
