"""The engine: messages in, their fates out."""

import pytest

from simulator.engine import (
    CAUSES,
    EPOCH,
    Attempts,
    Fixed,
    Go,
    IllegalTransition,
    Match,
    Outcomes,
    Path,
    Refusal,
    Rule,
    Rules,
    Status,
    Timeout,
    Uniform,
    Waits,
    Watch,
    aggregate_status,
    equals,
    glob,
)
from simulator.engine.chance import key_of_equal
from simulator.engine.core import WAITING
from simulator.engine.units import DAY, HOUR, MINUTE, SECOND

S = Status


def to(status, ms=0, **options):
    return Go(status, Fixed(ms), **options)


DELIVERED = Path("delivered", [to(S.PROCESSING, 50), to(S.ACCEPTED, 100), to(S.SENT, 50), to(S.DELIVERED, 800)])
SLOW = Path("slow", [to(S.ENROUTE, SECOND), to(S.DELIVERED, HOUR)])
FAST = Path("fast", [to(S.FAILED, 1)])
SILENT = Path("silent", [to(S.ACCEPTED), Timeout()])


# ---- submit ----


def test_a_message_walks_its_path(simulate):
    sim = simulate(DELIVERED)
    message = sim.send()
    walked = []
    for _ in range(5):
        walked.append(sim.status(message))
        sim.go(200)
    assert walked == ["pending", "sent", "sent", "sent", "sent"]
    assert sim.status(message) == "delivered"


def test_a_message_is_found_by_its_key(simulate):
    sim = simulate(DELIVERED)
    message = sim.send()
    assert sim.engine.find(message.key) is message
    assert sim.engine.find(message.key + 1) is None


def test_history_tells_instants(simulate):
    sim = simulate(DELIVERED)
    message = sim.send()
    sim.go(150)
    assert [(at - EPOCH, step.status) for at, step in message.history(sim.clock.now())] == [
        (0, S.PENDING),
        (50, S.PROCESSING),
        (150, S.ACCEPTED),
    ]
    assert (message.accepted_at, message.final_at, message.finished_at()) == (EPOCH, EPOCH + 1000, EPOCH + 1000)


def test_a_refused_message_is_not_kept(simulate, sms):
    refusal = Refusal("1201")
    sim = simulate(Rule("1", refusal, Match(to=glob(["666"], number=True))), DELIVERED)
    message = sms("+666")
    assert sim.submit(message) is refusal
    assert sim.engine.find(message.key) is None
    assert (sim.engine.accepted, sim.engine.refused) == (0, 1)
    assert sim.clock.calendar.next_at is None


def test_a_message_is_refused_whole_if_one_of_its_recipients_is(simulate, sms):
    sim = simulate(Rule("1", Refusal(), Match(to=glob(["666"], number=True))), DELIVERED)
    assert sim.submit(sms(["+1", "+666"])) == Refusal()
    assert not sim.engine.messages
    assert sim.clock.calendar.next_at is None


def test_refusals_take_a_bounded_memory(simulate, sms):
    sim = simulate(Refusal(), keep=10)
    for number in range(100):
        sim.submit(sms(text=str(number)))
    assert len(sim.engine._equals) <= 10


def test_equal_messages_have_each_their_own_fate_even_where_one_is_refused(simulate, sms):
    lottery = Outcomes([(Refusal(), 1), (DELIVERED, 1)])
    sim = simulate(Rule("1", lottery))
    answers = [sim.submit(sms()) for _ in range(100)]
    assert 25 < answers.count(None) < 75


def test_the_recipients_of_a_message_walk_each_its_own_path(simulate):
    sim = simulate(Rule("1", FAST, Match(to=glob(["*2"], number=True))), DELIVERED)
    message = sim.send(["+1", "+2"])
    sim.go(60)
    assert [sim.status(part) for part in message.recipients] == ["processing", "failed"]
    assert [part.index for part in message.recipients] == [0, 1]
    assert {part.message for part in message.recipients} == {message}
    assert message.finished_at() == EPOCH + 1000


def test_the_same_number_twice_in_a_message_is_two_recipients(simulate):
    sim = simulate(Path("p", [Go(S.DELIVERED, Uniform(0, HOUR))]))
    one, other = sim.send(["+1", "+1"]).recipients
    assert one.plan.offsets != other.plan.offsets


