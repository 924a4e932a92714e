"""Paths: completed and checked once, drawn into plans."""

from itertools import pairwise

import pytest

from simulator.engine import CAUSES, Attempts, Fixed, Go, Path, PathError, Status, Timeout, Uniform, Waits
from simulator.engine.paths import MOST_ATTEMPTS
from simulator.engine.units import DAY, HOUR, MINUTE, SECOND

S = Status
LUCK = 0x0123_4567_89AB_CDEF


def plan_of(*steps, luck=LUCK, validity=DAY, hold=DAY, held=False, segments=1, start=0):
    return Path("p", steps).plan(luck, validity=validity, hold=hold, held=held, segments=segments, start=start)


def walk(plan):
    return [(step.offset, step.status) for step in plan.steps if not step.attempt]


def attempts(plan):
    return [(step.attempt, step.offset) for step in plan.steps if step.attempt]


def after(ms):
    return {"delay": Fixed(ms)}


# ---- stations ----


def test_stations_left_out_are_passed_at_the_instant_of_the_one_named():
    assert walk(plan_of(Go(S.DELIVERED, **after(100)))) == [
        (0, S.PENDING),
        (100, S.PROCESSING),
        (100, S.ACCEPTED),
        (100, S.SENT),
        (100, S.DELIVERED),
    ]


def test_delays_count_from_the_step_before():
    plan = plan_of(Go(S.PROCESSING, **after(50)), Go(S.ACCEPTED, **after(100)), Go(S.REJECTED, **after(1)))
    assert walk(plan) == [(0, S.PENDING), (50, S.PROCESSING), (150, S.ACCEPTED), (151, S.REJECTED)]


def test_a_path_may_name_pending_first():
    assert walk(plan_of(Go(S.PENDING), Go(S.FAILED))) == [(0, S.PENDING), (0, S.FAILED)]


def test_a_scheduled_message_begins_at_its_start():
    plan = plan_of(Go(S.FAILED, **after(5)), start=HOUR)
    assert walk(plan) == [(0, S.SCHEDULED), (HOUR, S.PENDING), (HOUR + 5, S.FAILED)]


# ---- ends ----

CAUSED = {
    S.REJECTED: "rejected_by_carrier",
    S.UNDELIVERED: "undeliverable",
    S.EXPIRED: "validity_expired",
    S.DELIVERY_UNKNOWN: "no_receipt",
    S.FAILED: "gateway_failure",
}


@pytest.mark.parametrize(("status", "cause"), CAUSED.items())
def test_a_bad_end_has_the_usual_cause_of_its_status(status, cause):
    assert plan_of(Go(status)).final.cause is CAUSES[cause]


def test_a_step_may_name_its_cause():
    assert plan_of(Go(S.UNDELIVERED, cause=CAUSES["call_barred"])).final.cause is CAUSES["call_barred"]


def test_a_delivery_has_no_cause():
    assert plan_of(Go(S.DELIVERED)).final.cause is None


def test_a_path_without_an_end_is_silent_until_the_hold_ends_it():
    final = plan_of(Go(S.ENROUTE), hold=3 * HOUR).final
    assert (final.offset, final.status, final.cause, final.silent) == (3 * HOUR, S.FAILED, CAUSES["timeout"], True)


@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize("validity", [1, DAY, 9 * DAY])
def test_timeout_ends_with_the_hold_whatever_the_validity(held, validity):
    final = plan_of(Go(S.ACCEPTED), Timeout(), held=held, validity=validity, hold=DAY).final
    assert (final.offset, final.status, final.silent) == (DAY, S.FAILED, True)


def test_the_hold_counts_from_the_start_of_a_scheduled_message():
    assert plan_of(Timeout(), start=HOUR, hold=DAY).final.offset == HOUR + DAY


def test_what_takes_longer_than_the_validity_expires():
    plan = plan_of(Go(S.SENT, **after(10)), Go(S.DELIVERED, **after(HOUR)), validity=MINUTE)
    assert walk(plan)[-2:] == [(10, S.SENT), (MINUTE, S.EXPIRED)]
    assert not plan.final.silent


def test_what_happens_at_the_last_instant_of_the_validity_counts():
    assert plan_of(Go(S.DELIVERED, **after(MINUTE)), validity=MINUTE).final.status is S.DELIVERED


def test_a_message_that_is_scheduled_beyond_its_validity_never_begins():
    assert walk(plan_of(Go(S.DELIVERED), start=HOUR, validity=MINUTE)) == [(0, S.SCHEDULED), (MINUTE, S.EXPIRED)]


def test_the_hold_cuts_what_is_held_and_merely_late():
    plan = plan_of(Go(S.SENT), Go(S.DELIVERED, **after(2 * DAY)), validity=9 * DAY, hold=DAY, held=True)
    assert walk(plan)[-2:] == [(0, S.SENT), (DAY, S.FAILED)]


