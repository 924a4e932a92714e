"""Which of the remembered messages go, and when.

At most so many are kept, and none longer than so long after its terminal status. The oldest finished ones go first; if
none has finished, the one that would be first to. Drafts, for which nobody has asked, go in their turn, finished or
not.
"""

from collections import deque
from heapq import heappop, heappush

from simulator.engine.messages import Message
from simulator.engine.remembered import Lot, Remembered


class Retention:
    """Looks at what is remembered when more comes."""

    __slots__ = ("_entries", "_finishing", "_messages", "_oldest", "keep", "keep_for")

    def __init__(self, messages: Remembered, keep: int, keep_for: int | None) -> None:
        """`keep`: how many. `keep_for`: milliseconds after the terminal status; None: as long as there is room."""
        self._messages = messages
        self.keep = keep
        self.keep_for = keep_for
        # keys of messages, and lots, in order of arrival: all there is to do while only `keep` is set
        self._oldest: deque[int | Lot] = deque()
        # a heap of (not finished before, tie-breaker, key): those whose turn came too early, were cut short, or have
        # to go on time
        self._finishing: list[tuple[int, int, int]] = []
        self._entries = 0

    def __len__(self) -> int:
        """How many entries there are to go by."""
        return len(self._oldest) + len(self._finishing)

    def make_room(self, now: int, number: int) -> None:
        """Drop finished messages that are too old, and as many others as there are too many once `number` more came."""
        messages = self._messages
        if self.keep_for is not None:
            while self._drop_finished(now - self.keep_for):
                pass
        while messages and (excess := len(messages) + number - self.keep) > 0:
            if not self._drop_finished(now):
                self._drop_oldest(now, excess)

    def came(self, message: Message) -> None:
        """A message has just been put in."""
        if self.keep_for is None:
            self._oldest.append(message.key)
        else:
            self.expect_end(message.finished_at(), message.key)

    def lot_came(self, lot: Lot) -> None:
        """The first draft of a lot has just been put in, or the first after all the others are forgotten."""
        self._oldest.append(lot)

    def expect_end(self, finished: int, key: int) -> None:
        """A message ends then: no earlier, for all that is known."""
        self._entries += 1  # equal dates go by order of entry: a key would let chance decide
        heappush(self._finishing, (finished, self._entries, key))

    def _drop_finished(self, by: int) -> bool:
        """Drop one message that had finished by then; False: none is known to have."""
        finishing = self._finishing
        while finishing and finishing[0][0] <= by:
            key = heappop(finishing)[-1]
            message = self._messages.get(key)
            if message is None:
                continue
            finished = message.finished_at()
            if finished <= by:
                self._messages.forget(key)
                return True
            self.expect_end(finished, key)  # its plan was changed since
        return False

    def _drop_oldest(self, now: int, most: int) -> None:
        """Drop one message, or drafts: at most so many."""
        oldest, messages = self._oldest, self._messages
        while oldest:
            first = oldest[0]
            if isinstance(first, Lot):
                number = 1 if first.opened else most
                going = first.keys[first.gone : first.gone + number]
                first.gone += len(going)
                if first.gone == len(first.keys):
                    oldest.popleft()
                if not first.opened:
                    messages.forget_drafts(going)
                    return
                (key,) = going
            else:
                key = first
                oldest.popleft()
            message = messages.as_left(key)
            if message is None:
                continue
            if isinstance(message, Lot):
                if message is not first:  # this one went before its turn, and an equal one came later
                    continue
                messages.forget(key)
                return
            finished = message.finished_at()
            if finished <= now:
                messages.forget(key)
                return
            self.expect_end(finished, key)
        if self._finishing:
            messages.forget(heappop(self._finishing)[-1])