def test_a_scheduled_message_starts_when_its_time_comes(simulate):
    sim = simulate(DELIVERED)
    message = sim.send(start=HOUR)
    assert sim.status(message) == "scheduled"
    sim.go(HOUR + 50)
    assert sim.door.statuses(message) == ["pending", "processing"]


def test_two_simulations_of_one_scenario_do_not_count_together(simulate, sms):
    rules = Rules([Rule("1", Refusal(), Match(nth=1))], DELIVERED)
    first, second = simulate(), simulate()
    for sim in (first, second):
        sim.engine.rules = rules.fresh()
        assert sim.submit(sms()) is not None
        assert sim.submit(sms()) is None
    engines = [type(first.engine)(sim.clock, rules) for sim in (first, second)]
    assert [engine.submit(sms(), b"", validity=DAY) for engine in engines] == [Refusal(), Refusal()]


def test_the_hold_ends_a_silent_message(simulate):
    sim = simulate(SILENT, hold=HOUR)
    message = sim.send(held=True)
    sim.go(HOUR)
    step = message.step_at(sim.clock.now())
    assert (step.status, step.cause, step.silent) == (S.FAILED, CAUSES["timeout"], True)


# ---- announcements ----


def test_a_door_that_watches_all_hears_of_each_step_when_it_happens(simulate):
    sim = simulate(DELIVERED)
    message = sim.send(watch=Watch.ALL)
    sim.go(DAY)
    assert [(at - EPOCH, str(step.status)) for at, step in sim.door.of(message)] == [
        (50, "processing"),
        (150, "accepted"),
        (200, "sent"),
        (1000, "delivered"),
    ]


def test_a_door_that_watches_the_end_hears_of_nothing_else(simulate):
    sim = simulate(DELIVERED)
    message = sim.send(watch=Watch.FINAL)
    sim.go(999)
    assert sim.door.heard == []
    sim.go(1)
    assert sim.door.statuses(message) == ["delivered"]


def test_a_message_that_nobody_watches_needs_no_date(simulate):
    sim = simulate(DELIVERED)
    message = sim.send(watch=Watch.NOTHING)
    assert sim.clock.calendar.next_at is None
    sim.go(DAY)
    assert sim.status(message) == "delivered"
    assert sim.door.heard == []


def test_failed_attempts_are_announced_as_such(simulate):
    sim = simulate(Path("p", [Attempts(2, Waits(list=(SECOND,)), then=(to(S.FAILED),))]))
    message = sim.send()
    sim.go(DAY)
    assert [step.attempt for _, step in sim.door.of(message)] == [0, 0, 0, 1, 2, 0]


def test_each_door_hears_of_its_own_messages_only(simulate):
    sim = simulate(DELIVERED)
    http, smpp = sim.send(via="http"), sim.send(via="smpp")
    sim.go(DAY)
    assert {recipient for _, recipient, _ in sim.door.heard} == {http}
    assert {recipient for _, recipient, _ in sim.smpp.heard} == {smpp}


def test_what_happens_to_many_at_one_instant_is_announced_in_one_go(simulate):
    sim = simulate(FAST)
    calls = []
    sim.door.announce = lambda happened: calls.append(len(happened))
    for number in range(100):
        sim.send(f"+{number}")
    sim.go(DAY)
    assert calls == [100]


def test_an_observer_sees_everything_whatever_the_doors_asked_for(simulate, sms, listener):
    sim = simulate(Rule("1", Refusal(), Match(to=glob(["666"], number=True))), FAST)
    observer = listener(sim.clock)
    sim.engine.observers.append(observer)
    messages = [sim.send(watch=watch, via=via) for watch in Watch for via in ("http", "smpp")]
    refused = sms("+666")
    sim.submit(refused)
    sim.go(DAY)
    assert observer.arrived == messages
    assert observer.turned_away == [(refused, Refusal())]
    assert all(observer.statuses(message) == ["failed"] for message in messages)


def test_a_message_whose_door_is_not_there_is_still_observed(simulate, listener):
    sim = simulate(FAST)
    observer = listener(sim.clock)
    sim.engine.observers.append(observer)
    message = sim.send(via="pigeon")
    sim.go(DAY)
    assert observer.statuses(message) == ["failed"]