def test_the_hold_leaves_alone_what_is_not_held():
    plan = plan_of(Go(S.DELIVERED, **after(2 * DAY)), validity=9 * DAY, hold=DAY, held=False)
    assert walk(plan)[-1] == (2 * DAY, S.DELIVERED)


def test_a_hold_of_nothing_still_tells_held_from_not_held():
    path = Path("p", [Go(S.DELIVERED, **after(5))])
    finals = [path.plan(0, validity=DAY, hold=0, held=held).final.status for held in (True, False)]
    assert finals == [S.FAILED, S.DELIVERED]


def test_expired_without_a_delay_comes_when_the_validity_ends():
    plan = plan_of(Go(S.ENROUTE, **after(10)), Go(S.EXPIRED, at_validity=True), validity=HOUR)
    assert walk(plan)[-1] == (HOUR, S.EXPIRED)


@pytest.mark.parametrize(
    ("asked", "segments", "arrived"), [(None, 3, 2), (1, 3, 1), (9, 3, 3), (None, 1, 1), (None, 2, 1), (2, 2, 2)]
)
def test_a_partial_delivery_says_how_many_segments_arrived(asked, segments, arrived):
    assert plan_of(Go(S.PARTIALLY_DELIVERED, segments=asked), segments=segments).final.segments == arrived


# ---- the carrier's attempts ----

TWENTY_EIGHTY = Waits(list=(20 * MINUTE, 80 * MINUTE))


def test_attempts_fail_and_then_the_path_goes_on():
    plan = plan_of(Attempts(2, TWENTY_EIGHTY, then=(Go(S.UNDELIVERED, **after(SECOND)),)))
    assert attempts(plan) == [(1, 0), (2, 20 * MINUTE)]
    assert walk(plan)[-2:] == [(0, S.ENROUTE), (100 * MINUTE + SECOND, S.UNDELIVERED)]


def test_attempts_change_no_status():
    plan = plan_of(Go(S.ENROUTE, **after(10)), Attempts(3, Waits(list=(SECOND,)), then=(Go(S.DELIVERED),)))
    assert [status for _, status in walk(plan)].count(S.ENROUTE) == 1
    assert {step.status for step in plan.steps if step.attempt} == {S.ENROUTE}


def test_an_attempt_says_why_it_failed():
    plan = plan_of(Attempts(1, Waits(list=(SECOND,)), CAUSES["subscriber_busy"], (Go(S.DELIVERED),)))
    assert [step.cause.name for step in plan.steps if step.attempt] == ["subscriber_busy"]


def test_attempts_that_always_fail_go_on_until_the_validity_ends_for_the_cause_of_the_attempts():
    plan = plan_of(Attempts(None, Waits(list=(HOUR,))), validity=3 * HOUR + 1)
    assert attempts(plan) == [(1, 0), (2, HOUR), (3, 2 * HOUR), (4, 3 * HOUR)]
    assert walk(plan)[-1] == (3 * HOUR + 1, S.EXPIRED)
    assert plan.final.cause is CAUSES["absent_subscriber"]


def test_attempts_without_end_make_no_plan_without_end():
    plan = plan_of(Attempts(None, Waits(list=(SECOND,))), validity=10_000 * DAY)
    assert len(attempts(plan)) == MOST_ATTEMPTS
    assert walk(plan)[-1] == (10_000 * DAY, S.EXPIRED)


def test_attempts_stop_when_the_validity_ends():
    plan = plan_of(Attempts(9, Waits(list=(HOUR,)), then=(Go(S.DELIVERED),)), validity=2 * HOUR)
    assert len(attempts(plan)) == 3
    assert walk(plan)[-1] == (2 * HOUR, S.EXPIRED)


GROWING = [
    (Waits(list=(1, 2, 3)), [1, 2, 3, 3, 3]),
    (Waits(first=10, factor=2.0), [10, 20, 40, 80, 160]),
    (Waits(first=10, factor=2.0, max=50), [10, 20, 40, 50, 50]),
    (Waits(first=10), [10, 10, 10, 10, 10]),
    (Waits(first=10, factor=1.5), [10, 15, 22, 33, 50]),
    (Waits(first=0, factor=2.0), [0, 0, 0, 0, 0]),
]


@pytest.mark.parametrize(("waits", "pauses"), GROWING)
def test_pauses_are_listed_or_grow_by_a_factor(waits, pauses):
    assert [waits.wait(failed) for failed in range(1, 6)] == pauses


def test_pauses_that_grow_for_ever_stop_at_a_year():
    assert Waits(first=SECOND, factor=10.0).wait(500) == 365 * DAY


