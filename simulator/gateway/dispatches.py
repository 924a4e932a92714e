"""The dispatches of a scheduled or recurring message: one after the other, held, or called off (decisions D21, D22)."""

from array import array

from simulator.engine.calendar import Timer
from simulator.engine.core import Engine
from simulator.engine.statuses import Status
from simulator.gateway.messages import HttpMessage, SendingType


class Dispatches:
    """Only the next one stands in the calendar."""

    __slots__ = (
        "_engine",
        "_message",
        "_timer",
        "_validity",
        "cancelled",
        "instants",
        "made",
        "passed",
        "paused",
        "sending_type",
    )

    def __init__(
        self, engine: Engine, message: HttpMessage, sending_type: SendingType, instants: "array[int]", validity: int
    ) -> None:
        self.sending_type = sending_type
        self.instants = instants
        """When, in order."""
        self.passed = 0
        """How many have come up: made or skipped."""
        self.made = 0
        self.paused = False
        self.cancelled = False
        self._engine = engine
        self._message = message
        self._validity = validity
        self._timer: Timer | None = None

    @property
    def remaining(self) -> int:
        return 0 if self.cancelled else len(self.instants) - self.passed

    @property
    def next_at(self) -> int | None:
        return self.instants[self.passed] if self.remaining else None

    def start(self) -> None:
        """Put the next one into the calendar."""
        at = self.next_at
        self._timer = None if at is None else self._engine.clock.calendar.at(at, self._due)

    def _due(self) -> None:
        number = self.passed
        self.passed += 1
        if not self.paused:
            self.made += 1
            self._engine.dispatch(self._message, number, validity=self._validity)
        elif not self.remaining:
            self._end_waiting()  # all that was left has been skipped: nothing will ever start them
        self.start()

    def pause(self) -> None:
        """Skip what falls due, until `resume`."""
        self.paused = True

    def resume(self) -> None:
        self.paused = False

    def cancel(self) -> int:
        """Make no more; returns how many never went out, the skipped ones included: what is to be refunded."""
        self.cancelled = True
        if self._timer is not None:
            self._timer.cancel()
        self._end_waiting()
        return len(self.instants) - self.made

    def _end_waiting(self) -> None:
        now = self._engine.clock.now()
        for recipient in self._message.recipients:
            if recipient.status_at(now) is Status.SCHEDULED:
                self._engine.cancel(recipient)