# ---- forced, cancelled, expired ----


def test_a_status_can_be_forced_and_the_way_there_is_legal(simulate):
    sim = simulate(SLOW)
    message = sim.send()
    sim.go(500)
    sim.engine.force(message, S.DELIVERED)
    sim.go()
    assert sim.door.statuses(message) == ["processing", "accepted", "sent", "delivered"]
    sim.go(DAY)
    assert sim.door.statuses(message)[-1] == "delivered"


def test_a_forced_status_may_have_a_cause(simulate):
    sim = simulate(SLOW)
    message = sim.send()
    sim.engine.force(message, S.UNDELIVERED, CAUSES["call_barred"])
    assert message.plan.final.cause is CAUSES["call_barred"]


def test_a_forced_partial_delivery_says_how_many_segments_arrived(simulate):
    sim = simulate(SLOW)
    message = sim.send(segments=3)
    sim.engine.force(message, S.PARTIALLY_DELIVERED)
    assert message.plan.final.segments == 2


def test_after_a_forced_status_nothing_comes_of_itself_until_the_hold_ends(simulate):
    sim = simulate(SLOW, hold=6 * HOUR)
    message = sim.send()
    sim.go(MINUTE)
    sim.engine.force(message, S.SENT)
    sim.go(6 * HOUR - MINUTE - 1)
    assert sim.status(message) == "sent"
    sim.go(1)
    assert sim.status(message) == "failed"


def test_a_status_forced_after_the_hold_stays_for_another_hold(simulate):
    sim = simulate(SLOW, hold=MINUTE)
    message = sim.send()
    sim.go(30 * MINUTE)
    sim.engine.force(message, S.UNKNOWN)
    assert sim.status(message) == "unknown"
    sim.go(MINUTE)
    assert sim.status(message) == "failed"


@pytest.mark.parametrize("status", [S.ENROUTE, S.PENDING, S.ACCEPTED, S.SCHEDULED, S.NONE])
def test_a_status_that_cannot_follow_is_not_forced(simulate, status):
    sim = simulate(SLOW)
    message = sim.send()
    sim.go(MINUTE)
    plan = message.plan
    with pytest.raises(IllegalTransition, match=f"'{status}' can't follow 'enroute'"):
        sim.engine.force(message, status)
    assert message.plan is plan


@pytest.mark.parametrize("change", ["force", "cancel", "expire_at"])
def test_a_terminal_status_is_never_left(simulate, change):
    sim = simulate(FAST)
    message = sim.send()
    sim.go(1)
    arguments = {"force": (S.DELIVERED,), "cancel": (), "expire_at": (HOUR,)}[change]
    with pytest.raises(IllegalTransition):
        getattr(sim.engine, change)(message, *arguments)
    assert sim.status(message) == "failed"


def test_a_cancelled_message_has_failed_and_says_why(simulate):
    sim = simulate(SLOW)
    message = sim.send()
    sim.go(MINUTE)
    sim.engine.cancel(message)
    sim.go()
    at, step = sim.door.of(message)[-1]
    assert (at, step.status, step.cause) == (EPOCH + MINUTE, S.FAILED, CAUSES["cancelled"])


def test_what_a_cancel_called_off_leaves_no_date_to_jump_to(simulate):
    sim = simulate(SLOW)
    message = sim.send(watch=Watch.FINAL)
    sim.engine.cancel(message)
    assert sim.clock.calendar.next_at == EPOCH
    sim.go()
    assert sim.clock.calendar.next_at is None


def test_a_shorter_validity_expires_a_message_earlier(simulate):
    sim = simulate(SLOW)
    message = sim.send()
    sim.engine.expire_at(message, MINUTE)
    sim.go(DAY)
    assert [(at - EPOCH, str(step.status)) for at, step in sim.door.of(message)][-2:] == [
        (SECOND, "enroute"),
        (MINUTE, "expired"),
    ]


def test_a_validity_that_is_over_expires_a_message_at_once(simulate):
    sim = simulate(SLOW)
    message = sim.send()
    sim.go(2 * MINUTE)
    sim.engine.expire_at(message, MINUTE)
    assert sim.status(message) == "expired"
    assert message.final_at == sim.clock.now()