def test_jitter_spreads_each_pause_by_its_share_at_most():
    path = Path("p", [Attempts(9, Waits(list=(10_000,), jitter=0.1), then=(Go(S.DELIVERED),))])
    pauses = set()
    for luck in range(0, 50 << 57, 1 << 57):
        offsets = [at for _, at in attempts(path.plan(luck, validity=DAY, hold=DAY, held=False))]
        pauses |= {later - sooner for sooner, later in pairwise(offsets)}
    assert len(pauses) > 100
    assert min(pauses) >= 9000
    assert max(pauses) <= 11_000


# ---- sharing ----


def test_a_path_without_chance_shares_one_plan_among_all_messages():
    path = Path("p", [Go(S.DELIVERED, **after(5))])
    assert path.fixed
    one, other = (path.plan(luck, validity=DAY, hold=DAY, held=True, segments=luck) for luck in (1, 2))
    assert one is other


def test_messages_that_differ_in_what_matters_share_no_plan():
    path = Path("p", [Go(S.PARTIALLY_DELIVERED, **after(5))])
    one, other = (path.plan(0, validity=DAY, hold=DAY, held=True, segments=size) for size in (3, 4))
    assert (one.final.segments, other.final.segments) == (2, 3)


def test_shared_plans_are_bounded_in_number():
    path = Path("p", [Go(S.DELIVERED)])
    for validity in range(3000):
        path.plan(0, validity=validity, hold=DAY, held=False)
    assert len(path._plans) <= 1024


@pytest.mark.parametrize(
    "step", [Go(S.DELIVERED, Uniform(0, 9)), Attempts(1, Waits(list=(9,), jitter=0.5)), Attempts(1, Waits(list=(9,)))]
)
def test_a_path_with_chance_in_it_is_not_fixed(step):
    chance = not isinstance(step, Attempts) or step.waits.jitter > 0
    assert Path("p", [step]).fixed is not chance


def test_a_step_more_in_one_path_changes_no_draw_of_another():
    def drawn(name, *steps):
        return Path(name, steps).plan(LUCK, validity=DAY, hold=DAY, held=False).final.offset

    before = drawn("b", Go(S.DELIVERED, Uniform(0, HOUR)))
    drawn("a", Go(S.ACCEPTED, Uniform(0, HOUR)), Go(S.DELIVERED, Uniform(0, HOUR)))
    assert drawn("b", Go(S.DELIVERED, Uniform(0, HOUR))) == before
    assert drawn("c", Go(S.DELIVERED, Uniform(0, HOUR))) != before


# ---- what can't be walked ----

WRONG = [
    ("after the end", [Go(S.DELIVERED), Go(S.SENT)], 1, "nothing can follow 'delivered', which is final"),
    ("after timeout", [Go(S.SENT), Timeout(), Go(S.DELIVERED)], 2, "nothing can follow 'timeout'"),
    ("backwards", [Go(S.SENT), Go(S.ACCEPTED)], 1, "'accepted' can't follow 'sent': after it may come delivered"),
    ("no way but unknown", [Go(S.SENT), Go(S.ENROUTE)], 1, "'enroute' can't follow 'sent'"),
    ("twice", [Go(S.SENT), Go(S.SENT)], 1, "'sent' stands here twice in a row"),
    ("none", [Go(S.NONE)], 0, "'none' can't be a step"),
    ("scheduled", [Go(S.SCHEDULED)], 0, "'scheduled' can't be a step"),
    ("late pending", [Go(S.PENDING, **after(1))], 0, "'pending' can't be a step"),
    ("attempts after sent", [Go(S.SENT), Attempts(1, Waits(list=(1,)))], 1, "can't follow 'sent'"),
    ("no attempt", [Attempts(0, Waits(list=(1,)))], 0, "'fail' is a number from 1 to 1000"),
    ("too many", [Attempts(1001, Waits(list=(1,)))], 0, "'fail' is a number from 1 to 1000"),
    ("endless, too fast", [Attempts(None, Waits(list=(HOUR, 999)))], 0, "must wait at least 1s"),
    ("endless, too fast by max", [Attempts(None, Waits(first=HOUR, max=1))], 0, "must wait at least 1s"),
    ("endless, then", [Attempts(None, TWENTY_EIGHTY, then=(Go(S.SENT),))], 0, "'then' is never reached"),
    ("after endless", [Attempts(None, TWENTY_EIGHTY), Go(S.SENT)], 1, "nothing can follow attempts that always fail"),
    ("in then", [Go(S.ENROUTE), Attempts(1, TWENTY_EIGHTY, then=(Go(S.ACCEPTED),))], 1, "'accepted' can't follow"),
    ("after then", [Attempts(1, TWENTY_EIGHTY, then=(Go(S.FAILED),)), Go(S.SENT)], 1, "'failed', which is final"),
]


@pytest.mark.parametrize(("steps", "blamed", "why"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_path_that_cannot_be_walked_names_the_step_and_the_reason(steps, blamed, why):
    with pytest.raises(PathError, match=why) as caught:
        Path("p", steps)
    assert caught.value.step == blamed
