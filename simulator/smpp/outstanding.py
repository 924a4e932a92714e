"""Our requests that wait for their responses: sequence numbers, matching, deadlines.

What it is: one side's counter (SMPP v3.4 section 3.2: 1 to 0x7FFFFFFF, then 1 again) and a dict of what is
not answered yet. What it is not: a window. Whoever sends decides how many may wait; `len` says how many do.

Why batches: receipts go out by the hundred, so requests that are sent together are one `Batch`, with one deadline.
Every request has the same response timer, so deadlines come in the order of sending, and the first one is at the left
of a deque. A batch of which all is answered is dropped when it gets there.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from simulator.smpp.constants import MAX_SEQUENCE, RESPONSE_BIT, CommandId

_STALE: Final = 1024
"""Batches kept before the answered ones are looked for, if nobody ever asks for the first deadline."""


@dataclass(slots=True, eq=False)
class Batch:
    """Requests that were sent together, with sequence_numbers in a row from `first` on."""

    first: int
    command_id: int
    requests: Sequence[object]
    deadline: int | None
    """None: no timer runs."""
    numbers: Sequence[int] = field(init=False)
    """Their sequence_numbers."""
    passed: int = 0
    """How many of them, from the first on, are known to be answered."""

    def __post_init__(self) -> None:
        first, count = self.first, len(self.requests)
        self.numbers = range(first, first + count)
        if first + count - 1 > MAX_SEQUENCE:
            self.numbers = [(first - 1 + number) % MAX_SEQUENCE + 1 for number in range(count)]

    def request(self, sequence_number: int) -> object:
        return self.requests[(sequence_number - self.first) % MAX_SEQUENCE]


class Outstanding:
    """All requests of one session that wait."""

    __slots__ = ("_batches", "_waiting", "last_sequence")

    def __init__(self) -> None:
        self.last_sequence = 0
        self._waiting: dict[int, Batch] = {}
        self._batches: deque[Batch] = deque()

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
        self._add(Batch(sequence_number, command_id, (request,), deadline))

    def add_all(self, command_id: int, requests: Sequence[object], deadline: int | None) -> Sequence[int]:
        """Wait for the responses to at least one request with the next sequence_numbers, which are returned."""
        batch = Batch(self.next_sequence(), command_id, requests, deadline)
        self.last_sequence = batch.numbers[-1]
        self._add(batch)
        return batch.numbers

    def _add(self, batch: Batch) -> None:
        self._waiting.update(dict.fromkeys(batch.numbers, batch))
        if batch.deadline is not None:
            if len(self._batches) > _STALE:
                self._first()
            self._batches.append(batch)

    def answered(self, command_id: int, sequence_number: int) -> tuple[int, object] | None:
        """The command_id and the request that a response is for, which waits no longer; None if there is none.

        A response of another operation is for none, except generic_nack, which is for any.
        """
        batch = self._waiting.get(sequence_number)
        if batch is None or command_id not in (batch.command_id | RESPONSE_BIT, CommandId.GENERIC_NACK):
            return None
        del self._waiting[sequence_number]
        return batch.command_id, batch.request(sequence_number)

    def all_answered(self, command_id: int, sequence_numbers: Sequence[int]) -> int:
        """Requests with this command_id have got their responses; returns how many of them had waited."""
        waiting = self._waiting
        before = len(waiting)
        found = set(map(waiting.get, sequence_numbers))
        if all(batch is None or batch.command_id == command_id for batch in found):
            for number in sequence_numbers:
                waiting.pop(number, None)
        else:
            for number in sequence_numbers:
                self.answered(command_id | RESPONSE_BIT, number)
        return before - len(waiting)

    def abandon(self) -> list[object]:
        """The requests that still wait, oldest first; they wait no longer."""
        requests = [batch.request(number) for number, batch in self._waiting.items()]
        self._waiting.clear()
        self._batches.clear()
        return requests

    def _first(self) -> tuple[int, Batch] | None:
        """The sequence_number of the first that still waits with a deadline, and its batch."""
        batches, waiting = self._batches, self._waiting
        while batches:
            batch = batches[0]
            numbers = batch.numbers
            if waiting.get(numbers[batch.passed]) is batch:
                return numbers[batch.passed], batch
            if not waiting.keys().isdisjoint(numbers):
                # After the counter has wrapped, the same number may wait for something else.
                for passed in range(batch.passed + 1, len(numbers)):
                    if waiting.get(numbers[passed]) is batch:
                        batch.passed = passed
                        return numbers[passed], batch
            batches.popleft()
        return None

    def first_deadline(self) -> int | None:
        """When the first of those that still wait will have waited too long."""
        first = self._first()
        return None if first is None else first[1].deadline

    def overdue(self, now: int) -> tuple[int, int, object] | None:
        """One request whose deadline has come: its sequence_number, its command_id, and itself; it waits no longer."""
        first = self._first()
        if first is None:
            return None
        number, batch = first
        if batch.deadline is None or batch.deadline > now:
            return None
        del self._waiting[number]
        return number, batch.command_id, batch.request(number)