def test_a_validity_beyond_the_end_changes_nothing(simulate):
    sim = simulate(SLOW)
    message = sim.send()
    plan = message.plan
    sim.engine.expire_at(message, 5 * HOUR)
    assert message.plan is plan


def test_a_change_to_one_message_leaves_those_that_share_its_plan_alone(simulate):
    sim = simulate(SLOW)
    one, other = sim.send("+1"), sim.send("+2")
    assert one.plan is other.plan
    sim.engine.cancel(one)
    assert sim.status(other) == "pending"


# ---- dispatch ----


def test_a_waiting_message_stays_scheduled_until_it_is_dispatched(simulate):
    sim = simulate(DELIVERED)
    message = sim.send(["+1", "+2"], waiting=True)
    sim.go(30 * DAY)
    assert {sim.status(part) for part in message.recipients} == {"scheduled"}
    assert sim.door.heard == []


def test_a_waiting_message_gives_an_instant_clock_no_date_to_jump_to(simulate):
    sim = simulate(DELIVERED)
    message = sim.send(["+1", "+2"], waiting=True)
    assert sim.clock.calendar.next_at is None
    sim.engine.dispatch(message, 0, validity=DAY)
    sim.go(DAY)
    assert sim.clock.calendar.next_at is None


def test_each_dispatch_walks_every_recipient_again(simulate):
    sim = simulate(DELIVERED)
    message = sim.send(["+1", "+2"], waiting=True)
    walks = []
    for number in range(2):
        sim.go(HOUR)
        sim.engine.dispatch(message, number, validity=DAY)
        walks.append(message.recipients)
    sim.go(HOUR)
    for part in (*walks[0], *walks[1]):
        assert sim.door.statuses(part) == ["pending", "processing", "accepted", "sent", "delivered"]


def test_the_dispatch_before_goes_on_while_the_message_shows_the_latest(simulate):
    sim = simulate(SLOW)
    message = sim.send(["+1"], waiting=True)
    sim.engine.dispatch(message, 0, validity=DAY)
    sim.go(30 * MINUTE)
    (before,) = message.recipients
    sim.engine.dispatch(message, 1, validity=DAY)
    assert aggregate_status(part.status_at(sim.clock.now()) for part in message.recipients) is S.PENDING
    sim.go(HOUR)
    assert sim.door.statuses(before)[-1] == "delivered"


def test_dispatches_have_each_their_own_luck(simulate):
    sim = simulate(Path("p", [Go(S.DELIVERED, Uniform(0, HOUR))]))
    message = sim.send(["+1"], waiting=True)
    offsets = set()
    for number in range(5):
        sim.engine.dispatch(message, number, validity=DAY)
        offsets.add(message.recipients[0].plan.offsets[-1])
    assert len(offsets) == 5


def test_a_rule_that_refuses_at_dispatch_fails_the_recipient(simulate):
    sim = simulate(Rule("1", Refusal(), Match(nth=2)), DELIVERED)
    message = sim.send(["+1"], waiting=True)
    sim.engine.dispatch(message, 0, validity=DAY)
    sim.go()
    (part,) = message.recipients
    assert sim.door.statuses(part) == ["pending", "failed"]
    assert part.plan.final.cause is CAUSES["rejected_by_carrier"]


def test_a_waiting_recipient_can_be_cancelled(simulate):
    sim = simulate(DELIVERED)
    message = sim.send(["+1"], waiting=True)
    (part,) = message.recipients
    sim.go(HOUR)
    sim.engine.cancel(part)
    sim.go()
    assert sim.door.statuses(part) == ["failed"]
    assert WAITING.final.status is S.EXPIRED, "the shared plan is as it was"


# ---- keys ----


def test_equal_messages_have_different_keys(simulate):
    sim = simulate(DELIVERED)
    assert len({sim.send().key for _ in range(1000)}) == 1000


def test_a_clash_of_keys_is_resolved_the_same_way_every_time(simulate, monkeypatch):
    def clashing():
        sim = simulate(DELIVERED)
        key = sim.engine.chance.key
        sim.engine.chance = type("Clash", (), {"key": lambda self, content: key(content) % 8})()
        return [sim.send(text=str(number)).key for number in range(8)]

    monkeypatch.setattr(equals, "key_of_equal", lambda first, number: key_of_equal(first, number) % 8)
    keys = clashing()
    assert sorted(keys) == list(range(8))
    assert clashing() == keys


