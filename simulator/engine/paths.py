"""Paths: named lists of steps, checked once when they are made, and drawn into plans, one for each recipient.

A path names the stations that matter to its author; the stations between, which the status graph asks for, are put
in at the instant of the step that needs them (decision D32). What a path can't say is found when it is made:
`PathError` tells which step, and what would be right.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from simulator.engine.causes import CAUSES, DEFAULT_CAUSE, TIMEOUT, Cause
from simulator.engine.chance import draw, site, subsite
from simulator.engine.delays import NOTHING, Delay
from simulator.engine.plans import Plan, Step
from simulator.engine.statuses import TERMINAL, TRANSITIONS, Status, route
from simulator.engine.units import SECOND, format_duration

MOST_ATTEMPTS = 1000
"""Lest a plan have millions of steps. Attempts that fail until the validity ends are as many at most, then silence."""
SHORTEST_ENDLESS_WAIT = SECOND
"""Attempts that fail until the validity ends wait at least this long."""

_SHARED_PLANS = 1024

_step = tuple.__new__
"""Makes a Step in a quarter of the time: a recipient with a plan of its own has several."""


class PathError(ValueError):
    """A path that can't be walked. `step` is the index of the step to blame, in the list that the author wrote."""

    def __init__(self, step: int, why: str) -> None:
        super().__init__(why)
        self.step = step


@dataclass(frozen=True, slots=True)
class Go:
    """Reach a status, `delay` after the step before."""

    status: Status
    delay: Delay = NOTHING
    cause: Cause | None = None
    """None: the usual one of this status."""
    segments: int | None = None
    """partially_delivered: how many arrive; None: all but one, and at least one."""
    at_validity: bool = False
    """expired: not after a delay, but when the message's validity ends."""


@dataclass(frozen=True, slots=True)
class Timeout:
    """No receipt ever comes; the gateway's hold ends the message as failed, 1503 (decision D30)."""


@dataclass(frozen=True, slots=True)
class Waits:
    """The pauses between attempts: a list whose last entry goes on, or a first one that grows by a factor."""

    list: tuple[int, ...] = ()
    first: int = 0
    factor: float = 1.0
    max: int | None = None
    jitter: float = 0.0
    """0.1: up to a tenth more or less, drawn for each attempt."""

    def wait(self, failed: int) -> int:
        """Milliseconds after the `failed`-th attempt, counted from 1."""
        if self.list:
            return self.list[min(failed, len(self.list)) - 1]
        ceiling = self.max if self.max is not None else 365 * 86400 * SECOND
        value = float(self.first)
        for _ in range(failed - 1):
            if value >= ceiling or self.factor <= 1.0:
                break
            value *= self.factor
        return min(int(value), ceiling)

    @property
    def shortest(self) -> int:
        return min(self.list) if self.list else min(self.first, self.first if self.max is None else self.max)


@dataclass(frozen=True, slots=True)
class Attempts:
    """The carrier tries, fails, waits and tries again; nobody outside sees it but in the history."""

    fail: int | None
    """How many attempts fail; None: all, until the validity ends."""
    waits: Waits
    cause: Cause = field(default=CAUSES["absent_subscriber"])
    then: tuple["PathStep", ...] = ()


PathStep = Go | Timeout | Attempts


@dataclass(frozen=True, slots=True)
class _Leg:
    """One step of the completed list: what `Path.plan` walks."""

    step: PathStep
    via: tuple[Status, ...]
    """The statuses passed on the way, the named one last."""
    cause: Cause | None
    site: int
    drawn: Callable[[int], int]
    """The step's delay as a function of luck."""


def _is_plain(step: PathStep) -> bool:
    """Whether a step is the same in every plan but for its time."""
    return isinstance(step, Go) and not step.at_validity and step.status is not Status.PARTIALLY_DELIVERED


