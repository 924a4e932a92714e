"""Plans: looked up, never changed."""

import pytest

from simulator.engine import Plan, Status, Step

S = Status
PLAN = Plan((Step(0, S.PENDING), Step(50, S.PROCESSING), Step(50, S.ACCEPTED), Step(200, S.UNDELIVERED)))


@pytest.mark.parametrize(
    ("elapsed", "status"),
    [(-5, S.PENDING), (0, S.PENDING), (49, S.PENDING), (50, S.ACCEPTED), (199, S.ACCEPTED), (200, S.UNDELIVERED)],
)
def test_the_status_at_an_instant_is_that_of_the_last_step_so_far(elapsed, status):
    assert PLAN.at(elapsed).status is status


def test_history_is_all_that_has_happened_steps_of_one_instant_included():
    assert [step.status for step in PLAN.until(50)] == [S.PENDING, S.PROCESSING, S.ACCEPTED]


def test_there_is_no_history_before_the_start():
    assert PLAN.until(-1) == ()


def test_the_final_step_ends_the_plan_for_ever():
    assert PLAN.at(10**15) == PLAN.final
    assert PLAN.final.status is S.UNDELIVERED


def test_a_cut_keeps_the_past_and_replaces_the_future():
    cut = PLAN.cut(60, Step(60, S.FAILED))
    assert cut.steps == (*PLAN.steps[:3], Step(60, S.FAILED))
    assert cut.offsets == (0, 50, 50, 60)


def test_a_cut_leaves_the_plan_itself_alone():
    before = PLAN.steps
    PLAN.cut(0, Step(0, S.FAILED))
    assert PLAN.steps == before


def test_a_plan_can_be_read_at_a_glance():
    assert repr(PLAN) == "Plan(pending@0ms > processing@50ms > accepted@50ms > undelivered@200ms)"
