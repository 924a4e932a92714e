"""A plan: the whole itinerary of one recipient, drawn when its message is accepted.

A plan never changes. A cut makes a new one, which shares the past with the old. Many messages may hold the same plan.
"""

from bisect import bisect_right
from typing import NamedTuple

from simulator.engine.causes import Cause
from simulator.engine.statuses import Status


class Step(NamedTuple):
    """One entry of a plan."""

    offset: int
    """Milliseconds since the recipient started."""
    status: Status
    cause: Cause | None = None
    attempt: int = 0
    """n: the carrier's n-th attempt failed; the status stays what it was. 0: a transition."""
    silent: bool = False
    """No receipt tells of it: the carrier says nothing."""
    segments: int | None = None
    """How many segments arrived, for partially_delivered."""


_new = tuple.__new__


class Plan:
    """Steps in order of time; the last one is terminal. Plans that differ in nothing but time share the rest: `at` and
    the others put a step together when somebody asks."""

    __slots__ = ("_shape", "offsets")

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self._shape = steps
        self.offsets = tuple([step[0] for step in steps])

    @classmethod
    def of(cls, shape: tuple[Step, ...], offsets: tuple[int, ...]) -> "Plan":
        """Steps like those of `shape`, at other offsets."""
        plan = cls.__new__(cls)
        plan._shape = shape
        plan.offsets = offsets
        return plan

    def step(self, number: int) -> Step:
        """The step with this number, from 0."""
        return _new(Step, (self.offsets[number], *self._shape[number][1:]))

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple([self.step(number) for number in range(len(self.offsets))])

    def at(self, elapsed: int) -> Step:
        """The step in force `elapsed` milliseconds after the start."""
        return self.step(max(bisect_right(self.offsets, elapsed) - 1, 0))

    def until(self, elapsed: int) -> tuple[Step, ...]:
        """Every step that has happened by then: the history."""
        return tuple([self.step(number) for number in range(bisect_right(self.offsets, elapsed))])

    @property
    def final(self) -> Step:
        return self.step(-1)

    def cut(self, elapsed: int, *following: Step) -> "Plan":
        """The same past up to and including `elapsed`, and then `following`."""
        return Plan(self.until(elapsed) + following)

    def __repr__(self) -> str:
        return "Plan(" + " > ".join(f"{step.status}@{step.offset}ms" for step in self.steps) + ")"