# ---- memory ----


def kept(sim):
    return [message.text for message in sim.engine.messages.values()]


def test_at_most_keep_messages_are_remembered_and_the_oldest_finished_go_first(simulate):
    sim = simulate(Rule("1", SILENT, Match(nth=1)), FAST, keep=3)
    for number in range(6):
        sim.send(text=str(number))
        sim.go(SECOND)
    assert kept(sim) == ["0", "4", "5"], "0 has not finished yet"
    assert sim.engine.accepted == 6


def test_a_message_that_was_passed_over_is_dropped_when_it_has_finished(simulate):
    sim = simulate(Rule("1", SILENT, Match(nth=1)), FAST, keep=3)
    for number in range(5):
        sim.send(text=str(number))
        sim.go(SECOND)
    sim.go(DAY)
    sim.send(text="5")
    assert kept(sim) == ["3", "4", "5"]


def test_a_message_that_was_cut_short_goes_before_unfinished_ones(simulate):
    sim = simulate(SILENT, keep=3)
    messages = [sim.send(text=str(number)) for number in range(3)]
    sim.send(text="3")
    assert kept(sim) == ["1", "2", "3"], "none has finished: the one that would be first to"
    sim.go(SECOND)
    sim.engine.cancel(messages[2])
    sim.send(text="4")
    assert kept(sim) == ["1", "3", "4"]


def test_a_message_that_has_just_been_taken_is_never_the_one_to_go(simulate):
    sim = simulate(Rule("1", SILENT, Match(first=5)), FAST, keep=5)
    for number in range(5):
        sim.send(text=str(number))
    newest = sim.send(text="5")
    assert sim.engine.find(newest.key) is newest
    assert len(sim.engine.messages) == 5


def test_no_more_than_keep_are_remembered_even_if_none_has_finished(simulate):
    sim = simulate(SILENT, keep=10)
    for number in range(100):
        sim.send(text=str(number))
    assert len(sim.engine.messages) == 10
    assert len(sim.engine.retention) <= 20


def test_a_message_is_forgotten_some_time_after_its_end(simulate):
    sim = simulate(FAST, keep_for=MINUTE)
    sim.send(text="0")
    sim.go(MINUTE)
    sim.send(text="1")
    assert kept(sim) == ["0", "1"]
    sim.go(1)
    sim.send(text="2")
    assert kept(sim) == ["1", "2"]


def test_one_slow_message_does_not_keep_the_others_from_being_forgotten(simulate):
    sim = simulate(Rule("1", SILENT, Match(nth=1)), FAST, keep_for=MINUTE)
    for number in range(5):
        sim.send(text=str(number))
    sim.go(2 * MINUTE)
    sim.send(text="5")
    assert kept(sim) == ["0", "5"]


def test_a_message_that_was_cut_short_is_forgotten_in_time(simulate):
    sim = simulate(SILENT, keep_for=MINUTE)
    message = sim.send(text="0")
    sim.engine.cancel(message)
    sim.go(MINUTE)
    sim.send(text="1")
    assert kept(sim) == ["1"]


def test_a_message_whose_end_was_put_off_is_kept(simulate):
    sim = simulate(SLOW, keep_for=MINUTE, hold=DAY)
    message = sim.send(text="0")
    sim.go(MINUTE)
    sim.engine.force(message, S.SENT)
    sim.go(2 * HOUR)
    sim.send(text="1")
    assert kept(sim) == ["0", "1"]


def test_a_dispatched_message_is_forgotten_after_its_last_dispatch(simulate):
    sim = simulate(FAST, keep_for=MINUTE)
    message = sim.send(["+1"], "0", waiting=True)
    sim.go(DAY)
    sim.send(text="1")
    assert kept(sim) == ["0", "1"]
    sim.engine.dispatch(message, 0, validity=DAY)
    sim.go(2 * MINUTE)
    sim.send(text="2")
    assert kept(sim) == ["2"]


def test_a_forgotten_message_still_walks_to_its_end(simulate):
    sim = simulate(SLOW, keep=1)
    first = sim.send("+1")
    sim.send("+2")
    assert sim.engine.find(first.key) is None
    sim.go(DAY)
    assert sim.door.statuses(first)[-1] == "delivered"