class Path:
    """A named list of steps that every recipient on it walks."""

    __slots__ = ("_legs", "_plans", "_shape", "_sized", "_waits", "fixed", "name", "steps")

    def __init__(self, name: str, steps: Sequence[PathStep]) -> None:
        """Raises PathError for a step that can't follow the one before."""
        self.name = name
        self.steps = tuple(steps)
        legs: list[_Leg] = []
        self._complete(self.steps, Status.PENDING, legs, None)
        self._legs = tuple(legs)
        self.fixed = not any(self._draws(leg.step) for leg in legs)
        """No chance in it: all its messages share a plan."""
        self._sized = any(isinstance(leg.step, Go) and leg.step.status is Status.PARTIALLY_DELIVERED for leg in legs)
        self._plans: dict[tuple[int, int, bool, int | None, int], Plan] = {}
        self._shape: tuple[Step, ...] | None = None
        self._waits: list[tuple[Delay, Callable[[int], int], int]] = []
        if all(_is_plain(leg.step) for leg in legs):
            self._compile()

    def __repr__(self) -> str:
        return f"Path({self.name!r}, {len(self.steps)} steps)"

    @staticmethod
    def _draws(step: PathStep) -> bool:
        if isinstance(step, Go):
            return not step.delay.fixed
        return isinstance(step, Attempts) and step.waits.jitter > 0

    def _complete(self, steps: Sequence[PathStep], current: Status, legs: list[_Leg], blame: int | None) -> Status:
        """Append the legs of `steps`, from `current` on; returns the status at their end. `blame` is the index of the
        outer step while the steps are those of its `then`."""
        for index, step in enumerate(steps):
            at = index if blame is None else blame
            if current in TERMINAL:
                raise PathError(at, f"nothing can follow '{current}', which is final")
            if legs and isinstance(legs[-1].step, Timeout):
                raise PathError(at, "nothing can follow 'timeout', which ends the message")
            if legs and isinstance(legs[-1].step, Attempts) and legs[-1].step.fail is None:
                raise PathError(at, "nothing can follow attempts that always fail: the validity ends them")
            if isinstance(step, Go) and step.status is Status.PENDING and not legs and step.delay == NOTHING:
                continue  # where every path begins
            via: tuple[Status, ...]
            cause = None
            match step:
                case Go(status=status):
                    via = self._via(at, current, status)
                    cause = step.cause or DEFAULT_CAUSE.get(status)
                    current = status
                case Attempts():
                    self._check_attempts(at, step)
                    via = () if current is Status.ENROUTE else self._via(at, current, Status.ENROUTE)
                    current = Status.ENROUTE
                case Timeout():
                    via = ()
            # a site's name counts legs, so that the draws of a path depend on nothing but its own steps
            place = site(f"path {self.name} {len(legs)}")
            delay = step.delay if isinstance(step, Go) else NOTHING
            legs.append(_Leg(step, via, cause, place, delay.drawn(place)))
            if isinstance(step, Attempts):
                current = self._complete(step.then, current, legs, at)
        return current

    @staticmethod
    def _via(at: int, current: Status, goal: Status) -> tuple[Status, ...]:
        if goal in (Status.NONE, Status.SCHEDULED, Status.PENDING):
            raise PathError(at, f"'{goal}' can't be a step: a path begins when its message is pending")
        if goal is current:
            raise PathError(at, f"'{goal}' stands here twice in a row")
        via = route(current, goal)
        if via is None:
            after = ", ".join(TRANSITIONS[current])
            raise PathError(at, f"'{goal}' can't follow '{current}': after it may come {after}")
        return via

    @staticmethod
    def _check_attempts(at: int, step: Attempts) -> None:
        if step.fail is None:
            if step.then:
                raise PathError(at, "'then' is never reached when the attempts always fail")
            if step.waits.shortest < SHORTEST_ENDLESS_WAIT:
                least = format_duration(SHORTEST_ENDLESS_WAIT)
                raise PathError(at, f"attempts that always fail must wait at least {least} in between")
        elif not 1 <= step.fail <= MOST_ATTEMPTS:
            raise PathError(at, f"'fail' is a number from 1 to {MOST_ATTEMPTS}, or 'always'")

    def _compile(self) -> None:
        """A path whose plans differ in their offsets alone: the shape that they share, and each wait, how it is drawn,
        and the number of steps that come after it, all at once."""
        shape = [Step(0, Status.PENDING)]
        for leg in self._legs:
            shape += [Step(0, passed) for passed in leg.via[:-1]]
            shape.append(Step(0, leg.via[-1], leg.cause))
            assert isinstance(leg.step, Go)
            self._waits.append((leg.step.delay, leg.drawn, len(leg.via)))
        if shape[-1].status in TERMINAL:
            self._shape = tuple(shape)

    def plan(self, luck: int, *, validity: int, hold: int, held: bool, segments: int = 1, start: int = 0) -> Plan:
        """The itinerary of one recipient.

        `validity`, `hold` and `start` are milliseconds after the message came: when it expires, how long after its
        start the gateway waits for a receipt, and when it starts (later than 0: it is scheduled until then). `held`
        tells whether the hold ends messages that are merely late; a silent one it ends in any case.
        """
        if not self.fixed:
            if self._shape is not None and not start:
                offsets = self._offsets(luck)
                if offsets[-1] <= validity and (not held or offsets[-1] <= hold):
                    return Plan.of(self._shape, offsets)
            return self._draw(luck, validity, hold, held, segments, start)
        key = (validity, hold, held, segments if self._sized else None, start)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._draw(luck, validity, hold, held, segments, start)
            if len(self._plans) < _SHARED_PLANS:
                self._plans[key] = plan
        return plan

    def ender(self, *, validity: int, hold: int) -> Callable[[int, int], tuple[int, Step]]:
        """A function of luck and segments: the offset and the last step of what `plan` would give (whose own offset may
        be another)."""

        def planned(luck: int, segments: int) -> tuple[int, Step]:
            plan = self.plan(luck, validity=validity, hold=hold, held=False, segments=segments)
            return plan.offsets[-1], plan.final

        def shaped(luck: int, segments: int) -> tuple[int, Step]:
            offset = sure
            for drawn in unsure:
                offset += drawn(luck)
            return (offset, last) if offset <= validity else planned(luck, segments)

        if self.fixed and not self._sized:
            end = planned(0, 1)
            return lambda luck, segments: end
        if self._shape is None or self.fixed:
            return planned
        sure = sum(delay.at(0.0) for delay, _, _ in self._waits if delay.fixed)
        unsure = [drawn for delay, drawn, _ in self._waits if not delay.fixed]
        last = self._shape[-1]
        return shaped

    def _offsets(self, luck: int) -> tuple[int, ...]:
        now = 0
        offsets = [0]
        for _, drawn, number in self._waits:
            now += drawn(luck)
            if number == 1:
                offsets.append(now)
            else:
                offsets += [now] * number
        return tuple(offsets)

    def _draw(self, luck: int, validity: int, hold: int, held: bool, segments: int, start: int) -> Plan:
        steps = [Step(0, Status.PENDING)]
        if start:
            steps = [Step(0, Status.SCHEDULED), Step(start, Status.PENDING)]
        now, silent = start, False
        last_failure: Cause | None = None
        for leg in self._legs:
            match leg.step:
                case Go(status=status):
                    if leg.step.at_validity:
                        now = max(now, validity)
                    else:
                        now += leg.drawn(luck)
                    for passed in leg.via[:-1]:
                        steps.append(_step(Step, (now, passed, None, 0, False, None)))
                    arrived = None
                    if status is Status.PARTIALLY_DELIVERED:
                        arrived = max(1, min(leg.step.segments or segments - 1, segments))
                    steps.append(_step(Step, (now, status, leg.cause, 0, False, arrived)))
                case Attempts(fail=fail, waits=waits, cause=cause):
                    steps += [Step(now, passed) for passed in leg.via]
                    last_failure = cause
                    number, most = 0, MOST_ATTEMPTS if fail is None else fail
                    while number < most and now <= validity:
                        number += 1
                        steps.append(Step(now, Status.ENROUTE, cause, attempt=number))
                        wait = waits.wait(number)
                        if waits.jitter:
                            spread = 2 * draw(luck, subsite(leg.site, number)) - 1
                            wait += int(wait * waits.jitter * spread)
                        now += wait
                    if fail is None:
                        now = max(now, validity + 1)
                case Timeout():
                    silent = True
        if steps[-1].status not in TERMINAL and not (last_failure and now > validity):
            silent = True
        end = start + hold
        if not silent and (now > validity or steps[-1].status not in TERMINAL):
            steps = [step for step in steps if step.offset <= validity]
            steps.append(Step(validity, Status.EXPIRED, last_failure or DEFAULT_CAUSE[Status.EXPIRED]))
        if silent or (held and steps[-1].offset > end):
            steps = [step for step in steps if step.offset <= end and step.status not in TERMINAL]
            steps.append(Step(end, Status.FAILED, TIMEOUT, silent=True))
        return Plan(tuple(steps))
