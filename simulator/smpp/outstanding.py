"""Our requests that wait for their responses: sequence numbers, matching, deadlines.

What it is: one side's counter (SMPP v3.4 section 3.2: 1 to 0x7FFFFFFF, then 1 again) and a dict of what is
not answered yet. What it is not: a window. Whoever sends decides how many may wait; `len` says how many do.

Why a deque beside the dict: every request has the same response timer, so deadlines come in the order of
sending, and the first one is at the left. What was answered meanwhile is dropped when it gets there.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

from simulator.smpp.constants import MAX_SEQUENCE, RESPONSE_BIT, CommandId

_STALE: Final = 1024
"""Deadlines kept before the answered ones are looked for, if nobody ever asks for the first one."""


@dataclass(slots=True)
class Waiting:
    """A request of ours that is not answered yet. `deadline` is None if no timer runs."""

    request: object
    command_id: int
    deadline: int | None


class Outstanding:
    """All requests of one session that wait."""

    __slots__ = ("_deadlines", "_waiting", "last_sequence")

    def __init__(self) -> None:
        self.last_sequence = 0
        self._waiting: dict[int, Waiting] = {}
        self._deadlines: deque[tuple[int, int]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, sequence_number: int) -> bool:
        return sequence_number in self._waiting

    def next_sequence(self) -> int:
        """The next sequence_number of ours."""
        self.last_sequence = 1 if self.last_sequence >= MAX_SEQUENCE else self.last_sequence + 1
        return self.last_sequence

    def add(self, sequence_number: int, command_id: int, request: object, deadline: int | None) -> None:
        """Wait for the response to a request. Deadlines must not go backwards."""
        self._waiting[sequence_number] = Waiting(request, command_id, deadline)
        if deadline is not None:
            if len(self._deadlines) > _STALE:
                self.first_deadline()
            self._deadlines.append((deadline, sequence_number))

    def answered(self, command_id: int, sequence_number: int) -> Waiting | None:
        """The request that a response is for, which waits no longer; None if there is none.

        A response of another operation is for none, except generic_nack, which is for any.
        """
        waiting = self._waiting.get(sequence_number)
        if waiting is None or command_id not in (waiting.command_id | RESPONSE_BIT, CommandId.GENERIC_NACK):
            return None
        del self._waiting[sequence_number]
        return waiting

    def abandon(self) -> list[object]:
        """The requests that still wait, oldest first; they wait no longer."""
        requests = [waiting.request for waiting in self._waiting.values()]
        self._waiting.clear()
        self._deadlines.clear()
        return requests

    def first_deadline(self) -> int | None:
        """When the first of those that still wait will have waited too long."""
        deadlines, waiting = self._deadlines, self._waiting
        while deadlines:
            deadline, sequence_number = deadlines[0]
            request = waiting.get(sequence_number)
            # After the counter has wrapped, the same number may wait for something else.
            if request is not None and request.deadline == deadline:
                return deadline
            deadlines.popleft()
        return None

    def overdue(self, now: int) -> tuple[int, Waiting] | None:
        """One request whose deadline has come, with its sequence_number; it waits no longer."""
        deadline = self.first_deadline()
        if deadline is None or deadline > now:
            return None
        sequence_number = self._deadlines.popleft()[1]
        return sequence_number, self._waiting.pop(sequence_number)
