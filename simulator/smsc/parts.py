"""Long messages: the parts that clients send one by one, seen as the one message that they are.

Nothing hangs on this but what people are shown: each part is a submit of its own, with its own id, fate and receipt.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from simulator.engine import Calendar
from simulator.smpp import Concat
from simulator.smsc.messages import SmppMessage

KEEP = 10_000
"""How many long messages are remembered."""

_Key = tuple[str, str, str, int, int, int]


@dataclass(slots=True, eq=False, repr=False)
class LongMessage:
    """Parts that belong together: same account, source, destination, reference and total."""

    account: str
    source: str
    to: str
    ref: int
    total: int
    parts: dict[int, SmppMessage] = field(default_factory=dict)
    """Number, from 1, to the submit that brought it; of a part that came twice, the first."""
    timed_out: bool = False
    """The rest did not come in time."""

    @property
    def complete(self) -> bool:
        return len(self.parts) == self.total

    @property
    def missing(self) -> list[int]:
        return [number for number in range(1, self.total + 1) if number not in self.parts]

    @property
    def text(self) -> str:
        """All parts in order, whatever order they came in; `[…]` stands for one that is missing."""
        return "".join(
            self.parts[number].text if number in self.parts else "[…]" for number in range(1, self.total + 1)
        )

    def __repr__(self) -> str:
        """Which parts are here, and what it says."""
        missing = f", missing {self.missing}{', timed out' if self.timed_out else ''}" if not self.complete else ""
        return f"<LongMessage to {self.to}: {len(self.parts)} of {self.total} parts{missing}: {self.text!r}>"


class Parts:
    """Puts together what belongs together."""

    def __init__(self, calendar: Calendar, timeout: int) -> None:
        self._calendar = calendar
        self._timeout = timeout
        self._open: dict[_Key, LongMessage] = {}
        self.known: OrderedDict[int, LongMessage] = OrderedDict()
        """By the key of each of their parts."""
        self.long: OrderedDict[int, LongMessage] = OrderedDict()
        """In order of their first parts, by its key."""

    def add(self, message: SmppMessage, concat: Concat, now: int) -> LongMessage:
        """A part has come."""
        key = (message.account, message.source, message.to, concat.ref, concat.bits, concat.total)
        long = self._open.get(key)
        if long is None or (concat.part in long.parts and long.complete):
            long = self._open[key] = LongMessage(message.account, message.source, message.to, concat.ref, concat.total)
            self.long[message.key] = long
            self._calendar.at(now + self._timeout, lambda: self._give_up(key, long), background=True)
            if len(self.long) > KEEP:
                self.long.popitem(last=False)
        long.parts.setdefault(concat.part, message)
        self.known[message.key] = long
        if len(self.known) > KEEP:
            self.known.popitem(last=False)
        if long.complete:
            del self._open[key]
        return long

    def _give_up(self, key: _Key, long: LongMessage) -> None:
        if self._open.get(key) is long:
            del self._open[key]
            long.timed_out = True
